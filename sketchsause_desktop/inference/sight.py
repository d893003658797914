"""What the network sees of a drawing, and where its lines are: kept tile by tile, so that a pass looks at what changed.

A stroke changes a few tiles; the rest of a large canvas need not be composited and shrunk again for every pass. Tiles
of a snapshot are never written, so one that is the same array has the same answer.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from PIL import Image

from models.predictor import ShrinkingHints, shrink_hints
from models.upsample import LINE, halved
from sketchsause_desktop.core.blend import Pixels, is_white, straight
from sketchsause_desktop.core.compositing import composite_on_nothing, composite_on_paper
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import LayerSnapshot
from sketchsause_desktop.core.tiles import TILE, TileKey, tile_rect, tiles_of

T = TypeVar("T")
Layers = Sequence[LayerSnapshot]
Mask = np.ndarray  # bool (H, W)

_LEVELS = 6  # halvings that are kept; at the last a tile is two pixels wide


class Sight:
    """Of one drawing at a time. Rectangles begin at tiles. Level k is 1 / 2**k of the size, sides rounded up."""

    def __init__(self) -> None:
        self._lines = _Kept(_halves_of_lines)
        self._hints = _Kept(_halves_of_hints)

    def lines(self, layers: Layers, frame: Rect, size: tuple[int, int]) -> Pixels:
        """The lines on white paper, shrunk to `size` (width, height) by means: uint8 (height, width, 3)."""
        level = _level(frame, size)
        picture = np.full((*_shape(frame, level), 4), 255, np.uint8)
        for key in self._inked(layers, frame):
            place = _place(key, frame, level)
            picture[place] = _cut(self._mean(layers, key, level), picture[place])
        image = Image.frombuffer("RGBX", (picture.shape[1], picture.shape[0]), picture, "raw", "RGBX", 0, 1)
        box = (0, 0, frame.width / 2**level, frame.height / 2**level)
        return np.ascontiguousarray(np.asarray(image.resize(size, Image.Resampling.BOX, box))[..., :3])

    def hints(self, layers: Layers, frame: Rect, size: tuple[int, int]) -> Pixels | None:
        """The hints shrunk to `size`, uint8 (height, width, 4), alpha 255 where hinted; None when there are none."""
        level = _level(frame, size)
        shape = _shape(frame, level)
        found = []
        for key, _ in tiles_of(frame):
            dabs = self._hints.of(layers, key)
            if dabs is not None:
                down, across = _place(key, frame, level)
                found.append(dabs[level].placed(down.start, across.start, shape))
        if not any(len(dabs.rows) for dabs in found):
            return None
        rows, columns, colours = (np.concatenate(part) for part in zip(*found, strict=True))
        shrinking = ShrinkingHints(shape, size)
        shrinking.add_pixels(rows, columns, colours)
        return shrinking.small()

    def line_masks(self, layers: Layers, window: Rect, coarse: int, factor: float) -> list[Mask]:
        """Where lines are in `window`, finest first: from level `coarse` on down to 1 / `factor` of the size."""
        last = max(coarse, min(int(math.log2(max(factor, 1))), _LEVELS))
        masks = []
        for level in range(coarse, last + 1):
            mask = np.zeros(_shape(window, level), bool)
            for key in self._inked(layers, window):
                place = _place(key, window, level)
                mask[place] = _cut(self._mask(layers, key, level), mask[place])
            masks.append(mask)
        return masks

    def _inked(self, layers: Layers, window: Rect) -> Iterator[TileKey]:
        return (key for key, _ in tiles_of(window) if self._lines.of(layers, key) is not None)

    def _mean(self, layers: Layers, key: TileKey, level: int) -> Pixels:
        halves = self._lines.of(layers, key)
        return halves.means[level - 1] if halves and level else composite_on_paper(layers, tile_rect(key))

    def _mask(self, layers: Layers, key: TileKey, level: int) -> Mask:
        halves = self._lines.of(layers, key)
        return halves.masks[level - 1] if halves and level else _is_line(composite_on_paper(layers, tile_rect(key)))


class _Halves:
    """A tile of lines at the levels from 1 on; the tile itself would take more room than it takes time."""

    def __init__(self, pixels: Pixels) -> None:
        image, mask = Image.frombuffer("RGBX", (TILE, TILE), pixels, "raw", "RGBX", 0, 1), _is_line(pixels)
        self.means: list[Pixels] = []
        self.masks: list[Mask] = []
        for _ in range(_LEVELS):
            image, mask = image.reduce(2), halved(mask)
            self.means.append(np.asarray(image))
            self.masks.append(mask)


def _halves_of_lines(layers: Layers, key: TileKey) -> _Halves | None:
    pixels = composite_on_paper(layers, tile_rect(key))
    return None if is_white(pixels) else _Halves(pixels)


class _Dabs(NamedTuple):
    """The hinted pixels of a picture: where they are, int (N,), and their colours, uint8 (N, 3)."""

    rows: np.ndarray
    columns: np.ndarray
    colours: np.ndarray

    def placed(self, top: int, left: int, shape: tuple[int, int]) -> "_Dabs":
        """As part of a picture of `shape`; what would lie beyond its sides is left out."""
        rows, columns = self.rows + top, self.columns + left
        inside = (rows < shape[0]) & (columns < shape[1])
        return _Dabs(rows[inside], columns[inside], self.colours[inside])


def _halves_of_hints(layers: Layers, key: TileKey) -> list[_Dabs] | None:
    """At each level from 0 on."""
    pixels = straight(composite_on_nothing(layers, tile_rect(key)))
    if not (pixels[..., 3] > 127).any():
        return None
    return [_dabs(shrink_hints(pixels, (TILE >> level, TILE >> level))) for level in range(_LEVELS + 1)]


def _dabs(hints: Pixels) -> _Dabs:
    rows, columns = np.nonzero(hints[..., 3])
    return _Dabs(rows, columns, hints[rows, columns, :3])


class _Kept(Generic[T]):
    """What `make` says of a tile, until the tile of some layer is another array. None for tiles without anything."""

    def __init__(self, make: Callable[[Layers, TileKey], T | None]) -> None:
        self._make = make
        self._answers: dict[TileKey, tuple[tuple[object, ...], list[Pixels], T | None]] = {}

    def of(self, layers: Layers, key: TileKey) -> T | None:
        tiles = [(layer, tile) for layer in layers if (tile := layer.tiles.tile(key)) is not None]
        if not tiles:
            self._answers.pop(key, None)
            return None
        mark = tuple((id(tile), layer.opacity, layer.blend) for layer, tile in tiles)
        kept = self._answers.get(key)
        if kept is None or kept[0] != mark:
            # The arrays are held, so that no other can come to have the same id.
            kept = (mark, [tile for _, tile in tiles], self._make(layers, key))
            self._answers[key] = kept
        return kept[2]


def _is_line(pixels: Pixels) -> Mask:
    """By the green channel, which is most of the lightness."""
    mask: Mask = pixels[..., 1] < LINE
    return mask


def _level(frame: Rect, size: tuple[int, int]) -> int:
    """That of the smallest picture at least twice as large as `size`: Pillow's box filter takes whole pixels only."""
    factor = min(frame.width / size[0], frame.height / size[1])
    return min(int(math.log2(max(factor / 2, 1))), _LEVELS)


def _shape(rect: Rect, level: int) -> tuple[int, int]:
    return -(-rect.height >> level), -(-rect.width >> level)


def _place(key: TileKey, rect: Rect, level: int) -> tuple[slice, slice]:
    """Of a tile in a picture of `rect`; it may reach beyond the right and the lower side."""
    left, top, side = (key[0] * TILE - rect.x) >> level, (key[1] * TILE - rect.y) >> level, TILE >> level
    return slice(top, top + side), slice(left, left + side)


def _cut(tile: np.ndarray, place: np.ndarray) -> np.ndarray:
    return tile[: place.shape[0], : place.shape[1]]
