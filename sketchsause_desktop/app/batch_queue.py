"""The pictures of a batch and what has become of each: what the table of the Batch workspace shows."""

import enum
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sketchsause_desktop.batch.job import Task, task_key
from sketchsause_desktop.batch.report import STATE_WORDS, WAITING, ReportLine, write_report

_PACE_OF = 30  # the pictures converted last, by which the time that is left is told


class RowState(enum.Enum):
    WAITING = WAITING
    WORKING = "in work"
    DONE = STATE_WORDS["done"]
    SKIPPED = STATE_WORDS["skipped"]
    FAILED = STATE_WORDS["failed"]


class Row:
    """One picture. Its paths are kept as text: of 100,000 rows, Path objects would make the garbage collector halt."""

    __slots__ = ("_source", "_target", "message", "page", "seconds", "share", "state")

    def __init__(
        self,
        *,
        source: Path,
        target: Path,
        page: int | None = None,
        state: RowState = RowState.WAITING,
        seconds: float = 0.0,
        message: str = "",
    ) -> None:
        """`page` counts from 0; `seconds` is what it took."""
        self._source, self._target = str(source), str(target)
        self.page, self.state, self.seconds, self.message = page, state, seconds, message
        self.share = 0.0  # of a large one in work: what is done of it, 0 to 1

    @property
    def source(self) -> Path:
        return Path(self._source)

    @property
    def target(self) -> Path:
        return Path(self._target)

    @target.setter
    def target(self, path: Path) -> None:
        self._target = str(path)

    @property
    def key(self) -> str:
        """As `Task.key`."""
        return task_key(self._source, self.page)

    @property
    def name(self) -> str:
        return self.source.name if self.page is None else f"{self.source.name}, page {self.page + 1}"

    @property
    def state_words(self) -> str:
        is_under_way = self.state is RowState.WORKING and self.share
        return f"{self.state.value}, {int(self.share * 100)} %" if is_under_way else self.state.value

    @property
    def short_message(self) -> str:
        """Beside its picture: with the name in the place of the whole path."""
        return self.message.replace(str(self.source), self.source.name).replace(str(self.target), self.target.name)


_STATES = {status: RowState(word) for status, word in STATE_WORDS.items()}


def row_of(task: Task, done: Mapping[str, Path]) -> Row:
    """As the plan has it; `done` is what an earlier run has made (`batch.manifest.done_before`)."""
    row = Row(source=task.source.absolute(), target=task.target.absolute(), page=task.page)
    if task.refusal:
        row.state, row.message = RowState.FAILED, task.refusal
    elif task.skip:
        row.state = RowState.DONE if task.key in done else RowState.SKIPPED
        row.message = task.skip
    return row


class BatchQueue:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._places: dict[str, int] = {}
        self._working: dict[int, float] = {}
        self.counts: Counter[RowState] = Counter()

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._places[row.key] = len(self.rows)
            self.rows.append(row)
        self.counts.update(row.state for row in rows)

    def find(self, event: Mapping[str, Any]) -> int | None:
        """The place of the picture that an event of the batch is about."""
        return self._places.get(task_key(str(event["source"]), event["page"]))

    def begin(self, place: int) -> None:
        self._set(place, RowState.WORKING)

    def come_on(self, place: int, share: float) -> None:
        self.rows[place].share = share
        self._working[place] = share

    @property
    def working_share(self) -> float:
        """What is done of the large pictures in work, together."""
        return sum(self._working.values())

    def end(self, place: int, event: Mapping[str, Any]) -> None:
        """What the event `picture` says; what was done in an earlier run stays done."""
        row, state = self.rows[place], _STATES[event["status"]]
        if row.state is RowState.DONE and state is RowState.SKIPPED:
            return
        self._set(place, state)
        row.target = Path(event["target"])
        row.seconds, row.message = float(event["seconds"]), str(event["message"])

    def put_back(self, *states: RowState) -> list[int]:
        """All rows of these states wait again; their places."""
        places = [place for place, row in enumerate(self.rows) if row.state in states]
        for place in places:
            self._set(place, RowState.WAITING)
            self.rows[place].message, self.rows[place].seconds = "", 0.0
        return places

    def _set(self, place: int, state: RowState) -> None:
        self.counts[self.rows[place].state] -= 1
        self.counts[state] += 1
        self.rows[place].state = state
        self.rows[place].share = 0.0
        self._working.pop(place, None)

    @property
    def unfinished(self) -> int:
        return self.counts[RowState.WAITING] + self.counts[RowState.WORKING]

    def write_report(self, path: Path) -> None:
        """All rows as CSV. UserError when it cannot be written."""
        write_report(path, map(_line, self.rows))


def _line(row: Row) -> ReportLine:
    is_there = row.state in (RowState.DONE, RowState.SKIPPED)
    return ReportLine(
        picture=row.source,
        page=row.page,
        state=row.state.value,
        seconds=row.seconds,
        result=row.target if is_there else None,
        message=row.message,
    )


class Pace:
    """How long the rest takes, by the moments at which the last pictures were finished; pauses do not count."""

    def __init__(self) -> None:
        self._ends: deque[float] = deque(maxlen=_PACE_OF)

    def restart(self) -> None:
        """After a pause, or before the first."""
        self._ends.clear()

    def ended(self, now: float) -> None:
        """`now` is of any clock that runs on, seconds."""
        self._ends.append(now)

    def seconds_left(self, pictures: int) -> float | None:
        """None as long as nobody can tell."""
        if len(self._ends) < 3:
            return None
        return pictures * (self._ends[-1] - self._ends[0]) / (len(self._ends) - 1)
