"""What a brush is, and the stamps of its round tip."""

import functools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.geometry import Rect

Coverage: TypeAlias = NDArray[np.uint8]  # (height, width): 0 = untouched, 255 = covered

MAX_BRUSH_SIZE = 1000.0
_SMALLEST = 1.0  # px; thinner dabs are drawn at this size and fainter
_SMALL = 40.0  # px; up to this size many dabs are made in one go, larger ones one by one
_AT_ONCE = 64  # how many
_SIZE_STEPS = 16  # a large dab's diameter is rounded to 1/16 px
_PHASE_STEPS = 8  # and its place to 1/8 px, so that its stamp can be used again
_CACHED_SIZE = 200.0  # px; larger stamps are made anew, since few of them fall in a second


@dataclass(frozen=True, kw_only=True)
class Brush:
    """A round brush. Lengths in document pixels; fractions from 0 to 1.

    `size_by_pressure` 0 means that pressure does not change the size, 1 that the size goes from nothing to `size`;
    `opacity_by_pressure` likewise.
    """

    size: float = 12.0  # diameter at full pressure
    hardness: float = 0.9  # 1 = a crisp, anti-aliased edge; 0 = fades from the centre
    opacity: float = 1.0  # the most that one stroke can cover
    spacing: float = 0.0  # distance of two dabs as a fraction of the diameter; 0 = so close that a line looks smooth
    colour: tuple[int, int, int] = (0, 0, 0)
    size_by_pressure: float = 0.6
    opacity_by_pressure: float = 0.0
    erases: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.size <= MAX_BRUSH_SIZE:
            raise ValueError(f"brush size {self.size} is outside 0..{MAX_BRUSH_SIZE}")
        fractions = (self.hardness, self.opacity, self.size_by_pressure, self.opacity_by_pressure)
        if not all(0 <= fraction <= 1 for fraction in fractions):
            raise ValueError(f"hardness, opacity and pressure {fractions} must lie in 0..1")
        if self.spacing < 0:
            raise ValueError(f"brush spacing {self.spacing} is below 0")

    def size_at(self, pressure: float) -> float:
        return self.size * (1 - self.size_by_pressure * (1 - pressure))

    def opacity_at(self, pressure: float) -> float:
        return self.opacity * (1 - self.opacity_by_pressure * (1 - pressure))

    def step_at(self, pressure: float) -> float:
        """The distance from one dab to the next."""
        size = max(self.size_at(pressure), _SMALLEST)
        smooth = math.sqrt(0.2 * size)  # the rim of a line then waves by 1/20 px: step^2 / (4 * size)
        return max(self.spacing * size, smooth)


class Dab(NamedTuple):
    """One touch of the tip; the centre in document pixels."""

    x: float
    y: float
    size: float
    opacity: float


class Stamp(NamedTuple):
    """A dab's coverage and the pixels that it is for."""

    rect: Rect
    coverage: Coverage


def round_stamps(dabs: Iterable[Dab], hardness: float) -> Iterator[Stamp]:
    """The stamps of a round tip, made as they are asked for."""
    small: list[Dab] = []
    for dab in map(_drawable, dabs):
        if dab.size <= _SMALL:
            small.append(dab)
            if len(small) < _AT_ONCE:
                continue
        yield from _small_stamps(small, hardness)
        small = []
        if dab.size > _SMALL:
            yield _large_stamp(dab, hardness)
    yield from _small_stamps(small, hardness)


def _drawable(dab: Dab) -> Dab:
    """A dab too thin to be drawn becomes a larger one with the same ink."""
    if dab.size >= _SMALLEST:
        return dab
    return dab._replace(size=_SMALLEST, opacity=dab.opacity * (max(dab.size, 0.0) / _SMALLEST) ** 2)


def _small_stamps(dabs: list[Dab], hardness: float) -> Iterator[Stamp]:
    """Calling numpy costs more than the pixels of a small dab, so all are reckoned together."""
    if not dabs:
        return
    x, y, size, opacity = np.array(dabs, np.float32).T[:, :, np.newaxis]  # each (N, 1)
    reach = math.ceil(float(size.max()) / 2 + 0.5)
    column, row = np.floor(x), np.floor(y)
    side = 2 * reach + 1
    centres = np.arange(side, dtype=np.float32) + np.float32(0.5 - reach)
    dx, dy = centres - (x - column), centres - (y - row)  # (N, K)
    distance = np.sqrt((dx * dx)[:, np.newaxis, :] + (dy * dy)[:, :, np.newaxis])  # (N, K, K)
    coverage = _coverage(distance, size[..., np.newaxis] / 2, hardness)
    coverage *= opacity[..., np.newaxis] * 255
    stamps = np.rint(coverage).astype(np.uint8)
    for left, top, stamp in zip(column[:, 0].tolist(), row[:, 0].tolist(), stamps, strict=True):
        yield Stamp(Rect(int(left) - reach, int(top) - reach, side, side), stamp)


def _large_stamp(dab: Dab, hardness: float) -> Stamp:
    column, x_steps = divmod(round(dab.x * _PHASE_STEPS), _PHASE_STEPS)
    row, y_steps = divmod(round(dab.y * _PHASE_STEPS), _PHASE_STEPS)
    make = _cached_disc if dab.size <= _CACHED_SIZE else _disc
    disc, reach = make(round(dab.size * _SIZE_STEPS), hardness, x_steps, y_steps)
    level = round(dab.opacity * 255)
    if level < 255:
        disc = ((disc * np.uint16(level) + np.uint16(127)) // np.uint16(255)).astype(np.uint8)
    return Stamp(Rect(column - reach, row - reach, 2 * reach + 1, 2 * reach + 1), disc)


def _disc(size_steps: int, hardness: float, x_steps: int, y_steps: int) -> tuple[Coverage, int]:
    """Coverage of a disc, and how many pixels it reaches left of and above the pixel that holds its centre."""
    radius = size_steps / _SIZE_STEPS / 2
    reach = math.ceil(radius + 0.5)
    centres = np.arange(2 * reach + 1, dtype=np.float32) + np.float32(0.5 - reach)
    dx = centres - np.float32(x_steps / _PHASE_STEPS)
    dy = centres - np.float32(y_steps / _PHASE_STEPS)
    distance = np.sqrt(dx * dx + (dy * dy)[:, np.newaxis])
    coverage = _coverage(distance, np.float32(radius), hardness)
    stamp = np.rint(coverage * 255).astype(np.uint8)
    stamp.flags.writeable = False
    return stamp, reach


_cached_disc = functools.lru_cache(maxsize=256)(_disc)  # at most 10 MB


def _coverage(
    distance: NDArray[np.float32], radius: NDArray[np.float32] | np.float32, hardness: float
) -> NDArray[np.float32]:
    """How much of a pixel the tip covers (0 to 1), from the distance of the two centres.

    Anti-aliasing takes half a pixel on both sides of the rim; softness widens the slope inwards.
    """
    slope = radius * np.float32(1 - hardness) + 1
    coverage: NDArray[np.float32] = np.clip((radius + np.float32(0.5) - distance) / slope, 0, 1)
    if hardness < 1:
        smooth = coverage * coverage * (3 - 2 * coverage)
        coverage += (smooth - coverage) * np.float32(1 - hardness)
    return coverage
