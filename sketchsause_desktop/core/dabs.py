"""From the way of the pen to dabs at even distances, and how the ends of a stroke are tapered."""

import itertools
import math
import random
from collections.abc import Iterable, Iterator

from sketchsause_desktop.core.brush import Brush, Follows, PenSample, Taper
from sketchsause_desktop.core.stamps import Dab


class DabWalk:
    """Sets the dabs of one stroke. Where the samples happen to lie on the way does not matter.

    What is left to chance depends on the first sample alone: the same samples give the same dabs.
    """

    def __init__(self, brush: Brush, start: PenSample) -> None:
        self._brush = brush
        self._random = random.Random(hash(start[:2]))
        self._last = start
        self._heading: tuple[float, float] | None = None  # where it goes, smoothed; None before it goes
        self._facing = 0.0  # the same in degrees: how a tip that follows the stroke is turned
        self._way = 0.0  # to `_last`
        self._to_next = 0.0  # the way left until the next dab
        self._start = self._hardest = start  # where the pen came down, and where it was pressed most
        self._dabs = 0

    @property
    def way(self) -> float:
        """How long the stroke is by now."""
        return self._way

    def first(self) -> Iterator[Dab]:
        """The dab where the pen came down; a tip that follows the stroke has to wait for a direction."""
        if not self._awaits_heading:
            yield self._next_dab(self._last, 0.0)

    def to(self, sample: PenSample) -> Iterator[Dab]:
        length = self._last.distance(sample)
        turn = self._turn_towards(sample, length)
        # A tip that turns sweeps with its rim; its dabs lie closer together then, so that no gaps are left there.
        closer = length / (length + abs(math.radians(turn)) * self._brush.size / 2) if turn else 1.0
        facing, travelled = self._facing, self._to_next
        while travelled <= length and not self._awaits_heading:
            fraction = travelled / length
            self._facing = facing + turn * fraction
            yield self._next_dab(_between(self._last, sample, fraction), self._way + travelled)
            travelled += self._to_next * closer
        self._facing = facing + turn
        self._to_next = travelled - length
        self._way += length
        self._last = sample
        if sample.pressure > self._hardest.pressure:
            self._hardest = sample

    def tap(self) -> Iterator[Dab]:
        """When the pen was lifted where it came down: the dab it leaves, as hard as it was pressed.

        None when that is there already.
        """
        has_grown = self._hardest is not self._start and not self._brush.builds_up
        is_due = has_grown or self._dabs == 0 or self._brush.taper.start > 0
        if is_due and self._way < self._brush.step_of(self._brush.size):
            yield self._next_dab(self._hardest, 0.0)

    @property
    def _awaits_heading(self) -> bool:
        return self._heading is None and self._follows_stroke

    @property
    def _follows_stroke(self) -> bool:
        return self._brush.tip is not None and self._brush.tip.follows is Follows.STROKE

    def _turn_towards(self, sample: PenSample, length: float) -> float:
        """Take the new direction; returns by how many degrees the tip turns on the way."""
        if not length or not self._follows_stroke:
            return 0.0
        x, y = (sample.x - self._last.x) / length, (sample.y - self._last.y) / length
        is_first = self._heading is None
        if self._heading is not None:
            kept = math.exp(-length / max(self._brush.size / 8, 1.0))
            x, y = x + (self._heading[0] - x) * kept, y + (self._heading[1] - y) * kept
        self._heading = (x, y)
        facing = math.degrees(math.atan2(y, x))
        if is_first:
            self._facing = facing
        return (facing - self._facing + 180) % 360 - 180

    def _next_dab(self, sample: PenSample, way: float) -> Dab:
        """Also notes how far from it the next one is."""
        brush, lean = self._brush, sample.lean
        size = brush.size_at(sample.pressure, lean)
        x, y = sample.x, sample.y
        if brush.scatter:
            far, turn = brush.scatter * size * math.sqrt(self._random.random()), math.tau * self._random.random()
            x, y = x + far * math.cos(turn), y + far * math.sin(turn)
        drawn = size * _grown(way, brush.taper.start)
        self._to_next = brush.step_of(drawn)
        self._dabs += 1
        opacity = brush.opacity_at(sample.pressure, lean)
        return Dab(x, y, size, opacity, brush.flow_at(sample.pressure), self._angle(sample), way)

    def _angle(self, sample: PenSample) -> float:
        tip = self._brush.tip
        if tip is None:
            return 0.0
        angle = tip.angle
        if tip.follows is Follows.STROKE:
            angle += self._facing
        elif tip.follows is Follows.TILT:
            angle += math.degrees(math.atan2(sample.tilt_y, sample.tilt_x))
        if tip.random_turn:
            angle += 360 * tip.random_turn * (self._random.random() - 0.5)
        return angle


def _between(start: PenSample, end: PenSample, fraction: float) -> PenSample:
    return PenSample(*(here + (there - here) * fraction for here, there in zip(start, end, strict=True)))


def started(dabs: Iterable[Dab], taper: Taper) -> list[Dab]:
    """The dabs of a stroke whose end is not known yet, grown from nothing at its start."""
    return [dab._replace(size=dab.size * _grown(dab.way, taper.start)) for dab in dabs]


def tapered(dabs: list[Dab], brush: Brush, length: float) -> list[Dab]:
    """The last dabs of a stroke of that length, both ends tapered; closer to each other where they get smaller."""
    taper = brush.taper
    shared = min(1.0, length / (taper.start + taper.end))
    start, end = taper.start * shared, taper.end * shared

    def sized(dab: Dab) -> Dab:
        return dab._replace(size=dab.size * min(_grown(dab.way, start), _grown(length - dab.way, end)))

    result = []
    for dab, following in itertools.pairwise(dabs):
        gap = following.way - dab.way
        here = dab
        while here.way < following.way:
            result.append(sized(here))
            fraction = (here.way - dab.way + brush.step_of(result[-1].size)) / gap
            here = Dab(*(a + (b - a) * fraction for a, b in zip(dab, following, strict=True)))._replace(angle=dab.angle)
    return [*result, *(sized(dab) for dab in dabs[-1:])]


def _grown(way: float, taper: float) -> float:
    """0 at the tip, 1 where the taper ends; round there, so that no corner is seen."""
    if way >= taper:
        return 1.0
    share = max(way, 0.0) / taper
    return share * (2 - share)
