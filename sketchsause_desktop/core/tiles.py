"""Sparse pixels in tiles that are copied only when they are written: what a layer, a snapshot and an undo step share.

Pixels are RGBA, 8 bit, premultiplied (a channel never exceeds alpha; a transparent pixel is 0, 0, 0, 0). A tile that is
missing is transparent.
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.geometry import Rect

TILE = 64
Pixels: TypeAlias = NDArray[np.uint8]
TileKey: TypeAlias = tuple[int, int]  # column, row of the tile; (0, 0) holds pixel (0, 0)


class TileReader:
    """What tiles and their snapshots can both answer."""

    def tile(self, key: TileKey) -> Pixels | None:
        """The tile's pixels (TILE, TILE, 4), not to be written; None where all is transparent."""
        raise NotImplementedError

    def read(self, rect: Rect) -> Pixels:
        """A copy of the pixels in `rect`, (height, width, 4), transparent where no tile is."""
        raise NotImplementedError

    def bounds(self) -> Rect:
        """The smallest rectangle of whole tiles round all that is stored."""
        raise NotImplementedError


class TileSnapshot(TileReader):
    """Tiles as they were; immutable, any thread may read them. Equal when they share the same tiles."""


class Tiles(TileReader):
    """Tiles that can be written. A snapshot marks them read-only and copies no pixel; the next write copies one tile."""

    def snapshot(self) -> TileSnapshot:
        raise NotImplementedError

    def restore(self, snapshot: TileSnapshot) -> Rect:
        """Become `snapshot` again; returns what changed."""
        raise NotImplementedError

    def writable(self, key: TileKey) -> Pixels:
        """The tile to write into, made or copied first where needed. The view is valid until the next snapshot."""
        raise NotImplementedError

    def write(self, rect: Rect, pixels: Pixels) -> None:
        """Replace the pixels in `rect`."""
        raise NotImplementedError

    def replace(self, tiles: Mapping[TileKey, Pixels | None]) -> Rect:
        """Put whole read-only tiles in place, or take them away (None), without copying; returns what they cover."""
        raise NotImplementedError
