"""Reads the picture of a row, and its result, on a thread of their own; only the row asked for last is told."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.batch_queue import Row, RowState
from sketchsause_desktop.batch.job import BatchJob, Task
from sketchsause_desktop.batch.preview import small_result, small_source
from sketchsause_desktop.core.pictures import Pixels

Shown = Pixels | str  # a picture, or why there is none


class BatchPictures(QObject):
    loaded = Signal(object, object)  # Shown: before, after

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("batch-pictures", self)
        self._wanted = 0

    def load(self, row: Row, job: BatchJob, side: int) -> None:
        """`side` is that of the pictures, pixels at most."""
        self._wanted += 1
        number = self._wanted
        task = Task(index=0, source=row.source, target=row.target, page=row.page)
        has_result = row.state in (RowState.DONE, RowState.SKIPPED) and row.target.exists()
        found: list[Shown] = []

        def read() -> None:
            if number == self._wanted:  # else it is passed over quickly
                found.append(_shown(lambda: small_source(task, job, side), row.source))
                found.append(_shown(lambda: small_result(task, side), row.target) if has_result else "")

        def then(error: Exception | None) -> None:
            if error is not None:
                raise error
            if number == self._wanted and found:
                self.loaded.emit(*found)

        self._background.run(read, then)

    def forget(self) -> None:
        """What is being read is not told."""
        self._wanted += 1

    def wait(self) -> None:
        self._background.wait()

    def close_down(self) -> None:
        self._background.finish()


def _shown(read: Callable[[], Pixels], path: Path) -> Shown:
    try:
        return read()
    except (UserError, MemoryError, OSError) as error:
        return error.sentence.replace(str(path), path.name) if isinstance(error, UserError) else "It cannot be shown."
