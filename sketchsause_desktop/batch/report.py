"""What became of each picture, as a table (CSV): the window's list, and `sketchsause convert --report`."""

import csv
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.batch.job import Outcome, Status, Task
from sketchsause_desktop.batch.naming import exists
from sketchsause_desktop.core.picture_writer import write_fault

STATE_WORDS: dict[Status, str] = {"done": "done", "skipped": "left alone", "failed": "failed"}
WAITING = "waiting"  # what is still to be done
_HEAD = ("picture", "page", "state", "seconds", "result", "message")


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    picture: Path
    page: int | None  # counted from 0
    state: str
    seconds: float = 0.0
    result: Path | None = None  # where it is; of what was left alone, where it would be
    message: str = ""


def line_of(outcome: Outcome) -> ReportLine:
    task = outcome.task
    return ReportLine(
        picture=task.source.absolute(),
        page=task.page,
        state=STATE_WORDS[outcome.status],
        seconds=outcome.seconds,
        result=None if outcome.status == "failed" else task.target.absolute(),
        message=outcome.message,
    )


def planned_line(task: Task) -> ReportLine:
    """Of a dry run: nothing was done yet."""
    if task.refusal or task.skip:
        status: Status = "failed" if task.refusal else "skipped"
        return line_of(Outcome(task=task, status=status, message=task.refusal or task.skip))
    return ReportLine(picture=task.source.absolute(), page=task.page, state=WAITING)


class Report:
    """The table while it is written, a line at a time, so that a million lines are never in memory.

    It is put in its place when it is left, whatever ended the batch, unless that was before the first line. A full
    disk meanwhile stops no batch: `fault` says so afterwards, and an older table stays. Without a path it does nothing.
    """

    def __init__(self, path: Path | None) -> None:
        """Raises UserError where no file can be made."""
        self.fault: UserError | None = None
        self._path = path
        self._lines = 0
        self._files = ExitStack()
        if path is None:
            return
        try:
            temporary = self._files.enter_context(atomic_path(path))
            # With the mark by which spreadsheets know UTF-8; a name that is no valid text is written as escapes.
            text = temporary.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
            self._writer = csv.writer(self._files.enter_context(text))
            self._writer.writerow(_HEAD)
        except OSError as error:
            raise write_fault(path, error) from error

    def __enter__(self) -> "Report":
        return self

    def add(self, line: ReportLine) -> None:
        if self._path is None or self.fault:
            return
        self._lines += 1
        try:
            self._writer.writerow(_cells(line))
        except OSError as error:
            self.fault = write_fault(self._path, error)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self._path is None:
            return
        error = self.fault or (None if self._lines else error)  # what makes `atomic_path` drop the file
        try:
            self._files.__exit__(type(error) if error else None, error, None)
        except OSError as fault:
            self.fault = write_fault(self._path, fault)


def write_report(path: Path, lines: Iterable[ReportLine]) -> None:
    """All `lines` as a file. UserError when it cannot be written; then an older one stays."""
    with Report(path) as report:
        for line in lines:
            report.add(line)
    if report.fault:
        raise report.fault


def _cells(line: ReportLine) -> tuple[str, ...]:
    is_there = line.result is not None and (line.state != STATE_WORDS["skipped"] or exists(line.result))
    return (
        str(line.picture),
        "" if line.page is None else str(line.page + 1),
        line.state,
        f"{line.seconds:.2f}" if line.seconds else "",
        str(line.result) if is_there else "",
        line.message,
    )
