"""A set of map tiles through the network, zoom by zoom, and on from where an earlier run was killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from models.errors import UserError
from sketchsause_desktop.batch.geo.brush import Brush
from sketchsause_desktop.batch.geo.detect import MBTILES
from sketchsause_desktop.batch.geo.ground import metres_of_tiles
from sketchsause_desktop.batch.geo.mbtiles import mbtiles_source, mbtiles_store
from sketchsause_desktop.batch.geo.sweep import sweep
from sketchsause_desktop.batch.geo.tile_folder import folder_source, folder_store
from sketchsause_desktop.batch.geo.tile_level import Encoding, TileLevel
from sketchsause_desktop.batch.geo.tile_sets import Damage, TileSource, TileStore, decode_tile, first_tiles
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.core.picture_metadata import OutputFormat

_EARTH = 180.0  # degrees to the east and the west; and of the web's square map, 85.0511 to the north and the south


def convert_tiles(
    path: Path, source_path: Path, job: BatchJob, brush: Brush, settings: str
) -> tuple[Damage, list[str]]:
    """Paint the set `source_path` into `path`, a folder or an .mbtiles file; the tiles that could not be read, and
    sentences.

    What is in `path` already of an earlier run with the same `settings` (any text that tells them) is kept. Raises
    UserError for a set that cannot be read, StoppedError, and OSError for what the disk will not do.
    """
    if job.bands or job.stretch:
        raise UserError(f"{source_path} holds map tiles, which have no bands to choose.", "Leave --bands out.")
    if job.metres_per_pixel:
        raise UserError(f"{source_path} holds map tiles, whose zoom says it.", "Leave --metres-per-pixel out.")
    damage, notes = Damage(), []
    with _source(source_path, job) as source:
        as_format = _format(source, job)
        side = _side_of_tiles(source, source_path)
        with _store(path, settings, source, as_format) as store:
            done = 0.0
            for zoom, share in _shares(source.zooms()):
                level = TileLevel(zoom, side, source, store, Encoding(as_format, job.quality), source_path, damage)
                here, view = brush.at(partial(metres_of_tiles, zoom, side, source.cells(zoom)))
                notes += [f"Zoom {zoom}: {view.told}"] if view.told else []
                told = partial(_tell, brush, done, share)
                sweep(level, here.paint, here.tile, here.overlap, here.is_stopped, told)
                done += share
            store.finish(_words(source, source_path, as_format))
    return damage, notes


def _shares(zooms: list[int]) -> list[tuple[int, float]]:
    """What each level is of the whole, about: it has four times as many tiles as the one before."""
    total = sum(4.0**zoom for zoom in zooms)
    return [(zoom, 4.0**zoom / total) for zoom in zooms]


def _tell(brush: Brush, done: float, share: float, of_level: float) -> None:
    brush.progress(done + share * of_level)


def check_tiles(path: Path, source_path: Path, job: BatchJob, damage: Damage) -> None:
    """UserError when the set that was just written lacks a tile, or cannot be read."""
    try:
        with _source(source_path, job) as source, _source(path, job) as written:
            for zoom in source.zooms():
                lacking = len(source.cells(zoom)) - len(written.cells(zoom))
                if not 0 <= lacking <= damage.count:
                    raise _unreadable()
            _side_of_tiles(written, path)
    except UserError as error:
        raise _unreadable() from error


def _unreadable() -> UserError:
    return UserError("The result could not be read again after it was written.", "Check the disk, and try again.")


@contextmanager
def _source(path: Path, job: BatchJob) -> Iterator[TileSource]:
    if path.suffix.lower() == MBTILES and path.is_file():
        with mbtiles_source(path) as database:
            yield database
    else:
        with folder_source(path, job.tile_rows) as folder:
            yield folder


@contextmanager
def _store(path: Path, settings: str, source: TileSource, as_format: OutputFormat) -> Iterator[TileStore]:
    if path.suffix.lower() == MBTILES:
        with mbtiles_store(path, settings) as database:
            yield database
    else:
        with folder_store(path, settings, source, as_format) as folder:
            yield folder


def _format(source: TileSource, job: BatchJob) -> OutputFormat:
    if job.file_format == "tiff":
        raise UserError("Map tiles cannot be TIFF.", "Choose --format png, jpg, webp or same.")
    return source.tile_format if job.file_format == "same" else job.file_format


def _side_of_tiles(source: TileSource, path: Path) -> int:
    """Pixels, by the first tile that can be read."""
    fault: UserError | None = None
    for place, data in first_tiles(source):
        try:
            return int(decode_tile(data, place, path).shape[0])
        except UserError as error:
            fault = fault or error
    raise fault or UserError(
        f"There are no tiles in {path}.", "Choose a folder of zoom/column/row.png, or an .mbtiles."
    )


def _words(source: TileSource, path: Path, as_format: OutputFormat) -> dict[str, str]:
    """The set's own, with the format of the new tiles; what MBTiles must have and the set does not say is added."""
    zooms = source.zooms()
    made = {
        "name": path.stem if path.is_file() else path.resolve().name,
        "type": "baselayer",
        "version": "1",
        "bounds": _bounds(source, zooms[-1]),
        "minzoom": str(zooms[0]),
        "maxzoom": str(zooms[-1]),
    }
    return made | source.words | {"format": as_format}


def _bounds(source: TileSource, zoom: int) -> str:
    """West, south, east and north in degrees, by the tiles of a zoom level of the web's square map."""
    cells = source.cells(zoom)
    (top, left), (bottom, right) = cells.min(axis=0), cells.max(axis=0) + 1
    size = 2**zoom
    west, east = (side / size * 2 * _EARTH - _EARTH for side in (left, right))
    south, north = (np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * side / size)))) for side in (bottom, top))
    return ",".join(f"{each:.6f}" for each in (west, south, east, north))
