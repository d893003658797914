"""What layers look like together: tile by tile, so that blank tiles cost nothing and the rest stays in the cache."""

from collections.abc import Sequence

import numpy as np

from sketchsause_desktop.core.blend import (
    Pixels,
    faded,
    inverse_alpha,
    is_opaque,
    is_transparent,
    is_white,
    mixed,
    multiplied,
)
from sketchsause_desktop.core.blend_modes import blended
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import AnyNode, Blend, Group, GroupSnapshot, Layer, LayerSnapshot, Role
from sketchsause_desktop.core.tiles import WHITE_TILE, TileKey, tile_rect, tiles_of

ALL_ROLES = frozenset(Role)
_AS_ON_WHITE = frozenset({Blend.NORMAL, Blend.MULTIPLY, Blend.DARKEN})  # modes that are all the same on white paper


def composite_on_paper(nodes: Sequence[AnyNode], rect: Rect, roles: frozenset[Role] = ALL_ROLES) -> Pixels:
    """The visible layers of `roles` (bottom first) on white paper: (height, width, 4), alpha 255 everywhere."""
    result = np.full((rect.height, rect.width, 4), 255, np.uint8)
    for key, part in tiles_of(rect):
        place = _Place(key, part, roles)
        stacked = place.stacked(nodes, place.paper)
        if stacked is not None and stacked is not place.paper:
            result[part.slices(rect)] = stacked
    return result


def composite_on_nothing(nodes: Sequence[AnyNode], rect: Rect, roles: frozenset[Role] = ALL_ROLES) -> Pixels:
    """The visible layers of `roles` on transparent ground, premultiplied."""
    result = np.zeros((rect.height, rect.width, 4), np.uint8)
    for key, part in tiles_of(rect):
        stacked = _Place(key, part, roles).stacked(nodes, None)
        if stacked is not None:
            result[part.slices(rect)] = stacked
    return result


class _Place:
    """One tile, or the part of it that is asked for. None stands for transparent pixels; arrays given are kept."""

    def __init__(self, key: TileKey, part: Rect, roles: frozenset[Role]) -> None:
        self._key = key
        self._inside = part.slices(tile_rect(key))
        self._roles = roles
        self.paper: Pixels = WHITE_TILE[self._inside]

    def stacked(self, nodes: Sequence[AnyNode], ground: Pixels | None) -> Pixels | None:
        """`ground` with `nodes` laid on it."""
        for node in nodes[self._hidden_below(nodes) :]:
            if node.visible and node.opacity > 0:
                ground = self._with(node, ground)
        return ground

    def _hidden_below(self, nodes: Sequence[AnyNode]) -> int:
        """The index of the uppermost layer that lets nothing through; 0 when there is none."""
        for index in range(len(nodes) - 1, 0, -1):
            node = nodes[index]
            if isinstance(node, (Group, GroupSnapshot)) or node.blend is not Blend.NORMAL:
                continue
            if node.visible and node.opacity == 1:
                above = self._pixels(node)
                if above is not None and is_opaque(above):
                    return index
        return 0

    def _with(self, node: AnyNode, ground: Pixels | None) -> Pixels | None:
        if isinstance(node, (Group, GroupSnapshot)):
            if node.pass_through:
                return _partly(ground, self.stacked(node.layers, ground), node.opacity)
            above = self.stacked(node.layers, None)
        else:
            above = self._pixels(node)
        if above is None or is_transparent(above):
            return ground
        if node.opacity < 1:
            above = faded(above, node.opacity)
        return above if ground is None else self._laid(node.blend, ground, above)

    def _pixels(self, layer: Layer | LayerSnapshot) -> Pixels | None:
        if layer.role not in self._roles:
            return None
        tile = layer.tiles.tile(self._key)
        return None if tile is None else tile[self._inside]

    def _laid(self, blend: Blend, below: Pixels, above: Pixels) -> Pixels:
        if below is self.paper and blend in _AS_ON_WHITE:
            return above + inverse_alpha(above)
        if blend is Blend.NORMAL and is_opaque(above):
            return above
        if blend is Blend.MULTIPLY and is_opaque(below):
            return below if is_white(above) else multiplied(below, above)
        return blended(blend, below, above)


def _partly(below: Pixels | None, above: Pixels | None, opacity: float) -> Pixels | None:
    """`above` in place of `below` at `opacity`."""
    if above is None or above is below or opacity == 1:
        return above
    return faded(above, opacity) if below is None else mixed(below, above, opacity)
