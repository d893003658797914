"""Small pictures of layers, brought up to date tile by tile, as much at a time as there is time for."""

import time

import numpy as np
from PIL import Image

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.tiles import TILE, TileKey, TileSnapshot

LONG_SIDE = 128  # px at most, but for canvases so large that a tile becomes one pixel


class LayerThumbnail:
    """A layer with each `step` x `step` pixels averaged to one; premultiplied, like the layer."""

    def __init__(self, size: Size) -> None:
        """`size` is that of the canvas."""
        step = 1
        while step < TILE and max(size.width, size.height) > LONG_SIDE * step:
            step *= 2
        self._step = step
        self._small = Size(-(-size.width // step), -(-size.height // step))
        self._pixels = np.zeros((self._small.height, self._small.width, 4), np.uint8)
        self._shown = TileSnapshot()
        self._waiting: list[TileKey] = []

    @property
    def pixels(self) -> Pixels:
        """(height, width, 4) as far as it is done."""
        return self._pixels

    def update(self, tiles: TileSnapshot, until: float) -> bool:
        """Show `tiles`, working until the clock `time.perf_counter` says `until`; whether anything is left to do."""
        if tiles != self._shown:
            self._waiting = list({*self._waiting, *tiles.changed_keys(self._shown)})
            self._shown = tiles
        while self._waiting:
            self._reduce(self._waiting.pop())
            if time.perf_counter() >= until:
                break
        return bool(self._waiting)

    def _reduce(self, key: TileKey) -> None:
        side = TILE // self._step
        area = Rect(key[0] * side, key[1] * side, side, side)
        inside = area.intersected(Rect.of_size(self._small))
        if inside.is_empty:
            return
        tile = self._shown.tile(key)
        small = np.zeros((side, side, 4), np.uint8) if tile is None else _averaged(tile, self._step)
        self._pixels[inside.slices(Rect(0, 0, 0, 0))] = small[inside.slices(area)]


def _averaged(tile: Pixels, step: int) -> Pixels:
    # Four channels, each for itself: premultiplied ones must not be weighted by their alpha once more.
    image = Image.frombuffer("CMYK", (TILE, TILE), tile, "raw", "CMYK", 0, 1)
    return np.asarray(image.reduce(step))
