"""A drawing cut into closed regions, although its lines have gaps.

The idea is that of the trapped ball: a ball that is wider than the gaps cannot leave a region (Zhang, Chen, Zhang, Hu
and Martin 2009, "Vectorizing Cartoon Animations", https://doi.org/10.1109/TVCG.2009.9). Here the balls of all radii
are looked at, from the largest down to a single pixel. Where a smaller ball passes between two places, the passage is a
gap if both are clearly wider than it; otherwise the narrower place is a corner of the other.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.bitmap import (
    Balls,
    Bitmap,
    Components,
    Mask,
    components,
    disc_grown,
    grown,
    packed,
    pitch_of,
    positions,
    spelled_out,
    taken_in,
)

Labels: TypeAlias = NDArray[np.int32]  # (height, width); 0 = line, regions from 1

MAX_GAP = 20  # px
_CLEARLY = 1  # px of radius; a region that is wider than its passage by no more than this is a corner


def regions(lines: Mask, gap: int) -> Labels:
    """The closed regions between `lines`, numbered in reading order; gaps of up to `gap` pixels count as closed.

    Regions are 4-connected. The border of the picture closes them. A gap is shared between its two sides.
    """
    height, width = lines.shape
    labels = _numbered(free_regions(packed(~lines), height, width, gap))
    return np.ascontiguousarray(labels[1:-1, 1 : width + 1])


def grown_labels(labels: Labels, room: Mask | None = None) -> Labels:
    """`labels` grown into what is 0, the nearest first; only where `room` is, if it is given. A new array.

    Regions on both sides of a line meet in its middle.
    """
    height, width = labels.shape
    framed = np.full((height + 2, width + 2), -1, np.int32)
    framed[1:-1, 1:-1] = labels if room is None else np.where((labels == 0) & ~room, -1, labels)
    flat, pitch = framed.ravel(), width + 2
    empty = np.flatnonzero(flat == 0)
    offsets = (-pitch, -1, 1, pitch)
    beside = np.concatenate([empty + offset for offset in offsets])
    _advance(flat, np.unique(beside[flat[beside] > 0]), offsets)
    return np.maximum(framed[1:-1, 1:-1], 0)


def ball_radius(gap: int) -> int:
    """Of the smallest ball that cannot pass a gap: its centre is further than this from every line."""
    return (gap + 1) // 2


def free_regions(free: Bitmap, height: int, width: int, gap: int) -> Labels:
    """The regions of a bitmap as (rows, bits a row), without an order; what is not free is -1."""
    if not 0 <= gap <= MAX_GAP:
        raise ValueError(f"a gap of {gap} pixels is outside 0..{MAX_GAP}")
    pitch = pitch_of(width)
    labels = np.subtract(spelled_out(free), 1, dtype=np.int32)  # 0 where it is free
    _paint(labels, free, height, width, ball_radius(gap))
    _spread(labels, free, pitch)
    return labels.reshape(-1, pitch)


class _Basins(NamedTuple):
    """What may become regions, each told by the centre of a ball that is as wide as it is."""

    number: NDArray[np.intp]  # from 1
    centre: NDArray[np.intp]  # a pixel's position in the bitmap
    peak: NDArray[np.intp]  # the radius of the ball; balls larger than any looked at count as the largest

    def chosen(self, which: NDArray[np.bool_]) -> "_Basins":
        return _Basins(self.number[which], self.centre[which], self.peak[which])

    def joined(self, other: "_Basins") -> "_Basins":
        return _Basins(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


class _Hearts(NamedTuple):
    """Pieces of a bitmap and the basin that each belongs to, 0 = none."""

    pieces: Components
    number: NDArray[np.intp]


def _paint(labels: NDArray[np.int32], free: Bitmap, height: int, width: int, radius: int) -> None:
    """Give every region's heart its number, and all of it where no other region comes near."""
    top = radius + _CLEARLY if radius else 0
    balls = Balls(free, height, width, top)
    basins = _Basins(*np.zeros((3, 0), np.intp))
    hearts: list[_Hearts] = []
    count = 0
    for level in range(top, 0, -1):
        basins, found, count = _descend(basins, components(balls.centres(level)), level, radius, count)
        hearts = [found] if level >= radius else [*hearts, found]
    pieces = components(free)
    basins, found, count = _descend(basins, pieces, 0, radius, count)
    basins = _paint_alone(labels, pieces, basins)
    if not len(basins.number):
        return
    # What the ball itself covers, not only its centre: then little is left to spread into.
    opened = components(disc_grown(balls.centres(radius), radius))
    _paint_alone(labels, opened, basins.chosen(basins.peak >= radius))
    lives = np.zeros(count + 1, np.bool_)
    lives[basins.number] = True
    for heart in hearts:
        _paint_runs(labels, heart.pieces, np.where(lives[heart.number], heart.number, 0))


def _descend(basins: _Basins, pieces: Components, level: int, radius: int, count: int) -> tuple[_Basins, _Hearts, int]:
    """Go on to a smaller ball: which basins are left and new, the new ones' hearts, and how many there have been.

    Down to `radius` each piece is one basin, so that all of them are hearts.
    """
    basins = _surviving(basins, pieces, level, radius)
    number = np.zeros(len(pieces), np.intp)
    number[pieces.at(basins.centre)] = basins.number
    is_new = number == 0
    new = np.arange(count, count + np.count_nonzero(is_new)) + 1
    number[is_new] = new
    hearts = _Hearts(pieces, number if level >= radius else np.where(is_new, number, 0))
    born = _Basins(new, pieces.first[is_new], np.full_like(new, level))
    return basins.joined(born), hearts, count + len(new)


def _surviving(basins: _Basins, pieces: Components, level: int, radius: int) -> _Basins:
    """Of those that a ball of radius `level` passes between: the widest, and what only a gap joins to it."""
    holder = pieces.at(basins.centre)
    order = np.lexsort((basins.centre, -basins.peak, holder))
    widest = np.ones(len(order), np.bool_)
    widest[order[1:]] = holder[order[1:]] != holder[order[:-1]]
    return basins.chosen(widest | ((level < radius) & (basins.peak - level > _CLEARLY)))


def _paint_alone(labels: NDArray[np.int32], pieces: Components, basins: _Basins) -> _Basins:
    """Paint the pieces that hold one basin and no other; returns the basins in other pieces."""
    holder = pieces.at(basins.centre)
    is_alone = np.bincount(holder, minlength=len(pieces)) == 1
    number = np.zeros(len(pieces), np.intp)
    number[holder] = basins.number
    _paint_runs(labels, pieces, np.where(is_alone, number, 0))
    return basins.chosen(~is_alone[holder])


def _paint_runs(labels: NDArray[np.int32], pieces: Components, number: NDArray[np.intp]) -> None:
    """Paint each piece with its number, but those with 0."""
    of_run = number[pieces.numbers]
    used = of_run > 0
    runs = zip(pieces.starts[used].tolist(), pieces.ends[used].tolist(), of_run[used].tolist(), strict=True)
    for start, end, value in runs:
        labels[start : end + 1] = value


def _spread(labels: NDArray[np.int32], free: Bitmap, pitch: int) -> None:
    """Let the numbers grow into the pixels that are 0, step by step, the nearest first."""
    empty = taken_in(labels == 0, free.shape)
    front = positions(grown(empty) & free & ~empty)
    _advance(labels, front, (-pitch, -1, 1, pitch))


def _advance(labels: NDArray[np.int32], front: NDArray[np.intp], offsets: tuple[int, ...]) -> None:
    """Give the numbers of `front`, positions in flat labels, to all zeros that can be reached, step by step."""
    while len(front):
        reached = []
        for offset in offsets:
            target = front + offset
            is_empty = labels[target] == 0
            target = target[is_empty]
            labels[target] = labels[front[is_empty]]
            reached.append(target)
        front = np.concatenate(reached)


def _numbered(labels: Labels) -> Labels:
    """The numbers in reading order from 1, and 0 for what has none."""
    flat = labels.ravel()
    before = np.empty_like(flat)
    before[0], before[1:] = -1, flat[:-1]
    starts = np.flatnonzero((flat > 0) & (flat != before))
    present, first = np.unique(flat[starts], return_index=True)
    new = np.zeros(int(present.max(initial=0)) + 2, np.int32)  # the last stands for -1
    new[present[np.argsort(first)]] = np.arange(1, len(present) + 1)
    return new[labels]
