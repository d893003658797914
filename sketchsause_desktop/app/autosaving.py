"""Keeps what is not saved for after a crash, on a thread of its own, and brings it back."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.drawing import Drawing
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.autosave import AutosaveStore, Recoverable
from sketchsause_desktop.core.autosave_schedule import AutosaveSchedule
from sketchsause_desktop.core.opening import Opened

_LOOK_MS = 500  # how often the schedules are asked
_NOTICE = "autosave"


@dataclass(eq=False)
class _Kept:
    """A drawing and what is known of its file for after a crash."""

    key: int
    schedule: AutosaveSchedule
    state: int  # of the history, when it was last looked at
    is_written: bool = False


class _Stopped(Exception):
    """The program ends; the file that is being written is not needed any more."""


class Autosaving(QObject):
    """Whoever made this object calls `start`, and `close` when the user has left everything in order.

    When the program ends without that, the next start finds what was kept.
    """

    saved = Signal(object)  # datetime: a drawing was kept then

    def __init__(
        self,
        editor: Editor,
        notices: Notices,
        store: AutosaveStore,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._editor, self._notices, self._store, self._clock = editor, notices, store, clock
        self._keys = itertools.count(1)
        self._kept: dict[int, _Kept] = {}  # by document_id
        self._adopting = 0  # drawings that were asked for and are not open yet
        self._stop = threading.Event()
        self._background = Background("autosave", self)
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._save_what_is_due)
        editor.region_changed.connect(self._on_painted)
        editor.history_changed.connect(self._on_drawings_changed)
        editor.drawings_changed.connect(self._on_drawings_changed)
        self._on_drawings_changed()

    def start(self) -> None:
        self._timer.start()

    def close(self) -> None:
        """All that is worth keeping was saved by the user: forget the rest, and join the thread.

        But what is just being recovered no user has seen yet; then all stays for the next start.
        """
        self.stop()
        if not self._adopting:
            self._store.close()

    def stop(self) -> None:
        """Join the thread; what was kept stays."""
        self._timer.stop()
        self._stop.set()
        self._background.finish()

    # What is to be kept

    def _on_painted(self, _rect: object) -> None:
        self._kept[self._editor.document.document_id].schedule.changed()

    def _on_drawings_changed(self) -> None:
        there = {drawing.document.document_id: drawing for drawing in self._editor.drawings}
        for document_id in self._kept.keys() - there.keys():
            self._forget(self._kept.pop(document_id))
        for document_id, drawing in there.items():
            if document_id not in self._kept:
                self._kept[document_id] = self._new(drawing)
            self._look_at(drawing, self._kept[document_id])

    def _new(self, drawing: Drawing) -> _Kept:
        kept = _Kept(next(self._keys), AutosaveSchedule(self._clock), drawing.history.state)
        if drawing.is_modified:
            kept.schedule.changed()
        return kept

    def _look_at(self, drawing: Drawing, kept: _Kept) -> None:
        state = drawing.history.state
        if drawing is self._editor.current and self._editor.is_drawing:
            return
        if not drawing.is_modified:
            self._forget(kept)
        elif state != kept.state:
            kept.schedule.changed()
        kept.state = state

    def _forget(self, kept: _Kept) -> None:
        kept.schedule.forget()
        if kept.is_written:
            kept.is_written = False
            self._store.forget(kept.key)

    # Writing

    def _save_what_is_due(self) -> None:
        for drawing in self._editor.drawings:
            kept = self._kept[drawing.document.document_id]
            if kept.schedule.is_due(busy=self._editor.is_drawing):
                self._save(drawing, kept)

    def keep_now(self) -> None:
        """Something went wrong: write down all that would be lost, whatever the schedule."""
        for drawing in self._editor.drawings:
            kept = self._kept[drawing.document.document_id]
            if kept.schedule.is_behind and not self._background.is_busy and self._timer.isActive():
                self._save(drawing, kept)

    def _save(self, drawing: Drawing, kept: _Kept) -> None:
        snapshot, name, original = drawing.document.snapshot(), drawing.title, drawing.path
        kept.schedule.started()

        def job() -> None:
            self._store.save(kept.key, snapshot, name=name, original=original, progress=self._go_on)

        def then(error: Exception | None) -> None:
            kept.schedule.finished(saved=error is None)
            if error is not None:
                self._notices.report(_NOTICE, error)
                return
            self._notices.withdraw(_NOTICE)
            kept.is_written = True
            if kept is self._kept.get(snapshot.document_id) and drawing.is_modified:
                self.saved.emit(datetime.now().astimezone())
            else:  # saved or closed by its user meanwhile
                self._forget(kept)

        self._background.run(job, then)

    def _go_on(self, _fraction: float) -> None:
        if self._stop.is_set():
            raise _Stopped

    # After a crash

    def recoverable(self) -> list[Recoverable]:
        """What copies of the program that no longer run have left, the newest first."""
        return self._store.recoverable()

    def recover(self, left: Recoverable) -> None:
        """Read it on the thread and open it in a tab, modified; one that cannot be read is a notice."""
        key = next(self._keys)
        found: list[Opened] = []
        self._adopting += 1

        def then(error: Exception | None) -> None:
            self._adopting -= 1
            if error is not None:
                self._notices.report(f"recover {left.path}", error)
            else:
                self._open(left, key, found[0])

        self._background.run(lambda: found.append(self._store.adopt(left, key)), then)

    def _open(self, left: Recoverable, key: int, opened: Opened) -> None:
        kept = _Kept(key, AutosaveSchedule(self._clock), 0, is_written=not left.is_damaged)
        kept.schedule.changed()
        self._kept[opened.document.document_id] = kept
        self._editor.open(opened.document, left.name, path=left.original, saved=False)
        for number, note in enumerate(opened.notices):
            self._notices.post(f"recover {left.path} {number}", f"{left.name}: {note}")

    def wait(self) -> None:
        """As `Background.wait`."""
        self._background.wait()

    def discard(self, left: Recoverable) -> None:
        try:
            self._store.discard(left)
        except Exception as error:  # noqa: BLE001 - as above
            self._notices.report(f"recover {left.path}", error)
