"""The table of what became of each picture."""

import csv
import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from sketchsause_desktop.batch.job import Outcome, Task
from sketchsause_desktop.batch.report import Report, ReportLine, line_of, planned_line, write_report


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def task(folder: Path, **fields: Any) -> Task:
    return Task(index=0, source=folder / "in" / "線 画.png", target=folder / "out.png", **fields)


def test_what_happened_is_a_line_each(tmp_path: Path) -> None:
    with Report(tmp_path / "report.csv") as report:
        report.add(line_of(Outcome(task=task(tmp_path), status="done", seconds=1.25)))
        report.add(line_of(Outcome(task=task(tmp_path, page=1), status="failed", message='"odd", damaged\nand long')))
        report.add(line_of(Outcome(task=task(tmp_path), status="skipped", message="It is coloured already.")))
        (tmp_path / "out.png").touch()
        report.add(line_of(Outcome(task=task(tmp_path), status="skipped", message="It is there already.")))
        report.add(planned_line(task(tmp_path, skip="no need")))
        report.add(planned_line(task(tmp_path, refusal="no way")))
        report.add(planned_line(task(tmp_path)))
    rows = read(tmp_path / "report.csv")
    assert [row["state"] for row in rows] == ["done", "failed", *["left alone"] * 3, "failed", "waiting"]
    assert {row["picture"] for row in rows} == {str(tmp_path / "in" / "線 画.png")}
    there = str(tmp_path / "out.png")
    assert [row["result"] for row in rows] == [there, "", "", there, there, "", ""]
    assert [row["page"] for row in rows[:3]] == ["", "2", ""]
    assert [row["seconds"] for row in rows[:2]] == ["1.25", ""]
    assert [row["message"] for row in rows[1:6:4]] == ['"odd", damaged\nand long', "no way"]
    assert list(tmp_path.glob(".*")) == []


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=[])))
def test_any_name_and_message_can_be_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("report") / "report.csv"
    write_report(path, [ReportLine(picture=Path("/in") / text, page=None, state="done", message=text)])
    (row,) = read(path)
    as_told = text.encode("utf-8", "backslashreplace").decode()
    assert row["message"] == as_told


def test_a_batch_that_is_cut_off_leaves_its_table(tmp_path: Path) -> None:
    report = Report(tmp_path / "report.csv")
    report.add(planned_line(task(tmp_path)))
    report.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert len(read(tmp_path / "report.csv")) == 1


def test_a_call_that_cannot_be_leaves_the_older_table(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("older")
    with pytest.raises(UserError, match="no such model"), Report(path):
        raise UserError("There is no such model.")
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_where_nothing_can_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such folder"):
        Report(tmp_path / "none" / "report.csv")


@pytest.mark.parametrize("lines", [1, 5000])  # the first fits into the buffer, and fails when it is closed
def test_a_full_disk_is_a_sentence_and_the_older_table_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux has /dev/full")
    path = tmp_path / "report.csv"
    path.write_text("older")
    opened = Path.open

    def onto_a_full_disk(self: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        return opened(Path("/dev/full") if mode == "w" else self, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", onto_a_full_disk)
    with pytest.raises(UserError, match="the disk is full"):
        write_report(path, [planned_line(task(tmp_path))] * lines)
    monkeypatch.undo()
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_that_cannot_be_synced_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Report(tmp_path / "report.csv") as report:
        report.add(planned_line(task(tmp_path)))
        monkeypatch.setattr(os, "fsync", full)
    assert report.fault
    assert "the disk is full" in str(report.fault)
    assert list(tmp_path.iterdir()) == []
