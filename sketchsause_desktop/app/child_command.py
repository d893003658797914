"""One of this program's own commands as a child process: how far it is, and its result as an object."""

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from sketchsause_desktop.app.child_process import own_program, prepare

_NO_RESULT = "The command ended without a result."


class ChildCommand(QObject):
    """`start` once; `ended` is the last signal, unless `stop` was called. A crash there leaves the window alone."""

    progressed = Signal(int, int)  # done, in all
    told = Signal(object)  # any other event, a dict
    ended = Signal(object, str)  # the result, a dict, or None; the reason in a sentence where there is none

    def __init__(self, words: Sequence[str], parent: QObject | None = None) -> None:
        """`words` ask for JSON on standard output."""
        super().__init__(parent)
        self._result: dict[str, Any] | None = None
        self._rest = b""
        self._process = QProcess(self)
        program, first = own_program()
        self._process.setProgram(program)
        self._process.setArguments([*first, *words])
        prepare(self._process)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    def start(self) -> None:
        self._process.start()
        self._process.closeWriteChannel()

    def stop(self) -> None:
        """End it at once, and tell nothing more."""
        self._process.blockSignals(True)
        self.blockSignals(True)
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished()

    def _on_output(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
        for line in lines:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if not isinstance(told, dict):
                continue
            if told.get("event") == "progress":
                self.progressed.emit(told["done"], told["total"])
            elif "event" in told:
                self.told.emit(told)
            else:
                self._result = told

    def _on_finished(self, _code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        words = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        if self._result is not None:
            self.ended.emit(self._result, "")
        elif status != QProcess.ExitStatus.NormalExit:
            self.ended.emit(None, "The command was killed, or the memory ran out.")
        else:
            self.ended.emit(None, words[-1] if words else _NO_RESULT)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.ended.emit(None, f"The command could not be started: {self._process.errorString()}.")
