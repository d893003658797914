"""Actions that make other pixels out of whole layers: fill, clear, paint, move, merge, flatten.

As in `layer_actions`, each is done at once and returned as a step for the history. What is locked is refused with a
UserError.
"""

import dataclasses
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from models.errors import UserError
from sketchsause_desktop.core.blend import Pixels, alphas, inverse_alpha, over, premultiplied, put, scaled, spread
from sketchsause_desktop.core.compositing import composite_on_nothing
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.history import Change, TileChange, Together, done_together
from sketchsause_desktop.core.layer_actions import outermost
from sketchsause_desktop.core.layer_changes import ListChange, Properties, bounds_of, lists_of, select
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role, leaves_of
from sketchsause_desktop.core.sampling import Limit
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.tiles import TILE, TileKey, Tiles, tile_rect, tiles_of
from sketchsause_desktop.core.transforms import Shift, transformed


def require_unlocked(document: Document, node: Node) -> None:
    if document.is_locked(node.layer_id):
        raise UserError(f"“{node.name}” is locked.", "Unlock it, and the groups it is in, or choose another layer.")


def fill(
    document: Document, layer_id: int, colour: tuple[int, int, int, int], name: str = "Fill layer"
) -> TileChange | None:
    """Cover what is selected of a layer (all of it without a selection) with a colour, RGBA with straight alpha.

    A locked alpha stays as it is.
    """
    layer = document.layer(layer_id)
    require_unlocked(document, layer)
    ink = premultiplied(np.array(colour, np.uint8).reshape(1, 1, 4))
    whole: Pixels = np.broadcast_to(ink, (TILE, TILE, 4)).copy()
    whole.flags.writeable = False

    def covered(below: Pixels) -> Pixels:
        new = whole if below.shape == whole.shape else np.ascontiguousarray(whole[: below.shape[0], : below.shape[1]])
        return scaled(new, alphas(below)) if layer.alpha_locked else new

    return _exchanged(document, layer, name, document.rect, covered)


def clear(document: Document, layer_id: int, name: str = "Clear") -> TileChange | None:
    """Empty what is selected of a layer; all of it without a selection."""
    layer = document.layer(layer_id)
    require_unlocked(document, layer)
    if layer.alpha_locked:
        raise UserError(f"The alpha of “{layer.name}” is locked.", "Unlock it to erase on this layer.")
    return _exchanged(document, layer, name, layer.tiles.bounds(), np.zeros_like)


def _exchanged(
    document: Document, layer: Layer, name: str, area: Rect, make: Callable[[Pixels], Pixels]
) -> TileChange | None:
    """`make` of the pixels below, put in their place as far as they are selected. Read-only tiles of it are shared."""
    before = layer.tiles.snapshot()
    selection = document.selection
    if selection is not None:
        area = area.intersected(selection.bounds)
    for key, part in tiles_of(area):
        if selection is not None and not selection.touches(part):
            continue
        below = layer.tiles.read(part)
        above = make(below)
        if selection is not None:
            above = put(below, above, selection.coverage(part))
        if part == tile_rect(key) and not above.flags.writeable:
            layer.tiles.replace({key: above if above.any() else None})
        else:
            layer.tiles.write(part, above)
    return TileChange.of(name, layer, before)


def paint(
    document: Document,
    layer_id: int,
    area: Rect,
    make: Callable[[Rect], Pixels],
    name: str,
    limit: Limit | None = None,
) -> TileChange | None:
    """Lay premultiplied pixels, asked for by parts of `area`, over a layer as far as `limit` lets them.

    A locked alpha stays as it is.
    """
    layer = document.layer(layer_id)
    require_unlocked(document, layer)
    before = layer.tiles.snapshot()
    for _key, part in tiles_of(area.intersected(document.rect)):
        above = make(part)
        if limit is not None:
            above = scaled(above, spread(limit(part)))
        if above.any():
            below = layer.tiles.read(part)
            layer.tiles.write(part, _over_alpha(below, above) if layer.alpha_locked else over(below, above))
    return TileChange.of(name, layer, before)


def _over_alpha(below: Pixels, above: Pixels) -> Pixels:
    """`above` laid over `below` where that is, whose alpha stays."""
    ground = alphas(below)
    result: Pixels = scaled(below, inverse_alpha(above)) + scaled(above, ground)
    np.minimum(result, ground, out=result)  # two roundings may exceed it by one
    result[..., 3] = below[..., 3]
    return result


def require_movable(document: Document, layer: Layer) -> None:
    require_unlocked(document, layer)
    if layer.alpha_locked:
        raise UserError(f"The alpha of “{layer.name}” is locked.", "Unlock it to move what is on this layer.")


def move(document: Document, layer_ids: Iterable[int], dx: int, dy: int) -> Change | None:
    """Shift layers and all that groups hold, or what is selected of them together with the selection.

    What leaves the canvas is lost.
    """
    layers, selection = list(leaves_of(outermost(document, layer_ids))), document.selection
    for layer in layers:
        require_movable(document, layer)
    changes: list[Change | None] = [_shifted(document, layer, dx, dy) for layer in layers]
    if selection is not None:
        changes.append(select(document, _moved(selection, document.rect, dx, dy)))
    done = tuple(change for change in changes if change is not None)
    return Together(name="Move", changes=done) if done else None


def _shifted(document: Document, layer: Layer, dx: int, dy: int) -> TileChange | None:
    """A layer, or what is selected of it, while the selection stays."""
    before, selection = layer.tiles.snapshot(), document.selection
    if selection is None:
        layer.tiles.restore(transformed(before, Shift(size=document.size, dx=dx, dy=dy)))
        return TileChange.of("Move", layer, before)
    lifted = Tiles()
    for _key, part in tiles_of(selection.bounds.intersected(layer.tiles.bounds())):
        pixels, coverage = layer.tiles.read(part), selection.coverage(part)
        lifted.write(part, scaled(pixels, spread(coverage)))
        layer.tiles.write(part, scaled(pixels, spread(~coverage)))
    for _key, part in tiles_of(lifted.bounds().moved(dx, dy).intersected(document.rect)):
        moved = lifted.read(part.moved(-dx, -dy))
        if moved.any():
            layer.tiles.write(part, over(layer.tiles.read(part), moved))
    return TileChange.of("Move", layer, before)


def _moved(selection: Selection, canvas: Rect, dx: int, dy: int) -> Selection:
    area = selection.bounds.moved(dx, dy).intersected(canvas)
    return Selection.made(area, lambda part: selection.coverage(part.moved(-dx, -dy)))


def merge_down(document: Document, layer_id: int) -> ListChange:
    """Make one layer of this one and the layer below it; it takes that one's name, role and blend."""
    siblings = document.siblings(layer_id)
    index = next(index for index, node in enumerate(siblings) if node.layer_id == layer_id)
    if index == 0:
        raise UserError("There is no layer below this one.", "Move it above the layer that is to take it in.")
    below, above = siblings[index - 1], siblings[index]
    if isinstance(below, Group) or isinstance(above, Group):
        raise UserError("A group cannot be merged with a layer.", "Flatten the group first.")
    for node in (below, above):
        require_unlocked(document, node)
        if not node.visible:
            raise UserError(f"“{node.name}” is hidden.", "Show it first; what is hidden would be lost.")
    before = lists_of(document)
    ground = Layer(name="", role=Role.PAINT, opacity=below.opacity, tiles=below.tiles)
    # Where nothing lies above, the tiles of a layer that is not faded stay what they are.
    start = Tiles.of(below.tiles.snapshot()) if below.opacity == 1 else Tiles()
    keys = above.tiles.keys() if below.opacity == 1 else above.tiles.keys() | below.tiles.keys()
    merged = Layer(name=below.name, role=below.role, tiles=_composited(start, [ground, above], keys))
    dataclasses.replace(Properties.of(below), opacity=1).give_to(merged)
    siblings[index - 1 : index + 1] = [merged]
    return ListChange.of("Merge down", document, before, bounds_of([below, above]))


def merge(document: Document, layer_ids: Iterable[int]) -> Change | None:
    """Make one layer of several that lie one on the other; it takes the lowest one's name, role and blend."""
    nodes = outermost(document, layer_ids)
    siblings = document.siblings(nodes[0].layer_id)
    start = siblings.index(nodes[0])
    if siblings[start : start + len(nodes)] != nodes:
        raise UserError("Only layers that lie one on the other can be merged.", "Move them together first.")
    return done_together(document, "Merge layers", [partial(merge_down, layer_id=node.layer_id) for node in nodes[1:]])


def flatten_group(document: Document, group_id: int) -> ListChange:
    """Make one layer of what is visible in a group; it keeps the group's name, opacity and blend.

    A group whose layers all are line art, hints or source becomes that, else an ordinary layer.
    """
    group = document.node(group_id)
    if not isinstance(group, Group):
        raise ValueError(f"layer {group_id} is no group")
    require_unlocked(document, group)
    before = lists_of(document)
    keys = frozenset[TileKey]().union(*(layer.tiles.keys() for layer in leaves_of(group.layers)))
    roles = {layer.role for layer in leaves_of(group.layers)}
    layer = Layer(
        name=group.name,
        role=next((role for role in (Role.LINE_ART, Role.HINTS, Role.SOURCE) if roles == {role}), Role.PAINT),
        visible=group.visible,
        opacity=group.opacity,
        blend=Blend.NORMAL if group.pass_through else group.blend,
        tiles=_composited(Tiles(), group.layers, keys),
    )
    siblings = document.siblings(group_id)
    siblings[siblings.index(group)] = layer
    return ListChange.of("Flatten group", document, before, bounds_of([group]))


def _composited(tiles: Tiles, nodes: list[Node], keys: Iterable[TileKey]) -> Tiles:
    """`tiles` with what `nodes` look like on nothing in place of those of `keys`."""
    for key in keys:
        tiles.write(tile_rect(key), composite_on_nothing(nodes, tile_rect(key)))
    return tiles
