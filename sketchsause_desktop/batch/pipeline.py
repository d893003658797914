"""Runs a batch: decoding, the network and encoding at the same time, in bounded queues.

    tasks -> decode threads -> queue -> network (the thread that calls `run`) -> queue -> encode threads -> outcomes

Pillow's codecs and the network release the GIL, so the three really overlap. One picture's fault is its own outcome.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty, Full, Queue, SimpleQueue
from typing import Protocol

import numpy as np

from models.errors import UserError
from sketchsause_desktop.batch.budget import PixelBudget
from sketchsause_desktop.batch.job import BatchJob, Outcome, SheetHalf, Status, Summary, Task
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.core.hint_pull import asks, pulled
from sketchsause_desktop.core.pictures import Picture, Pixels, read_picture, read_size, write_picture

_log = logging.getLogger(__name__)

# On two cores a CPU network keeps both busy: one thread reads ahead and two write, since PNG compression and the disk's
# flush take ten times as long. With more cores, and a graphics card to be fed, more of them are needed.
_CORES = os.cpu_count() or 2
_DECODERS = min(max(_CORES // 4, 1), 4)
_ENCODERS = min(max(_CORES // 2, 2), 8)
_WAITING = 4  # pictures in each queue: enough to bridge a slow one
_PIXELS_IN_MEMORY = 48_000_000  # at about 10 bytes each, beside what the network itself needs
_POLL_SECONDS = 0.1  # how soon a waiting thread notices that the batch was stopped

Report = Callable[[Outcome], None]


class Prediction(Protocol):
    """What `models.predictor.Prediction` is to a batch."""

    @property
    def colour(self) -> Pixels: ...
    @property
    def lines(self) -> Pixels | None: ...
    @property
    def picture(self) -> Pixels: ...
    def with_colour(self, colour: Pixels) -> "Prediction": ...


class Painter(Protocol):
    """What `models.predictor.Predictor` is to a batch."""

    def predict(
        self,
        image: Pixels,
        *,
        hints: Pixels | None = None,
        palette: Sequence[Colour] = (),
        working_size: int | None = None,
        tile: int | None = None,
        overlap: int | None = None,
    ) -> Prediction: ...


def run(
    job: BatchJob,
    tasks: Sequence[Task],
    painter: Painter,
    *,
    hints: Pixels | None = None,
    palette: Sequence[Colour] = (),
    report: Report | None = None,
    stop: threading.Event | None = None,
) -> Summary:
    """Do all tasks, in the colours of `palette` where it has any; `report` gets each outcome on the calling thread.

    Setting `stop` ends the batch after the pictures that are being written; what was not done has no outcome.
    """
    started = time.perf_counter()
    pipeline = _Pipeline(job, tasks, painter, hints, palette, report, stop or threading.Event())
    outcomes = pipeline.run()
    return Summary(
        outcomes=sorted(outcomes, key=lambda outcome: outcome.task.index),
        seconds=time.perf_counter() - started,
        stopped=len(outcomes) < len(tasks),
    )


def read_hints(job: BatchJob) -> Pixels | None:
    """Raises UserError when the file of hints has no transparency that could say where the hints are."""
    if job.hints is None:
        return None
    pixels = read_picture(job.hints).pixels
    if pixels.shape[2] != 4:
        raise UserError(
            f"{job.hints} has no transparency, so nothing tells the hints from the rest.",
            "Save the hints as PNG on a transparent layer.",
        )
    return pixels


def take_half(picture: Picture, half: SheetHalf, name: object) -> Picture:
    """One half of a side-by-side sheet. Raises UserError when the sheet has no middle."""
    if picture.width % 2:
        raise UserError(
            f"{name} is {picture.width} pixels wide, which cannot be halved.",
            "Crop it to an even width, or convert it whole.",
        )
    middle = picture.width // 2
    part = picture.pixels[:, :middle] if half == "left" else picture.pixels[:, middle:]
    return replace(picture, pixels=np.ascontiguousarray(part))


@dataclass(frozen=True)
class _Sheet:
    """A picture on its way: first what was read, then what the network made of it."""

    task: Task
    picture: Picture
    reserved: int  # pixels of the budget
    seconds: float


class _Pipeline:
    def __init__(
        self,
        job: BatchJob,
        tasks: Sequence[Task],
        painter: Painter,
        hints: Pixels | None,
        palette: Sequence[Colour],
        report: Report | None,
        stop: threading.Event,
    ) -> None:
        self._job = job
        self._painter = painter
        self._hints = hints
        self._palette = palette
        self._report = report
        self._stop = stop
        self._tasks: Iterator[Task] = iter(tasks)
        self._tasks_lock = threading.Lock()
        self._budget = PixelBudget(_PIXELS_IN_MEMORY)
        self._decoded: Queue[_Sheet | None] = Queue(_WAITING)  # None: a decoder has ended
        self._painted: Queue[_Sheet | None] = Queue(_WAITING)  # None: nothing more will come
        self._finished: SimpleQueue[Outcome] = SimpleQueue()
        self._outcomes: list[Outcome] = []

    def run(self) -> list[Outcome]:
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
        return self._outcomes

    # ------------------------------------------------------------------------------------------- the three stages

    def _decode_all(self) -> None:
        while not self._stop.is_set():
            with self._tasks_lock:
                task = next(self._tasks, None)
            if task is None:
                break
            if task.refusal:
                self._finish(task, "failed", task.refusal)
            elif task.skip:
                self._finish(task, "skipped", f"{task.target} is already there.")
            else:
                self._decode(task)
        self._put(self._decoded, None)

    def _decode(self, task: Task) -> None:
        reserved, started = 0, time.perf_counter()
        try:
            width, height = read_size(task.source)
            waiting = time.perf_counter()
            if not self._budget.acquire(width * height, self._stop.is_set):
                return
            reserved = width * height
            started += time.perf_counter() - waiting
            picture = read_picture(task.source)
            if self._job.sheet_half:
                picture = take_half(picture, self._job.sheet_half, task.source)
            sheet = _Sheet(task, picture, reserved, time.perf_counter() - started)
        except Exception as error:  # noqa: BLE001 - one bad file never ends a batch
            self._budget.release(reserved)
            self._fail(task, error)
        else:
            self._put(self._decoded, sheet)

    def _paint_all(self) -> None:
        decoders = _DECODERS
        while decoders and not self._stop.is_set():
            self._tell()
            sheet = self._get(self._decoded)
            if sheet is None:
                decoders -= 1
            else:
                self._paint(sheet)

    def _paint(self, sheet: _Sheet) -> None:
        started = time.perf_counter()
        try:
            pixels = self._predict(sheet)
        except Exception as error:  # noqa: BLE001
            self._budget.release(sheet.reserved)
            self._fail(sheet.task, error)
            return
        seconds = sheet.seconds + time.perf_counter() - started
        self._put(self._painted, replace(sheet, picture=replace(sheet.picture, pixels=pixels), seconds=seconds))

    def _predict(self, sheet: _Sheet) -> Pixels:
        height, width = sheet.picture.height, sheet.picture.width
        if self._hints is not None and self._hints.shape[:2] != (height, width):
            raise UserError(
                f"{sheet.task.source} is {width} x {height} pixels, but the hints are "
                f"{self._hints.shape[1]} x {self._hints.shape[0]}.",
                "Draw the hints on a layer of the same size.",
            )
        job = self._job
        paint = partial(
            self._painter.predict,
            sheet.picture.pixels,
            palette=self._palette,
            working_size=job.working_size,
            tile=job.tile,
            overlap=job.overlap,
        )
        prediction = paint(hints=self._hints)
        if prediction.lines is not None and asks(self._hints, job.pull):
            plain = paint(hints=None).colour
            colour = pulled(prediction.colour, prediction.lines, self._hints, job.pull, plain)
            prediction = prediction.with_colour(colour)
        picture: Pixels = prediction.picture
        return picture

    def _encode_all(self) -> None:
        while (sheet := self._get(self._painted)) is not None:
            started = time.perf_counter()
            try:
                _make_folder(sheet.task)
                write_picture(
                    sheet.task.target, sheet.picture.pixels, sheet.picture.metadata, quality=self._job.quality
                )
            except Exception as error:  # noqa: BLE001
                self._fail(sheet.task, error)
            else:
                seconds = sheet.seconds + time.perf_counter() - started
                self._finish(sheet.task, "done", " ".join(sheet.picture.notes), seconds)
            finally:
                self._budget.release(sheet.reserved)

    # ------------------------------------------------------------------------------------------------- the plumbing

    def _finish(self, task: Task, status: Status, message: str = "", seconds: float = 0.0) -> None:
        self._finished.put(Outcome(task=task, status=status, message=message, seconds=seconds))

    def _fail(self, task: Task, error: Exception) -> None:
        if isinstance(error, UserError):
            message = str(error)
        elif isinstance(error, MemoryError):
            message = f"There is not enough memory for {task.source}. Convert it with a smaller tile."
        else:
            _log.info("Converting %s failed.", task.source, exc_info=error)
            message = f"{task.source} could not be converted: {type(error).__name__}: {error}".splitlines()[0]
        self._finish(task, "failed", message)

    def _tell(self) -> None:
        """Hand the outcomes so far to the caller, on the caller's thread."""
        while True:
            try:
                outcome = self._finished.get_nowait()
            except Empty:
                return
            self._outcomes.append(outcome)
            if self._report:
                self._report(outcome)

    def _put(self, queue: "Queue[_Sheet | None]", item: _Sheet | None) -> None:
        while True:
            try:
                queue.put(item, timeout=_POLL_SECONDS)
            except Full:
                if self._stop.is_set():
                    return
            else:
                return

    def _get(self, queue: "Queue[_Sheet | None]") -> _Sheet | None:
        while True:
            try:
                return queue.get(timeout=_POLL_SECONDS)
            except Empty:
                if self._stop.is_set():
                    return None


def _make_folder(task: Task) -> None:
    try:
        task.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder {task.target.parent} cannot be made: {error.strerror or error}.", "Choose another folder."
        ) from error
