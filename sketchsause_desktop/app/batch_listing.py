"""The dry run of a batch: its pictures are looked for on another thread and come in portions."""

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from models.errors import UserError
from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.batch_queue import Row, row_of
from sketchsause_desktop.batch.job import BatchJob

_PORTION = 500  # rows
_POLL_SECONDS = 0.05  # how soon a listing that waits for the window notices that it was given up


class BatchListing(QObject):
    """One listing at a time: a newer one ends the older, whose rows do not come any more."""

    found = Signal(object)  # list[Row]
    ended = Signal(str)  # what is wrong with the job, in words; "" = nothing
    _sent = Signal(object, object)  # threading.Event of its listing, list[Row]

    def __init__(self, model_path: Callable[[str], Path], parent: QObject | None = None) -> None:
        """`model_path` tells where the weights of a model lie, or raises UserError."""
        super().__init__(parent)
        self._model_path = model_path
        self._background = Background("batch-listing", self)
        self._given_up = threading.Event()
        self._taken = threading.Event()  # the portion that was sent last
        self._sent.connect(self._on_sent, Qt.ConnectionType.QueuedConnection)

    def begin(self, job: BatchJob) -> None:
        self.give_up()
        given_up = self._given_up = threading.Event()

        def then(error: Exception | None) -> None:
            if given_up.is_set():
                return
            if error is not None and not isinstance(error, UserError | OSError):
                raise error
            self.ended.emit(str(error) if error is not None else "")

        self._background.run(lambda: self._list(job, given_up), then)

    def give_up(self) -> None:
        self._given_up.set()

    def wait(self) -> None:
        """Until what is being listed is told."""
        self._background.wait()

    def close_down(self) -> None:
        self.give_up()
        self._background.finish()

    def _list(self, job: BatchJob, given_up: threading.Event) -> None:
        """On the other thread."""
        from sketchsause_desktop.batch.manifest import done_before
        from sketchsause_desktop.batch.plan import plan

        done = done_before(job, self._model_path(job.model))
        rows: list[Row] = []
        for task in plan(job, done=done):
            if given_up.is_set():
                return
            rows.append(row_of(task, done))
            if len(rows) == _PORTION:
                self._send(given_up, rows)
                rows = []
        self._send(given_up, rows)

    def _send(self, given_up: threading.Event, rows: list[Row]) -> None:
        """One portion at a time, so that painting has its turn between two of them."""
        self._taken.clear()
        self._sent.emit(given_up, rows)
        while not self._taken.wait(_POLL_SECONDS) and not given_up.is_set():
            pass

    @Slot(object, object)
    def _on_sent(self, given_up: threading.Event, rows: list[Row]) -> None:
        if not given_up.is_set() and rows:
            self.found.emit(rows)
        self._taken.set()
