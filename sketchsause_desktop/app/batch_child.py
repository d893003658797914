"""A batch as a child process: what it says, what it is told, how it ended. A crash there costs no painting."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, Signal

from sketchsause_desktop.app import child_process
from sketchsause_desktop.app.child_process import ChildControls, EventLines, own_program, prepare

_WORDS_BYTES = 4000  # of what it said last on standard error

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """`code` is None where the process was killed."""

    code: int | None
    words: str = ""  # its last line on standard error

    @property
    def sentence(self) -> str:
        """For people; "" where it ended as it should, with pictures that failed or without."""
        if self.code in (0, 1) or (self.code == 2 and self.words):
            return self.words if self.code == 2 else ""
        how = "was ended from outside: it was killed, or the memory ran out" if self.code is None else "broke down"
        sentence = f"The batch {how}. What is done is done; Convert goes on."
        return f"{sentence} Its last words: {self.words}" if self.words else sentence


class BatchChild(QObject, ChildControls):
    """`event_told` brings one event; `gone` is the last signal. The process goes when this object goes."""

    event_told = Signal(object)  # dict
    gone = Signal(object)  # Ending

    def __init__(self, words: Sequence[str], parent: QObject | None = None) -> None:
        """`words` are those after `convert`."""
        super().__init__(parent)
        self._lines = EventLines()
        self._words = b""
        self._process = QProcess(self)
        program, first = own_program()
        self._process.setProgram(program)
        words = [*words, "--progress", "json", "--orders", *child_process.STEP_BACK]
        self._process.setArguments([*first, "convert", *words])
        prepare(self._process)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.readyReadStandardError.connect(self._on_words)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    def _on_output(self) -> None:
        for event in self._lines.take(bytes(self._process.readAllStandardOutput().data())):
            self.event_told.emit(event)

    def _on_words(self) -> None:
        received = bytes(self._process.readAllStandardError().data())
        self._words = (self._words + received)[-_WORDS_BYTES:]
        _log.debug("the batch: %s", received.decode("utf-8", "replace").strip())

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        self._on_words()
        self.gone.emit(self._ending(code if status == QProcess.ExitStatus.NormalExit else None))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.gone.emit(Ending(code=2, words=f"The batch could not be started: {self._process.errorString()}."))

    def _ending(self, code: int | None) -> Ending:
        lines = [line.strip() for line in self._words.decode("utf-8", "replace").splitlines() if line.strip()]
        return Ending(code=code, words=lines[-1] if lines else "")
