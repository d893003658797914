"""What the Layers panel and the Layer menu do to the current drawing; the editor tells of what is refused."""

from collections.abc import Callable
from dataclasses import replace

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core import layer_actions, layer_pixels
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layer_changes import Properties
from sketchsause_desktop.core.layer_rules import keeping_roles
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role


class LayerCommands:
    """Most work on the active layer; a step of the history each."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    @property
    def _document(self) -> Document:
        return self._editor.document

    def _do(self, action: Callable[[Document], Change | None]) -> bool:
        """As `Editor.do`, refusing what would take the last layer of a needed role away."""

        def checked(document: Document) -> Change | None:
            change = action(document)
            return None if change is None else keeping_roles(document, change)

        return self._editor.do(checked)

    # The list

    def add_layer(self) -> None:
        """An empty layer above the active one; into it if that is a group."""
        self._add(Layer(name="Layer", role=Role.PAINT))

    def add_group(self) -> None:
        self._add(Group(name="Group"))

    def _add(self, node: Node) -> None:
        active = self._editor.active_layer
        if isinstance(active, Group):
            place = Place(group_id=active.layer_id, index=len(active.layers))
        else:
            place = layer_actions.place_above(self._document, active.layer_id)
        if self._do(lambda document: layer_actions.add(document, node, place)):
            self._editor.set_active_layer(node.layer_id)

    def duplicate(self) -> None:
        self._duplicate(self._editor.active_layer)

    def detach_colours(self) -> None:
        """A copy of the AI colours as an ordinary layer to paint on."""
        layer = self._document.topmost(Role.AI_COLOUR)
        if layer is not None:
            self._duplicate(layer)

    def _duplicate(self, node: Node) -> None:
        if self._do(lambda document: layer_actions.duplicate(document, node.layer_id)):
            siblings = self._document.siblings(node.layer_id)
            self._editor.set_active_layer(siblings[siblings.index(node) + 1].layer_id)

    def remove(self) -> None:
        active, heir = self._editor.active_layer, self._heir()

        def removed(document: Document) -> Change:
            layer_pixels.require_unlocked(document, active)
            return layer_actions.remove(document, active.layer_id)

        if self._do(removed) and heir is not None:
            self._editor.set_active_layer(heir.layer_id)

    def _heir(self) -> Node | None:
        """What becomes active when the active layer goes: the one below it, else above it, else its group."""
        active = self._editor.active_layer
        siblings = self._document.siblings(active.layer_id)
        index = siblings.index(active)
        near = [*reversed(siblings[:index]), *siblings[index + 1 :]]
        return near[0] if near else layer_actions.holder_of(self._document, active.layer_id)

    def merge_down(self) -> None:
        active = self._editor.active_layer
        siblings = self._document.siblings(active.layer_id)
        index = siblings.index(active)
        if self._do(lambda document: layer_pixels.merge_down(document, active.layer_id)):
            self._editor.set_active_layer(siblings[index - 1].layer_id)

    def group(self) -> None:
        """Put the active layer into a new group."""
        layer_id = self._editor.active_layer.layer_id
        self._do(lambda document: layer_actions.group(document, [layer_id]))

    def ungroup(self) -> None:
        active = self._editor.active_layer
        if not isinstance(active, Group):
            return
        heir = active.layers[-1] if active.layers else self._heir()
        if self._do(lambda document: layer_actions.ungroup(document, active.layer_id)) and heir is not None:
            self._editor.set_active_layer(heir.layer_id)

    def flatten_group(self) -> None:
        active = self._editor.active_layer
        siblings = self._document.siblings(active.layer_id)
        index = siblings.index(active)
        if not isinstance(active, Group):
            return
        if self._do(lambda document: layer_pixels.flatten_group(document, active.layer_id)):
            self._editor.set_active_layer(siblings[index].layer_id)

    def move(self, layer_id: int, place: Place) -> None:
        self._do(lambda document: layer_actions.move(document, layer_id, place))

    def step(self, up: bool) -> None:
        """One place up or down, into a group or out of it."""
        place = layer_actions.step_place(self._document, self._editor.active_layer.layer_id, up)
        if place is not None:
            self.move(self._editor.active_layer.layer_id, place)

    def choose_neighbour(self, up: bool) -> None:
        """Make the layer above or below the active one."""
        rows = [node.layer_id for node in layer_actions.rows_of(self._document.layers)]
        wanted = rows.index(self._editor.active_layer.layer_id) + (-1 if up else 1)
        if 0 <= wanted < len(rows):
            self._editor.set_active_layer(rows[wanted])

    # What a layer is like

    def rename(self, layer_id: int, name: str) -> None:
        self._do(lambda document: layer_actions.rename(document, layer_id, name))

    def set_visible(self, layer_id: int, visible: bool) -> None:
        self._change(layer_id, "Show layer" if visible else "Hide layer", visible=visible)

    def set_locked(self, layer_id: int, locked: bool) -> None:
        self._change(layer_id, "Lock layer" if locked else "Unlock layer", locked=locked)

    def set_alpha_locked(self, layer_id: int, locked: bool) -> None:
        self._change(layer_id, "Lock alpha" if locked else "Unlock alpha", alpha_locked=locked)

    def set_blend(self, layer_id: int, blend: Blend | None) -> None:
        """None = a group whose layers meet what lies below it one by one."""
        if blend is None:
            self._change(layer_id, "Pass through", pass_through=True)
        else:
            self._change(layer_id, "Blend mode", blend=blend, pass_through=False)

    def set_opacity(self, layer_id: int, opacity: float, token: object = None) -> None:
        """Steps in a row with the same token become one. AI colours fade outside the history, as in the AI panel."""
        node = self._document.node(layer_id)
        if isinstance(node, Layer) and node is self._document.topmost(Role.AI_COLOUR):
            self._editor.set_colour_strength(opacity)
        else:
            self._change(layer_id, "Opacity", token, opacity=opacity)

    def set_role(self, role: Role) -> None:
        """Of the active layer; a group has none."""
        active = self._editor.active_layer
        if isinstance(active, Layer):
            self._do(lambda document: layer_actions.set_role(document, active.layer_id, role))

    def _change(self, layer_id: int, name: str, token: object = None, **changes: object) -> None:
        properties = replace(Properties.of(self._document.node(layer_id)), **changes)  # type: ignore[arg-type]
        self._do(lambda document: layer_actions.change_properties(document, layer_id, properties, name, token))
