"""What layers look like together: tile by tile, so that blank tiles cost nothing and the rest stays in the cache."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from sketchsause_desktop.core.blend import Pixels, faded, is_opaque, multiplied, over
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Blend
from sketchsause_desktop.core.tiles import WHITE_TILE, TileReader, tile_rect, tiles_of


class Shown(Protocol):
    """What compositing needs of a layer or of its snapshot."""

    @property
    def visible(self) -> bool: ...
    @property
    def opacity(self) -> float: ...
    @property
    def blend(self) -> Blend: ...
    @property
    def tiles(self) -> TileReader: ...


def composite_on_paper(layers: Iterable[Shown], rect: Rect) -> Pixels:
    """The visible ones of `layers` (bottom first) on white paper: (height, width, 4), alpha 255 everywhere."""
    result = np.full((rect.height, rect.width, 4), 255, np.uint8)
    _lay(list(layers), rect, result)
    return result


def composite_on_nothing(layers: Iterable[Shown], rect: Rect) -> Pixels:
    """The visible ones of `layers` on transparent ground, premultiplied; for layers that are blended normally."""
    result = np.zeros((rect.height, rect.width, 4), np.uint8)
    _lay(list(layers), rect, result)
    return result


def _lay(layers: list[Shown], rect: Rect, result: Pixels) -> None:
    drawn = [layer for layer in layers if layer.visible and layer.opacity > 0 and len(layer.tiles)]
    for key, part in tiles_of(rect):
        target = result[part.slices(rect)]
        inside = part.slices(tile_rect(key))
        for layer in drawn:
            tile = layer.tiles.tile(key)
            if tile is not None:
                _lay_tile(layer, tile, inside, target)


def _lay_tile(layer: Shown, tile: Pixels, inside: tuple[slice, slice], target: Pixels) -> None:
    multiplies = layer.blend is Blend.MULTIPLY
    if multiplies and tile is WHITE_TILE:
        return
    above = tile[inside]
    if layer.opacity < 1:
        above = faded(above, layer.opacity)
    if multiplies:
        target[...] = multiplied(target, above)
    elif is_opaque(above):
        target[...] = above
    else:
        target[...] = over(target, above)
