"""What live colour came to: the Results panel with what was kept, and the commands that apply it."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.results import Result, Results
from sketchsause_desktop.ui.actions import new_action, new_command
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.fields import icon_button
from sketchsause_desktop.ui.icons import icon, picture_icon
from sketchsause_desktop.ui.images import of_premultiplied
from sketchsause_desktop.ui.panels import Panels

PICTURE = 88  # logical pixels
_NUMBER = Qt.ItemDataRole.UserRole
_HELD = "An earlier result shows until the drawing changes."


class ResultsPanel(QWidget):
    """Pictures of the results, newest first. A click shows one again; the buttons keep and discard the chosen one."""

    def __init__(self, results: Results, live: Live) -> None:
        super().__init__()
        self._results, self._live = results, live
        self.list = _ResultList()
        self.list.itemClicked.connect(lambda item: results.show_again(item.data(_NUMBER)))
        self.list.itemSelectionChanged.connect(self._show_buttons)
        self.again = icon_button("history", "Show this result again, until the drawing changes", self._on_again)
        self.kept = icon_button("lock", "Keep this result however many follow")
        self.kept.setCheckable(True)
        self.kept.clicked.connect(self._on_kept)
        self.gone = icon_button("trash", "Discard this result", self._on_discard)
        self.facts = QLabel(wordWrap=True)
        self.facts.setObjectName("dim")
        self.facts.setAccessibleName("The chosen result")
        self.go_on = QPushButton("Go on with Live")
        self.go_on.setToolTip("Colour the drawing as it is now, in place of the earlier result")
        self.go_on.clicked.connect(live.go_on)
        self.list.delete = self._on_discard
        self.list.choose = self._on_again
        self._nothing = QLabel("What live colour comes to is kept here while you draw.", wordWrap=True)
        self._nothing.setObjectName("dim")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lay_out()
        results.changed.connect(self._show)
        results.shown_again.connect(lambda: live.hold(_HELD))
        live.reason_changed.connect(self._show_held)
        self._show()
        self._show_held()

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(self.list)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.again, self.kept):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.gone)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(4)
        column.addWidget(self._pages, 1)
        column.addWidget(self.facts)
        column.addWidget(self.go_on)
        column.addLayout(buttons)

    @property
    def _chosen(self) -> Result | None:
        items = self.list.selectedItems()
        number = items[0].data(_NUMBER) if items else None
        return next((each for each in self._results.all if each.number == number), None)

    def _show(self) -> None:
        chosen = self._chosen
        with QSignalBlocker(self.list):
            self.list.clear()
            for result in self._results.all:
                item = self.list.add(result, self.devicePixelRatioF())
                if chosen is not None and result.number == chosen.number:
                    item.setSelected(True)
        self._pages.setCurrentWidget(self.list if self.list.count() else self._nothing)
        self._show_buttons()

    def _show_buttons(self) -> None:
        chosen = self._chosen
        for button in (self.again, self.kept, self.gone):
            button.setEnabled(chosen is not None)
        self.kept.setChecked(chosen is not None and chosen.is_kept)
        self.facts.setVisible(chosen is not None)
        self.facts.setText(_facts(chosen) if chosen is not None else "")

    def _show_held(self) -> None:
        self.go_on.setVisible(self._live.is_held)

    def _on_again(self) -> None:
        if self._chosen is not None:
            self._results.show_again(self._chosen.number)

    def _on_kept(self) -> None:
        if self._chosen is not None:
            self._results.keep(self._chosen.number, not self._chosen.is_kept)

    def _on_discard(self) -> None:
        if self._chosen is not None:
            self._results.discard(self._chosen.number)


class _ResultList(QListWidget):
    def __init__(self) -> None:
        super().__init__()
        self.delete: Callable[[], None] = _nothing_to_do
        self.choose: Callable[[], None] = _nothing_to_do
        self.setAccessibleName("Results")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setIconSize(QSize(PICTURE, PICTURE))
        self.setGridSize(QSize(PICTURE + 10, PICTURE + self.fontMetrics().height() + 10))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setAccessibleName("Scroll the results")
        self.setMinimumHeight(PICTURE + 30)

    def add(self, result: Result, ratio: float) -> QListWidgetItem:
        shown = picture_icon(_picture(result, ratio))
        item = QListWidgetItem(shown, f"{result.made_at:%H:%M:%S}")
        item.setToolTip(f"{_facts(result)}\nA click shows it again")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, _facts(result))
        item.setData(_NUMBER, result.number)
        self.addItem(item)
        return item

    def sizeHint(self) -> QSize:
        """As low as it can be: what is left of the panel is its own, and the panel is not scrolled as well."""
        return self.minimumSizeHint().expandedTo(self.minimumSize())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose()
        else:
            super().keyPressEvent(event)


def _nothing_to_do() -> None:
    """Until the panel says what the keys are for."""


def _facts(result: Result) -> str:
    """When, by which model, kept or not."""
    kept = ", kept" if result.is_kept else ""
    return f"{result.made_at:%H:%M:%S}, {result.model}{kept}"


def _picture(result: Result, ratio: float) -> QPixmap:
    """On white paper; a lock in the corner of one that is kept."""
    side = round(PICTURE * ratio)
    mode = Qt.TransformationMode.SmoothTransformation
    colours = of_premultiplied(result.thumbnail).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)
    pixmap = QPixmap(colours.size())
    pixmap.fill(Qt.GlobalColor.white)
    painter = QPainter(pixmap)
    painter.drawImage(0, 0, colours)
    if result.is_kept:
        mark = round(18 * ratio)
        painter.fillRect(0, 0, mark, mark, Qt.GlobalColor.black)
        painter.drawPixmap(round(2 * ratio), round(2 * ratio), icon("lock").pixmap(round(14 * ratio)))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class ResultsRoom:
    """The commands on results, and the panel. `detach` is the Layer menu's."""

    def __init__(self, window: QMainWindow, results: Results, canvas: CanvasView, live: Live, detach: QAction) -> None:
        self.panel = ResultsPanel(results, live)
        self._detach = detach
        self.apply = new_command(
            window,
            "&Apply colours",
            results.apply,
            ("Return", "Enter"),
            tip="Keep the colours as they are, in a layer of your own; with a selection, only there",
        )
        self.apply_as_layer = new_command(
            window,
            "Apply as &new layer",
            results.apply_as_layer,
            ("Shift+Return", "Shift+Enter"),
            tip="The same, in a layer for itself",
        )
        self.peek = new_action(
            window,
            "&Peek at own paint",
            tip="Your own paint alone until you go elsewhere; for a glance hold ` on the canvas",
            checks=True,
        )
        self.only_selected = new_action(
            window,
            "Show colours only &inside the selection",
            tip="Outside they are hidden on the screen; an export has them all",
            checks=True,
        )
        self.peek.triggered.connect(canvas.set_peek)
        canvas.peek_changed.connect(self.peek.setChecked)
        self.only_selected.toggled.connect(canvas.set_only_selected)
        for action in (self.apply, self.apply_as_layer):
            # Enter presses buttons and takes numbers everywhere but on the canvas.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            canvas.addAction(action)

    def add_dock(self, panels: Panels) -> None:
        panels.add_dock("Results", "results", self.panel, height=190, tab_of="ai", is_spare=True)

    def fill(self, menu: QMenu, before: QAction) -> None:
        menu.setToolTipsVisible(True)  # what Enter does is nowhere else to be read
        menu.insertActions(before, [self.apply, self.apply_as_layer, self._detach])
        menu.insertSeparator(before)
        menu.insertActions(before, [self.peek, self.only_selected])
        menu.insertSeparator(before)
