"""Runs a batch: decoding, the network and encoding at the same time, in bounded queues.

    tasks -> decode threads -> queue -> network (the thread that calls `run`) -> queue -> encode threads -> outcomes

The encode threads also bring colours to the picture's size, so that the network does not wait for that. Pillow's codecs
and the network release the GIL, so the three really overlap. One picture's fault is its own outcome.
"""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, Full, Queue, SimpleQueue
from typing import Protocol

import numpy as np

from models.errors import UserError
from models.memory import is_out_of_memory
from sketchsause_desktop.batch.budget import PixelBudget
from sketchsause_desktop.batch.by_itself import check_by_itself, write_by_itself
from sketchsause_desktop.batch.coloured import is_coloured
from sketchsause_desktop.batch.geo.convert import convert_map
from sketchsause_desktop.batch.geo.ground import metres_beside
from sketchsause_desktop.batch.geo.sidecars import carry
from sketchsause_desktop.batch.geo.sweep import StoppedError
from sketchsause_desktop.batch.job import BatchJob, Outcome, Status, Summary, Task
from sketchsause_desktop.batch.output import check_picture, store
from sketchsause_desktop.batch.painter import Finish, PagePainter, Painter
from sketchsause_desktop.batch.reading import Page, goes_by_itself, pixels_of_task, read_page
from sketchsause_desktop.batch.scale import View
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.core.depth import AnyPixels, Pixels
from sketchsause_desktop.core.picture_writer import encode_picture, is_disk_full
from sketchsause_desktop.core.pictures import Picture

_log = logging.getLogger(__name__)

# On two cores a CPU network keeps both busy: one thread reads ahead and two write, since PNG compression and the disk's
# flush take ten times as long. With more cores, and a graphics card to be fed, more of them are needed.
_CORES = os.cpu_count() or 2
_DECODERS = min(max(_CORES // 4, 1), 4)
_ENCODERS = min(max(_CORES // 2, 2), 8)
_WAITING = 4  # pictures in each queue: enough to bridge a slow one
_PIXELS_IN_MEMORY = 48_000_000  # at about 10 bytes each, beside what the network itself needs
_NO_PIXELS: Pixels = np.zeros((0, 0, 3), np.uint8)
_POLL_SECONDS = 0.1  # how soon a waiting thread notices that the batch was stopped

_LEAST_SHARE = 0.01  # of a large task, by which it has to have come on to be told of

Report = Callable[[Outcome], None]
Progress = Callable[[Task, float], None]  # the share of a large task that is done, 0 to 1


class Record(Protocol):
    """What `manifest.Manifest` is to a batch that runs."""

    @property
    def settings(self) -> str: ...
    def record_done(self, task: Task, size: int) -> None: ...
    def record_failed(self, task: Task, message: str) -> None: ...


def run(
    job: BatchJob,
    tasks: Iterable[Task],
    painter: Painter,
    *,
    hints: Pixels | None = None,
    palette: Sequence[Colour] = (),
    record: Record | None = None,
    report: Report | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    keep_outcomes: bool = True,
) -> Summary:
    """Do all tasks, in the colours of `palette` where it has any; `report` gets each outcome on the calling thread.

    `progress` is told on that thread, too, how far a task is that is painted piece by piece.

    `tasks` are taken one by one as there is room for them. Setting `stop` ends the batch after the pictures that are
    being written; what was not done has no outcome. A full disk ends it too, since every picture would fail; the one
    that met it was not done. What `tasks` raises is raised here, after the pictures that are being written.
    """
    started = time.perf_counter()
    pipeline = _Pipeline(job, tasks, PagePainter(job, painter, hints, palette), stop or threading.Event())
    pipeline.record, pipeline.report, pipeline.keep_outcomes = record, report, keep_outcomes
    pipeline.progress = progress
    pipeline.run()
    return Summary(
        outcomes=sorted(pipeline.outcomes, key=lambda outcome: outcome.task.index),
        counts=dict(pipeline.counts),
        seconds=time.perf_counter() - started,
        stopped=pipeline.is_cut_short,
        reason=pipeline.reason,
    )


@dataclass(frozen=True)
class _Sheet:
    """A picture on its way: first what was read, then what the network made of it."""

    task: Task
    page: Page | None  # None: it goes by itself, and is read when it is its turn
    finish: Finish | None
    reserved: int  # pixels of the budget
    seconds: float
    scale: float = 1.0  # at which the network saw it


class _Pipeline:
    record: Record | None = None
    report: Report | None = None
    progress: Progress | None = None
    keep_outcomes = True

    def __init__(self, job: BatchJob, tasks: Iterable[Task], painter: PagePainter, stop: threading.Event) -> None:
        self._job = job
        self._painter = painter
        self._stop = stop
        self._tasks: Iterator[Task] = iter(tasks)
        self._tasks_lock = threading.Lock()
        self._fault: BaseException | None = None  # of the tasks themselves
        self._budget = PixelBudget(_PIXELS_IN_MEMORY)
        self._decoded: Queue[_Sheet | None] = Queue(_WAITING)  # None: a decoder has ended
        self._painted: Queue[_Sheet | None] = Queue(_WAITING)  # None: nothing more will come
        self._finished: SimpleQueue[Outcome] = SimpleQueue()
        self._taken = 0  # tasks
        self._is_exhausted = False
        self.outcomes: list[Outcome] = []
        self.counts: Counter[Status] = Counter()
        self.reason = ""

    @property
    def is_cut_short(self) -> bool:
        return not self._is_exhausted or self.counts.total() < self._taken

    def run(self) -> None:
        threads = [threading.Thread(target=self._decode_all, name=f"decode-{i}") for i in range(_DECODERS)]
        threads += [threading.Thread(target=self._encode_all, name=f"encode-{i}") for i in range(_ENCODERS)]
        for thread in threads:
            thread.start()
        try:
            self._paint_all()
        except BaseException:
            self._stop.set()
            raise
        finally:
            for _ in range(_ENCODERS):
                self._put(self._painted, None)
            for thread in threads:
                thread.join()
            self._tell()
        if self._fault:
            raise self._fault

    # ------------------------------------------------------------------------------------------- the three stages

    def _decode_all(self) -> None:
        while not self._stop.is_set() and (task := self._next_task()):
            if task.refusal:
                self._finish(task, "failed", task.refusal)
            elif task.skip:
                self._finish(task, "skipped", task.skip)
            elif task.kind != "picture":
                self._put(self._decoded, _Sheet(task, None, None, 0, 0.0))
            else:
                self._decode(task)
        self._put(self._decoded, None)

    def _next_task(self) -> Task | None:
        with self._tasks_lock:
            try:
                task = next(self._tasks, None)
            except BaseException as error:  # noqa: BLE001 - raised again by `run`
                self._fault = error
                self._stop.set()
                return None
            if task is None:
                self._is_exhausted = True
            else:
                self._taken += 1
            return task

    def _decode(self, task: Task) -> None:
        reserved, started = 0, time.perf_counter()
        try:
            pixels = pixels_of_task(task)
            if goes_by_itself(task, pixels):
                self._put(self._decoded, _Sheet(task, None, None, 0, 0.0))
                return
            waiting = time.perf_counter()
            if not self._budget.acquire(pixels, self._stop.is_set):
                return
            reserved = pixels
            started += time.perf_counter() - waiting
            page = read_page(task, self._job)
            sheet = _Sheet(task, page, None, reserved, time.perf_counter() - started)
        except Exception as error:  # noqa: BLE001 - one bad file never ends a batch
            self._budget.release(reserved)
            self._fail(task, error)
        else:
            if self._job.skip_coloured and is_coloured(page.picture):
                self._budget.release(reserved)
                self._finish(task, "skipped", f"{task.source} is coloured already.")
            else:
                self._put(self._decoded, sheet)

    def _paint_all(self) -> None:
        decoders = _DECODERS
        while decoders and not self._stop.is_set():
            self._tell()
            sheet = self._get(self._decoded, meanwhile=self._tell)
            if sheet is None:
                decoders -= 1
            else:
                self._paint(sheet)

    def _paint(self, sheet: _Sheet) -> None:
        started = time.perf_counter()
        try:
            if sheet.task.kind != "picture":
                self._convert_map(sheet.task)
                return
            if sheet.page is None:
                self._convert_by_itself(sheet.task)
                return
            view = self._view(sheet.task)
            paint = partial(self._painter.paint, sheet.page, sheet.task.source, view.scale)
            finish, told = self._painter.sparingly(paint)
        except Exception as error:  # noqa: BLE001
            self._budget.release(sheet.reserved)
            self._fail(sheet.task, error)
            return
        notes = (*sheet.page.picture.notes, *filter(None, (view.told, told)))
        picture = replace(sheet.page.picture, pixels=_NO_PIXELS, deep=None, notes=notes)
        page = replace(sheet.page, picture=picture)
        seconds = sheet.seconds + time.perf_counter() - started
        self._put(self._painted, replace(sheet, page=page, finish=finish, seconds=seconds, scale=view.scale))

    def _view(self, task: Task) -> View:
        return self._painter.view(partial(metres_beside, task.source))

    def _convert_by_itself(self, task: Task) -> None:
        """On this thread from first to last page, since they go into one file in their order."""
        started = time.perf_counter()
        notes: list[str] = []
        view = self._view(task)

        def write(path: Path) -> None:
            do = partial(write_by_itself, path, task, self._job, self._painter, self._coming_on(task), view.scale)
            found, told = self._painter.sparingly(do)
            notes.extend([*found, *filter(None, (view.told, told))])

        self._store(task, write, partial(check_by_itself, task=task, job=self._job))
        self._finish(task, "done", " ".join(notes), time.perf_counter() - started, view.scale)

    def _convert_map(self, task: Task) -> None:
        """On this thread, too: it reads, paints and writes piece by piece."""
        started = time.perf_counter()
        try:
            settings = self.record.settings if self.record else ""
            record = partial(self._record, task)
            come_on = self._coming_on(task)
            notes = convert_map(task, self._job, self._painter, record, self._stop.is_set, settings, come_on)
        except StoppedError:
            return
        self._finish(task, "done", " ".join(notes), time.perf_counter() - started)

    def _coming_on(self, task: Task) -> Callable[[float], None]:
        """Tells of `task`, but not of every band; the pictures beside it are told of meanwhile."""
        told = 0.0

        def come_on(share: float) -> None:
            nonlocal told
            if self.progress and not told <= share < told + _LEAST_SHARE:
                told = share
                self.progress(task, share)
            self._tell()

        return come_on

    def _encode_all(self) -> None:
        while (sheet := self._get(self._painted)) is not None:
            started = time.perf_counter()
            assert sheet.page is not None
            assert sheet.finish is not None
            picture = sheet.page.picture
            try:
                pixels = sheet.finish()
                self._store(
                    sheet.task,
                    partial(self._encode, pixels=pixels, picture=picture, name=sheet.task.target),
                    partial(check_picture, size=(pixels.shape[1], pixels.shape[0])),
                )
            except Exception as error:  # noqa: BLE001
                self._fail(sheet.task, error)
            else:
                seconds = sheet.seconds + time.perf_counter() - started
                self._finish(sheet.task, "done", " ".join(picture.notes), seconds, sheet.scale)
            finally:
                self._budget.release(sheet.reserved)

    def _encode(self, path: Path, pixels: AnyPixels, picture: Picture, name: Path) -> None:
        encode_picture(path, pixels, picture.metadata, quality=self._job.quality, name=name)

    def _store(self, task: Task, write: Callable[[Path], None], check: Callable[[Path], None]) -> None:
        def record(size: int) -> None:
            if task.page is None and not self._job.sheet_half:  # else it lies elsewhere than its file
                carry(task.source, task.target)
            self._record(task, size)

        store(task.target, write, record, check)

    def _record(self, task: Task, size: int) -> None:
        """The result is whole beside its place."""
        if self.record:
            self.record.record_done(task, size)

    # ------------------------------------------------------------------------------------------------- the plumbing

    def _finish(self, task: Task, status: Status, message: str = "", seconds: float = 0.0, scale: float = 1.0) -> None:
        self._finished.put(Outcome(task=task, status=status, message=message, seconds=seconds, scale=scale))

    def _fail(self, task: Task, error: Exception) -> None:
        if isinstance(error, UserError):
            message = str(error)
        elif is_out_of_memory(error):
            message = f"There is not enough memory for {task.source}. Convert it with a smaller tile."
        else:
            _log.info("Converting %s failed.", task.source, exc_info=error)
            message = f"{task.source} could not be converted: {type(error).__name__}: {error}".splitlines()[0]
        if is_disk_full(error):
            self.reason = message
            self._stop.set()
        else:
            self._finish(task, "failed", message)

    def _tell(self) -> None:
        """Hand the outcomes so far to the caller, on the caller's thread."""
        while True:
            try:
                outcome = self._finished.get_nowait()
            except Empty:
                return
            self.counts[outcome.status] += 1
            if self.keep_outcomes:
                self.outcomes.append(outcome)
            if self.record and outcome.status == "failed":
                self.record.record_failed(outcome.task, outcome.message)
            if self.report:
                self.report(outcome)

    def _put(self, queue: "Queue[_Sheet | None]", item: _Sheet | None) -> None:
        while True:
            try:
                queue.put(item, timeout=_POLL_SECONDS)
            except Full:
                if self._stop.is_set():
                    return
            else:
                return

    def _get(self, queue: "Queue[_Sheet | None]", meanwhile: Callable[[], None] | None = None) -> _Sheet | None:
        while True:
            try:
                return queue.get(timeout=_POLL_SECONDS)
            except Empty:
                if self._stop.is_set():
                    return None
                if meanwhile:
                    meanwhile()
