"""Comparisons small enough for tests: real child processes, two tiny networks, drawings made here."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QObject, QTimer, Signal
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.compare_job import CompareJob, Side
from sketchsause_desktop.app.comparison import CompareState, Comparison
from tests.desktop.tiny_model import write_tiny_model
from tests.training.picture_sets import drawing, save, two_folders

PATIENCE_MS = 240_000
ROOT = Path(__file__).resolve().parents[3]


def write_two_models(folder: Path) -> tuple[Side, Side]:
    """Two that paint differently."""
    first = write_tiny_model(folder / "first.safetensors", title="First")
    second = write_tiny_model(folder / "second.safetensors", title="Second", condition="hints", base_width=6)
    return Side(title="First", file=str(first)), Side(title="Second", file=str(second))


@dataclass
class CompareBench:
    folder: Path
    sides: tuple[Side, Side]
    qtbot: QtBot
    pictures: Path | None = None  # where pairs and pages lie; else in the folder

    @property
    def pairs(self) -> Path:
        return (self.pictures or self.folder) / "pairs"

    @property
    def pages(self) -> Path:
        return (self.pictures or self.folder) / "pages"

    def fill_pairs(self, count: int) -> None:
        two_folders(self.pairs, count)

    def fill_pages(self, count: int) -> None:
        for number in range(count):
            save(drawing(number)[0], self.pages / f"{number}.png")

    def comparison(self) -> Comparison:
        """Whoever asks for it calls `close_down`."""
        return Comparison(self.folder / "answers")

    def job(self, **fields: Any) -> CompareJob:
        usual: dict[str, Any] = {"a": self.sides[0], "b": self.sides[1], "inputs": (self.pairs,), "has_truth": True}
        return CompareJob(**usual | fields)

    def wait(self, holds: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(holds()), timeout=PATIENCE_MS)

    def wait_for_end(self, comparison: Comparison) -> None:
        self.wait(lambda: comparison.state not in (CompareState.EMPTY, CompareState.PAINTING))

    def on_the_command_line(self, job: CompareJob) -> dict[str, Any]:
        words = [sys.executable, "-m", "sketchsause_desktop", *job.arguments, "--json"]
        done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True, timeout=PATIENCE_MS / 1000)
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result


class Recorded(QObject):
    """Stands where the child stands and says what the command said once, at the next turn of the event loop."""

    progressed = Signal(int, int)
    told = Signal(object)
    ended = Signal(object, str)
    lines: ClassVar[dict[tuple[str, ...], list[dict[str, Any]]]] = {}  # words -> what was said

    def __init__(self, words: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = tuple(words)
        self._is_stopped = False

    def start(self) -> None:
        if self._words not in self.lines:
            self.lines[self._words] = self._record()
        QTimer.singleShot(0, self, self._say)

    def stop(self) -> None:
        self._is_stopped = True

    def _record(self) -> list[dict[str, Any]]:
        words = [sys.executable, "-m", "sketchsause_desktop", *self._words]
        done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True, timeout=PATIENCE_MS / 1000)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _say(self) -> None:
        for line in self.lines[self._words]:
            if self._is_stopped:
                return
            if "event" not in line:
                self.ended.emit(line, "")
            elif line["event"] == "progress":
                self.progressed.emit(line["done"], line["total"])
            else:
                self.told.emit(line)
