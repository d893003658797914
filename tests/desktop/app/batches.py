"""Batches small enough for tests: real child processes, a tiny network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.batch_queue import Row, RowState
from sketchsause_desktop.app.batch_run import BatchRun, BatchState
from sketchsause_desktop.app.batch_store import BatchStore
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.batch.job import BatchJob

PATIENCE_MS = 60_000


@dataclass
class Bench:
    """A folder of pictures, one for results, one for what is kept of batches."""

    folder: Path
    model: Path
    qtbot: QtBot

    @property
    def pages(self) -> Path:
        return self.folder / "pages"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def store(self) -> BatchStore:
        return BatchStore(self.folder / "kept")

    def run(self, notices: Notices | None = None) -> BatchRun:
        """Whoever asks for it calls `close_down`."""
        return BatchRun(notices or Notices(), Path, self.store)

    def fill(self, count: int, size: tuple[int, int] = (24, 16)) -> None:
        self.pages.mkdir(exist_ok=True)
        for number in range(count):
            Image.new("RGB", size, (number % 256, 20, 30)).save(self.pages / f"{number:03}.png")

    def job(self, **fields: Any) -> BatchJob:
        usual: dict[str, Any] = {"inputs": (self.pages,), "output_folder": self.out, "model": str(self.model)}
        return BatchJob(**usual | {"device": "cpu"} | fields)

    def listed(self, run: BatchRun, **fields: Any) -> None:
        run.draft(self.job(**fields))
        run.wait_for_listing()

    def wait(self, holds: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(holds()), timeout=PATIENCE_MS)

    def wait_for_end(self, run: BatchRun) -> None:
        self.wait(lambda: run.state is BatchState.ENDED)

    def results(self) -> list[str]:
        """All files, hidden ones too, but the batch's own."""
        files = (path for path in self.out.rglob("*") if path.is_file()) if self.out.exists() else ()
        return sorted(path.name for path in files if not path.name.startswith(".sketchsause-batch"))


def states(run: BatchRun) -> dict[str, RowState]:
    return {row.name: row.state for row in run.queue.rows}


def row(run: BatchRun, name: str) -> Row:
    return next(row for row in run.queue.rows if row.name == name)
