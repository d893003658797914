"""The bar at the top: undo and redo, the options of the tool in hand, the model, Live."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolBar,
    QToolButton,
    QWidget,
)

from sketchsause_desktop.app.brush_library import BrushLibrary
from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.ui.actions import Actions, titled
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard, action_button
from sketchsause_desktop.ui.live_state import mark, report_of
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.tool_pages import BrushPage, ToolPage, make_pages

LIST_MARGIN = 64  # logical pixels beside the words of the list: its frame, and the mark of the chosen one
WIDEST_TITLE = 160  # logical pixels of a model's title
ROOM_FOR_HISTORY = 820  # logical pixels; below it undo and redo are in the menu only


class ToolOptions(QToolBar):
    def __init__(
        self,
        *,
        actions: Actions,
        editor: Editor,
        live: Live,
        theme: Theme,
        library: BrushLibrary,
        models: Sequence[ModelChoice],
        guard: WheelGuard,
        returns: ReturnToCanvas,
    ) -> None:
        super().__init__("Tool options")
        self._editor, self._live, self._theme = editor, live, theme
        self.setObjectName("options")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.brush_page = BrushPage(editor, library, guard, returns)
        self.pages = make_pages(editor, self.brush_page, guard, returns)
        self.model_box = self._make_model_box(models, guard)
        self.live_button = self._make_live_button(actions.live)
        returns.watch(self.model_box)
        self._history = QWidget()
        self._lay_out(actions)
        self._connect()
        self._show_tool(editor.tool)
        self._show_model(live.model_id)
        self._show_live()

    def _connect(self) -> None:
        live = self._live
        self._editor.tool_changed.connect(self._show_tool)
        live.model_changed.connect(self._show_model)
        for signal in (live.enabled_changed, live.busy_changed, live.reason_changed, live.model_changed):
            signal.connect(self._show_live)
        self._theme.changed.connect(self._show_live)

    def _lay_out(self, actions: Actions) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(12)
        history = QHBoxLayout(self._history)
        history.setContentsMargins(0, 0, 0, 0)
        history.setSpacing(2)
        for action in (actions.undo, actions.redo):
            history.addWidget(action_button(action, 20))
        history.addWidget(_line())
        row.addWidget(self._history)
        for page in dict.fromkeys(self.pages.values()):
            page.hide()
            row.addWidget(page, 1)
        row.addWidget(self.model_box)
        row.addWidget(self.live_button)
        whole = _Shrinking(row)
        whole.setMinimumHeight(max(page.sizeHint().height() for page in self.pages.values()))  # with whatever tool
        self.addWidget(whole)

    def show_models(self, models: Sequence[ModelChoice]) -> None:
        """Those that there are now."""
        self.model_box.show_models(models)
        self._show_model(self._live.model_id)

    def _make_model_box(self, models: Sequence[ModelChoice], guard: WheelGuard) -> "_ModelBox":
        box = _ModelBox(models)
        box.setToolTip("Model that colours the drawing")
        box.setAccessibleName("Model")
        box.activated.connect(lambda row: self._live.set_model(box.itemData(row)))
        guard.watch(box)
        return box

    def _make_live_button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setObjectName("live")
        button.setIconSize(QSize(14, 14))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    @property
    def page(self) -> ToolPage:
        """That of the tool in hand."""
        return self.pages[self._editor.tool]

    def _show_tool(self, _tool: Tool) -> None:
        for page in self.pages.values():
            page.setVisible(page is self.page)

    def _show_model(self, model_id: str) -> None:
        row = self.model_box.findData(model_id)
        if row >= 0:
            self.model_box.setCurrentIndex(row)

    def _show_live(self) -> None:
        report = report_of(self._live)
        action = self.live_button.defaultAction()
        action.setIcon(mark(report.state, self._theme, self.devicePixelRatioF()))
        action.setToolTip(f"{titled('Live', action)}\nColour while you draw. Now: {report.words}")
        self.live_button.setAccessibleDescription(report.words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width()
        for page in self.pages.values():
            page.fit(width)
        self._history.setVisible(width >= ROOM_FOR_HISTORY)


class _ModelBox(QComboBox):
    """The list says what each model is for; closed it shows the title alone, for the bar has little room."""

    def __init__(self, models: Sequence[ModelChoice]) -> None:
        super().__init__()
        self._titles = ["No model"]
        self.show_models(models)

    def show_models(self, models: Sequence[ModelChoice]) -> None:
        self._titles = [model.title for model in models] or ["No model"]
        self.clear()
        for model in models:
            self.addItem(model.full_title, model.model_id)
        if not models:
            self.addItem("No model", "")
        self.setEnabled(bool(models))
        self.updateGeometry()

    def showPopup(self) -> None:
        view = self.view()
        words = max(view.fontMetrics().horizontalAdvance(self.itemText(row)) for row in range(self.count()))
        view.setMinimumWidth(words + LIST_MARGIN)  # the list is as wide as the box otherwise
        super().showPopup()

    def sizeHint(self) -> QSize:
        widest = max(self.fontMetrics().horizontalAdvance(title) for title in self._titles)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        content = QSize(min(widest, WIDEST_TITLE) + 8, super().sizeHint().height())
        width = self.style().sizeFromContents(QStyle.ContentsType.CT_ComboBox, option, content, self).width()
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self._titles[max(0, self.currentIndex())]
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()


class _Shrinking(QWidget):
    """Lets the window be narrower than all controls side by side; the bar hides some of them then."""

    def __init__(self, row: QHBoxLayout) -> None:
        super().__init__()
        self.setLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, super().minimumSizeHint().height())


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setFixedHeight(22)
    return line
