"""Work for one thread beside the window's: jobs one after another, each one's end told on the GUI thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from PySide6.QtCore import QEventLoop, QObject, Qt, Signal, Slot

from sketchsause_desktop.app.threads import require_own_thread, step_back

Then: TypeAlias = Callable[[Exception | None], None]  # what the job raised


class Background(QObject):
    """The thread starts with the first job. Whoever made this object calls `finish` before it goes."""

    _ended = Signal(object, object)  # Then, Exception | None
    _became_idle = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = ThreadPoolExecutor(1, name, initializer=step_back)
        self._jobs = 0
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        return self._jobs > 0

    def run(self, job: Callable[[], object], then: Then) -> None:
        """`job` runs on the thread, `then` afterwards on this one, when the event loop turns."""
        require_own_thread(self)
        self._jobs += 1
        self._workers.submit(self._work, job, then)

    def _work(self, job: Callable[[], object], then: Then) -> None:
        error: Exception | None = None
        try:
            job()
        except Exception as raised:  # noqa: BLE001 - `then` tells users' faults from the program's
            error = raised
        self._ended.emit(then, error)

    @Slot(object, object)
    def _on_ended(self, then: Then, error: Exception | None) -> None:
        self._jobs -= 1
        try:
            then(error)
        finally:
            if not self._jobs:
                self._became_idle.emit()

    def wait(self) -> None:
        """Until all jobs are done and told; the window is painted meanwhile, but heeds neither mouse nor keys."""
        if self.is_busy:
            loop = QEventLoop()
            self._became_idle.connect(loop.quit)
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def finish(self) -> None:
        """Join the thread after the job in hand; others that wait are dropped."""
        self._workers.shutdown(cancel_futures=True)
