"""What tools look at: a function that reads the canvas by rectangles, and how far its colours are from one."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels, as_words
from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.tiles import TILE

Sample: TypeAlias = Callable[[Rect], Pixels]  # premultiplied RGBA of a rectangle inside the canvas
Limit: TypeAlias = Callable[[Rect], Coverage]  # the selection there
Differences: TypeAlias = NDArray[np.uint8]  # (height, width): how far a pixel is from what is looked for, 0 to 255
Distance: TypeAlias = Callable[[Pixels], Differences]

HALF_SELECTED = 128  # what is selected less is a wall

_BLOCK = 2 * TILE  # px; read and compared at a time, so that it stays in the cache
_COLOURS = np.array([1, 1, 1, 0], np.float32)


class Field:
    """The differences of a canvas; each block of it is read once, when it is first asked for."""

    def __init__(self, sample: Sample, canvas: Rect, distance: Distance, limit: Limit | None) -> None:
        self._sample = sample
        self._canvas = canvas
        self._distance = distance
        self._limit = limit
        self._known: dict[Rect, Differences] = {}

    def differences(self, window: Rect) -> Differences:
        """Those of a window inside the canvas; walls are 255."""
        result = np.empty((window.height, window.width), np.uint8)
        for block in _blocks(window):
            block = block.intersected(self._canvas)
            known = self._known.get(block)
            if known is None:
                known = self._known[block] = self._measured(block)
            part = block.intersected(window)
            result[part.slices(window)] = known[part.slices(block)]
        return result

    def _measured(self, block: Rect) -> Differences:
        differences = self._distance(self._sample(block))
        if self._limit is None:
            return differences
        return np.where(self._limit(block) < HALF_SELECTED, np.uint8(255), differences)


def _blocks(rect: Rect) -> Iterator[Rect]:
    """The squares of the grid that a rectangle touches."""
    for top in range(rect.y // _BLOCK * _BLOCK, rect.bottom, _BLOCK):
        for left in range(rect.x // _BLOCK * _BLOCK, rect.right, _BLOCK):
            yield Rect(left, top, _BLOCK, _BLOCK)


def distance_from(pixel: Pixels) -> Distance:
    """The greater of alpha's difference and the root mean square of those of the premultiplied colours."""
    word = as_words(pixel)[0, 0]

    def distance(pixels: Pixels) -> Differences:
        words = as_words(pixels)
        result = np.zeros(words.shape, np.uint8)
        others = words != word  # in a drawing most pixels are paper
        some = words[others]
        mine, theirs = (array[:, np.newaxis].view(np.uint8) for array in (np.full_like(some, word), some))
        squares = np.square(np.maximum(mine, theirs) - np.minimum(mine, theirs), dtype=np.float32)
        total = squares @ _COLOURS
        np.maximum(total, 3 * squares[:, 3], out=total)
        result[others] = np.rint(np.sqrt(total / 3)).astype(np.uint8)
        return result

    return distance


def ink(pixels: Pixels) -> Differences:
    """How much darker than white paper: the most of any colour."""
    lightest = np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return pixels[..., 3] - lightest


def is_dark(pixel: Pixels) -> bool:
    """Whether it is nearer to black than to white, on white paper; luma after ITU-R BT.709."""
    red, green, blue, alpha = pixel[0, 0].tolist()
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue + 255 - alpha < 128)
