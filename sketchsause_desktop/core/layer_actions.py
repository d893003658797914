"""What one does with layers. Each action is done at once and returned as a step for the history; None = nothing to do.

Layers and groups are named by their `layer_id`; lists run bottom first.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.layer_changes import ListChange, Lists, Properties, PropertyChange, bounds_of, lists_of
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role, nodes_of
from sketchsause_desktop.core.tiles import Tiles


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a layer goes: into which group (None = none), and how many lie below it there, itself not counted."""

    group_id: int | None = None
    index: int


def place_above(document: Document, layer_id: int) -> Place:
    siblings = document.siblings(layer_id)
    holder = holder_of(document, layer_id)
    index = next(index for index, node in enumerate(siblings) if node.layer_id == layer_id)
    return Place(group_id=None if holder is None else holder.layer_id, index=index + 1)


def holder_of(document: Document, layer_id: int) -> Group | None:
    """The group that a layer lies in."""
    siblings = document.siblings(layer_id)
    return next((node for node in document.nodes() if isinstance(node, Group) and node.layers is siblings), None)


def add(document: Document, node: Node, place: Place, name: str = "Add layer") -> ListChange:
    """Put a new layer or group in place. Its name is made one that no other layer has."""
    before = lists_of(document)
    node.name = document.free_name(node.name)
    _list(document, place.group_id).insert(place.index, node)
    return ListChange.of(name, document, before, bounds_of([node]))


def remove(document: Document, layer_id: int) -> ListChange:
    """Take a layer away, or a group with all it holds."""
    before, node = lists_of(document), document.node(layer_id)
    document.siblings(layer_id).remove(node)
    return ListChange.of(
        "Remove group" if isinstance(node, Group) else "Remove layer", document, before, bounds_of([node])
    )


def duplicate(document: Document, layer_id: int) -> ListChange:
    """A copy right above that shares all pixels. What the network has coloured becomes a layer to paint on."""
    copied = _copied(document.node(layer_id))
    return add(document, copied, place_above(document, layer_id), "Duplicate layer")


def _copied(node: Node) -> Node:
    if isinstance(node, Group):
        group = Group(name=node.name, layers=[_copied(inner) for inner in node.layers])
        Properties.of(node).give_to(group)
        return group
    layer = Layer(name=node.name, role=node.role, tiles=Tiles.of(node.tiles.snapshot()))
    Properties.of(node).give_to(layer)
    if layer.role is Role.AI_COLOUR:
        layer.role, layer.locked = Role.PAINT, False
    return layer


def move(document: Document, layer_ids: Sequence[int], place: Place) -> ListChange | None:
    """Put layers and groups elsewhere, into a group or out of it, in their order; `place` counts none of them.

    Raises ValueError for a group that is to go into itself.
    """
    before, nodes = lists_of(document), outermost(document, layer_ids)
    if any(inside.layer_id == place.group_id for inside in nodes_of(nodes)):
        raise ValueError("a group cannot hold itself")
    target = _list(document, place.group_id)
    for node in nodes:
        document.siblings(node.layer_id).remove(node)
    target[place.index : place.index] = nodes
    return _moved(document, before, nodes)


def step(document: Document, layer_ids: Sequence[int], up: bool) -> ListChange | None:
    """Each one place up or down, into a group or out of it; nothing where one of them can go no further."""
    before, nodes = lists_of(document), outermost(document, layer_ids)
    for node in reversed(nodes) if up else nodes:
        place = step_place(document, node.layer_id, up)
        if place is None:
            ListChange.of("", document, before, bounds_of(nodes)).undo(document)
            return None
        move(document, [node.layer_id], place)
    return _moved(document, before, nodes)


def _moved(document: Document, before: Lists, nodes: Sequence[Node]) -> ListChange | None:
    if lists_of(document) == before:
        return None
    return ListChange.of("Move layer" if len(nodes) == 1 else "Move layers", document, before, bounds_of(nodes))


def outermost(document: Document, layer_ids: Iterable[int]) -> list[Node]:
    """These layers and groups, bottom first, without those that one of the groups holds."""
    ids = set(layer_ids)
    inner = {node.layer_id for each in document.nodes() if each.layer_id in ids for node in nodes_of(_held(each))}
    return [node for node in document.nodes() if node.layer_id in ids - inner]


def group(document: Document, layer_ids: Sequence[int], name: str = "Group") -> ListChange:
    """Put layers into a new group where the uppermost lies, in their order; groups among them keep what they hold."""
    before, members = lists_of(document), outermost(document, layer_ids)
    top = members[-1]
    made = Group(name=document.free_name(name))
    siblings = document.siblings(top.layer_id)
    siblings.insert(siblings.index(top) + 1, made)
    for node in members:
        document.siblings(node.layer_id).remove(node)
        made.layers.append(node)
    return ListChange.of("Group layers", document, before, bounds_of(members))


def ungroup(document: Document, group_id: int) -> ListChange:
    """Put what a group holds in its place."""
    before, node = lists_of(document), document.node(group_id)
    siblings = document.siblings(group_id)
    index = siblings.index(node)
    siblings[index : index + 1] = _held(node)
    return ListChange.of("Ungroup", document, before, bounds_of([node]))


def _held(node: Node) -> list[Node]:
    return list(node.layers) if isinstance(node, Group) else []


def _list(document: Document, group_id: int | None) -> list[Node]:
    if group_id is None:
        return document.layers
    node = document.node(group_id)
    if not isinstance(node, Group):
        raise ValueError(f"layer {group_id} is no group")
    return node.layers


def change_properties(
    document: Document, layer_id: int, properties: Properties, name: str, token: object = None
) -> PropertyChange | None:
    """Give other properties to a layer or a group; begin with `Properties.of` it.

    With the same `token` in each call, such as one made when a slider was pressed, a whole drag becomes one step.
    """
    node = document.node(layer_id)
    before = Properties.of(node)
    properties.give_to(node)
    after = Properties.of(node)
    if after == before:
        return None
    return PropertyChange(name=name, layer_id=layer_id, before=before, after=after, token=token)


def rename(document: Document, layer_id: int, name: str) -> PropertyChange | None:
    """Names may be given twice; one of blanks is left out."""
    properties = Properties.of(document.node(layer_id))
    wanted = " ".join(name.split()) or properties.name
    return change_properties(document, layer_id, dataclasses.replace(properties, name=wanted), "Rename layer")


def set_role(document: Document, layer_id: int, role: Role) -> PropertyChange | None:
    """Make a layer line art (multiplied from now on), hints, AI colour (locked from now on), or an ordinary one."""
    properties = Properties.of(document.layer(layer_id))
    was_ai = properties.role is Role.AI_COLOUR
    becomes = dataclasses.replace(
        properties,
        role=role,
        blend=Blend.MULTIPLY if role is Role.LINE_ART else properties.blend,
        locked=role is Role.AI_COLOUR or (properties.locked and not was_ai),
    )
    return change_properties(document, layer_id, becomes, "Layer role")


def rows_of(nodes: Sequence[Node]) -> Iterator[Node]:
    """All layers and groups as a list shows them: the uppermost first, each group before what is in it."""
    for node in reversed(nodes):
        yield node
        if isinstance(node, Group):
            yield from rows_of(node.layers)


def step_place(document: Document, layer_id: int, up: bool) -> Place | None:
    """Where a layer goes by one step up or down, into a group or out of it; None where it can go no further."""
    siblings, above = document.siblings(layer_id), place_above(document, layer_id)
    onto = above.index if up else above.index - 2
    if 0 <= onto < len(siblings):
        neighbour = siblings[onto]
        if isinstance(neighbour, Group):
            return Place(group_id=neighbour.layer_id, index=0 if up else len(neighbour.layers))
        return dataclasses.replace(above, index=onto)
    holder = holder_of(document, layer_id)
    if holder is None:
        return None
    outside = place_above(document, holder.layer_id)
    return outside if up else dataclasses.replace(outside, index=outside.index - 1)
