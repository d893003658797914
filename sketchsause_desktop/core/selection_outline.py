"""The outline of a selection along the edges of pixels, for the marching ants."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.selection import Selection

HALF = 128  # a pixel is inside when at least this much of it is selected
_RIGHT, _DOWN, _LEFT, _UP = range(4)
Integers = NDArray[np.int64]


def outline(selection: Selection) -> list[NDArray[np.int32]]:
    """Closed lines round all that is selected, each (N, 2): its corners x, y in document pixels, none of them twice.

    The inside lies on the right hand; pixels that touch at a corner only have lines of their own.
    """
    bounds = selection.bounds
    if bounds.is_empty:
        return []
    inside = np.pad(selection.coverage(bounds) >= HALF, 1)
    if not inside.any():  # feathered until nothing is selected by half
        return []
    rows, columns = np.nonzero(inside[1:] != inside[:-1])
    y, x0, x1 = _runs(rows, columns, inside[rows + 1, columns])
    # An upper edge goes to the right, so a right one goes down and a left one up: forwards is where the inside ends.
    rows, columns = np.nonzero(inside[:, 1:] != inside[:, :-1])
    order = np.lexsort((rows, columns))
    x, y0, y1 = _runs(columns[order], rows[order], inside[rows, columns][order])
    across = _Runs(x0 - 1, y, x1 - 1, y, np.where(x0 < x1, _RIGHT, _LEFT))
    along = _Runs(x, y0 - 1, x, y1 - 1, np.where(y0 < y1, _DOWN, _UP))
    runs = _Runs(*(np.concatenate(parts) for parts in zip(across, along, strict=True)))
    corners = np.stack([runs.x0 + bounds.x, runs.y0 + bounds.y], axis=-1).astype(np.int32)
    return [corners[loop] for loop in _loops(_next(runs))]


def _runs(lines: Integers, places: Integers, forwards: NDArray[np.bool]) -> tuple[Integers, Integers, Integers]:
    """Unit edges, sorted by line and place, joined to maximal runs of one direction: line, start, end of each."""
    is_first = np.ones(len(lines), bool)
    is_first[1:] = (np.diff(lines) != 0) | (np.diff(places) != 1) | (forwards[1:] != forwards[:-1])
    first = np.flatnonzero(is_first)
    last = np.append(first[1:], len(lines)) - 1
    low, high = places[first], places[last[: len(first)]] + 1
    return lines[first], np.where(forwards[first], low, high), np.where(forwards[first], high, low)


class _Runs(NamedTuple):
    """Straight pieces of the outline, each from one corner to the next."""

    x0: Integers
    y0: Integers
    x1: Integers
    y1: Integers
    direction: Integers


def _next(runs: _Runs) -> list[int]:
    """Which run goes on where each one ends. Where two end (and two begin) each turns to the right."""
    stride = int(max(runs.x0.max(), runs.x1.max())) + 1
    begins = (runs.y0 * stride + runs.x0) * 4 + runs.direction
    turns = (runs.y1 * stride + runs.x1) * 4 + (runs.direction + 1) % 4
    following = np.empty(len(begins), np.int64)
    following[np.argsort(turns)] = np.argsort(begins)
    result: list[int] = following.tolist()
    return result


def _loops(following: list[int]) -> Iterator[list[int]]:
    is_done = bytearray(len(following))
    for first in range(len(following)):
        loop = []
        here = first
        while not is_done[here]:
            is_done[here] = True
            loop.append(here)
            here = following[here]
        if loop:
            yield loop
