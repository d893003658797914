"""How pressure is felt: a curve through control points, as the user bends it."""

import bisect
import functools
import itertools
import math
from dataclasses import dataclass

MOST_POINTS = 32


@dataclass(frozen=True, kw_only=True)
class PressureCurve:
    """A function from pressure to strength, both 0 to 1, through (pressure, strength) points from pressure 0 to 1.

    Between two points it only rises, or only falls: https://en.wikipedia.org/wiki/Monotone_cubic_interpolation
    """

    points: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))

    def __post_init__(self) -> None:
        pressures = [pressure for pressure, _ in self.points]
        if not 2 <= len(pressures) <= MOST_POINTS or pressures[0] != 0 or pressures[-1] != 1:
            raise ValueError(f"a pressure curve has 2 to {MOST_POINTS} points, from pressure 0 to pressure 1")
        if not all(here < there for here, there in itertools.pairwise(pressures)):
            raise ValueError("the points of a pressure curve must be in the order of their pressure")
        if not all(0 <= strength <= 1 for _, strength in self.points):
            raise ValueError("the strengths of a pressure curve must lie in 0..1")

    def __call__(self, pressure: float) -> float:
        if self == LINEAR:
            return pressure
        pressure = min(max(pressure, 0.0), 1.0)
        index = min(bisect.bisect_right(self.points, (pressure, math.inf)), len(self.points) - 1) - 1
        (x, y), (next_x, next_y) = self.points[index : index + 2]
        width = next_x - x
        slope, next_slope = self._slopes[index] * width, self._slopes[index + 1] * width
        t = (pressure - x) / width
        bend = (slope + next_slope - 2 * (next_y - y)) * t + 3 * (next_y - y) - 2 * slope - next_slope
        return y + t * (slope + t * bend)

    @functools.cached_property
    def _slopes(self) -> list[float]:
        """At each point the harmonic mean of the two chords' slopes, 0 where they disagree in sign.

        At the ends the slope of the only chord. None exceeds three times a chord's, which is what keeps the curve
        monotone (Fritsch and Carlson 1980).
        """
        chords = [(after - y) / (right - x) for (x, y), (right, after) in itertools.pairwise(self.points)]
        inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in itertools.pairwise(chords)]
        return [chords[0], *inner, chords[-1]]


LINEAR = PressureCurve()
