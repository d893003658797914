"""The network's colours pulled to the hints: what a network made of a hint is its own, what the artist meant is not.

The difference between a hint and what the network painted there is added to the closed region it lies in, so that the
network's shading stays. Several hints in one region share it by nearness (Shepard 1968, "A two-dimensional
interpolation function for irregularly-spaced data", https://doi.org/10.1145/800186.810616). A background, which no line
holds together, is pulled less the further away it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.hint_spread import pooled
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.line_regions import FineRegions, fine_regions
from sketchsause_desktop.core.regions import Labels

REACH = 0.3  # of the picture's longer side: where a hint in a background has lost 40 % of its pull

_HINTED = 127  # alpha above which a pixel is hinted
_CELLS = 64  # along the longer side; differences finer than one of them are shading and stay
_SPILL = 8  # a dab's part in a region is not meant for it when another part is so many times as large
_MOST_POINTS = 48  # that share a region; where there are more, neighbours stand together
_SOFT = 0.25  # cells, squared; keeps the weight of a hint finite at its own place

Box = tuple[slice, slice]
Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
_Cells: TypeAlias = tuple[Integers, Floats, Floats]  # row and column (N, 2), mean shift (N, 3), pixels (N,)


def asks(hints: Pixels | None, strength: float) -> bool:
    """Whether `pulled` has anything to do."""
    return hints is not None and strength > 0 and bool(hints[..., 3].max(initial=0) > _HINTED)


def pulled(
    colour: Pixels,
    lines: Pixels,
    hints: Pixels | None,
    strength: float,
    plain: Pixels | None = None,
    regions: FineRegions | None = None,
) -> Pixels:
    """`colour` (H, W, 3), the network's colour layer, as far at the hints as `strength` (0 to 1) says.

    `lines` (H, W, 3) is the line art it lies under; `hints` (H, W, 4) has straight alpha, above one half where hinted.
    `plain` (H, W, 3) is what the network paints without hints: regions without any, and a background as far as hints
    do not reach, have as much of that as `strength` says, since a network that sees one hint changes its mind about the
    whole drawing. `regions` are those of `lines`, where they are known already. Nothing is written into.
    """
    if hints is None or not asks(hints, strength):
        return colour
    regions = regions or fine_regions(lines)
    found, labels = regions.found, regions.labels
    wanted = _hinted(colour, hints, labels, found.factor)
    cell = -(-max(labels.shape) // _CELLS)
    reach = REACH * max(labels.shape) / cell
    if plain is not None:
        colour = _left_alone(colour, plain, _concerned(wanted, regions, cell, reach), strength)
    result = colour.copy()
    for region, box, hinted in _by_region(wanted, regions):
        shift = strength * _shift(hinted, box, cell, reach if found.is_open[region] else None)
        moved = colour[box] + np.floor(_enlarged(shift, box, cell) + np.float32(0.5)).astype(np.int16)
        pixels = np.clip(moved, 0, 255, out=moved).astype(np.uint8)
        np.copyto(result[box], pixels, where=(labels[box] == region)[..., None])
    return result


@dataclass(frozen=True)
class _Hinted:
    """Pixels with a hint: where, in which region, and what lies between the network's colour and the hint's."""

    rows: Integers
    columns: Integers
    region: Integers
    shift: Floats  # (N, 3)

    def only(self, which: NDArray[np.bool_]) -> "_Hinted":
        return _Hinted(self.rows[which], self.columns[which], self.region[which], self.shift[which])


def _left_alone(colour: Pixels, plain: Pixels, concerned: Floats, strength: float) -> Pixels:
    """`concerned` (H, W) is 1 where the colour is to stay, 0 where it is to be as without hints."""
    share = (1 - concerned) * np.float32(strength)
    mixed: Pixels = np.rint(colour + (plain - colour.astype(np.float32)) * share[..., None]).astype(np.uint8)
    return mixed


def _concerned(hinted: _Hinted, regions: FineRegions, cell: int, reach: float) -> Floats:
    """How much the hints have to do with each pixel: (H, W), 0 to 1; less of a background the further away it is."""
    labels = regions.labels
    concerned = np.isin(labels, [0, *np.unique(hinted.region)]).astype(np.float32)
    for region, box, some in _by_region(hinted, regions):
        if regions.found.is_open[region]:
            rows, columns = _cells_of(box, cell)
            cells = _in_cells(some.rows // cell, some.columns // cell, some.shift)
            fade = _faded(_away(rows, columns, _thinned(*cells)[0]), reach)
            fade[tuple((cells[0] - (rows.start, columns.start)).T)] = 1
            part = _enlarged(fade, box, cell)[..., 0]
            np.copyto(concerned[box], part, where=labels[box] == region)
    return concerned


def _hinted(colour: Pixels, hints: Pixels, labels: Labels, factor: int) -> _Hinted:
    from scipy import ndimage  # a start without hints need not wait for it

    mask = hints[..., 3] > _HINTED
    rows, columns = np.nonzero(mask)
    wanted, region = hints[rows, columns, :3], labels[rows, columns].astype(np.int64)
    pieces, _ = ndimage.label(pooled(mask, factor, np.maximum, 0))
    code = (wanted >> 4).astype(np.int64) @ np.array([256, 16, 1])  # nearly equal colours are one
    dab = pieces[rows // factor, columns // factor].astype(np.int64) << 12 | code
    hinted = _Hinted(rows, columns, region, wanted.astype(np.float32) - colour[rows, columns])
    return hinted.only((region > 0) & _is_meant(dab, region))


def _is_meant(dab: Integers, region: Integers) -> NDArray[np.bool_]:
    """Of each hinted pixel: whether its dab lies in its region on purpose and has not only slipped over the line."""
    parts, number, sizes = np.unique(dab << 24 | region, return_inverse=True, return_counts=True)
    dabs, of_part = np.unique(parts >> 24, return_inverse=True)
    largest = np.zeros(len(dabs), np.int64)
    np.maximum.at(largest, of_part, sizes)
    answer: NDArray[np.bool_] = (sizes * _SPILL >= largest[of_part])[number]
    return answer


def _by_region(hinted: _Hinted, regions: FineRegions) -> Iterator[tuple[int, Box, _Hinted]]:
    """Each hinted region, a box round it, and what is hinted there."""
    for region in np.unique(hinted.region).tolist():
        yield region, regions.boxes[region - 1], hinted.only(hinted.region == region)


def _shift(hinted: _Hinted, box: Box, cell: int, reach: float | None) -> Floats:
    """What is added to the cells that a box touches for the sake of one region's hints: (h, w, 3), or (1, 1, 3).

    `reach` is in cells; None where nothing fades.
    """
    rows, columns = _cells_of(box, cell)
    places, shifts, counts = _in_cells(hinted.rows // cell, hinted.columns // cell, hinted.shift)
    if len(counts) == 1 and reach is None:
        return shifts[None]  # the common case: one dab
    shared = _shared(rows, columns, *_thinned(places, shifts, counts), reach)
    shared[tuple((places - (rows.start, columns.start)).T)] = shifts  # each hint keeps its own
    return shared


def _cells_of(box: Box, cell: int) -> Box:
    rows, columns = (slice(side.start // cell, -(-side.stop // cell)) for side in box)
    return rows, columns


def _in_cells(rows: Integers, columns: Integers, shifts: Floats, weights: Floats | None = None) -> _Cells:
    """One row for each cell that is hinted in."""
    found, number = np.unique(rows << 32 | columns, return_inverse=True)
    counts = np.bincount(number, weights).astype(np.float32)
    heavy = shifts if weights is None else shifts * weights[:, None]
    sums = np.stack([np.bincount(number, channel) for channel in heavy.T], axis=1)
    return np.stack([found >> 32, found & 0xFFFFFFFF], axis=1), (sums / counts[:, None]).astype(np.float32), counts


def _thinned(places: Integers, shifts: Floats, counts: Floats) -> tuple[NDArray[np.float64], Floats, Floats]:
    """At most `_MOST_POINTS` of them: neighbours stand together in the middle between them."""
    size = 1
    while len(counts) > _MOST_POINTS:
        size *= 2
        places, shifts, counts = _in_cells(places[:, 0] // 2, places[:, 1] // 2, shifts, counts)
    middles = np.asarray(places * size + (size - 1) / 2, np.float64)
    return middles, shifts, counts


def fading(shape: tuple[int, int], at: tuple[float, float], side: int) -> Floats:
    """How much of a background's pull is left in a picture of `shape` around one place (row, column): (h, w), 0 to 1.

    `side` is the longer side of the whole drawing in the same unit.
    """
    down, across = (
        np.exp(np.square(np.arange(length, dtype=np.float32) - place) / np.float32(-2 * (REACH * side) ** 2))
        for length, place in zip(shape, at, strict=True)
    )
    return np.outer(down, across)


def _shared(
    rows: slice, columns: slice, places: NDArray[np.float64], shifts: Floats, counts: Floats, reach: float | None
) -> Floats:
    """The shifts, each where it is nearest: (rows, columns, 3), in cells. Beyond `reach` they fade."""
    away = _away(rows, columns, places)
    weights = counts / np.square(away + np.float32(_SOFT))
    shared: Floats = weights @ shifts / weights.sum(axis=2, keepdims=True)
    if reach is not None:
        shared *= _faded(away, reach)
    return shared


def _away(rows: slice, columns: slice, places: NDArray[np.float64]) -> Floats:
    """How far each cell is from each of N places, squared: (rows, columns, N)."""
    down = np.square(np.arange(rows.start, rows.stop)[:, None] - places[:, 0]).astype(np.float32)
    across = np.square(np.arange(columns.start, columns.stop)[:, None] - places[:, 1]).astype(np.float32)
    away: Floats = down[:, None] + across
    return away


def _faded(away: Floats, reach: float) -> Floats:
    """What is left of a hint in a background at such distances from each of them: (rows, columns, 1), 0 to 1."""
    faded: Floats = np.exp(away.min(axis=2, keepdims=True) * np.float32(-0.5 / reach**2))
    return faded


def _enlarged(values: Floats, box: Box, cell: int) -> Floats:
    """A box of the picture, (h, w, N), out of the cells that it touches, (rows, columns, N).

    By linear interpolation between their middles; a single cell stays one.
    """
    if values.shape[:2] == (1, 1):
        return values
    top, left = (side.start % cell for side in box)
    height, width = (side.stop - side.start for side in box)
    size = (values.shape[1] * cell, values.shape[0] * cell)
    planes = (Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(values, -1, 0))
    whole = np.stack([np.asarray(plane.resize(size, Image.Resampling.BILINEAR)) for plane in planes], axis=-1)
    return whole[top : top + height, left : left + width]
