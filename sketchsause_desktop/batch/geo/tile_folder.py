"""A folder of map tiles: zoom/column/row.png, with rows counted from the north (XYZ) or from the south (TMS)."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.batch.geo.settings import TileRows
from sketchsause_desktop.batch.geo.tile_sets import HIGHEST_ZOOM, TILE_SUFFIXES, Place, rows_of
from sketchsause_desktop.core.picture_metadata import OutputFormat
from sketchsause_desktop.core.pictures import read_size

TMS_FILE = "tilemapresource.xml"  # of gdal2tiles and others, beside tiles in TMS order
WORDS_FILE = "metadata.json"  # MBTiles' words in a folder, as mb-util writes them
_SETTINGS_FILE = ".sketchsause-tiles"
_LARGEST_WORDS = 16_000_000  # bytes


def is_tile_folder(path: Path, folders: Sequence[str]) -> bool:
    """Whether `path`, which has the sub-folders `folders`, is a set of tiles: zoom/column/row.png, squares.

    Pages of books in folders of numbers are told from tiles by their shape, and by numbers that no tile could have.
    """
    for zoom in (name for name in folders if _is_number(name)):
        with suppress(OSError, UserError):
            column = next((each for each in _names(path / zoom) if _is_number(each)), None)
            if column is None:
                continue
            for name in _names(path / zoom / column):
                row, suffix = os.path.splitext(name)  # noqa: PTH122 - names, not paths
                if not _is_number(row) or suffix.lower() not in TILE_SUFFIXES:
                    continue
                width, height = read_size(path / zoom / column / name)
                return width == height and (_has_words(path) or _fits(int(zoom), int(column), int(row)))
    return False


def _has_words(path: Path) -> bool:
    return (path / TMS_FILE).is_file() or (path / WORDS_FILE).is_file()


def _fits(zoom: int, column: int, row: int) -> bool:
    return zoom <= HIGHEST_ZOOM and row < 2**zoom and column < 2 ** (zoom + 1)  # grids in degrees are twice as wide


def _is_number(name: str) -> bool:
    return re.fullmatch(r"[0-9]{1,10}", name) is not None


def _names(path: Path) -> list[str]:
    with os.scandir(path) as entries:
        return [entry.name for entry in entries]


@contextmanager
def folder_source(path: Path, rows: TileRows) -> Iterator["FolderSource"]:
    yield FolderSource(path, rows)


class FolderSource:
    def __init__(self, path: Path, rows: TileRows) -> None:
        self._path = path
        self.words = _read_words(path)
        self.is_tms = rows == "tms" or (
            rows == "auto" and ((path / TMS_FILE).is_file() or self.words.get("scheme") == "tms")
        )
        self._rows: dict[int, int] = {}  # of each zoom level
        self._suffixes: dict[str, None] = {}  # those seen, the first first

    @property
    def tile_format(self) -> OutputFormat:
        for zoom in self.zooms():
            if not self._suffixes:
                self.cells(zoom)
        return TILE_SUFFIXES[next(iter(self._suffixes), ".png")]

    def zooms(self) -> list[int]:
        try:
            return sorted(int(name) for name in _names(self._path) if _is_number(name) and int(name) <= HIGHEST_ZOOM)
        except OSError as error:
            raise UserError(f"{self._path} cannot be opened: {error.strerror}.", "Check its permissions.") from error

    def cells(self, zoom: int) -> NDArray[np.int64]:
        found: list[tuple[int, int]] = []
        try:
            for column in filter(_is_number, _names(self._path / str(zoom))):
                if not (self._path / str(zoom) / column).is_dir():
                    continue
                for name in _names(self._path / str(zoom) / column):
                    row, suffix = os.path.splitext(name)  # noqa: PTH122 - as in batch.plan
                    if _is_number(row) and suffix.lower() in TILE_SUFFIXES:
                        self._suffixes.setdefault(suffix.lower())
                        found.append((int(row), int(column)))
        except OSError as error:
            raise UserError(
                f"{error.filename} cannot be opened: {error.strerror}.", "Check its permissions."
            ) from error
        cells = np.array(found, np.int64).reshape(-1, 2)
        self._rows[zoom] = rows_of(zoom, cells)
        if self.is_tms:
            cells[:, 0] = self._rows[zoom] - 1 - cells[:, 0]
        return np.unique(cells, axis=0)

    def read(self, place: Place) -> bytes | None:
        row = self.rows(place.zoom) - 1 - place.row if self.is_tms else place.row
        column = self._path / str(place.zoom) / str(place.column)
        for suffix in self._suffixes:
            try:
                return (column / f"{row}{suffix}").read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise UserError(f"Tile {place} of {self._path} cannot be read: {error.strerror}.") from error
        return None

    def rows(self, zoom: int) -> int:
        """Rows of a zoom level whose cells have been asked for."""
        return self._rows[zoom]

    def copy_tms_file(self, target: Path, as_format: OutputFormat) -> None:
        """Take tilemapresource.xml along, where there is one that can be read, with the new format of the tiles."""
        with suppress(OSError, ET.ParseError):
            data = (self._path / TMS_FILE).read_bytes()
            if b"<!" in data.replace(b"<!--", b"") or len(data) > _LARGEST_WORDS:  # entities: how small files grow
                return
            root = ET.fromstring(data)
            for each in root.iter("TileFormat"):
                each.set("extension", as_format)
                each.set("mime-type", {"jpg": "image/jpeg"}.get(as_format, f"image/{as_format}"))
            target.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _read_words(path: Path) -> dict[str, str]:
    """Of metadata.json, as far as they are words."""
    with suppress(OSError, ValueError):
        if (path / WORDS_FILE).stat().st_size <= _LARGEST_WORDS:
            words = json.loads((path / WORDS_FILE).read_text(encoding="utf-8"))
            if isinstance(words, dict):
                return {name: value if isinstance(value, str) else json.dumps(value) for name, value in words.items()}
    return {}


@contextmanager
def folder_store(path: Path, settings: str, source: object, as_format: OutputFormat) -> Iterator["FolderStore"]:
    """A folder to be filled, or to go on with where one of the same `settings` is there. Raises OSError.

    Its rows are counted as those of `source`, if that is a folder, else from the north.
    """
    note = path / _SETTINGS_FILE
    if path.exists() and not (note.is_file() and note.read_text(encoding="utf-8") == settings):
        shutil.rmtree(path)
    for left in path.rglob(".*-*"):
        if left != note:
            left.unlink()  # a tile that was half written when its run was killed
    path.mkdir(parents=True, exist_ok=True)
    with atomic_path(note) as temporary:
        temporary.write_text(settings, encoding="utf-8")
    yield FolderStore(path, source if isinstance(source, FolderSource) else None, as_format)


class FolderStore:
    """Each tile is whole or not there: the tiles themselves say how far an earlier run has come."""

    def __init__(self, path: Path, source: FolderSource | None, as_format: OutputFormat) -> None:
        self._path = path
        self._source = source
        self._as_format = as_format
        self._suffix = f".{as_format}"
        self._is_tms = source is not None and source.is_tms
        self._made: set[Path] = set()

    def cells(self, zoom: int) -> NDArray[np.int64]:
        if not (self._path / str(zoom)).is_dir():
            return np.empty((0, 2), np.int64)
        cells = FolderSource(self._path, "xyz").cells(zoom)
        if self._is_tms:
            cells[:, 0] = self._rows(zoom) - 1 - cells[:, 0]
        return cells

    def write(self, place: Place, data: bytes) -> None:
        row = self._rows(place.zoom) - 1 - place.row if self._is_tms else place.row
        column = self._path / str(place.zoom) / str(place.column)
        if column not in self._made:
            column.mkdir(parents=True, exist_ok=True)
            self._made.add(column)
        with atomic_path(column / f"{row}{self._suffix}") as temporary:
            temporary.write_bytes(data)

    def _rows(self, zoom: int) -> int:
        assert self._source is not None
        return self._source.rows(zoom)

    def flush(self) -> None:
        """Each tile is on the disk already."""

    def finish(self, words: dict[str, str]) -> None:
        words = words | {"scheme": "tms" if self._is_tms else "xyz"}
        with atomic_path(self._path / WORDS_FILE) as temporary:
            temporary.write_text(json.dumps(words, indent=1, ensure_ascii=False), encoding="utf-8")
        if self._source:
            self._source.copy_tms_file(self._path / TMS_FILE, self._as_format)
        (self._path / _SETTINGS_FILE).unlink()
