"""Flood fill and magic wand: which pixels belong to the place that was touched.

What is looked at (a layer, the line art, the picture) is for the caller to say: a function that reads it by rectangles.
Only as much of it is read as the fill needs: a window round the seed that grows where the region reaches its rim.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

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
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.fill_edge import with_edge
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.regions import MAX_GAP, ball_radius, free_regions, regions
from sketchsause_desktop.core.sampling import (
    HALF_SELECTED,
    Differences,
    Field,
    Limit,
    Sample,
    distance_from,
    ink,
    is_dark,
)

MAX_EXPANSION = 20  # px
_FIRST_REACH = 256  # px round the seed that are looked at first


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

    With `limit`, what is selected by less than half is a wall.
    """
    at_seed = Rect(*seed, 1, 1)
    if not canvas.contains(at_seed) or (limit is not None and limit(at_seed)[0, 0] < HALF_SELECTED):
        return _NOTHING
    colour = sample(at_seed)
    options = _suited(options, colour)
    gap, rim = options.gap, _rim(options)
    field = Field(sample, canvas, distance_from(colour), limit)
    view = _View.of(field, _widened(at_seed, _FIRST_REACH).intersected(canvas), options.tolerance)

    def settled(find: Callable[[_View], Bitmap]) -> Bitmap:
        """Look at more of the canvas until what is found does not come close to the rim."""
        nonlocal view
        while True:
            found = find(view)
            window = _enlarged(view.window, view.placed(extent(found)), rim).intersected(canvas)
            if window == view.window:
                return found
            view = _View.of(field, window, options.tolerance)

    if gap:
        ball = settled(lambda view: _ball_at(view, seed, gap))
        around = _widened(view.placed(extent(ball)).united(at_seed), 2 * rim)
        view = _View.of(field, around.intersected(view.window), options.tolerance)
    region = settled(lambda view: _region_at(view, seed, gap))
    return view.area(region, options, limit)


def similar_everywhere(
    sample: Sample, canvas: Rect, seed: tuple[int, int], options: FillOptions, limit: Limit | None = None
) -> Area:
    """All pixels of the canvas whose colour is similar to that of the pixel `seed`; gaps do not matter."""
    at_seed = Rect(*seed, 1, 1)
    if not canvas.contains(at_seed):
        return _NOTHING
    colour = sample(at_seed)
    view = _View.of(Field(sample, canvas, distance_from(colour), limit), canvas, options.tolerance)
    return view.area(view.similar, _suited(options, colour), limit)


def fill_enclosed(sample: Sample, canvas: Rect, lasso: Area, options: FillOptions, limit: Limit | None = None) -> Area:
    """All regions of paper (white or transparent, within the tolerance) that lie wholly inside the lasso.

    Whatever is darker than paper is a line.
    """
    inside = lasso.rect.intersected(canvas)
    if inside.is_empty:
        return _NOTHING
    window = _widened(inside, _rim(options)).intersected(canvas)
    view = _View.of(Field(sample, canvas, ink, limit), window, options.tolerance)
    labels = regions(view.differences > options.tolerance, options.gap)
    outside = np.ones(labels.shape, np.bool_)
    outside[inside.slices(window)] = lasso.coverage[inside.slices(lasso.rect)] < HALF_SELECTED
    enclosed = np.ones(int(labels.max()) + 1, np.bool_)
    enclosed[labels[outside]] = False
    enclosed[0] = False
    return view.area(packed(enclosed[labels]), options, limit)


_NOTHING = Area(EMPTY_RECT, np.zeros((0, 0), np.uint8))


def _suited(options: FillOptions, colour: Pixels) -> FillOptions:
    """A dark seed lies on a line or in black: thick and thin places of it are no regions, and it is under no line."""
    return replace(options, gap=0, expand=0) if is_dark(colour) else options


class _View(NamedTuple):
    """A window of the canvas, and where it is similar to what is looked for."""

    window: Rect
    differences: Differences
    similar: Bitmap

    @staticmethod
    def of(field: Field, window: Rect, tolerance: int) -> "_View":
        differences = field.differences(window)
        return _View(window, differences, packed(differences <= tolerance))

    def position(self, column: int, row: int) -> int:
        return position_of(column - self.window.x, row - self.window.y, self.window.width)

    def placed(self, rect: Rect) -> Rect:
        """A rectangle of the window as one of the canvas."""
        return rect.moved(self.window.x, self.window.y)

    def area(self, region: Bitmap, options: FillOptions, limit: Limit | None) -> Area:
        """The region with its edge, cut to its bounds."""
        lines = everywhere(self.window.height, self.window.width) & ~self.similar
        coverage = with_edge(region, lines, self.differences, options.expand, options.smooth)
        rect = self.placed(extent(packed(coverage > 0)))
        coverage = coverage[rect.slices(self.window)]
        if limit is not None and not rect.is_empty:
            product = np.multiply(coverage, limit(rect), dtype=np.uint16)
            coverage = ((product + np.uint16(127)) // np.uint16(255)).astype(np.uint8)
        return Area(rect, np.ascontiguousarray(coverage))


def _region_at(view: _View, seed: tuple[int, int], gap: int) -> Bitmap:
    position = view.position(*seed)
    piece = _piece_at(view.similar, position)
    if gap == 0:
        return piece
    labels = free_regions(piece, view.window.height, view.window.width, gap).ravel()
    return taken_in(labels == labels[position], piece.shape)


def _ball_at(view: _View, seed: tuple[int, int], gap: int) -> Bitmap:
    """Where the centre of a ball that passes no gap can roll from the seed; a part of the region, and sooner found."""
    position = view.position(*seed)
    radius = ball_radius(gap)
    centres = Balls(view.similar, view.window.height, view.window.width, radius).centres(radius)
    return _piece_at(centres, position) if has(centres, position) else np.zeros_like(centres)


def _piece_at(bitmap: Bitmap, position: int) -> Bitmap:
    pieces = components(bitmap)
    return pieces.piece(int(pieces.at(np.array([position]))[0]), bitmap.shape)


def _rim(options: FillOptions) -> int:
    """How much round a region is looked at: the far sides of its gaps and lines."""
    return options.gap + options.expand + 4


def _widened(rect: Rect, by: int) -> Rect:
    return Rect.from_edges(rect.x - by, rect.y - by, rect.right + by, rect.bottom + by)


def _enlarged(window: Rect, region: Rect, rim: int) -> Rect:
    """The window, half as long again towards each side whose rim the region comes close to."""
    if region.is_empty:
        return window
    reach = _widened(region, rim)
    across, down = max(window.width // 2, rim), max(window.height // 2, rim)
    return Rect.from_edges(
        window.x - (across if reach.x < window.x else 0),
        window.y - (down if reach.y < window.y else 0),
        window.right + (across if reach.right > window.right else 0),
        window.bottom + (down if reach.bottom > window.bottom else 0),
    )
