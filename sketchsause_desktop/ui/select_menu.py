"""The Select menu."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.selection_commands import SelectionCommands
from sketchsause_desktop.app.tool_options import MAX_FEATHER
from sketchsause_desktop.core.layers import Layer
from sketchsause_desktop.ui.actions import new_action, new_command
from sketchsause_desktop.ui.busy import busy

_MOST = 100  # px by which a selection grows or shrinks at once


class SelectMenu(QObject):
    def __init__(self, window: QWidget, editor: Editor) -> None:
        super().__init__(window)
        self._window, self._editor, self._commands = window, editor, SelectionCommands(editor)
        make = partial(new_command, self._window)
        self.all = make("&All", self._commands.all, "Ctrl+A", tip="Select the whole canvas")
        self.none = make("&Deselect", self._commands.none, "Ctrl+Shift+A", tip="Tools may change everything again")
        self.invert = make("&Invert", self._commands.invert, "Ctrl+Shift+I", tip="Select what is not selected")
        self.layer = make("&Layer's paint", self._commands.layer, tip="Select what the active layer covers")
        self.feather = make("&Feather…", self._ask_feather, "Shift+F6", tip="Soften the edge")
        self.grow = make("&Grow…", self._ask_grow, tip="Larger on all sides")
        self.shrink = make("&Shrink…", self._ask_shrink, tip="Smaller on all sides")
        self.outline = new_action(window, "Show &outline", None, tip="Dashes round what is selected", checks=True)
        self.outline.setChecked(True)
        for signal in (editor.selection_changed, editor.active_layer_changed, editor.document_replaced):
            signal.connect(self._show)
        self._show()

    def fill(self, menu: QMenu) -> None:
        groups = ((self.all, self.none, self.invert, self.layer), (self.feather, self.grow, self.shrink))
        for group in groups:
            menu.addActions(list(group))
            menu.addSeparator()
        menu.addAction(self.outline)

    def _show(self) -> None:
        is_selected = self._editor.document.selection is not None
        for action in (self.none, self.feather, self.grow, self.shrink):
            action.setEnabled(is_selected)
        self.layer.setEnabled(isinstance(self._editor.active_layer, Layer))

    def _ask_feather(self) -> None:
        self._ask("Feather selection", "&Soften by", 5, MAX_FEATHER, self._commands.feather, decimals=1)

    def _ask_grow(self) -> None:
        self._ask("Grow selection", "&Grow by", 3, _MOST, lambda amount: self._commands.grow(round(amount)))

    def _ask_shrink(self) -> None:
        self._ask("Shrink selection", "&Shrink by", 3, _MOST, lambda amount: self._commands.shrink(round(amount)))

    def _ask(
        self, title: str, label: str, value: float, highest: float, change: Callable[[float], None], decimals: int = 0
    ) -> None:
        from sketchsause_desktop.ui.image_dialogs import AmountDialog  # loaded when first needed

        dialog = AmountDialog(self._window, title, label, value, highest, decimals)
        if dialog.ask():
            with busy():
                change(dialog.amount)
