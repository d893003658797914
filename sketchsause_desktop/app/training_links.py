"""How one speaks to a training: to a child by its pipes, to one that was found by the files of its run."""

import logging
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from models.files import atomic_path
from sketchsause_desktop.app import child_process
from sketchsause_desktop.app.child_process import ChildControls, EventLines, own_program, prepare
from sketchsause_desktop.app.training_spec import TrainingSpec
from training.run_files import EVENTS, ORDERS, is_running

LAST_WORDS = "last-words.txt"
_TOLD_LINES, _TOLD_BYTES = 6, 4000
_LOOK_MS = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a process ended, in words for people; `code` is None where it was killed or nobody knows."""

    code: int | None
    words: str = ""  # its last ones

    @property
    def sentence(self) -> str:
        if self.code == 0:
            return "The training ended."
        last = self.words.splitlines()[-1] if self.words else ""
        if self.code == 2 and last:  # a sentence for the user
            return last
        if self.code is None:
            sentence = "The training was ended from outside: it was killed, or the memory ran out."
            return f"{sentence} Its last words: {last}" if last else sentence
        return f"The training failed with exit code {self.code}." + (f" Its last words: {last}" if last else "")


class _Link(QObject):
    """What both kinds have in common. `event_told` brings one event; `gone` is the last signal."""

    event_told = Signal(object)  # dict
    gone = Signal(object)  # Outcome

    def __init__(self, run: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._lines = EventLines()

    def _take(self, received: bytes) -> None:
        for event in self._lines.take(received):
            self.event_told.emit(event)

    def _outcome(self, code: int | None) -> Outcome:
        return Outcome(code=code, words=last_words(self._run))


class ChildLink(_Link, ChildControls):
    """A training that this program started; it goes when this object goes."""

    def __init__(self, spec: TrainingSpec, *, resume: bool, parent: QObject | None = None) -> None:
        super().__init__(spec.run, parent)
        self._process = QProcess(self)
        program, first = own_program()
        self._process.setProgram(program)
        self._process.setArguments([*first, *spec.arguments(resume=resume), "--json", *child_process.STEP_BACK])
        self._process.setStandardErrorFile(str(spec.run / LAST_WORDS), QProcess.OpenModeFlag.Truncate)
        prepare(self._process)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    def _on_output(self) -> None:
        self._take(bytes(self._process.readAllStandardOutput().data()))

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        self.gone.emit(self._outcome(code if status == QProcess.ExitStatus.NormalExit else None))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            words = f"The training could not be started: {self._process.errorString()}."
            self.gone.emit(Outcome(code=2, words=words))


class FoundLink(_Link):
    """A training that runs already: it is followed by its events file, and ordered by another."""

    def __init__(self, run: Path, parent: QObject | None = None) -> None:
        super().__init__(run, parent)
        self._read = _size(run / EVENTS)  # what is there already, the history tells
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        self._timer.start()

    def order(self, word: str) -> None:
        path = self._run / ORDERS
        try:
            waiting = path.read_text(encoding="utf-8") if path.exists() else ""
            with atomic_path(path) as temporary:
                temporary.write_text(f"{waiting}{word}\n", encoding="utf-8")
        except OSError as error:
            _log.error("The order %s could not be given: %s", word, error)

    def kill(self) -> None:
        """The process is unknown; it is asked to stop."""
        self.order("stop")

    def _look(self) -> None:
        was_running = is_running(self._run)  # first, so that its last event is read below
        path = self._run / EVENTS
        try:
            with path.open("rb") as file:
                file.seek(self._read)
                received = file.read()
        except OSError:
            received = b""
        self._read += len(received)
        self._take(received)
        if not was_running:
            self._timer.stop()
            self.gone.emit(self._outcome(None))


Link = ChildLink | FoundLink


def start_apart(spec: TrainingSpec) -> bool:
    """Resume a run in a process of its own that outlives this program."""
    process = QProcess()
    program, first = own_program()
    process.setProgram(program)
    process.setArguments([*first, *spec.arguments(resume=True), *child_process.STEP_BACK])
    process.setStandardInputFile(QProcess.nullDevice())
    process.setStandardOutputFile(QProcess.nullDevice())
    process.setStandardErrorFile(str(spec.run / LAST_WORDS), QProcess.OpenModeFlag.Truncate)
    prepare(process)
    started: object = process.startDetached()  # a pair in the stubs, a bool in fact
    return bool(started[0]) if isinstance(started, tuple) else started is True


def last_words(run: Path) -> str:
    """The end of what the training said on standard error, without its traceback."""
    try:
        with (run / LAST_WORDS).open("rb") as file:
            file.seek(max(0, _size(run / LAST_WORDS) - _TOLD_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith((" ", "Traceback"))]
    return "\n".join(lines[-_TOLD_LINES:])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
