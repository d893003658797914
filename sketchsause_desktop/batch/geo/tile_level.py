"""One zoom level of a set of tiles as one picture with holes: each tile is painted with its neighbours in sight."""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.batch.geo.sweep import Mask
from sketchsause_desktop.batch.geo.tile_sets import (
    Damage,
    Place,
    TileSource,
    TileStore,
    decode_tile,
    encode_tile,
    rows_of,
    without,
)
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.picture_metadata import OutputFormat
from sketchsause_desktop.core.pictures import Pixels

_BYTES_IN_MEMORY = 96_000_000  # of decoded tiles


@dataclass(frozen=True)
class Encoding:
    as_format: OutputFormat
    quality: int | None


class TileLevel:
    """A `sweep.Surface`. Tiles that cannot be read are holes, noted in `damage`."""

    def __init__(
        self, zoom: int, cell: int, source: TileSource, store: TileStore, encoding: Encoding, path: Path, damage: Damage
    ) -> None:
        """`cell` is the side of each tile in pixels, `path` the set's, for sentences."""
        self.cell = cell
        self._zoom = zoom
        self._source, self._store = source, store
        self._encoding = encoding
        self._path = path
        self._damage = damage
        there = source.cells(zoom)
        self._kept: OrderedDict[Place, Pixels | None] = OrderedDict()
        self._most_kept = max(_BYTES_IN_MEMORY // (cell * cell * 4), 9)
        self.cells: NDArray[np.int64] = without(there, store.cells(zoom))
        self.width = cell * max(2**zoom, int(there[:, 1].max(initial=0)) + 1)
        self.height = cell * rows_of(zoom, there)

    def read(self, box: Rect) -> tuple[Pixels, Mask]:
        pixels = np.zeros((box.height, box.width, 3), np.uint8)
        valid = np.zeros((box.height, box.width), bool)
        for row in range(box.y // self.cell, -(-box.bottom // self.cell)):
            for column in range(box.x // self.cell, -(-box.right // self.cell)):
                tile = self._tile(Place(self._zoom, column, row))
                if tile is None:
                    continue
                place = Rect(column * self.cell, row * self.cell, self.cell, self.cell)
                part = place.intersected(box)
                seen = tile[part.slices(place)]
                pixels[part.slices(box)] = seen[..., :3]
                valid[part.slices(box)] = seen[..., 3] > 0
        return pixels, valid

    def write(self, row: int, column: int, painted: Pixels) -> None:
        """The tile's own transparency stays, and so does what lies under it."""
        place = Place(self._zoom, column, row)
        tile = self._tile(place)
        if tile is None:
            return
        result = tile.copy()
        visible = tile[..., 3] > 0
        result[visible, :3] = painted[visible]
        self._store.write(place, encode_tile(result, self._encoding.as_format, self._encoding.quality))

    def flush(self) -> None:
        self._store.flush()

    def _tile(self, place: Place) -> Pixels | None:
        """(S, S, 4), the last ones from memory; None where there is none."""
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        tile = self._kept[place] = self._read_tile(place)
        if len(self._kept) > self._most_kept:
            self._kept.popitem(last=False)
        return tile

    def _read_tile(self, place: Place) -> Pixels | None:
        try:
            data = self._source.read(place)
            if not data:
                return None
            pixels = decode_tile(data, place, self._path)
            if pixels.shape[0] != self.cell:
                raise UserError(f"Tile {place} of {self._path} is of another size than the others.")
        except UserError as error:
            self._damage.add(place, str(error))
            return None
        if pixels.shape[2] == 4:
            return pixels
        opaque: Pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
        return opaque
