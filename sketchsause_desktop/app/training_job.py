"""One training: waiting, running as a child process, or found running; ordered about, and ended with a sentence."""

import enum
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from sketchsause_desktop.app.run_history import RunHistory
from sketchsause_desktop.app.training_links import ChildLink, FoundLink, Link, Outcome
from sketchsause_desktop.app.training_spec import TrainingSpec

_PATIENCE_MS = 20_000  # after which stopping may be forced
_FORCED_AFTER_MS = 60_000  # on the way out of the program


class JobState(enum.Enum):
    WAITING = "waiting"  # for the training before it
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    ENDED = "ended"


class TrainingJob(QObject):
    """`start` begins or resumes it in a process of its own, `follow` attaches to one that runs already."""

    state_changed = Signal()
    event_told = Signal(object)  # dict, already in `history`
    ended = Signal()

    def __init__(self, spec: TrainingSpec, history: RunHistory | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.history = history or RunHistory()
        self.state = JobState.WAITING
        self.sentence = ""  # how it ended, where that needs words
        self.may_be_forced = False  # it was asked to stop and takes long
        self._link: Link | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_patience_over)

    @property
    def is_active(self) -> bool:
        return self.state not in (JobState.WAITING, JobState.ENDED)

    @property
    def is_own(self) -> bool:
        """Whether this program started it."""
        return isinstance(self._link, ChildLink)

    @property
    def process_id(self) -> int:
        """Of the own child; 0 where there is none."""
        return self._link.process_id if isinstance(self._link, ChildLink) else 0

    def start(self, *, resume: bool = False) -> None:
        """UserError when the run's folder cannot be written."""
        self.spec.keep()
        self._attach(ChildLink(self.spec, resume=resume, parent=self), JobState.STARTING)

    def follow(self) -> None:
        self._attach(FoundLink(self.spec.run, self), JobState.PAUSED if self.history.is_paused else JobState.RUNNING)

    def _attach(self, link: Link, state: JobState) -> None:
        self._link, self.sentence, self.may_be_forced = link, "", False
        link.event_told.connect(self._on_event)
        link.gone.connect(self._on_gone)
        self._set(state)
        link.start()

    # Orders

    def pause(self) -> None:
        self._order("pause")

    def resume(self) -> None:
        self._order("resume")

    def sample(self) -> None:
        self._order("sample")

    def save(self) -> None:
        self._order("save")

    def stop_after_epoch(self) -> None:
        self._order("stop-epoch")

    def stop(self) -> None:
        """Finish the step, save, end."""
        if self.is_active:
            self._order("stop")
            self._patience.start()
            self._set(JobState.STOPPING)

    def force(self) -> None:
        """End the process at once; what it learned since the last save is lost."""
        if self._link is not None:
            self._link.kill()

    def wait_for_end(self) -> bool:
        """Stop and wait for it, on the way out of the program; killed when it takes a minute. False where it was."""
        if not isinstance(self._link, ChildLink) or not self.is_active:
            return True
        self.stop()
        if self._link.wait(_FORCED_AFTER_MS):
            return True
        self._link.kill()
        self._link.wait(_PATIENCE_MS)
        return False

    def _order(self, word: str) -> None:
        if self._link is not None and self.is_active:
            self._link.order(word)

    # What comes

    def _on_event(self, event: Mapping[str, Any]) -> None:
        self.history.take(event)
        if self.state is not JobState.STOPPING:
            self._set(JobState.PAUSED if self.history.is_paused else JobState.RUNNING)
        self.event_told.emit(event)

    def _on_gone(self, outcome: Outcome) -> None:
        self._patience.stop()
        self.history.is_paused = False
        if self.history.failure:
            self.sentence = self.history.failure
        elif not self.history.reason:
            self.sentence = outcome.sentence
        if self._link is not None:
            self._link.deleteLater()
            self._link = None
        self.may_be_forced = False
        self._set(JobState.ENDED)
        self.ended.emit()

    def _on_patience_over(self) -> None:
        self.may_be_forced = True
        self.state_changed.emit()

    def _set(self, state: JobState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit()
