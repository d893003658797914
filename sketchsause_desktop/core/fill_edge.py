"""The edge of a filled region: under the line up to its middle, and soft where the line is."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.bitmap import Bitmap, grown, pitch_of, positions, spelled_out, taken_in, unpacked
from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.sampling import Differences

_Flat: TypeAlias = NDArray[np.uint8]  # a value for each bit of a bitmap, frame and spare bits included
_Positions: TypeAlias = NDArray[np.intp]

_LINE, _OURS, _THEIRS, _OUTSIDE = 0, 1, 2, 3
_RIPPLE = 12  # of 255; a step to a pixel that is closer to the region's colour by more than this comes out of the line


def with_edge(region: Bitmap, lines: Bitmap, differences: Differences, expand: int, smooth: bool) -> Coverage:
    """The region's coverage (height, width), `expand` pixels further under the lines.

    `lines` is whatever is not of the region's colour. Other regions never lose a pixel: they go under the same lines
    from their side at the same speed, and a line is entered only as long as it gets no fainter.
    """
    if not expand and not smooth:
        return np.where(unpacked(region, differences.shape[1]), np.uint8(255), np.uint8(0))
    height, width = differences.shape
    apart = np.zeros((height + 2, pitch_of(width)), np.uint8)
    apart[1:-1, 1 : width + 1] = differences
    flat = apart.ravel()
    state = _states(region, lines, height, width)
    _go_under(state, flat, lines, pitch_of(width), expand)
    coverage = np.where(state == _OURS, np.uint8(255), np.uint8(0))
    if smooth:
        fringe, shares = _fringe(state, flat, lines, pitch_of(width))
        coverage[fringe] = shares
    return coverage.reshape(apart.shape)[1:-1, 1 : width + 1]


def _states(region: Bitmap, lines: Bitmap, height: int, width: int) -> _Flat:
    state = np.full((height + 2, pitch_of(width)), _OUTSIDE, np.uint8)
    state[1:-1, 1 : width + 1] = _THEIRS
    flat = state.ravel()
    flat[spelled_out(lines).view(np.bool_)] = _LINE
    flat[spelled_out(region).view(np.bool_)] = _OURS
    return flat


def _go_under(state: _Flat, apart: _Flat, lines: Bitmap, pitch: int, steps: int) -> None:
    """Let this region and all others enter the lines, this one first at each step."""
    if not steps:
        return
    beside_lines = positions(grown(lines) & ~lines)
    beside_lines = beside_lines[state[beside_lines] != _OUTSIDE]
    owner = state[beside_lines]
    ours, theirs = beside_lines[owner == _OURS], beside_lines[owner == _THEIRS]
    floor = np.maximum(apart, _RIPPLE) - np.uint8(_RIPPLE)
    for _ in range(steps):
        ours = _step(state, apart, floor, ours, pitch, _OURS)
        theirs = _step(state, apart, floor, theirs, pitch, _THEIRS)


def _step(state: _Flat, apart: _Flat, floor: _Flat, front: _Positions, pitch: int, owner: int) -> _Positions:
    reached = []
    for offset in (-pitch, -1, 1, pitch):
        target = front + offset
        target = target[(state[target] == _LINE) & (apart[target] >= floor[front])]
        state[target] = owner
        reached.append(target)
    return np.concatenate(reached)


def _fringe(state: _Flat, apart: _Flat, lines: Bitmap, pitch: int) -> tuple[_Positions, Coverage]:
    """The pixels where region and line mix, and the region's share: how close they are to its colour.

    What the line's own colour is tells the pixel among the eight round it that is furthest from the region's.
    """
    ours = taken_in(state == _OURS, lines.shape)
    fringe = positions(grown(ours) & lines & ~ours)
    fringe = fringe[state[fringe] == _LINE]
    around = fringe + np.array([[dy * pitch + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)])  # (9, N)
    differs, is_ours = apart[around], state[around] == _OURS
    line = np.where(is_ours, 0, differs).max(axis=0, initial=0).astype(np.float32)
    behind = np.where(is_ours, differs, 0).max(axis=0, initial=0)
    here = apart[fringe]
    shares = np.rint(255 * (1 - here / np.maximum(line, 1)))
    is_entering = here >= np.maximum(behind, _RIPPLE) - _RIPPLE  # not on the far side of the line's middle
    return fringe, np.where(is_entering, shares, 0).astype(np.uint8)
