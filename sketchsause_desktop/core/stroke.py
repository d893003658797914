"""A stroke in progress: dabs are drawn into copy-on-write tiles, and opacity does not build up within the stroke.

Each pixel's coverage by the whole stroke is kept apart (the most that any dab gave it), and what is written is always
the pixels from before the stroke blended with that coverage, so crossing one's own line does not darken it.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels, as_words, scaled
from sketchsause_desktop.core.brush import Brush, Coverage, Dab, Stamp, round_stamps
from sketchsause_desktop.core.geometry import EMPTY_RECT, Point, Rect
from sketchsause_desktop.core.tiles import TILE, TileKey, Tiles, TileSnapshot, tile_rect, tiles_of

_BATCH_AREA = 256 * 256  # dabs are united up to this many pixels before they are blended


class Stroke:
    """One drag of a brush over one layer, limited to `clip`. Each call returns the rectangle that it changed."""

    def __init__(self, tiles: Tiles, brush: Brush, clip: Rect) -> None:
        self._tiles = tiles
        self._brush = brush
        self._clip = clip
        self._before = tiles.snapshot()
        self._coverage: dict[TileKey, Coverage] = {}
        self._ink = _Ink(brush)
        self._last = Point(0, 0)
        self._last_pressure = 0.0
        self._to_next = 0.0  # the way left until the next dab

    @property
    def before(self) -> TileSnapshot:
        """The layer as it was when the stroke began."""
        return self._before

    def begin(self, point: Point, pressure: float) -> Rect:
        """Set the first dab."""
        self._last, self._last_pressure = point, pressure
        self._to_next = self._brush.step_at(pressure)
        return self._draw([self._dab(point, pressure)])

    def extend(self, point: Point, pressure: float) -> Rect:
        """Draw on to `point`; dabs lie at even distances along the way, wherever the events happened to be."""
        dirty = self._draw(self._dabs_to(point, pressure))
        self._last, self._last_pressure = point, pressure
        return dirty

    def cancel(self) -> Rect:
        """Take the stroke back."""
        return self._tiles.restore(self._before)

    def _dabs_to(self, point: Point, pressure: float) -> Iterator[Dab]:
        length = self._last.distance(point)
        travelled = self._to_next
        while travelled <= length:
            fraction = travelled / length
            here = self._last.towards(point, fraction)
            pressure_here = self._last_pressure + (pressure - self._last_pressure) * fraction
            yield self._dab(here, pressure_here)
            travelled += self._brush.step_at(pressure_here)
        self._to_next = travelled - length

    def _dab(self, point: Point, pressure: float) -> Dab:
        return Dab(point.x, point.y, self._brush.size_at(pressure), self._brush.opacity_at(pressure))

    def _draw(self, dabs: Iterable[Dab]) -> Rect:
        dirty = EMPTY_RECT
        for rect, coverage in _batches(round_stamps(dabs, self._brush.hardness), self._clip):
            dirty = dirty.united(self._blend(rect, coverage))
        return dirty

    def _blend(self, rect: Rect, coverage: Coverage) -> Rect:
        """Add `coverage` to that of the stroke and write the tiles anew where it grew."""
        dirty = EMPTY_RECT
        for key, part in tiles_of(rect):
            covered = self._coverage.get(key)
            if covered is None:
                covered = self._coverage[key] = np.zeros((TILE, TILE), np.uint8)
            inside = part.slices(tile_rect(key))
            grown = np.maximum(covered[inside], coverage[part.slices(rect)])
            if np.array_equal(grown, covered[inside]):
                continue
            covered[inside] = grown
            before = self._before.tile(key)
            if before is None and self._brush.erases:
                continue
            self._tiles.writable(key)[inside] = self._ink.on(None if before is None else before[inside], grown)
            dirty = dirty.united(part)
        return dirty


class _Ink:
    """A brush's colour at every coverage, looked up instead of multiplied."""

    def __init__(self, brush: Brush) -> None:
        levels = np.arange(256, dtype=np.uint16)[:, np.newaxis]
        rgba = np.array([0, 0, 0, 0] if brush.erases else [*brush.colour, 255], np.uint16)
        self._premultiplied: NDArray[np.uint32] = as_words(((levels * rgba + 127) // 255).astype(np.uint8)).copy()
        self._keeps: NDArray[np.uint32] = (255 - np.arange(256, dtype=np.uint32)) * np.uint32(0x01010101)

    def on(self, below: Pixels | None, coverage: Coverage) -> Pixels:
        ink = self._premultiplied.take(coverage)[..., np.newaxis].view(np.uint8)
        if below is None:
            return ink
        kept = scaled(below, self._keeps.take(coverage)[..., np.newaxis].view(np.uint8))
        kept += ink
        return kept


def _batches(stamps: Iterator[Stamp], clip: Rect) -> Iterator[tuple[Rect, Coverage]]:
    """Dabs that lie close together as one coverage each, cut to `clip`."""
    batch: list[Stamp] = []
    united = EMPTY_RECT
    for stamp in stamps:
        grown = united.united(stamp.rect)
        if batch and grown.size.area > max(_BATCH_AREA, 2 * stamp.coverage.size):
            yield from _united(batch, united.intersected(clip))
            batch, grown = [], stamp.rect
        batch.append(stamp)
        united = grown
    yield from _united(batch, united.intersected(clip))


def _united(stamps: list[Stamp], rect: Rect) -> Iterator[tuple[Rect, Coverage]]:
    """The most that any of `stamps` covers in `rect`; nothing where `rect` is empty."""
    if rect.is_empty:
        return
    coverage = np.zeros((rect.height, rect.width), np.uint8)
    for stamp in stamps:
        inside = stamp.rect.intersected(rect)
        if not inside.is_empty:
            target = coverage[inside.slices(rect)]
            np.maximum(target, stamp.coverage[inside.slices(stamp.rect)], out=target)
    yield rect, coverage
