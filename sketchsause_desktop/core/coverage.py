"""What a stroke in progress covers of each pixel, in tiles of its own."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.brush import Brush, Coverage
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.stamps import Dab, Stamp, stamps
from sketchsause_desktop.core.tiles import TILE, TileKey, tile_rect, tiles_of

_BATCH_AREA = 256 * 256  # dabs are united up to this many pixels before they are handed on


class Grown(NamedTuple):
    """A part of one tile in which something was added, and how much is covered there now."""

    key: TileKey
    part: Rect
    coverage: Coverage


class StrokeCoverage(ABC):
    def __init__(self, brush: Brush, clip: Rect, kind: type[np.uint8 | np.float32]) -> None:
        self._brush = brush
        self._clip = clip
        self._kind = kind
        self._tiles: dict[TileKey, NDArray[Any]] = {}

    @abstractmethod
    def add(self, dabs: list[Dab]) -> Iterator[Grown]:
        """Cover what the dabs cover, wherever they grow it."""

    @abstractmethod
    def levels(self, key: TileKey) -> Coverage:
        """All of one tile."""

    def take_from(self, other: "StrokeCoverage", rect: Rect) -> None:
        """Become what `other` is in the tiles that `rect` touches."""
        for key, _part in tiles_of(rect):
            tile = other._tiles.get(key)
            if tile is None:
                self._tiles.pop(key, None)
            else:
                self._tiles[key] = tile.copy()

    def _tile(self, key: TileKey) -> NDArray[Any]:
        tile = self._tiles.get(key)
        if tile is None:
            tile = self._tiles[key] = np.zeros((TILE, TILE), self._kind)
        return tile


class MostCoverage(StrokeCoverage):
    """The most that any dab gave a pixel: crossing one's own line does not darken it."""

    def __init__(self, brush: Brush, clip: Rect) -> None:
        super().__init__(brush, clip, np.uint8)

    def add(self, dabs: list[Dab]) -> Iterator[Grown]:
        for rect, batch in _batches(stamps(dabs, self._brush), self._clip):
            united = np.zeros((rect.height, rect.width), np.uint8)
            for stamp in batch:
                inside = stamp.rect.intersected(rect)
                if not inside.is_empty:
                    target = united[inside.slices(rect)]
                    np.maximum(target, stamp.coverage[inside.slices(stamp.rect)], out=target)
            yield from self._unite(rect, united)

    def _unite(self, rect: Rect, united: Coverage) -> Iterator[Grown]:
        for key, part in tiles_of(rect):
            covered = self._tile(key)[part.slices(tile_rect(key))]
            grown = np.maximum(covered, united[part.slices(rect)])
            if not np.array_equal(grown, covered):
                covered[...] = grown
                yield Grown(key, part, grown)

    def levels(self, key: TileKey) -> Coverage:
        return self._tile(key)


class FlowCoverage(StrokeCoverage):
    """Each dab goes a part of the way, its flow, from what is covered to its opacity: dabs add up, but not beyond."""

    def __init__(self, brush: Brush, clip: Rect) -> None:
        super().__init__(brush, clip, np.float32)

    def add(self, dabs: list[Dab]) -> Iterator[Grown]:
        flows = iter(dabs)  # one for each stamp
        full = stamps((dab._replace(opacity=1.0) for dab in dabs), self._brush)
        for rect, batch in _batches(full, self._clip):
            region = self._read(rect)
            for stamp in batch:
                dab = next(flows)
                inside = stamp.rect.intersected(rect)
                if inside.is_empty:
                    continue
                target = region[inside.slices(rect)]
                room = np.float32(dab.opacity) - target
                np.maximum(room, 0, out=room)
                room *= stamp.coverage[inside.slices(stamp.rect)]
                room *= np.float32(dab.flow / 255)
                target += room
            yield from self._write(rect, region)

    def _read(self, rect: Rect) -> NDArray[np.float32]:
        region = np.zeros((rect.height, rect.width), np.float32)
        for key, part in tiles_of(rect):
            if key in self._tiles:
                region[part.slices(rect)] = self._tiles[key][part.slices(tile_rect(key))]
        return region

    def _write(self, rect: Rect, region: NDArray[np.float32]) -> Iterator[Grown]:
        for key, part in tiles_of(rect):
            grown, covered = region[part.slices(rect)], self._tile(key)[part.slices(tile_rect(key))]
            if not np.array_equal(grown, covered):
                covered[...] = grown
                yield Grown(key, part, _as_levels(grown))

    def levels(self, key: TileKey) -> Coverage:
        return _as_levels(self._tile(key))


def coverage_of(brush: Brush, clip: Rect) -> MostCoverage | FlowCoverage:
    return FlowCoverage(brush, clip) if brush.builds_up else MostCoverage(brush, clip)


def _as_levels(covered: NDArray[np.float32]) -> Coverage:
    levels = covered * np.float32(255)
    levels += np.float32(0.5)
    return levels.astype(np.uint8)


def _batches(all_stamps: Iterable[Stamp], clip: Rect) -> Iterator[tuple[Rect, list[Stamp]]]:
    """Stamps that lie close together, with the rectangle round them cut to `clip`; all, also where that is empty."""
    batch: list[Stamp] = []
    united = EMPTY_RECT
    for stamp in all_stamps:
        grown = united.united(stamp.rect)
        if batch and grown.size.area > max(_BATCH_AREA, 2 * stamp.coverage.size):
            yield united.intersected(clip), batch
            batch, grown = [], stamp.rect
        batch.append(stamp)
        united = grown
    if batch:
        yield united.intersected(clip), batch
