"""What a stroke's coverage does to the pixels that were there."""

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels, as_words, inverse_alpha, multiplied, multiplied_anywhere, scaled
from sketchsause_desktop.core.brush import Brush, Coverage, Grain
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.tiles import TileKey, tile_rect


class Ink:
    """A brush's colour at every coverage, looked up instead of multiplied."""

    def __init__(self, brush: Brush, keeps_alpha: bool = False) -> None:
        levels = np.arange(256, dtype=np.uint16)[:, np.newaxis]
        rgba = np.array([0, 0, 0, 0] if brush.erases else [*brush.colour, 255], np.uint16)
        self._premultiplied: NDArray[np.uint32] = as_words(((levels * rgba + 127) // 255).astype(np.uint8)).copy()
        self._keeps: NDArray[np.uint32] = (255 - np.arange(256, dtype=np.uint32)) * np.uint32(0x01010101)
        self._keeps_alpha = keeps_alpha
        self._multiplies = brush.multiplies and not brush.erases
        self.leaves_blank = brush.erases or keeps_alpha  # nothing comes where nothing is
        self.is_inert = brush.erases and keeps_alpha  # nothing happens at all

    def on(self, below: Pixels | None, coverage: Coverage) -> Pixels:
        """The pixels `below` (None: transparent ones) painted over."""
        ink = self._premultiplied.take(coverage)[..., np.newaxis].view(np.uint8)
        if below is None:
            return ink
        if self._multiplies:
            return multiplied(below, ink) if self._keeps_alpha else multiplied_anywhere(below, ink)
        painted = scaled(below, self._keeps.take(coverage)[..., np.newaxis].view(np.uint8))
        if not self._keeps_alpha:
            painted += ink
            return painted
        alpha = 255 - inverse_alpha(below)
        painted += scaled(ink, alpha)
        np.minimum(painted, alpha, out=painted)  # two roundings may exceed it by one
        painted[..., 3] = below[..., 3]
        return painted


class PaperGrain:
    """Takes the valleys of the paper out of what a stroke covers; heavy strokes reach deeper than light ones."""

    def __init__(self, grain: Grain) -> None:
        covered, height = np.ogrid[0:256, 0:256]
        left = covered - grain.strength * (255 - height)
        self._left: Coverage = np.rint(np.clip(left, 0, 255)).astype(np.uint8).ravel()
        self._texture = grain.texture.array
        self._tiles: dict[TileKey, Coverage] = {}

    def of(self, key: TileKey, part: Rect, coverage: Coverage) -> Coverage:
        """`coverage` of the `part` of a tile, with the grain."""
        tile = self._tiles.get(key)
        if tile is None:
            tile = self._tiles[key] = self._paper(tile_rect(key))
        where = coverage.astype(np.uint16)
        where <<= 8
        where |= tile[part.slices(tile_rect(key))]
        return self._left.take(where)

    def _paper(self, rect: Rect) -> Coverage:
        height, width = self._texture.shape
        rows, columns = np.arange(rect.y, rect.bottom) % height, np.arange(rect.x, rect.right) % width
        return self._texture[np.ix_(rows, columns)]
