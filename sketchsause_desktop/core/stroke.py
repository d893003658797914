"""A stroke in progress: dabs are drawn into copy-on-write tiles, and opacity does not build up within the stroke.

Each pixel's coverage by the whole stroke is kept apart, and what is written is always the pixels from before the stroke
blended with that coverage, so crossing one's own line does not darken it.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from sketchsause_desktop.core.blend import scaled
from sketchsause_desktop.core.brush import Brush, Coverage, PenSample
from sketchsause_desktop.core.coverage import Grown, coverage_of
from sketchsause_desktop.core.dabs import DabWalk, started, tapered
from sketchsause_desktop.core.geometry import EMPTY_RECT, Point, Rect
from sketchsause_desktop.core.ink import Ink, PaperGrain
from sketchsause_desktop.core.stamps import Dab
from sketchsause_desktop.core.tiles import TileKey, Tiles, TileSnapshot, tile_rect, tiles_of

Limit: TypeAlias = Callable[[Rect], Coverage]  # how much of each pixel in a rectangle may be changed: 255 = all of it


class Stroke:
    """One drag of a brush over one layer, limited to `clip` and by `limit`. Each call returns what it changed.

    `keeps_alpha`: only colours change, never how transparent a pixel is; an eraser then does nothing.
    """

    def __init__(
        self, tiles: Tiles, brush: Brush, clip: Rect, *, limit: Limit | None = None, keeps_alpha: bool = False
    ) -> None:
        self._tiles = tiles
        self._brush = brush
        self._clip = clip
        self._before = tiles.snapshot()
        self._ink = Ink(brush, keeps_alpha)
        self._grain = PaperGrain(brush.grain) if brush.grain else None
        self._limit = _TileLimit(limit, clip) if limit else None
        self._walk: DabWalk | None = None
        self._coverage = coverage_of(brush, clip)
        self._tail = _Tail(brush, clip)

    @property
    def before(self) -> TileSnapshot:
        """The layer as it was when the stroke began."""
        return self._before

    def begin(self, point: Point, pressure: float) -> Rect:
        """Set the first dab."""
        return self.draw([PenSample(point.x, point.y, pressure)])

    def extend(self, point: Point, pressure: float) -> Rect:
        """Draw on to `point`."""
        return self.draw([PenSample(point.x, point.y, pressure)])

    def draw(self, samples: Iterable[PenSample]) -> Rect:
        """Draw on through the samples; dabs lie at even distances along the way, wherever the samples are.

        How many samples come in one call does not matter. The first one of all is where the pen came down.
        """
        dabs: list[Dab] = []
        for sample in samples:
            if self._walk is None:
                self._walk = DabWalk(self._brush, sample)
                dabs += self._walk.first()
            else:
                dabs += self._walk.to(sample)
        if self._tail.is_needed:
            dabs = self._tail.add(dabs)
        return self._add(dabs)

    def finish(self) -> Rect:
        """Pen up: the end is tapered where the brush wants that, and a tap leaves its dot."""
        if self._walk is None:
            return EMPTY_RECT
        dot = list(self._walk.tap())
        if not self._tail.is_needed:
            return self._add(dot)
        rect, dabs = self._tail.end(dot or None, self._walk.way)
        rect = rect.intersected(self._clip)
        self._coverage.take_from(self._tail.settled, rect)
        for _ in self._coverage.add(dabs):
            pass
        return self._rewrite(rect)

    def cancel(self) -> Rect:
        """Take the stroke back."""
        return self._tiles.restore(self._before)

    def _add(self, dabs: list[Dab]) -> Rect:
        if self._ink.is_inert:
            return EMPTY_RECT
        return Rect.union_of(grown.part for grown in self._coverage.add(dabs) if self._write(grown))

    def _write(self, grown: Grown) -> bool:
        """Write a part of a tile anew; False where nothing is to be done."""
        key, part, coverage = grown
        before = self._before.tile(key)
        if before is None and self._ink.leaves_blank:
            return False
        if self._grain:
            coverage = self._grain.of(key, part, coverage)
        if self._limit:
            coverage = self._limit.of(key, part, coverage)
        if (self._grain or self._limit) and not coverage.any():
            return False
        inside = part.slices(tile_rect(key))
        self._tiles.writable(key)[inside] = self._ink.on(None if before is None else before[inside], coverage)
        return True

    def _rewrite(self, rect: Rect) -> Rect:
        """Write all tiles that `rect` touches anew, also where less is covered than before."""
        if self._ink.is_inert:
            return EMPTY_RECT
        for key, _part in tiles_of(rect):
            self._tiles.replace({key: self._before.tile(key)})
            coverage = self._coverage.levels(key)
            if coverage.any():
                part = tile_rect(key).intersected(self._clip)
                self._write(Grown(key, part, coverage[part.slices(tile_rect(key))]))
        return rect


class _TileLimit:
    """Asks for the limit once a tile."""

    def __init__(self, limit: Limit, clip: Rect) -> None:
        self._limit = limit
        self._clip = clip
        self._tiles: dict[TileKey, Coverage] = {}

    def of(self, key: TileKey, part: Rect, coverage: Coverage) -> Coverage:
        rect = tile_rect(key).intersected(self._clip)
        if key not in self._tiles:
            self._tiles[key] = self._limit(rect)
        return scaled(coverage, self._tiles[key][part.slices(rect)])


class _Tail:
    """The last dabs of a stroke with tapered ends, which are drawn again when its end is known."""

    def __init__(self, brush: Brush, clip: Rect) -> None:
        self._brush = brush
        self._length = brush.taper.start + brush.taper.end  # a shorter stroke is drawn again as a whole
        self._dabs: list[Dab] = []
        self.settled = coverage_of(brush, clip)  # by all dabs before these

    @property
    def is_needed(self) -> bool:
        return self._length > 0

    def add(self, dabs: list[Dab]) -> list[Dab]:
        """What to draw for now: full at the pen."""
        self._dabs += dabs
        if dabs:
            over = sum(dab.way < dabs[-1].way - self._length for dab in self._dabs)
            for _ in self.settled.add(started(self._dabs[:over], self._brush.taper)):
                pass
            del self._dabs[:over]
        return started(dabs, self._brush.taper)

    def end(self, dot: list[Dab] | None, length: float) -> tuple[Rect, list[Dab]]:
        """What is to be drawn again, and with which dabs."""
        drawn = self._dabs + (dot or [])
        reach = 1 + max((dab.size for dab in drawn), default=0.0)
        rect = Rect.union_of(Rect.around(Point(dab.x, dab.y), reach) for dab in drawn)
        return rect, dot or tapered(self._dabs, self._brush, length)
