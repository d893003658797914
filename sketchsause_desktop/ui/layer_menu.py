"""The commands of the Layer menu, which the Layers panel shows as buttons too."""

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.layer_commands import LayerCommands
from sketchsause_desktop.core.layers import Group, Layer, Role
from sketchsause_desktop.ui.actions import new_command

_ROLES = {
    Role.PAINT: ("&Ordinary", "A layer for paint"),
    Role.LINE_ART: ("&Line art", "Lines that the network sees; multiplied over what is below"),
    Role.HINTS: ("&Hints", "Colour scribbles for the network; not exported"),
    Role.SOURCE: ("&Source of a map", "A satellite picture, say, that map models see; the map lies over it"),
}


class LayerMenu(QObject):
    rename_asked = Signal()  # of the active layer, where it is shown

    def __init__(self, window: QWidget, editor: Editor, commands: LayerCommands) -> None:
        super().__init__(window)
        self._window, self._editor, self._commands = window, editor, commands
        self._make_list()
        self._make_properties()
        self.roles = QActionGroup(self, exclusionPolicy=QActionGroup.ExclusionPolicy.ExclusiveOptional)
        self._role_actions = {role: self._make_role(role, *words) for role, words in _ROLES.items()}
        for signal in (editor.active_layer_changed, editor.layers_changed, editor.document_replaced):
            signal.connect(self._show)
        self._show()

    def _make_list(self) -> None:
        c, make = self._commands, partial(new_command, self._window)
        self.add = make("&New layer", c.add_layer, "Ins", "new", "Above the active one")
        self.add_group = make("New &group", c.add_group, None, "folder-new", "An empty group above the active layer")
        self.duplicate = make("&Duplicate", c.duplicate, "Ctrl+J", "copy", "A copy right above")
        self.remove = make("De&lete", c.remove, "Shift+Del", "trash", "Take what is chosen away")
        self.merge = make(
            "&Merge down",
            c.merge_down,
            "Ctrl+E",
            "merge-down",
            "Make one of it and that below, or of all chosen",
        )
        self.group = make("Gro&up layer", c.group, "Ctrl+G", "folder", "Put what is chosen into a new group")
        self.ungroup = make("U&ngroup", c.ungroup, "Ctrl+Alt+G", tip="Put what the group holds in its place")
        self.flatten = make("&Flatten group", c.flatten_group, tip="Make one layer of all in the group")
        self.up = make("Move &up", partial(c.step, up=True), "Ctrl+PgUp", "up", "Above its neighbour")
        self.down = make("Move do&wn", partial(c.step, up=False), "Ctrl+PgDown", "down", "Below its neighbour")
        self.above = make("Layer &above", partial(c.choose_neighbour, up=True), "PgUp", tip="Make it the active one")
        self.below = make("Layer &below", partial(c.choose_neighbour, up=False), "PgDown", tip="Make it the active one")

    def _make_properties(self) -> None:
        make = partial(new_command, self._window)
        self.rename = make("&Rename", self.rename_asked.emit, "F2", tip="Give the layer another name")
        self.visible = make("&Visible", self._on_visible, tip="Show or hide the layer", checks=True)
        self.locked = make("Loc&k", self._on_locked, tip="Nothing may change it", checks=True)
        self.alpha = make("Lock al&pha", self._on_alpha, tip="Paint stays where paint is", checks=True)
        self.detach = make(
            "De&tach AI colours",
            self._commands.detach_colours,
            None,
            "live",
            "Copy them to an ordinary layer to paint on",
        )

    def _make_role(self, role: Role, text: str, tip: str) -> QAction:
        action = new_command(self._window, text, partial(self._commands.set_role, role), tip=tip, checks=True)
        self.roles.addAction(action)
        return action

    def fill(self, menu: QMenu) -> QMenu:
        """Put the commands into `menu`, the menu bar's or one that is asked for with the right button."""
        groups = (
            (self.add, self.add_group, self.duplicate, self.remove),
            (self.merge, self.group, self.ungroup, self.flatten),
            (self.up, self.down, self.above, self.below),
            (self.rename, self.visible, self.locked, self.alpha),
        )
        for group in groups:
            menu.addActions(list(group))
            menu.addSeparator()
        menu.addMenu("R&ole").addActions(self.roles.actions())
        menu.addAction(self.detach)
        return menu

    def _show(self) -> None:
        """What is possible with the active layer, and how it is."""
        active = self._editor.active_layer
        is_group = isinstance(active, Group)
        siblings = self._editor.document.siblings(active.layer_id)
        are_several = len(self._editor.chosen_layers) > 1
        self.merge.setEnabled(are_several or (not is_group and siblings[0] is not active))
        self.ungroup.setEnabled(is_group)
        self.flatten.setEnabled(is_group)
        self.alpha.setEnabled(not is_group)
        self.visible.setChecked(active.visible)
        self.locked.setChecked(active.locked)
        self.alpha.setChecked(isinstance(active, Layer) and active.alpha_locked)
        role = active.role if isinstance(active, Layer) else None
        for own, action in self._role_actions.items():
            action.setEnabled(role is not None and role is not Role.AI_COLOUR)
            action.setChecked(own is role)

    def _on_visible(self) -> None:
        self._commands.set_visible(self._editor.active_layer.layer_id, self.visible.isChecked())

    def _on_locked(self) -> None:
        self._commands.set_locked(self._editor.active_layer.layer_id, self.locked.isChecked())

    def _on_alpha(self) -> None:
        self._commands.set_alpha_locked(self._editor.active_layer.layer_id, self.alpha.isChecked())
