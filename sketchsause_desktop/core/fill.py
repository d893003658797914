"""Flood fill and magic wand: which pixels belong to the place that was touched.

What is looked at (a layer, the line art, the picture) is for the caller to say: a function that reads it by rectangles.
Only as much of it is read as the fill needs: a window round the seed that grows where the region reaches its rim.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from sketchsause_desktop.core.bitmap import (
    Balls,
    Bitmap,
    components,
    everywhere,
    extent,
    has,
    packed,
    position_of,
    taken_in,
)
from sketchsause_desktop.core.blend import Pixels, as_words
from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.fill_edge import Differences, with_edge
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.regions import MAX_GAP, ball_radius, free_regions, regions

Sample: TypeAlias = Callable[[Rect], Pixels]  # premultiplied RGBA of a rectangle inside the canvas
Limit: TypeAlias = Callable[[Rect], Coverage]  # the selection; None wherever everything is selected

MAX_EXPANSION = 20  # px
_FIRST_WINDOW = 256  # px on each side of the seed
_BLOCK = 256  # px; read and compared at a time, so that it stays in the cache
_HALF = 128  # coverage; a pixel that is selected less is a wall


@dataclass(frozen=True, kw_only=True)
class FillOptions:
    tolerance: int = 48  # 0 to 255: how far a colour may be from that of the seed
    gap: int = 0  # px; openings in the lines up to this wide count as closed
    expand: int = 0  # px to go under the lines, at most to their middle
    smooth: bool = True  # pixels between region and line are covered in part

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance <= 255:
            raise ValueError(f"a tolerance of {self.tolerance} is outside 0..255")
        if not 0 <= self.gap <= MAX_GAP:
            raise ValueError(f"a gap of {self.gap} pixels is outside 0..{MAX_GAP}")
        if not 0 <= self.expand <= MAX_EXPANSION:
            raise ValueError(f"an expansion of {self.expand} pixels is outside 0..{MAX_EXPANSION}")


class Area(NamedTuple):
    """What was filled or selected: coverage and the pixels that it is for, no larger than need be."""

    rect: Rect
    coverage: Coverage


def flood(
    sample: Sample, canvas: Rect, seed: tuple[int, int], options: FillOptions, limit: Limit | None = None
) -> Area:
    """The region of similar colour round the pixel `seed` (column, row); nothing if that is not on the canvas.

    With `limit`, what is selected by less than half is a wall. A dark seed lies on a line or in black, where there are
    no gaps to close: thick and thin places would be taken for regions and gaps.
    """
    at_seed = Rect(*seed, 1, 1)
    if not canvas.contains(at_seed) or (limit is not None and limit(at_seed)[0, 0] < _HALF):
        return _NOTHING
    field = _Field(sample, canvas, _distance_from(sample(at_seed)), limit)
    gap = 0 if _is_dark(sample(at_seed)) else options.gap
    rim = gap + options.expand + 4
    window = Rect.from_edges(
        seed[0] - _FIRST_WINDOW, seed[1] - _FIRST_WINDOW, seed[0] + _FIRST_WINDOW, seed[1] + _FIRST_WINDOW
    ).intersected(canvas)
    while True:
        field.extend(window)
        similar = packed(field.differences <= options.tolerance)
        enlarged, region = window, similar
        for region in _found(similar, window, seed, gap):
            enlarged = _enlarged(window, extent(region).moved(window.x, window.y), rim).intersected(canvas)
            if enlarged != window:
                break
        if enlarged == window:
            return field.area(region, similar, options)
        window = enlarged


def similar_everywhere(
    sample: Sample, canvas: Rect, seed: tuple[int, int], options: FillOptions, limit: Limit | None = None
) -> Area:
    """All pixels of the canvas whose colour is similar to that of the pixel `seed`; gaps do not matter."""
    at_seed = Rect(*seed, 1, 1)
    if not canvas.contains(at_seed):
        return _NOTHING
    field = _Field(sample, canvas, _distance_from(sample(at_seed)), limit)
    field.extend(canvas)
    similar = packed(field.differences <= options.tolerance)
    return field.area(similar, similar, options)


def fill_enclosed(sample: Sample, canvas: Rect, lasso: Area, options: FillOptions, limit: Limit | None = None) -> Area:
    """All regions of paper (white or transparent, within the tolerance) that lie wholly inside the lasso.

    Whatever is darker than paper is a line.
    """
    inside = lasso.rect.intersected(canvas)
    if inside.is_empty:
        return _NOTHING
    field = _Field(sample, canvas, _ink, limit)
    rim = options.gap + options.expand + 4
    window = _widened(inside, rim).intersected(canvas)
    field.extend(window)
    lines = field.differences > options.tolerance
    labels = regions(lines, options.gap)
    outside = np.ones(labels.shape, np.bool_)
    outside[inside.slices(window)] = lasso.coverage[inside.slices(lasso.rect)] < _HALF
    enclosed = np.ones(int(labels.max()) + 1, np.bool_)
    enclosed[labels[outside]] = False
    enclosed[0] = False
    return field.area(packed(enclosed[labels]), packed(~lines), options)


_NOTHING = Area(EMPTY_RECT, np.zeros((0, 0), np.uint8))


class _Field:
    """How far each pixel of a window is from what is looked for; the window can grow."""

    def __init__(
        self, sample: Sample, canvas: Rect, distance: Callable[[Pixels], Differences], limit: Limit | None
    ) -> None:
        self._sample = sample
        self._canvas = canvas
        self._distance = distance
        self._limit = limit
        self.window = EMPTY_RECT
        self.differences: Differences = np.zeros((0, 0), np.uint8)

    def extend(self, window: Rect) -> None:
        """Read what the new window has more than the old one, which lies inside it."""
        old, known = self.window, self.differences
        self.window, self.differences = window, np.empty((window.height, window.width), np.uint8)
        if not old.is_empty:
            self.differences[old.slices(window)] = known
        for block in _blocks_beside(window, old):
            differences = self._distance(self._sample(block))
            if self._limit is not None:
                differences = np.where(self._limit(block) < _HALF, np.uint8(255), differences)
            self.differences[block.slices(window)] = differences

    def area(self, region: Bitmap, similar: Bitmap, options: FillOptions) -> Area:
        """The region with its edge, cut to its bounds."""
        height, width = self.differences.shape
        lines = everywhere(height, width) & ~similar
        coverage = with_edge(region, lines, self.differences, options.expand, options.smooth)
        rect = extent(packed(coverage > 0)).moved(self.window.x, self.window.y)
        coverage = coverage[rect.slices(self.window)]
        if self._limit is not None and not rect.is_empty:
            product = coverage * np.uint16(1) * self._limit(rect)
            coverage = ((product + np.uint16(127)) // np.uint16(255)).astype(np.uint8)
        return Area(rect, np.ascontiguousarray(coverage))


def _distance_from(pixel: Pixels) -> Callable[[Pixels], Differences]:
    """0 to 255: the greater of alpha's difference and the root mean square of those of the premultiplied colours."""
    word = as_words(pixel)[0, 0]

    def distance(pixels: Pixels) -> Differences:
        words = as_words(pixels)
        if (words == word).all():
            return np.zeros(words.shape, np.uint8)
        reference = np.full_like(words, word)[..., np.newaxis].view(np.uint8)
        apart = np.maximum(pixels, reference) - np.minimum(pixels, reference)
        squares = np.square(apart.reshape(-1, 4), dtype=np.float32)
        total = squares @ np.array([1, 1, 1, 0], np.float32)
        np.maximum(total, 3 * squares[:, 3], out=total)
        rounded: Differences = np.rint(np.sqrt(total / 3)).astype(np.uint8)
        return rounded.reshape(words.shape)

    return distance


def _ink(pixels: Pixels) -> Differences:
    """How much darker than white paper the pixels are: the most of any colour."""
    lightest = np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return pixels[..., 3] - lightest


def _is_dark(pixel: Pixels) -> bool:
    """Whether it is nearer to black than to white, on white paper."""
    red, green, blue, alpha = pixel[0, 0].tolist()
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue + 255 - alpha < _HALF)  # luma after ITU-R BT.709


def _found(similar: Bitmap, window: Rect, seed: tuple[int, int], gap: int) -> Iterator[Bitmap]:
    """The region that holds the seed; before it a part of it, if that is sooner found."""
    position = position_of(seed[0] - window.x, seed[1] - window.y, window.width)
    piece = _piece_at(similar, position)
    if gap == 0:
        yield piece
        return
    centres = Balls(piece, window.height, window.width, ball_radius(gap)).centres(ball_radius(gap))
    if has(centres, position):
        yield _piece_at(centres, position)
    labels = free_regions(piece, window.height, window.width, gap).ravel()
    yield taken_in(labels == labels[position], similar.shape)


def _piece_at(bitmap: Bitmap, position: int) -> Bitmap:
    pieces = components(bitmap)
    return pieces.piece(int(pieces.at(np.array([position]))[0]), bitmap.shape)


def _blocks_beside(window: Rect, old: Rect) -> Iterator[Rect]:
    """The window but for its part `old`, in blocks."""
    old = old if not old.is_empty else Rect(window.x, window.y, window.width, 0)
    strips = (
        Rect.from_edges(window.x, window.y, window.right, old.y),
        Rect.from_edges(window.x, old.y, old.x, old.bottom),
        Rect.from_edges(old.right, old.y, window.right, old.bottom),
        Rect.from_edges(window.x, old.bottom, window.right, window.bottom),
    )
    for strip in strips:
        for band in strip.bands(_BLOCK):
            for left in range(band.x, band.right, _BLOCK):
                yield Rect.from_edges(left, band.y, min(left + _BLOCK, band.right), band.bottom)


def _widened(rect: Rect, by: int) -> Rect:
    return Rect.from_edges(rect.x - by, rect.y - by, rect.right + by, rect.bottom + by)


def _enlarged(window: Rect, region: Rect, rim: int) -> Rect:
    """The window, twice as long in each direction in which the region comes close to its rim."""
    reach = _widened(region, rim)
    left, right, top, bottom = (
        reach.x < window.x,
        reach.right > window.right,
        reach.y < window.y,
        reach.bottom > window.bottom,
    )
    across = window.width // (2 if left and right else 1)
    down = window.height // (2 if top and bottom else 1)
    return Rect.from_edges(
        window.x - left * across,
        window.y - top * down,
        window.right + right * across,
        window.bottom + bottom * down,
    )
