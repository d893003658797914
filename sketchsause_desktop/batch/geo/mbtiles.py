"""MBTiles: a set of tiles in one SQLite file, whose rows are counted from the south (as in TMS)."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.batch.geo.tile_sets import HIGHEST_ZOOM, TILE_SUFFIXES, Place
from sketchsause_desktop.core.picture_metadata import OutputFormat
from sketchsause_desktop.core.pictures import open_file

_APPLICATION = 0x4D504258  # "MPBX": what tells an MBTiles file from other SQLite files
_GZIP = b"\x1f\x8b"  # vector tiles are compressed, pictures are not
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS metadata (name TEXT, value TEXT);
    CREATE TABLE IF NOT EXISTS tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
    CREATE UNIQUE INDEX IF NOT EXISTS tile_index ON tiles (zoom_level, tile_column, tile_row);
    CREATE TABLE IF NOT EXISTS sketchsause_batch (settings TEXT);
"""


@contextmanager
def mbtiles_source(path: Path) -> Iterator["MbtilesSource"]:
    """Raises UserError for a file that is no MBTiles, or one of vector tiles."""
    open_file(path).close()  # its faults have sentences already
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        yield MbtilesSource(path, database)


class MbtilesSource:
    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self._path = path
        self._database = database
        database.text_factory = lambda data: data.decode("utf-8", "replace")
        names = {name for (name,) in self._ask("SELECT name FROM sqlite_master")}
        if "tiles" not in names:
            raise UserError(f"{path} holds no map tiles.", "Choose an MBTiles file.")
        self.words = {}
        if "metadata" in names:
            self.words = {str(name): str(value) for name, value in self._ask("SELECT name, value FROM metadata")}
        example = self._ask("SELECT tile_data FROM tiles LIMIT 1")
        if self.words.get("format") == "pbf" or (example and bytes(example[0][0] or b"").startswith(_GZIP)):
            raise UserError(f"{path} holds vector tiles, which are no pictures.", "Render them as PNG tiles first.")

    @property
    def tile_format(self) -> OutputFormat:
        return TILE_SUFFIXES.get(f".{self.words.get('format', 'png').lower()}", "png")

    def zooms(self) -> list[int]:
        found = self._ask("SELECT DISTINCT zoom_level FROM tiles ORDER BY zoom_level")
        return [int(zoom) for (zoom,) in found if isinstance(zoom, int) and 0 <= zoom <= HIGHEST_ZOOM]

    def cells(self, zoom: int) -> NDArray[np.int64]:
        return _cells(self._database, zoom, self._path)

    def read(self, place: Place) -> bytes | None:
        south = 2**place.zoom - 1 - place.row
        found = self._ask(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            (place.zoom, place.column, south),
        )
        return bytes(found[0][0]) if found and found[0][0] else None

    def _ask(self, question: str, values: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        with _reading(self._path):
            return self._database.execute(question, values).fetchall()


def _cells(database: sqlite3.Connection, zoom: int, path: Path) -> NDArray[np.int64]:
    """Of a zoom level, as (row from the north, column); tiles outside of the level's square are no part of it."""
    with _reading(path):
        size = 2**zoom
        found = database.execute("SELECT tile_row, tile_column FROM tiles WHERE zoom_level = ?", (zoom,))
        flat = np.fromiter((number for pair in found for number in pair), np.int64).reshape(-1, 2)
    inside = ((flat >= 0) & (flat < size)).all(axis=1)
    cells: NDArray[np.int64] = flat[inside]
    cells[:, 0] = size - 1 - cells[:, 0]
    return cells


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is no MBTiles file, or it is damaged.", "Copy, download or export it again."
        ) from error


@contextmanager
def mbtiles_store(path: Path, settings: str) -> Iterator["MbtilesStore"]:
    """A file to be filled, or to go on with where one of the same `settings` is there. Raises OSError."""
    with closing(_connect(path)) as database:
        is_ours = _is_of(database, settings)
    if not is_ours:
        path.unlink()
    with closing(_connect(path)) as database:
        with _writing():
            database.executescript(_SCHEMA)
            database.execute(f"PRAGMA application_id = {_APPLICATION}")
            database.execute("DELETE FROM sketchsause_batch")
            database.execute("INSERT INTO sketchsause_batch VALUES (?)", (settings,))
            database.commit()
        yield MbtilesStore(path, database)


def _connect(path: Path) -> sqlite3.Connection:
    with _writing():
        return sqlite3.connect(path)


def _is_of(database: sqlite3.Connection, settings: str) -> bool:
    """Whether the file is empty, or was begun with these settings."""
    try:
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return True
        return database.execute("SELECT settings FROM sketchsause_batch").fetchall() == [(settings,)]
    except sqlite3.Error:
        return False


class MbtilesStore:
    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self._path = path
        self._database = database

    def cells(self, zoom: int) -> NDArray[np.int64]:
        return _cells(self._database, zoom, self._path)

    def write(self, place: Place, data: bytes) -> None:
        south = 2**place.zoom - 1 - place.row
        with _writing():
            values = (place.zoom, place.column, south, data)
            self._database.execute("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)", values)

    def flush(self) -> None:
        with _writing():
            self._database.commit()

    def finish(self, words: dict[str, str]) -> None:
        with _writing():
            self._database.execute("DELETE FROM metadata")
            words = {name: text for name, text in words.items() if name != "scheme"}  # here it is always the same
            self._database.executemany("INSERT INTO metadata VALUES (?, ?)", words.items())
            self._database.execute("DROP TABLE sketchsause_batch")
            self._database.commit()


@contextmanager
def _writing() -> Iterator[None]:
    """SQLite's faults as OSError, which is what a disk's faults are elsewhere."""
    try:
        yield
    except sqlite3.OperationalError as error:
        is_full = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
        raise OSError(errno.ENOSPC if is_full else errno.EIO, str(error)) from error
