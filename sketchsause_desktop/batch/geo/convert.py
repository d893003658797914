"""One task of imagery, from its source to its place: what the pipeline calls for all that is no ordinary picture."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from models.errors import UserError
from sketchsause_desktop.batch.geo.raster import Brush, check_raster, convert_raster
from sketchsause_desktop.batch.geo.sidecars import take_over
from sketchsause_desktop.batch.job import BatchJob, Task
from sketchsause_desktop.batch.output import store, temporary_of
from sketchsause_desktop.core.pictures import Pixels

Record = Callable[[int], None]  # called with the result's size once it is whole on the disk


class Painter(Protocol):
    """What `painter.PagePainter` is to imagery."""

    @property
    def window(self) -> int: ...
    def paint_window(self, pixels: Pixels) -> Pixels: ...


def convert_map(
    task: Task, job: BatchJob, painter: Painter, record: Record, is_stopped: Callable[[], bool]
) -> list[str]:
    """Do `task`; what there is to say about it, in sentences. Raises UserError, or StoppedError when it was stopped."""
    if job.hints:
        raise UserError(f"{task.source} is imagery, for which there are no hints.", "Leave --hints out.")
    if job.sheet_half:
        raise UserError(f"{task.source} is imagery, of which no half is taken.", "Leave --sheet-half out.")
    tile = painter.window
    overlap = tile // 4 if job.overlap is None else min(job.overlap, tile - 1)
    brush = Brush(painter.paint_window, tile, overlap, is_stopped)
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


def _aux_of(path: Path) -> Path:
    return path.with_name(path.name + ".aux.xml")
