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
    died = Signal(object)  # Answer with the error that ended the thread; `post` starts another

    def __init__(self, engine: InferenceEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("live colour")
        self._engine = engine
        self._mailbox: Mailbox[InferenceRequest] = Mailbox()
        self._has_company = False
        self.finished.connect(self._on_finished)

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

    def set_company(self, has_company: bool) -> None:
        """Whether other work goes on beside: from the next pass on this thread steps further back, or less far."""
        self._has_company = has_company

    def run(self) -> None:
        has_company = self._has_company
        step_back(in_company=has_company)
        while (request := self._mailbox.take()) is not None:
            try:
                self.answered.emit(self._answer(request))
            except BaseException as error:  # noqa: BLE001 - SystemExit out of a library would end the program
                fault = error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}: {error}")
                self.died.emit(Answer(request=request, error=fault))
                return
            if has_company and not self._has_company:
                return  # the next thread may step back less far
            if self._has_company and not has_company:
                has_company = True
                step_back(in_company=True)

    def _on_finished(self) -> None:
        """A request that came while the thread was ending gets another."""
        if not self._mailbox.is_empty and not self.isRunning():
            self.start()

    def _answer(self, request: InferenceRequest) -> Answer:
        try:
            return Answer(request=request, result=self._engine.run(request))
        except Exception as error:  # noqa: BLE001 - whatever it is, the drawing goes on and the user is told
            return Answer(request=request, error=error)
