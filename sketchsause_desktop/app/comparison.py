"""The comparison of the window: its pictures looked at on a thread, painted and measured by a child process."""

import contextlib
import enum
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, Signal

from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.blind_plan import Contender
from sketchsause_desktop.app.child_command import ChildCommand
from sketchsause_desktop.app.compare_inputs import Found, look_at
from sketchsause_desktop.app.compare_job import CompareJob
from sketchsause_desktop.app.compare_measures import Measures, rows_of

BUDGET = 1_000_000_000  # bytes of answers on the disk

_log = logging.getLogger(__name__)


class CompareState(enum.Enum):
    EMPTY = "empty"  # nothing was painted
    PAINTING = "painting"
    CANCELLED = "cancelled"
    FAILED = "failed"  # `fault` says why
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One picture and what became of it: PNG files of one size."""

    name: str
    input: Path
    truth: Path | None
    a: Path
    b: Path


def default_folder() -> Path:
    return platformdirs.user_cache_path("sketchsause", appauthor=False) / "compare"


class Comparison(QObject):
    """`pictures` grows while the child paints; what an earlier job has left stays until the next begins."""

    looked = Signal()  # `found` is of the inputs given last
    state_changed = Signal()
    reset = Signal()  # another job: there are no pictures now
    added = Signal(int)  # the place of a picture that is there now
    progressed = Signal(int, int)  # pictures done, in all

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder if folder is not None else default_folder()
        self.state = CompareState.EMPTY
        self.found = Found()
        self.is_looking = False
        self.job: CompareJob | None = None
        self.pictures: list[Compared] = []
        self.measures = Measures()
        self.left_out: list[str] = []  # why some pictures are missing, a sentence each
        self.fault = ""
        self.contenders: tuple[Contender, Contender] | None = None  # A, B, once they are loaded
        self.devices = ""
        self._names: list[str] = []  # of A and B, as the command has them
        self._child: ChildCommand | None = None
        self._asked = 0
        self._background = Background("compare", self)

    @property
    def is_active(self) -> bool:
        return self.state is CompareState.PAINTING

    # What is given

    def look(self, inputs: Sequence[Path]) -> None:
        """Find out what there is in `inputs`; only the newest call is answered."""
        self._asked += 1
        asked, found = self._asked, [Found()]
        self.is_looking = bool(inputs)

        def look() -> None:
            if asked == self._asked:
                found[0] = look_at(inputs)

        def then(error: Exception | None) -> None:
            if asked == self._asked:
                self.is_looking, self.found = False, found[0]
                self.looked.emit()
            if error is not None:
                raise error

        self._background.run(look, then)

    def wait(self) -> None:
        """Until the thread's work is told."""
        self._background.wait()

    # What is done

    def start(self, job: CompareJob) -> None:
        """Paint what is not kept yet. UserError for a job that cannot be."""
        if self.is_active:
            raise RuntimeError("a comparison is running")
        job.check()
        self.job, self.pictures, self.measures = job, [], Measures()
        self.left_out, self.fault, self.contenders, self.devices = [], "", None, ""
        self.reset.emit()
        self._set(CompareState.PAINTING)

        def then(error: Exception | None) -> None:
            if error is not None:
                _log.warning("The answers of earlier comparisons could not be looked through: %s", error)
            if self.is_active and self.job is job:
                self._begin(job)

        self._background.run(lambda: make_room(self.folder, BUDGET), then)

    def _begin(self, job: CompareJob) -> None:
        self._child = ChildCommand(job.words_for_child(self.folder), self)
        self._child.progressed.connect(self.progressed)
        self._child.told.connect(self._on_told)
        self._child.ended.connect(self._on_ended)
        self._child.start()

    def cancel(self) -> None:
        """At once; what is painted is kept, and the same job goes on from there."""
        if self.is_active:
            self._let_go()
            self._set(CompareState.CANCELLED)

    def close_down(self) -> None:
        """No thread and no process is left; the object must not be used afterwards."""
        self.blockSignals(True)
        self._let_go()
        self._background.finish()

    def _let_go(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child.deleteLater()
            self._child = None

    # What comes

    def _on_told(self, event: Mapping[str, Any]) -> None:
        handlers: dict[str, Callable[[Mapping[str, Any]], None]] = {"rows": self._on_rows, "picture": self._on_picture}
        handler = handlers.get(str(event["event"]))
        if handler is not None:
            handler(event)

    def _on_rows(self, event: Mapping[str, Any]) -> None:
        job = self.job
        assert job is not None
        first, second = event["models"]
        self._names = [first["name"], second["name"]]
        self.measures.rows = rows_of(event, {self._names[0]: ("a", job.a.title), self._names[1]: ("b", job.b.title)})
        self.contenders = (
            Contender(title=job.a.title, file=job.a.file, sha256=first["sha256"]),
            Contender(title=job.b.title, file=job.b.file, sha256=second["sha256"]),
        )
        self.devices = " / ".join(dict.fromkeys((first["device"], second["device"])))
        self.state_changed.emit()

    def _on_picture(self, event: Mapping[str, Any]) -> None:
        answers = event["answers"]
        name = _apart(event["name"], {picture.name for picture in self.pictures})
        self.pictures.append(
            Compared(
                name=name,
                input=Path(event["input"]),
                truth=Path(event["truth"]) if event["truth"] else None,
                a=Path(answers[self._names[0]]),
                b=Path(answers[self._names[1]]),
            )
        )
        if event["values"]:
            self.measures.add(name, event["values"])
        self.added.emit(len(self.pictures) - 1)

    def _on_ended(self, result: Mapping[str, Any] | None, reason: str) -> None:
        self._let_go_of_ended()
        if result is None:
            self.fault = reason
            self._set(CompareState.FAILED)
            return
        self.left_out = [str(each["reason"]) for each in result["failed"]]
        self._set(CompareState.DONE)

    def _let_go_of_ended(self) -> None:
        if self._child is not None:
            self._child.deleteLater()
            self._child = None

    def _set(self, state: CompareState) -> None:
        self.state = state
        self.state_changed.emit()

    def write_table(self, path: Path) -> None:
        """The measures as CSV. UserError when it cannot be written."""
        job = self.job
        assert job is not None
        facts = [
            ("A", f"{job.a.title}, {job.a.file}"),
            ("B", f"{job.b.title}, {job.b.file}"),
            ("pictures", ", ".join(map(str, job.inputs))),
            ("size", f"squashed to {job.size}x{job.size}" if job.size else "the truth's own"),
            ("command", job.command_line(self.folder)),
        ]
        self.measures.write(path if path.suffix else path.with_suffix(".csv"), facts)


def _apart(name: str, taken: Collection[str]) -> str:
    """Two parts of a data set may have pictures of one name."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name} ({number})", number + 1
    return found


def make_room(folder: Path, budget: int) -> None:
    """Delete the answers that were used longest ago until `budget` bytes are kept."""
    found = []
    for path in folder.glob("*.png") if folder.is_dir() else ():
        with contextlib.suppress(OSError):  # another window's, gone meanwhile
            facts = path.stat()
            found.append((facts.st_mtime, facts.st_size, path))
    kept = 0
    for _, size, path in sorted(found, key=lambda each: each[0], reverse=True):
        kept += size
        if kept > budget:
            with contextlib.suppress(OSError):
                path.unlink()
