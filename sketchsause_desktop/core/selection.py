"""What is selected: how much of each pixel, 0 to 255, in sparse tiles. A selection never changes.

What it holds is like `tiles`: a missing tile is not selected, all wholly selected ones share one array. Combining two
takes the larger, the smaller or the difference of their values, so that a selection taken from itself leaves nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property
from typing import Self

import numpy as np

from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.tiles import TILE, TileKey, tile_rect, tiles_of

_FULL: Coverage = np.full((TILE, TILE), 255, np.uint8)
_FULL.flags.writeable = False


class Selection:
    """Pixels selected wholly or in part. `coverage` is what a tool takes as its limit."""

    def __init__(self, tiles: Mapping[TileKey, Coverage] | None = None) -> None:
        """Of read-only tiles (TILE, TILE), none of them blank; see the makers below."""
        self._tiles: dict[TileKey, Coverage] = dict(tiles or {})

    @classmethod
    def made(cls, rect: Rect, make: Callable[[Rect], Coverage]) -> Self:
        """What `make` gives for each part of `rect`, asked for one tile at a time."""
        return cls(_packed((key, part, make(part)) for key, part in tiles_of(rect)))

    @classmethod
    def of_rect(cls, rect: Rect) -> Self:
        return cls.made(rect, lambda part: np.full((part.height, part.width), 255, np.uint8))

    @classmethod
    def of_coverage(cls, rect: Rect, coverage: Coverage) -> Self:
        """`coverage` is (height, width) and lies at `rect`."""
        return cls.of_blocks([(rect, coverage)])

    @classmethod
    def of_blocks(cls, blocks: Iterable[tuple[Rect, Coverage]]) -> Self:
        """The same for a large area that is made piece by piece; no two of the pieces may reach into the same tile."""
        parts = ((key, part, block[part.slices(rect)]) for rect, block in blocks for key, part in tiles_of(rect))
        return cls(_packed(parts))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Selection):
            return NotImplemented
        return self._tiles.keys() == other._tiles.keys() and all(
            tile is other._tiles[key] or np.array_equal(tile, other._tiles[key]) for key, tile in self._tiles.items()
        )

    def __hash__(self) -> int:
        return hash(frozenset(self._tiles))

    @property
    def is_empty(self) -> bool:
        return not self._tiles

    @cached_property
    def bounds(self) -> Rect:
        """The smallest rectangle round all pixels that are selected, be it in part."""
        return Rect.union_of(_bounds_in(key, tile) for key, tile in self._tiles.items())

    def coverage(self, rect: Rect) -> Coverage:
        """A copy of what is selected in `rect`, (height, width): 0 = not, 255 = wholly."""
        result = np.zeros((rect.height, rect.width), np.uint8)
        for key, part in tiles_of(rect.intersected(self._tile_bounds)):
            tile = self._tiles.get(key)
            if tile is not None:
                result[part.slices(rect)] = tile[part.slices(tile_rect(key))]
        return result

    @cached_property
    def _tile_bounds(self) -> Rect:
        return Rect.union_of(tile_rect(key) for key in self._tiles)

    def touches(self, rect: Rect) -> bool:
        """Whether tiles with something selected reach into `rect`."""
        return any(key in self._tiles for key, _ in tiles_of(rect.intersected(self._tile_bounds)))

    def united(self, other: "Selection") -> "Selection":
        shared = {key: tile for key, tile in other._tiles.items() if key not in self._tiles}
        return self._combined(other, self._tiles.keys() & other._tiles.keys(), np.maximum, self._tiles | shared)

    def without(self, other: "Selection") -> "Selection":
        keys = self._tiles.keys() & other._tiles.keys()
        return self._combined(other, keys, lambda mine, theirs: mine - np.minimum(mine, theirs), self._tiles)

    def intersected(self, other: "Selection") -> "Selection":
        return self._combined(other, self._tiles.keys() & other._tiles.keys(), np.minimum, {})

    def inverted(self, canvas: Rect) -> "Selection":
        """What is not selected of `canvas`."""
        return Selection.made(canvas, lambda part: ~self.coverage(part))

    def _combined(
        self,
        other: "Selection",
        keys: Set[TileKey],
        rule: Callable[[Coverage, Coverage], Coverage],
        rest: Mapping[TileKey, Coverage],
    ) -> "Selection":
        """`rule` applied to the tiles of `keys`, and the others as they are in `rest`."""
        made = _packed((key, tile_rect(key), rule(self._tiles[key], other._tiles[key])) for key in keys)
        return Selection({key: tile for key, tile in rest.items() if key not in keys} | made)

    def held(self) -> Iterator[Coverage]:
        """The arrays that it keeps alive."""
        yield from self._tiles.values()


def _packed(blocks: Iterable[tuple[TileKey, Rect, Coverage]]) -> dict[TileKey, Coverage]:
    """Read-only tiles out of blocks that fill them or a part of them; blank ones are left out."""
    tiles: dict[TileKey, Coverage] = {}
    for key, part, block in blocks:
        if not block.any():
            continue
        if block.shape != (TILE, TILE):
            tile = np.zeros((TILE, TILE), np.uint8)
            tile[part.slices(tile_rect(key))] = block
        elif block.all() and (block == 255).all():
            tile = _FULL
        else:
            tile = block.copy() if block.base is not None else block
        tile.flags.writeable = False
        tiles[key] = tile
    return tiles


def _bounds_in(key: TileKey, tile: Coverage) -> Rect:
    rows, columns = np.flatnonzero(tile.any(axis=1)), np.flatnonzero(tile.any(axis=0))
    if not rows.size:
        return EMPTY_RECT
    inside = Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return inside.moved(key[0] * TILE, key[1] * TILE)
