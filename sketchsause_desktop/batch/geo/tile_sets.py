"""What a set of map tiles is, wherever it is kept: tiles by zoom, column and row, and words about the whole.

Rows are counted from the north here (as in XYZ), whatever the set itself does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.core.picture_metadata import OutputFormat
from sketchsause_desktop.core.pictures import Pixels, pixels_of

TILE_SUFFIXES: dict[str, OutputFormat] = {".png": "png", ".jpg": "jpg", ".jpeg": "jpg", ".webp": "webp"}
LARGEST_TILE = 4096  # pixels of a side
HIGHEST_ZOOM = 30
_READABLE = ("PNG", "JPEG", "WEBP", "GIF")
_JPEG_QUALITY, _WEBP_QUALITY = 95, 90  # as for other pictures


@dataclass(frozen=True, order=True)
class Place:
    zoom: int
    column: int
    row: int  # from the north

    def __str__(self) -> str:
        return f"{self.zoom}/{self.column}/{self.row}"


class TileSource(Protocol):
    """A set that is read. Raises UserError from all of it for what cannot be read."""

    @property
    def words(self) -> dict[str, str]:
        """What the set says about itself, by MBTiles' names: name, attribution, bounds."""
        ...

    @property
    def tile_format(self) -> OutputFormat: ...

    def zooms(self) -> list[int]: ...

    def cells(self, zoom: int) -> NDArray[np.int64]:
        """The tiles there are, (N, 2) of row and column."""
        ...

    def read(self, place: Place) -> bytes | None: ...


class TileStore(Protocol):
    """A set that is written, piece by piece; what an earlier run of the same batch has written is kept."""

    def cells(self, zoom: int) -> NDArray[np.int64]:
        """Those that are there, (N, 2) of row and column."""
        ...

    def write(self, place: Place, data: bytes) -> None: ...

    def flush(self) -> None:
        """What was written is on the disk when this returns."""
        ...

    def finish(self, words: dict[str, str]) -> None: ...


@dataclass
class Damage:
    """Tiles that could not be read: the first is named, all are counted."""

    first: str = ""  # a sentence
    places: set[Place] = field(default_factory=set)

    @property
    def count(self) -> int:
        return len(self.places)

    def add(self, place: Place, sentence: str) -> None:
        if place not in self.places:  # its neighbours ask for it, too
            self.places.add(place)
            self.first = self.first or sentence


def decode_tile(data: bytes, place: Place, path: Path) -> Pixels:
    """(S, S, 3) or (S, S, 4). Raises UserError; `path` is the set's, for the sentence."""
    try:
        with Image.open(BytesIO(data), formats=_READABLE) as image:
            if image.width != image.height or image.width > LARGEST_TILE:
                raise UserError(f"Tile {place} of {path} is {image.width} x {image.height} pixels.")
            image.load()
            return pixels_of(image, image.info.get("icc_profile"), path)
    except UserError:
        raise
    except Exception as error:  # whatever damaged bytes lead Pillow to
        raise UserError(f"Tile {place} of {path} is damaged.", "Download or make it again.") from error


def encode_tile(pixels: Pixels, as_format: OutputFormat, quality: int | None) -> bytes:
    """(S, S, 4) as a file's bytes. Opaque tiles are stored without alpha; JPEG has none, and shows white there."""
    if (pixels[..., 3] == 255).all():
        image = Image.fromarray(pixels[..., :3])
    elif as_format == "jpg":
        image = Image.new("RGB", (pixels.shape[1], pixels.shape[0]), "white")
        image.paste(Image.fromarray(pixels), mask=Image.fromarray(pixels[..., 3]))
    else:
        image = Image.fromarray(pixels)
    data = BytesIO()
    if as_format == "jpg":
        image.save(data, "JPEG", quality=quality or _JPEG_QUALITY, subsampling=0)
    elif as_format == "webp":
        image.save(data, "WEBP", quality=quality or _WEBP_QUALITY, lossless=quality == 100, exact=True)
    else:
        image.save(data, "PNG")
    return data.getvalue()


def without(cells: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """The cells that are not among `others`."""
    kept: NDArray[np.int64] = cells[~np.isin(_numbers(cells), _numbers(others))]
    return kept


def _numbers(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = cells[:, 0] * 2**32 + cells[:, 1]
    return numbers


def rows_of(zoom: int, cells: NDArray[np.int64]) -> int:
    """How many rows a zoom level has; more than usual in grids that are not those of the web."""
    last = int(cells[:, 0].max(initial=0))
    return max(int(2**zoom), last + 1)


def first_tiles(source: TileSource) -> Iterator[tuple[Place, bytes]]:
    """The tiles there are, from the lowest zoom."""
    for zoom in source.zooms():
        for row, column in source.cells(zoom).tolist():
            place = Place(zoom, column, row)
            data = source.read(place)
            if data:
                yield place, data
