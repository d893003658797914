"""What a brush is, and the cached stamps of its round tip."""

import functools
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Coverage: TypeAlias = NDArray[np.uint8]  # (height, width): 0 = untouched, 255 = covered

MAX_BRUSH_SIZE = 1000.0
_SMALLEST = 1.0  # px; thinner dabs are drawn at this size and fainter
_SIZE_STEPS = 16  # a dab's diameter is rounded to 1/16 px
_PHASE_STEPS = 8  # and its place to 1/8 px, so that stamps can be used again
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
    spacing: float = 0.08  # distance of two dabs as a fraction of the diameter
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
        if self.spacing <= 0:
            raise ValueError(f"brush spacing {self.spacing} is not above 0")

    def size_at(self, pressure: float) -> float:
        return self.size * (1 - self.size_by_pressure * (1 - pressure))

    def opacity_at(self, pressure: float) -> float:
        return self.opacity * (1 - self.opacity_by_pressure * (1 - pressure))

    def step_at(self, pressure: float) -> float:
        """The distance from one dab to the next."""
        return max(0.25, self.spacing * self.size_at(pressure))


@dataclass(frozen=True, slots=True)
class Stamp:
    """A dab and the whole pixel where its left upper corner goes."""

    x: int
    y: int
    coverage: Coverage


def round_stamp(x: float, y: float, size: float, hardness: float, opacity: float) -> Stamp:
    """The dab of a round tip whose centre is at (x, y)."""
    if size < _SMALLEST:
        opacity *= (max(size, 0.0) / _SMALLEST) ** 2  # the same ink on a larger spot
        size = _SMALLEST
    size_steps = round(size * _SIZE_STEPS)
    column, x_steps = divmod(round(x * _PHASE_STEPS), _PHASE_STEPS)
    row, y_steps = divmod(round(y * _PHASE_STEPS), _PHASE_STEPS)
    make = _cached_disc if size <= _CACHED_SIZE else _disc
    disc, reach = make(size_steps, hardness, x_steps, y_steps)
    level = round(opacity * 255)
    if level < 255:
        disc = (disc * np.uint16(level) + np.uint16(127)) // np.uint16(255)
        disc = disc.astype(np.uint8)
    return Stamp(column - reach, row - reach, disc)


def _disc(size_steps: int, hardness: float, x_steps: int, y_steps: int) -> tuple[Coverage, int]:
    """Coverage of a disc, and how many pixels it reaches left of and above the pixel that holds its centre."""
    radius = size_steps / _SIZE_STEPS / 2
    reach = int(np.ceil(radius + 0.5))
    centres = np.arange(2 * reach + 1, dtype=np.float32) + np.float32(0.5 - reach)
    dx = centres - np.float32(x_steps / _PHASE_STEPS)
    dy = centres - np.float32(y_steps / _PHASE_STEPS)
    distance = np.sqrt(dx * dx + (dy * dy)[:, np.newaxis])
    # Anti-aliasing takes half a pixel on both sides of the edge; softness widens the slope inwards.
    slope = radius * (1 - hardness) + 1
    coverage = np.clip((np.float32(radius + 0.5) - distance) / np.float32(slope), 0, 1)
    if hardness < 1:
        smooth = coverage * coverage * (3 - 2 * coverage)
        coverage += (smooth - coverage) * np.float32(1 - hardness)
    stamp = np.rint(coverage * 255).astype(np.uint8)
    stamp.flags.writeable = False
    return stamp, reach


_cached_disc = functools.lru_cache(maxsize=256)(_disc)  # at most 10 MB
