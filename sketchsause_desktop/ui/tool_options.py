"""The bar at the top: undo and redo, the brush in hand, the model, Live."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSizePolicy, QToolBar, QToolButton, QWidget

from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.ui.actions import Actions
from sketchsause_desktop.ui.fields import ReturnToCanvas, ValueField, WheelGuard
from sketchsause_desktop.ui.live_state import mark, report_of
from sketchsause_desktop.ui.theme import Theme

LARGEST_BRUSH = 300  # on the slider; document pixels
ROOM_FOR_SLIDERS = 900  # logical pixels; below it the numbers alone remain
ROOM_FOR_THREE = 720  # below it only size and opacity
ROOM_FOR_TWO = 540  # below it only the size


@dataclass(frozen=True, kw_only=True)
class ModelChoice:
    """A trained model as the user sees it."""

    model_id: str
    title: str


class ToolOptions(QToolBar):
    def __init__(
        self,
        *,
        actions: Actions,
        editor: Editor,
        live: Live,
        theme: Theme,
        models: Sequence[ModelChoice],
        guard: WheelGuard,
        returns: ReturnToCanvas,
    ) -> None:
        super().__init__("Tool options")
        self._editor, self._live, self._theme = editor, live, theme
        self.setObjectName("options")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.size_field = ValueField(
            "Size", 1, LARGEST_BRUSH, suffix=" px", guard=guard, bend=2.2, tip="Size of the brush, keys [ and ]"
        )
        self.opacity_field = ValueField(
            "Opacity", 1, 100, suffix=" %", guard=guard, tip="The most that one stroke can cover"
        )
        self.hardness_field = ValueField(
            "Hardness", 0, 100, suffix=" %", guard=guard, tip="How crisp the edge of the brush is"
        )
        self.model_box = self._make_model_box(models, guard)
        self.live_button = self._make_live_button(actions.live)
        returns.watch(*(field.number for field in self._fields), self.model_box)
        self._lay_out(actions)
        self._connect()
        self._show_brush(editor.brush)
        self._show_tool(editor.tool)
        self._show_model(live.model_id)
        self._show_live()

    def _connect(self) -> None:
        editor, live = self._editor, self._live
        self.size_field.value_changed.connect(lambda value: editor.set_brush(replace(editor.brush, size=float(value))))
        self.opacity_field.value_changed.connect(
            lambda value: editor.set_brush(replace(editor.brush, opacity=value / 100))
        )
        self.hardness_field.value_changed.connect(
            lambda value: editor.set_brush(replace(editor.brush, hardness=value / 100))
        )
        editor.brush_changed.connect(self._show_brush)
        editor.tool_changed.connect(self._show_tool)
        live.model_changed.connect(self._show_model)
        for signal in (live.enabled_changed, live.busy_changed, live.reason_changed, live.model_changed):
            signal.connect(self._show_live)
        self._theme.changed.connect(self._show_live)

    @property
    def _fields(self) -> tuple[ValueField, ...]:
        return (self.size_field, self.opacity_field, self.hardness_field)

    def _lay_out(self, actions: Actions) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(12)
        history = QHBoxLayout()
        history.setSpacing(2)
        for action in (actions.undo, actions.redo):
            history.addWidget(_button(action))
        row.addLayout(history)
        row.addWidget(_line())
        for field in self._fields:
            field.setMaximumWidth(230)
            row.addWidget(field, 2)
        row.addStretch(1)
        row.addWidget(self.model_box)
        row.addWidget(self.live_button)
        self.addWidget(_Shrinking(row))

    def _make_model_box(self, models: Sequence[ModelChoice], guard: WheelGuard) -> QComboBox:
        box = QComboBox()
        box.setToolTip("Model that colours the lines")
        box.setAccessibleName("Model")
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for model in models:
            box.addItem(model.title, model.model_id)
        if not models:
            box.addItem("No model", "")
            box.setEnabled(False)
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

    def _show_brush(self, brush: Brush) -> None:
        self.size_field.set_value(round(brush.size))
        self.opacity_field.set_value(round(brush.opacity * 100))
        self.hardness_field.set_value(round(brush.hardness * 100))

    def _show_tool(self, tool: Tool) -> None:
        for field in self._fields:
            field.setEnabled(tool is not Tool.HAND)

    def _show_model(self, model_id: str) -> None:
        row = self.model_box.findData(model_id)
        if row >= 0:
            self.model_box.setCurrentIndex(row)

    def _show_live(self) -> None:
        report = report_of(self._live)
        action = self.live_button.defaultAction()
        action.setIcon(mark(report.state, self._theme, self.devicePixelRatioF()))
        action.setToolTip(f"Live (F8)\nColour while you draw. Now: {report.words}")
        self.live_button.setAccessibleDescription(report.words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width()
        is_wide = width >= ROOM_FOR_SLIDERS
        for field in self._fields:
            field.slider.setVisible(is_wide)
            horizontal = QSizePolicy.Policy.Expanding if is_wide else QSizePolicy.Policy.Maximum
            field.setSizePolicy(horizontal, QSizePolicy.Policy.Preferred)
        self.hardness_field.setVisible(width >= ROOM_FOR_THREE)
        self.opacity_field.setVisible(width >= ROOM_FOR_TWO)


class _Shrinking(QWidget):
    """Lets the window be narrower than all controls side by side; the bar hides some of them then."""

    def __init__(self, row: QHBoxLayout) -> None:
        super().__init__()
        self.setLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, super().minimumSizeHint().height())


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(20, 20))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setFixedHeight(22)
    return line
