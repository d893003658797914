"""One task of imagery, from its source to its place: what the pipeline calls for all that is no ordinary picture."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from models.errors import UserError
from sketchsause_desktop.batch.geo.brush import Brush
from sketchsause_desktop.batch.geo.raster import check_raster, convert_raster
from sketchsause_desktop.batch.geo.sidecars import take_over
from sketchsause_desktop.batch.geo.tile_sets import Damage
from sketchsause_desktop.batch.geo.tiles import check_tiles, convert_tiles
from sketchsause_desktop.batch.job import BatchJob, Task
from sketchsause_desktop.batch.output import store, temporary_of
from sketchsause_desktop.batch.scale import View
from sketchsause_desktop.core.picture_writer import write_fault
from sketchsause_desktop.core.pictures import Pixels

Record = Callable[[int], None]  # called with the result's size once it is whole on the disk


class Painter(Protocol):
    """What `painter.PagePainter` is to imagery."""

    @property
    def window(self) -> int: ...
    def paint_window(self, pixels: Pixels, scale: float = 1.0) -> Pixels: ...
    def view(self, metres: Callable[[], float | None]) -> View: ...


def convert_map(
    task: Task,
    job: BatchJob,
    painter: Painter,
    record: Record,
    is_stopped: Callable[[], bool],
    settings: str,
    progress: Callable[[float], None] = lambda _share: None,
) -> list[str]:
    """Do `task`; what there is to say about it, in sentences. Raises UserError, or StoppedError when it was stopped.

    `progress` is told the share that is done, 0 to 1. `settings` is a text that tells the batch's settings: a set of
    tiles goes on where one with the same was stopped.
    """
    if job.hints:
        raise UserError(f"{task.source} is imagery, for which there are no hints.", "Leave --hints out.")
    if job.sheet_half:
        raise UserError(f"{task.source} is imagery, of which no half is taken.", "Leave --sheet-half out.")
    tile = painter.window
    overlap = tile // 4 if job.overlap is None else min(job.overlap, tile - 1)
    brush = Brush(painter.paint_window, tile, overlap, painter.view, is_stopped, progress)
    if task.kind == "tiles":
        return _store_tiles(task, job, brush, record, settings)
    return _store_raster(task, job, brush, record)


def _store_raster(task: Task, job: BatchJob, brush: Brush, record: Record) -> list[str]:
    notes: list[str] = []
    aside = _aux_of(temporary_of(task.target))  # where GDAL writes it

    def record_with_place(size: int) -> None:
        take_over(aside, _aux_of(task.target))
        record(size)

    try:
        store(
            task.target,
            lambda path: notes.extend(convert_raster(path, task.source, job, brush)),
            record_with_place,
            partial(check_raster, source_path=task.source),
        )
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
    return notes


def _store_tiles(task: Task, job: BatchJob, brush: Brush, record: Record, settings: str) -> list[str]:
    """Unlike a picture, a set that was not finished stays under its temporary name, for the next run to go on with."""
    temporary = temporary_of(task.target)
    try:
        task.target.parent.mkdir(parents=True, exist_ok=True)
        damage, notes = convert_tiles(
            temporary, task.source, job, brush, f"{settings} {task.key} {_stamp(task.source)}"
        )
        _check_tiles(temporary, task, job, damage)
        _put_in_place(temporary, task.target, record)
    except OSError as error:
        raise write_fault(task.target, error) from error
    if damage.count:
        others = f" {damage.count} tiles could not be read;" if damage.count > 1 else ""
        raise UserError(f"{damage.first}{others} the others were converted: {task.target}.")
    return notes


def _check_tiles(temporary: Path, task: Task, job: BatchJob, damage: Damage) -> None:
    try:
        check_tiles(temporary, task.source, job, damage)
    except UserError:
        if temporary.is_dir():
            shutil.rmtree(temporary)
        else:
            temporary.unlink(missing_ok=True)
        raise


def _stamp(path: Path) -> int:
    """The time of a file's last change. A folder's says nothing of what is in it."""
    return path.stat().st_mtime_ns if path.is_file() else 0


def _put_in_place(made: Path, target: Path, record: Record) -> None:
    """A folder cannot be moved over another: the old one goes aside first, so that a start after a kill can do it."""
    old = made.with_name(f"{made.name}-old")
    if old.is_dir():
        shutil.rmtree(old)  # a kill has left it
    if target.is_dir():
        target.rename(old)
    record(made.stat().st_size)
    made.replace(target)
    if old.is_dir():
        shutil.rmtree(old)


def _aux_of(path: Path) -> Path:
    return path.with_name(path.name + ".aux.xml")
