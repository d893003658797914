"""Reads files on a thread of its own while painting goes on; one after another, in the order they were asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.documents_io import open_document
from sketchsause_desktop.core.opening import Opened

PATIENCE_MS = 300  # what takes no longer is not worth a notice
NOTICE = "opening"
_FAULT = "open: "  # with the file the key of a notice


@dataclass(eq=False)
class _Batch:
    """What was asked for at once."""

    is_begun: bool = False  # the first of it that could be read was told


@dataclass(eq=False)
class _Request:
    path: Path
    batch: _Batch = field(default_factory=_Batch)
    found: Opened | None = None


class Opening(QObject):
    """What cannot be read is a notice. While reading takes long a notice says so; who closes it leaves the rest out."""

    opened = Signal(object, object, bool)  # Path, Opened, whether it is the first of those asked for at once
    ended = Signal()  # nothing more is to come: all was read, has failed or was left out

    def __init__(self, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        self._background = Background("open", self)
        self._requests: list[_Request] = []  # that are not answered yet; the thread only asks what is in it
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._tell)
        notices.withdrawn.connect(self._on_withdrawn)

    @property
    def is_busy(self) -> bool:
        return bool(self._requests)

    def open(self, paths: Iterable[Path]) -> None:
        """A file that is being opened already is not opened twice."""
        self._forget_faults()
        batch = _Batch()
        asked = {request.path for request in self._requests}
        for path in dict.fromkeys(path for path in paths if path not in asked):
            self._ask(_Request(path, batch))
        if self._requests and not self._patience.isActive():
            self._patience.start()

    def leave_out(self) -> None:
        """All that has not been read yet; the file in hand is read to its end and dropped."""
        if self._requests:
            self._requests.clear()
            self._end()

    def _ask(self, request: _Request) -> None:
        self._requests.append(request)

        def job() -> None:
            if request in self._requests:
                request.found = open_document(request.path)

        def then(error: Exception | None) -> None:
            if request in self._requests:
                self._requests.remove(request)
                self._answer(request, error)

        self._background.run(job, then)

    def _answer(self, request: _Request, error: Exception | None) -> None:
        if self._is_told:
            self._tell()
        if error is not None:
            self._notices.report(f"{_FAULT}{request.path}", error)
        else:
            is_first, request.batch.is_begun = not request.batch.is_begun, True
            self.opened.emit(request.path, request.found, is_first)
        if not self._requests:
            self._end()

    def _end(self) -> None:
        self._patience.stop()
        self._notices.withdraw(NOTICE)
        self.ended.emit()

    # Notices

    @property
    def _is_told(self) -> bool:
        return any(notice.key == NOTICE for notice in self._notices.shown)

    def _tell(self) -> None:
        if self._requests:
            first, more = self._requests[0].path.name, len(self._requests) - 1
            what = f"{first} and {more} more" if more else first
            self._notices.post(NOTICE, f"Opening {what}…", "Close this notice to give up.", lasts=True)

    def _forget_faults(self) -> None:
        """Of earlier attempts."""
        for notice in self._notices.shown:
            if notice.key.startswith(_FAULT):
                self._notices.withdraw(notice.key)

    def _on_withdrawn(self, key: str) -> None:
        """While there is something to wait for only the user takes the notice away."""
        if key == NOTICE:
            self.leave_out()

    def wait(self) -> None:
        """As `Background.wait`."""
        self._background.wait()

    def finish(self) -> None:
        """As `Background.finish`; nothing is told any more."""
        self._requests.clear()
        self._patience.stop()
        self._background.finish()
