"""How the drawing is looked at: turning, lines between the pixels, the navigator."""

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.ui.actions import Actions, new_action
from sketchsause_desktop.ui.canvas_view import CanvasView, ViewMode
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard
from sketchsause_desktop.ui.navigator import Navigator
from sketchsause_desktop.ui.panels import Panels

TURN = 15  # degrees for one key press


class ViewRoom(QObject):
    def __init__(
        self,
        window: QWidget,
        canvas: CanvasView,
        editor: Editor,
        settings: Settings,
        actions: Actions,
        *,
        guard: WheelGuard,
        returns: ReturnToCanvas,
    ) -> None:
        super().__init__(window)
        self._canvas, self._settings = canvas, settings
        self.rotate_left = new_action(
            window, "Rotate &left", "4", "rotate-left", "Turn the view; for any angle hold Shift+Space and drag"
        )
        self.rotate_right = new_action(
            window, "Rotate &right", "6", "rotate-right", "Turn the view; for any angle hold Shift+Space and drag"
        )
        self.reset_rotation = new_action(window, "Reset r&otation", "5", tip="Look at it upright")
        self.pixel_grid = new_action(
            window, "Pixel &grid", "Ctrl+'", tip="Lines between the pixels from 1000 % on", checks=True
        )
        buttons = (self.rotate_left, self.rotate_right, actions.mirror)
        self.navigator = Navigator(canvas, editor, buttons, guard=guard, returns=returns)
        self.divider_left = new_action(window, "&Divider left", "Alt+Left", tip="More room for the result")
        self.divider_right = new_action(window, "Divid&er right", "Alt+Right", tip="More room for your lines")
        self._connect()

    def _connect(self) -> None:
        self.rotate_left.triggered.connect(lambda: self._turn(-TURN))
        self.rotate_right.triggered.connect(lambda: self._turn(TURN))
        self.reset_rotation.triggered.connect(lambda: self._canvas.set_angle(0))
        self.divider_left.triggered.connect(lambda: self._canvas.step_divider(-1))
        self.divider_right.triggered.connect(lambda: self._canvas.step_divider(1))
        self._canvas.view_changed.connect(self._show_divider)
        self._show_divider()
        self.pixel_grid.setChecked(self._settings.preferences.pixel_grid)
        self._canvas.set_pixel_grid(self.pixel_grid.isChecked())
        self.pixel_grid.toggled.connect(self._on_pixel_grid)

    def add_dock(self, panels: Panels) -> None:
        dock = panels.add_dock("Navigator", "navigator", self.navigator, height=220, tab_of="layers")
        dock.visibilityChanged.connect(self.navigator.thumbnail.set_active)  # not while it is behind another tab

    def fill(self, menu: QMenu, before: QAction) -> None:
        """Put the commands into the View menu, above `before`."""
        for action in (self.rotate_left, self.rotate_right, self.reset_rotation, self.pixel_grid):
            menu.insertAction(before, action)

    def fill_split(self, menu: QMenu, before: QAction) -> None:
        """The keyboard's way to move the divider."""
        menu.insertActions(before, [self.divider_left, self.divider_right])

    def _show_divider(self) -> None:
        for action in (self.divider_left, self.divider_right):
            action.setEnabled(self._canvas.mode is ViewMode.SPLIT)

    def _turn(self, by: float) -> None:
        """To the next multiple of the step, so that a view turned by hand comes to stand straight again."""
        steps = self._canvas.view.angle / TURN
        whole = round(steps)
        if abs(steps - whole) > 1e-6:
            whole = int(steps // 1) if by > 0 else -int(-steps // 1)
        self._canvas.set_angle((whole + (1 if by > 0 else -1)) * TURN)

    def _on_pixel_grid(self, on: bool) -> None:
        self._canvas.set_pixel_grid(on)
        self._settings.change(replace(self._settings.preferences, pixel_grid=on))
