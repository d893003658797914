"""The result beside the drawing: a window of its own, and a panel with it in small."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QMenu

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.document import RESULT
from sketchsause_desktop.ui.actions import Actions, new_command
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.panels import Panels
from sketchsause_desktop.ui.result_window import ResultWindow
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.thumbnail import SmallPicture, Thumbnail


class ResultPanel(SmallPicture):
    """The result in small; a double click or Enter asks for it in a window."""

    asked = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(Thumbnail(editor, roles=RESULT))
        self.thumbnail.setParent(self)
        self.setAccessibleName("Result in small")
        self.setToolTip("A double click opens the result in a window")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        return QSize(200, 180)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_page(painter)
        painter.setPen(QPen(self.palette().mid().color(), 1))
        painter.drawRect(self.page())
        self.paint_focus(painter)
        painter.end()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit()
        else:
            super().keyPressEvent(event)


class ResultViews:
    def __init__(
        self,
        window: QMainWindow,
        canvas: CanvasView,
        editor: Editor,
        theme: Theme,
        settings: Settings,
        actions: Actions,
    ) -> None:
        self._main, self._canvas, self._editor, self._theme, self._settings = window, canvas, editor, theme, settings
        self._shared = (actions.undo, actions.redo, actions.live, actions.colour_once)
        self.window: ResultWindow | None = None  # while it is open: nothing is drawn for one that is not
        self.panel = ResultPanel(editor)
        self.panel.asked.connect(self.open)
        self.command = new_command(
            window,
            "Result &window",
            self._on_command,
            "Ctrl+F7",
            tip="The result alone in a window, for a second screen",
            checks=True,
        )

    def add_dock(self, panels: Panels) -> None:
        dock = panels.add_dock(
            "Preview", "preview", self.panel, height=190, tab_of="ai", short_tab_of="layers", is_spare=True
        )
        dock.visibilityChanged.connect(self.panel.thumbnail.set_active)  # not while it is behind another tab

    def fill(self, menu: QMenu, after: QAction) -> None:
        there = menu.actions()
        menu.insertAction(there[there.index(after) + 1], self.command)

    def open(self) -> None:
        """Show the window, or bring it to the front."""
        if self.window is None:
            self.window = ResultWindow(self._main, self._canvas, self._editor, self._theme, self._settings)
            self.window.addActions([self.command, *self._shared])
            self.window.closed.connect(self._on_closed)
            self.window.show()
        self.window.activateWindow()
        self.command.setChecked(True)

    def close(self) -> None:
        if self.window is not None:
            self.window.close()

    def _on_command(self) -> None:
        if self.command.isChecked():
            self.open()
        else:
            self.close()

    def _on_closed(self) -> None:
        if self.window is not None:
            self.window.deleteLater()
            self.window = None
        self.command.setChecked(False)
