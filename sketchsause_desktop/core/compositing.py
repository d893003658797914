"""What layers look like together: tile by tile, so that blank tiles cost nothing and the rest stays in the cache."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from sketchsause_desktop.core.blend import Pixels, faded, inverse_alpha, is_opaque, multiplied, over
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Blend
from sketchsause_desktop.core.tiles import WHITE_TILE, TileKey, TileReader, tile_rect, tiles_of


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
    for target, tiles in _drawn(layers, rect, result):
        is_paper = True
        for layer, above in tiles:
            target[...] = above + inverse_alpha(above) if is_paper else _laid(layer, above, target)
            is_paper = False
    return result


def composite_on_nothing(layers: Iterable[Shown], rect: Rect) -> Pixels:
    """The visible ones of `layers` on transparent ground, premultiplied; all are blended normally."""
    result = np.zeros((rect.height, rect.width, 4), np.uint8)
    for target, tiles in _drawn(layers, rect, result):
        for _layer, above in tiles:
            target[...] = over(target, above)
    return result


def _drawn(
    layers: Iterable[Shown], rect: Rect, result: Pixels
) -> Iterator[tuple[Pixels, Iterator[tuple[Shown, Pixels]]]]:
    """For each tile that `rect` touches: its place in `result`, and what the layers have there, bottom first."""
    drawn = [layer for layer in layers if layer.visible and layer.opacity > 0 and len(layer.tiles)]
    for key, part in tiles_of(rect):
        yield result[part.slices(rect)], _at(drawn, key, part.slices(tile_rect(key)))


def _at(layers: list[Shown], key: TileKey, inside: tuple[slice, slice]) -> Iterator[tuple[Shown, Pixels]]:
    for layer in layers:
        tile = layer.tiles.tile(key)
        if tile is None or (tile is WHITE_TILE and layer.blend is Blend.MULTIPLY):
            continue
        yield layer, tile[inside] if layer.opacity == 1 else faded(tile[inside], layer.opacity)


def _laid(layer: Shown, above: Pixels, below: Pixels) -> Pixels:
    """`above` on opaque ground."""
    if layer.blend is Blend.MULTIPLY:
        return multiplied(below, above)
    return above if is_opaque(above) else over(below, above)
