"""The thread that runs the network for live colour: it reads its mailbox and nothing else."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from sketchsause_desktop.app.threads import step_back
from sketchsause_desktop.core.mailbox import Mailbox
from sketchsause_desktop.core.requests import InferenceEngine, InferenceRequest, InferenceResult


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a request: a result or the error in its place."""

    request: InferenceRequest
    result: InferenceResult | None = None
    error: Exception | None = None


class LiveWorker(QThread):
    """Answers the newest request, one at a time, until `finish`."""

    answered = Signal(object)  # Answer

    def __init__(self, engine: InferenceEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("live colour")
        self._engine = engine
        self._mailbox: Mailbox[InferenceRequest] = Mailbox()

    def post(self, request: InferenceRequest) -> InferenceRequest | None:
        """Hand over a request, starting the thread if need be; returns the waiting one that it replaced."""
        replaced = self._mailbox.put(request)
        if not self.isRunning():
            self.start()
        return replaced

    def withdraw(self) -> InferenceRequest | None:
        """Take the waiting request back; one that is being answered cannot be."""
        return self._mailbox.clear()

    def finish(self) -> None:
        """Stop and join; waits for the pass in flight."""
        self._mailbox.close()
        self.wait()

    def run(self) -> None:
        step_back()
        while (request := self._mailbox.take()) is not None:
            self.answered.emit(self._answer(request))

    def _answer(self, request: InferenceRequest) -> Answer:
        try:
            return Answer(request=request, result=self._engine.run(request))
        except Exception as error:  # noqa: BLE001 - whatever it is, the drawing goes on and the user is told
            return Answer(request=request, error=error)
