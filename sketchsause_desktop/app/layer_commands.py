"""What the Layers panel and the Layer menu do to the current drawing; the editor tells of what is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core import layer_actions, layer_pixels, source_actions
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.history import Change, done_together
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layer_changes import Properties
from sketchsause_desktop.core.layer_rules import keeping_roles
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role, nodes_of


class LayerCommands:
    """Most work on the active layer, some on all that are chosen with it; a step of the history each."""

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
        """All that are chosen."""
        chosen, heir = self._editor.chosen_layers, self._heir()
        each = [partial(_removed, node=node) for node in chosen]
        if self._do(lambda document: done_together(document, "Remove layers", each)) and heir is not None:
            self._editor.set_active_layer(heir.layer_id)

    def _heir(self) -> Node | None:
        """What becomes active when the chosen layers go: what lies below the active one, else above it, else its group.

        Of those that stay.
        """
        gone = {node.layer_id for node in nodes_of(self._editor.chosen_layers)}
        node: Node | None = self._editor.active_layer
        while node is not None and node.layer_id in gone:
            siblings = self._document.siblings(node.layer_id)
            index = siblings.index(node)
            near = [*reversed(siblings[:index]), *siblings[index + 1 :]]
            holder = layer_actions.holder_of(self._document, node.layer_id)
            node = next((other for other in near if other.layer_id not in gone), holder)
        return node

    def merge_down(self) -> None:
        """One layer of the active one and that below it, or of all that are chosen."""
        chosen = self._editor.chosen_layers
        siblings = self._document.siblings(chosen[0].layer_id)
        lowest = siblings.index(chosen[0])
        if len(chosen) > 1:
            is_done = self._do(lambda document: layer_pixels.merge(document, [node.layer_id for node in chosen]))
        else:
            is_done = self._do(lambda document: layer_pixels.merge_down(document, chosen[0].layer_id))
            lowest -= 1
        if is_done:
            self._editor.set_active_layer(siblings[lowest].layer_id)

    def group(self) -> None:
        """Put all that are chosen into a new group."""
        chosen = self._chosen_ids
        self._do(lambda document: layer_actions.group(document, chosen))

    @property
    def _chosen_ids(self) -> list[int]:
        return [node.layer_id for node in self._editor.chosen_layers]

    def chosen_with(self, layer_id: int) -> list[int]:
        """What a command on this layer's row is for: all that are chosen if it is one of them, else that alone."""
        chosen = self._chosen_ids
        return chosen if layer_id in chosen else [layer_id]

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

    def move(self, layer_ids: Sequence[int], place: Place) -> None:
        self._do(lambda document: layer_actions.move(document, layer_ids, place))

    def step(self, up: bool) -> None:
        """All that are chosen one place up or down, into a group or out of it."""
        chosen = self._chosen_ids
        self._do(lambda document: layer_actions.step(document, chosen, up))

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
        """This and the next two: of all that are chosen, if the layer is one of them."""
        self._change_all(layer_id, "Show layer" if visible else "Hide layer", visible=visible)

    def set_locked(self, layer_id: int, locked: bool) -> None:
        self._change_all(layer_id, "Lock layer" if locked else "Unlock layer", locked=locked)

    def set_alpha_locked(self, layer_id: int, locked: bool) -> None:
        self._change_all(layer_id, "Lock alpha" if locked else "Unlock alpha", alpha_locked=locked)

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
            set_role = source_actions.make_source if role is Role.SOURCE else partial(layer_actions.set_role, role=role)
            self._do(lambda document: set_role(document, active.layer_id))

    def _change(self, layer_id: int, name: str, token: object = None, **changes: object) -> None:
        self._do(lambda document: _changed(document, layer_id, name, token, changes))

    def _change_all(self, layer_id: int, name: str, **changes: object) -> None:
        ids = self.chosen_with(layer_id)
        each = [partial(_changed, layer_id=each, name=name, token=None, changes=changes) for each in ids]
        self._do(lambda document: done_together(document, name, each))


def _removed(document: Document, node: Node) -> Change:
    layer_pixels.require_unlocked(document, node)
    return layer_actions.remove(document, node.layer_id)


def _changed(
    document: Document, layer_id: int, name: str, token: object, changes: Mapping[str, object]
) -> Change | None:
    properties = replace(Properties.of(document.node(layer_id)), **changes)  # type: ignore[arg-type]
    return layer_actions.change_properties(document, layer_id, properties, name, token)
