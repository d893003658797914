"""Selections out of shapes, with smooth edges: a pixel is selected by the share of its area that the shape covers."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.geometry import Point, Rect
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.tiles import TILE

_FLATTEST_PX = 0.002  # how far an ellipse may bulge over the chords that stand for it
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def ellipse(rect: Rect, canvas: Rect) -> Selection:
    """The ellipse that fits into `rect`, as far as it lies on `canvas`."""
    longest = max(rect.width, rect.height) / 2
    count = max(16, math.ceil(math.pi * math.sqrt(longest / (2 * _FLATTEST_PX))))
    angles = np.linspace(0, 2 * math.pi, count, endpoint=False)
    x = rect.x + rect.width / 2 * (1 + np.cos(angles))
    y = rect.y + rect.height / 2 * (1 + np.sin(angles))
    return _filled(np.stack([x, y], axis=-1), canvas)


def polygon(points: Sequence[Point], canvas: Rect) -> Selection:
    """What the closed line through `points` goes round, as far as it lies on `canvas`; loops in it are filled too."""
    corners = np.array([(point.x, point.y) for point in points], np.float64).reshape(-1, 2)
    return _filled(corners[np.isfinite(corners).all(axis=-1)], canvas)


def _filled(corners: Floats, canvas: Rect) -> Selection:
    """Exact areas by summing up, along each row, how much of it the edges pass on the way: each edge is cut where it
    crosses from pixel to pixel, a piece covers its own pixel in part and all to the right of it by its height."""
    if len(corners) < 3 or canvas.is_empty:
        return Selection()
    pieces = _pieces(corners - (canvas.x, canvas.y), canvas)
    return Selection.of_blocks(_bands(pieces, canvas))


class _Pieces(NamedTuple):
    """Parts of edges that stay within one pixel each, sorted by row; places count from the corner of the canvas."""

    row: Integers
    column: Integers  # the width of the canvas = beyond its right rim
    height: Floats  # downwards
    before: Floats  # the share of the pixel's width that lies left of it, on average

    def only(self, which: Integers | slice) -> "_Pieces":
        return _Pieces(self.row[which], self.column[which], self.height[which], self.before[which])


def _pieces(corners: Floats, canvas: Rect) -> _Pieces:
    x, y = corners[:, 0], corners[:, 1]
    dx, dy = np.roll(x, -1) - x, np.roll(y, -1) - y
    edges = np.arange(len(x))
    cuts = [
        (edges, np.zeros(len(x))),
        (edges, np.ones(len(x))),
        _cuts(x, dx, canvas.width),
        _cuts(y, dy, canvas.height),
    ]
    edge, along = (np.concatenate(parts) for parts in zip(*cuts, strict=True))
    order = np.lexsort((along, edge))
    edge, along = edge[order], along[order]
    same = edge[1:] == edge[:-1]
    edge, start, end = edge[1:][same], along[:-1][same], along[1:][same]
    middle = (start + end) / 2
    row = np.floor(y[edge] + dy[edge] * middle).astype(np.int64)
    place = np.clip(x[edge] + dx[edge] * middle, 0, canvas.width)
    column = np.floor(place).astype(np.int64)
    pieces = _Pieces(row, column, dy[edge] * (end - start), place - column)
    inside = np.flatnonzero((row >= 0) & (row < canvas.height) & (pieces.height != 0))
    return pieces.only(inside[np.argsort(row[inside], kind="stable")])


def _cuts(start: Floats, length: Floats, limit: int) -> tuple[Integers, Floats]:
    """Where edges cross the whole numbers from 0 to `limit`: which edge, and at what fraction of its way."""
    end = start + length
    first = np.clip(np.ceil(np.minimum(start, end)), 0, limit + 1).astype(np.int64)
    last = np.clip(np.floor(np.maximum(start, end)), -1, limit).astype(np.int64)
    count = np.where(length == 0, 0, np.maximum(last - first + 1, 0))
    edge = np.repeat(np.arange(len(start)), count)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    return edge, np.clip((first[edge] + nth - start[edge]) / length[edge], 0, 1)


def _bands(pieces: _Pieces, canvas: Rect) -> Iterator[tuple[Rect, Coverage]]:
    if not len(pieces.row):
        return
    top = (canvas.y + int(pieces.row[0])) // TILE * TILE
    rows = Rect.from_edges(canvas.x, top, canvas.right, canvas.y + int(pieces.row[-1]) + 1)
    for strip in rows.bands(TILE):
        band = strip.intersected(canvas)
        first, last = np.searchsorted(pieces.row, (band.y - canvas.y, band.bottom - canvas.y))
        part = pieces.only(slice(first, last))
        stride = canvas.width + 2
        places = (part.row - (band.y - canvas.y)) * stride + part.column
        passed = np.bincount(places, part.height * (1 - part.before), band.height * stride)
        passed += np.bincount(places + 1, part.height * part.before, band.height * stride)
        area = np.abs(np.cumsum(passed.reshape(band.height, stride)[:, :-2], axis=1))
        yield band, np.rint(np.minimum(area, 1) * 255).astype(np.uint8)
