"""The batch of the window: listed, run by a child process, paused, stopped, gone on with. One at a time."""

import enum
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from models.errors import UserError
from sketchsause_desktop.app.batch_child import BatchChild, Ending
from sketchsause_desktop.app.batch_listing import BatchListing
from sketchsause_desktop.app.batch_queue import BatchQueue, Pace, Row, RowState
from sketchsause_desktop.app.batch_store import BatchStore
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.batch.job import BatchJob

_TELL_MS = 100  # however many pictures are skipped in a second
_PATIENCE_MS = 20_000  # after which stopping may be forced
_FORCED_AFTER_MS = 60_000  # on the way out of the program

_log = logging.getLogger(__name__)


class BatchState(enum.Enum):
    EMPTY = "empty"  # there is no job
    LISTING = "listing"
    READY = "ready"  # listed, or wrong: `problem` says how
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"


_ACTIVE = (BatchState.STARTING, BatchState.RUNNING, BatchState.PAUSED, BatchState.STOPPING)


@dataclass(frozen=True, kw_only=True)
class Finish:
    """How the last run ended."""

    stopped: bool = False
    sentence: str = ""  # why it ended early, where that was not the user


class BatchRun(QObject):
    """`queue` holds the rows; they are told of in portions, however fast they change."""

    state_changed = Signal()
    rows_reset = Signal()
    rows_added = Signal(int, int)  # the first and the last of them; they are there already
    rows_changed = Signal(int, int)  # all that have changed lie between these two
    ended = Signal()
    progressed = Signal()  # counts, time left

    def __init__(
        self,
        notices: Notices,
        model_path: Callable[[str], Path],
        store: BatchStore | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.job: BatchJob | None = None
        self.queue = BatchQueue()
        self.state = BatchState.EMPTY
        self.problem = ""  # why the job cannot be run
        self.device = ""  # what runs the network, in words
        self.finish = Finish()
        self.may_be_forced = False
        self.started_with = 0  # pictures that waited when the run was started
        self.seconds = 0.0  # that the last run took, without pauses' ends known before
        self._notices = notices
        self._store = store or BatchStore()
        self._child: BatchChild | None = None
        self._pace = Pace()
        self._changed: set[int] = set()
        self._is_dropped = False  # cancelled by the user, so not to be offered again
        self._listing = BatchListing(model_path, self)
        self._listing.found.connect(self._on_found)
        self._listing.ended.connect(self._on_listed)
        self._telling = QTimer(self, singleShot=True, interval=_TELL_MS)
        self._telling.timeout.connect(self._tell_rows)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._on_patience_over)

    @property
    def is_active(self) -> bool:
        return self.state in _ACTIVE

    @property
    def may_start(self) -> bool:
        is_listed = self.state in (BatchState.READY, BatchState.ENDED)
        return is_listed and not self.problem and self.queue.unfinished > 0

    @property
    def done_now(self) -> int:
        """Of `started_with`."""
        return max(0, self.started_with - self.queue.unfinished)

    @property
    def share(self) -> float:
        """Of what the run was started with, 0 to 1; large pictures in work count by what is done of them."""
        return min((self.done_now + self.queue.working_share) / max(self.started_with, 1), 1.0)

    @property
    def process_id(self) -> int:
        """Of the child; 0 where there is none."""
        return self._child.process_id if self._child is not None else 0

    def seconds_left(self) -> float | None:
        if self.state is not BatchState.RUNNING:
            return None
        return self._pace.seconds_left(self.queue.unfinished)

    # The job

    def draft(self, job: BatchJob | None, problem: str = "") -> None:
        """List what `job` would do, anew; None where there is none, or none that can be: `problem` says why."""
        if self.is_active:
            raise RuntimeError("a batch is running")
        self._listing.give_up()
        self.job, self.problem, self.finish = job, problem, Finish()
        self.queue, self.started_with = BatchQueue(), 0
        self._changed.clear()
        self.rows_reset.emit()
        if job is None:
            self._set(BatchState.READY if problem else BatchState.EMPTY)
        else:
            self._set(BatchState.LISTING)
            self._listing.begin(job)

    def draft_of(self, make: Callable[[], BatchJob | None]) -> None:
        """The job that `make` returns; what it raises against the settings becomes the problem."""
        try:
            self.draft(make())
        except UserError as error:
            self.draft(None, str(error))

    def wait_for_listing(self) -> None:
        self._listing.wait()

    def _on_found(self, rows: Sequence[Row]) -> None:
        first = len(self.queue.rows)
        self.queue.add(rows)
        self.rows_added.emit(first, len(self.queue.rows) - 1)
        self.progressed.emit()

    def _on_listed(self, problem: str) -> None:
        self.problem = problem
        if not problem and not self.queue.rows:
            self.problem = "There are no pictures in what was given."
        self._set(BatchState.READY)

    # Orders

    def start(self) -> None:
        """Begin, or go on with what is left; pictures that failed are not tried again."""
        if self.job is None or not self.may_start:
            return
        try:
            words = self._store.words_for_child(self.job)
        except UserError as error:
            self._notices.report("batch", error)
            return
        self._store.keep(self.job)
        self.finish, self.may_be_forced, self._is_dropped = Finish(), False, False
        self.started_with, self.seconds = self.queue.unfinished, 0.0
        self._pace.restart()
        self._child = BatchChild(words, self)
        self._child.event_told.connect(self._on_event)
        self._child.gone.connect(self._on_gone)
        self._set(BatchState.STARTING)
        self._child.start()

    def retry_failed(self) -> None:
        if self.state is BatchState.ENDED and self.queue.counts[RowState.FAILED]:
            self._note(*self.queue.put_back(RowState.FAILED))
            self.start()

    def pause(self) -> None:
        if self.state in (BatchState.STARTING, BatchState.RUNNING):
            self._order("pause")
            self._set(BatchState.PAUSED)

    def resume(self) -> None:
        if self.state is BatchState.PAUSED:
            self._order("resume")
            self._pace.restart()
            self._set(BatchState.RUNNING if self.device else BatchState.STARTING)

    def cancel(self) -> None:
        """Stop, after what is begun; the next start of the program does not offer it again."""
        self._is_dropped = True
        self._stop()

    def force(self) -> None:
        """End the process at once; a picture in work is not there then."""
        if self._child is not None:
            self._child.kill()

    def stop_and_wait(self) -> None:
        """On the way out of the program: the next start offers to go on. Killed where it takes a minute."""
        child = self._child
        if child is None:
            return
        self._stop()
        if not child.wait(_FORCED_AFTER_MS):
            _log.warning("The batch did not stop and was killed.")
            child.kill()
            child.wait(_PATIENCE_MS)

    def close_down(self) -> None:
        """No thread and no process is left; the object must not be used afterwards."""
        self.stop_and_wait()
        self._listing.close_down()

    def _stop(self) -> None:
        if self.is_active:
            self._order("stop")
            self._patience.start()
            self._set(BatchState.STOPPING)

    def _order(self, word: str) -> None:
        if self._child is not None:
            self._child.order(word)

    # What comes

    def _on_event(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "loaded":
            self.device = str(event["device"])
            if self.state is BatchState.STARTING:
                self._set(BatchState.RUNNING)
        elif kind == "finished":
            self.seconds = float(event["seconds"])
            self.finish = Finish(stopped=bool(event["stopped"]), sentence=str(event["reason"]))
        elif kind == "refused":
            self.finish = Finish(stopped=True, sentence=f"{event['sentence']} {event['hint']}".strip())
        elif kind in ("began", "share", "picture"):
            place = self.queue.find(event)
            if place is None:  # came into the folder after it was listed
                place = self._added(event)
            if kind == "began":
                self.queue.begin(place)
            elif kind == "share":
                self.queue.come_on(place, float(event["done"]))
            else:
                self.queue.end(place, event)
                if event["status"] != "skipped":
                    self._pace.ended(time.monotonic())
            self._note(place)

    def _added(self, event: Mapping[str, Any]) -> int:
        source = Path(event["source"])
        self.queue.add([Row(source=source, target=Path(event.get("target", source)), page=event["page"])])
        place = len(self.queue.rows) - 1
        self.started_with += 1
        self.rows_added.emit(place, place)
        return place

    def _on_gone(self, ending: Ending) -> None:
        self._patience.stop()
        self.may_be_forced, self.device = False, ""
        if ending.sentence and not self.finish.sentence:
            self.finish = Finish(stopped=True, sentence=ending.sentence)
        self._note(*self.queue.put_back(RowState.WORKING))
        self._tell_rows()
        if self._child is not None:
            self._child.deleteLater()
            self._child = None
        if self.job is not None and (self._is_dropped or not (self.finish.stopped or ending.sentence)):
            self._store.forget(self.job)
        self._set(BatchState.ENDED)
        self.ended.emit()

    def end_words(self) -> tuple[str, Level]:
        """How the last run ended, for who looks elsewhere; "" where the user stopped it."""
        failed = self.queue.counts[RowState.FAILED]
        if self.finish.sentence:
            return self.finish.sentence, Level.ERROR
        if self.finish.stopped:
            return "", Level.INFO
        if failed:
            words = "One picture" if failed == 1 else f"{failed} pictures"
            return f"The batch is done. {words} failed.", Level.WARNING
        return "The batch is done.", Level.INFO

    # Rows

    def _note(self, *places: int) -> None:
        self._changed.update(places)
        if self._changed and not self._telling.isActive():
            self._telling.start()

    def _tell_rows(self) -> None:
        if self._changed:
            self.rows_changed.emit(min(self._changed), max(self._changed))
            self._changed.clear()
        self.progressed.emit()

    def _on_patience_over(self) -> None:
        self.may_be_forced = True
        self.state_changed.emit()

    def _set(self, state: BatchState) -> None:
        self.state = state
        self.state_changed.emit()

    def write_report(self, path: Path) -> None:
        """The queue as CSV; what is in the way becomes a notice."""
        try:
            self.queue.write_report(path if path.suffix else path.with_suffix(".csv"))
        except UserError as error:
            self._notices.report("batch-report", error)

    # Left over from an earlier start

    def unfinished(self) -> BatchJob | None:
        return self._store.unfinished()

    def forget(self, job: BatchJob) -> None:
        """Do not offer it again; what is done stays."""
        self._store.forget(job)


def folder_of(text: str) -> Path:
    """What was typed as a folder for the results. UserError where it is empty."""
    if not text.strip():
        raise UserError("There is no folder for the results.", "Choose one.")
    return Path(text.strip()).expanduser().absolute()
