"""Puts the layers, the history, the selection and the whole canvas into the window: panels, menus, marching ants."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.layer_commands import LayerCommands
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard
from sketchsause_desktop.ui.history_dock import HistoryPanel
from sketchsause_desktop.ui.image_menu import ImageMenu
from sketchsause_desktop.ui.layer_menu import LayerMenu
from sketchsause_desktop.ui.layers_dock import LayersPanel
from sketchsause_desktop.ui.marching_ants import MarchingAnts
from sketchsause_desktop.ui.panels import Panels
from sketchsause_desktop.ui.select_menu import SelectMenu


class LayersRoom:
    def __init__(
        self, window: QMainWindow, editor: Editor, canvas: CanvasView, guard: WheelGuard, returns: ReturnToCanvas
    ) -> None:
        self._window = window
        commands = LayerCommands(editor)
        self.layer_menu = LayerMenu(window, editor, commands)
        self.image_menu = ImageMenu(window, editor)
        self.select_menu = SelectMenu(window, editor)
        self.layers_panel = LayersPanel(editor, commands, self.layer_menu, guard, returns)
        self.history_panel = HistoryPanel(editor)
        self.ants = MarchingAnts(canvas, editor)
        self.select_menu.outline.toggled.connect(self.ants.set_shown)

    def add_docks(self, panels: Panels) -> None:
        panels.add_dock("Layers", "layers", self.layers_panel, height=320)
        panels.add_dock("History", "history", self.history_panel, tab_of="layers")

    def add_menus(self, before: QAction) -> None:
        """Image, Layer and Select, in front of another menu of the bar."""
        for title, room in (("&Image", self.image_menu), ("&Layer", self.layer_menu), ("&Select", self.select_menu)):
            menu = QMenu(title, self._window)
            room.fill(menu)
            self._window.menuBar().insertMenu(before, menu)
