"""From the places that the pen tells to the path that is drawn: steadied, and curved between the events.

Settings are frozen values; `PointerPath` is one drag. Lengths in document pixels.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Point

FARTHEST = 100_000.0  # px; no drawing is as large, so what lies farther is a fault of the driver
LONGEST_STRING = 500.0
MOST_AVERAGED = 100
_NEAREST = 0.01  # px; a sample as near to the last one is no new place
_CHORD = 3.0  # px; a curve is drawn in pieces about as long
_MOST_CHORDS = 400


@dataclass(frozen=True, kw_only=True)
class PulledString:
    """The brush is pulled on a string: small movements of the hand leave it slack."""

    length: float = 30.0
    catches_up: bool = True  # the stroke ends where the pen was lifted

    def __post_init__(self) -> None:
        if not 0 <= self.length <= LONGEST_STRING:
            raise ValueError(f"the stabiliser's string {self.length} must lie in 0..{LONGEST_STRING:.0f} px")


@dataclass(frozen=True, kw_only=True)
class WeightedAverage:
    """The brush is at the average of the last samples, the newest weighted most; how fast they come plays no part."""

    samples: int = 12
    catches_up: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.samples <= MOST_AVERAGED:
            raise ValueError(f"the stabiliser's average over {self.samples} samples must lie in 1..{MOST_AVERAGED}")


Stabiliser: TypeAlias = PulledString | WeightedAverage


class PointerPath:
    """One drag: each call returns the samples to draw now, through which a stroke goes in straight pieces."""

    def __init__(self, stabiliser: Stabiliser | None = None, *, smooths: bool = True) -> None:
        self._steady: _Steady = _steady(stabiliser)
        self._curve: _Curve | _Polygon = _Curve() if smooths else _Polygon()

    def move(self, sample: PenSample) -> list[PenSample]:
        """The pen came down or moved. A sample that is no place, or has no pressure, is left out."""
        if not _is_sound(sample):
            return []
        return self._curved(self._steady.add(sample))

    def lift(self) -> list[PenSample]:
        """The rest of the path, after the pen was lifted."""
        return [*self._curved(self._steady.rest()), *self._curve.rest()]

    def _curved(self, samples: Iterable[PenSample]) -> list[PenSample]:
        return [drawn for sample in samples for drawn in self._curve.add(sample)]


def straight_line(start: Point, end: Point, pressure: float = 1.0) -> list[PenSample]:
    """What a click with Shift draws, from the end of the last stroke to here, of one thickness."""
    return [PenSample(point.x, point.y, pressure) for point in (start, end)]


def _is_sound(sample: PenSample) -> bool:
    return all(map(math.isfinite, sample)) and max(abs(sample.x), abs(sample.y)) <= FARTHEST


class _Steady(Protocol):
    def add(self, sample: PenSample) -> list[PenSample]: ...
    def rest(self) -> list[PenSample]: ...


def _steady(stabiliser: Stabiliser | None) -> _Steady:
    if isinstance(stabiliser, PulledString):
        return _String(stabiliser)
    if isinstance(stabiliser, WeightedAverage):
        return _Average(stabiliser)
    return _String(PulledString(length=0.0))


class _String:
    def __init__(self, settings: PulledString) -> None:
        self._settings = settings
        self._pen: PenSample | None = None
        self._brush: PenSample | None = None  # the other end of the string

    def add(self, sample: PenSample) -> list[PenSample]:
        self._pen = sample
        if self._brush is None:
            self._brush = sample
            return [sample]
        distance = self._brush.distance(sample)
        if distance <= self._settings.length:
            self._brush = self._brush._replace(pressure=sample.pressure)
            return [self._brush]
        pulled = 1 - self._settings.length / distance
        x, y = self._brush.x + (sample.x - self._brush.x) * pulled, self._brush.y + (sample.y - self._brush.y) * pulled
        self._brush = sample._replace(x=x, y=y)
        return [self._brush]

    def rest(self) -> list[PenSample]:
        return [self._pen] if self._pen is not None and self._settings.catches_up else []


class _Average:
    def __init__(self, settings: WeightedAverage) -> None:
        self._settings = settings
        self._last: deque[PenSample] = deque(maxlen=settings.samples)

    def add(self, sample: PenSample) -> list[PenSample]:
        if not self._last:  # as if the pen had rested there
            self._last.extend([sample] * self._settings.samples)
        self._last.append(sample)
        total = self._settings.samples * (self._settings.samples + 1) / 2
        weighted = [[value * weight for value in one] for weight, one in enumerate(self._last, 1)]
        return [PenSample(*(sum(values) / total for values in zip(*weighted, strict=True)))]

    def rest(self) -> list[PenSample]:
        """As if the pen stayed where it is until the average has come there."""
        if not self._last or not self._settings.catches_up:
            return []
        pen = self._last[-1]
        return [*(self.add(pen)[0] for _ in range(self._settings.samples - 1)), pen]


class _Polygon:
    def add(self, sample: PenSample) -> list[PenSample]:
        return [sample]

    def rest(self) -> list[PenSample]:
        return []


class _Curve:
    """A centripetal Catmull-Rom spline through the samples: no loops and no overshooting where they lie unevenly.

    https://en.wikipedia.org/wiki/Centripetal_Catmull%E2%80%93Rom_spline
    The piece between two samples is known when the next one has come, so the path is one sample behind the pen.
    """

    def __init__(self) -> None:
        self._known: deque[PenSample] = deque(maxlen=3)  # the path is drawn up to the last but one

    def add(self, sample: PenSample) -> list[PenSample]:
        is_near = bool(self._known) and self._known[-1].distance(sample) < _NEAREST
        if len(self._known) - is_near == 0:  # the pen has not left the first place, and may press harder there
            self._known.clear()
            self._known.append(sample)
            return [sample]
        if is_near:
            return []
        drawn = self._piece(sample) if len(self._known) > 1 else []
        self._known.append(sample)
        return drawn

    def rest(self) -> list[PenSample]:
        return self._piece(_mirrored(self._known[-2], self._known[-1])) if len(self._known) > 1 else []

    def _piece(self, after: PenSample) -> list[PenSample]:
        """Between the last two samples that are known."""
        start, end = self._known[-2], self._known[-1]
        before = self._known[0] if len(self._known) > 2 else _mirrored(end, start)
        length = start.distance(end)
        count = min(math.ceil(length / _CHORD), _MOST_CHORDS)
        if count < 2:
            return [end]
        knots = [math.sqrt(a.distance(b)) for a, b in ((before, start), (start, end), (end, after))]
        points = [(sample.x, sample.y) for sample in (before, start, end, after)]
        x, y = (_cubic([point[axis] for point in points], knots) for axis in (0, 1))
        drawn = []
        for index in range(1, count):
            t = index / count
            held = (here + (there - here) * t for here, there in zip(start[2:], end[2:], strict=True))
            drawn.append(PenSample(_at(x, t), _at(y, t), *held))
        return [*drawn, end]


def _mirrored(sample: PenSample, centre: PenSample) -> PenSample:
    return sample._replace(x=2 * centre.x - sample.x, y=2 * centre.y - sample.y)


def _cubic(values: list[float], knots: list[float]) -> tuple[float, float, float, float]:
    """The polynomial in t (0 to 1) of the middle piece, from four values and the three knot distances between them."""
    before, start, end, after = values
    first, middle, last = knots
    chord = (end - start) / middle
    leaving = middle * ((start - before) / first - (end - before) / (first + middle) + chord)
    arriving = middle * (chord - (after - start) / (middle + last) + (after - end) / last)
    rise = end - start
    return start, leaving, 3 * rise - 2 * leaving - arriving, leaving + arriving - 2 * rise


def _at(cubic: tuple[float, float, float, float], t: float) -> float:
    a, b, c, d = cubic
    return a + t * (b + t * (c + t * d))
