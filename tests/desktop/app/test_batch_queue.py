"""Rows and the time that is left."""

import csv
from pathlib import Path

import pytest

from sketchsause_desktop.app.batch_queue import BatchQueue, Pace, Row, RowState, row_of
from sketchsause_desktop.batch.job import Task


def event(name: str, page: int | None = None, **fields: object) -> dict[str, object]:
    usual = {"status": "done", "target": f"/out/{name}", "seconds": 0.5, "message": ""}
    return {"source": f"/in/{name}", "page": page} | usual | fields


@pytest.fixture
def queue() -> BatchQueue:
    queue = BatchQueue()
    queue.add([Row(source=Path(f"/in/{name}"), target=Path(f"/out/{name}")) for name in ("a", "b", "c")])
    queue.add([Row(source=Path("/in/book"), target=Path(f"/out/book-{page}"), page=page) for page in (0, 1)])
    return queue


def test_events_find_their_rows(queue: BatchQueue) -> None:
    assert [queue.find(event(name)) for name in ("a", "b", "c", "d")] == [0, 1, 2, None]
    assert queue.find(event("book", page=1)) == 4
    assert queue.find(event("book")) is None
    assert queue.rows[4].name == "book, page 2"


def test_counts_follow_the_states(queue: BatchQueue) -> None:
    queue.begin(0)
    queue.begin(1)
    queue.end(0, event("a"))
    queue.end(1, event("b", status="failed", message="/in/b is damaged."))
    assert queue.counts == {RowState.DONE: 1, RowState.FAILED: 1, RowState.WAITING: 3, RowState.WORKING: 0}
    assert queue.unfinished == 3
    assert queue.rows[1].short_message == "b is damaged."
    assert queue.put_back(RowState.FAILED) == [1]
    assert queue.rows[1].message == ""
    assert queue.unfinished == 4
    queue.end(0, event("a", status="skipped", message="made before"))
    assert queue.rows[0].state is RowState.DONE


def test_a_large_picture_counts_by_what_is_done_of_it(queue: BatchQueue) -> None:
    queue.begin(0)
    assert (queue.rows[0].state_words, queue.working_share) == ("in work", 0)
    queue.come_on(0, 0.255)
    queue.begin(1)
    queue.come_on(1, 0.5)
    assert (queue.rows[0].state_words, queue.working_share) == ("in work, 25 %", 0.755)
    queue.end(0, event("a"))
    assert (queue.rows[0].state_words, queue.working_share) == ("done", 0.5)
    queue.put_back(RowState.WORKING)
    assert queue.working_share == 0


def test_rows_are_what_the_plan_says() -> None:
    def task(**fields: object) -> Task:
        return Task(index=0, source=Path("/in/a"), target=Path("/out/a"), **fields)  # type: ignore[arg-type]

    assert row_of(task(), {}).state is RowState.WAITING
    assert row_of(task(refusal="no"), {}).state is RowState.FAILED
    assert row_of(task(skip="there"), {}).state is RowState.SKIPPED
    assert row_of(task(skip="made before"), {task().key: Path("/out/a")}).state is RowState.DONE


def test_the_report_holds_every_row(queue: BatchQueue, tmp_path: Path) -> None:
    queue.end(0, event("a", message='a "note", with a comma'))
    queue.write_report(tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert rows[0] == {
        "picture": str(Path("/in/a")),
        "page": "",
        "state": "done",
        "seconds": "0.50",
        "result": str(Path("/out/a")),
        "message": 'a "note", with a comma',
    }
    assert rows[4]["page"] == "2"
    assert rows[4]["result"] == ""


def test_the_time_left_is_that_of_the_last_pictures() -> None:
    pace = Pace()
    assert pace.seconds_left(10) is None
    for moment in (100.0, 100.1, 100.2):
        pace.ended(moment)
    assert pace.seconds_left(10) == pytest.approx(1.0)
    for number in range(100):
        pace.ended(200.0 + 2 * number)
    assert pace.seconds_left(10) == pytest.approx(20.0)
    pace.restart()
    assert pace.seconds_left(10) is None
