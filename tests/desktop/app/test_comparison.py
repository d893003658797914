"""The comparison of the window: what it is given, its child process, its figures, what it says when things go wrong."""

import csv
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app.compare_inputs import look_at
from sketchsause_desktop.app.compare_job import CompareJob, Side, job_of
from sketchsause_desktop.app.compare_measures import MEASURES
from sketchsause_desktop.app.compare_sides import first_two, sides_of
from sketchsause_desktop.app.comparison import CompareState, Comparison, make_room
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.training_runs import Run
from sketchsause_desktop.app.training_spec import TrainingSpec
from tests.desktop.app.comparisons import CompareBench, write_two_models
from tests.training.picture_sets import aerial, save_sheet
from training.pictures import PictureRef, load_picture


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Side, Side]:
    return write_two_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def bench(tmp_path: Path, sides: tuple[Side, Side], qtbot: QtBot) -> CompareBench:
    return CompareBench(tmp_path, sides, qtbot)


@pytest.fixture
def comparison(bench: CompareBench, qapp: QApplication) -> Iterator[Comparison]:
    comparison = bench.comparison()
    yield comparison
    comparison.close_down()


def state_of(comparison: Comparison) -> CompareState:
    return comparison.state


# What is given


def test_pairs_are_told_from_pictures(bench: CompareBench) -> None:
    bench.fill_pairs(3)
    bench.fill_pages(2)
    found = look_at([bench.pairs])
    assert (found.count, found.has_truth, found.fault) == (3, True, "")
    assert found.words.startswith("3 pairs: lines is given, colours is the truth.")
    found = look_at([bench.pages])
    assert (found.count, found.has_truth) == (2, False)
    assert "painted, not measured" in found.words
    assert look_at([bench.pages / "0.png"]).count == 1
    assert look_at([]).words == look_at([]).fault == ""


def test_sheets_and_a_test_part_are_recognised(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for number in range(2):
            save_sheet(*aerial(number), tmp_path / "maps" / split / f"{number}.png")
    found = look_at([tmp_path / "maps"])
    assert (found.count, found.has_truth) == (2, True)
    assert "2 pairs, the test part: side-by-side sheets" in found.words


def test_what_cannot_be_compared_on_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "There are no pictures in" in look_at([tmp_path / "empty"]).fault
    assert "is not there" in look_at([tmp_path / "gone"]).fault
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    assert "is no picture" in look_at([tmp_path / "notes.txt"]).fault


def test_only_the_newest_look_is_answered(bench: CompareBench, comparison: Comparison) -> None:
    bench.fill_pages(2)
    bench.fill_pairs(1)
    told = []
    comparison.looked.connect(lambda: told.append(comparison.found.count))
    comparison.look([bench.pages])
    comparison.look([bench.pairs])
    assert comparison.is_looking
    comparison.wait()
    assert told == [1]
    assert not comparison.is_looking


def test_a_job_that_cannot_be_is_refused_in_a_sentence(bench: CompareBench, comparison: Comparison) -> None:
    bench.fill_pages(1)
    a, gone = bench.sides[0], Side(title="Gone", file="/nowhere/gone.safetensors")
    for fields, words in (
        ({"b": a}, "A and B are the same model"),
        ({"b": gone}, "Gone is not there any more"),
        ({"a": Side(title="", file="")}, "There is no model for A"),
    ):
        with pytest.raises(UserError, match=words):
            comparison.start(bench.job(**fields))
        assert state_of(comparison) is CompareState.EMPTY
    many = tuple(bench.pages / f"{'long' * 20}-{number}.png" for number in range(300))
    with pytest.raises(UserError, match="too many single pictures"):
        bench.job(inputs=many, has_truth=False, most=300).check()
    bench.job(inputs=many, has_truth=False).check()  # only 24 of them go to the command


def test_a_job_survives_being_kept(bench: CompareBench) -> None:
    job = bench.job(hints=16, size=256, most=7)
    assert job_of(job.as_json()) == job
    assert job_of({}) is None
    assert "--hints 16" in job.command_line(bench.folder)
    assert "--answers" in bench.job(has_truth=False).command_line(bench.folder)


# The models there are


def test_what_a_training_has_kept_is_offered(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "checkpoints").mkdir(parents=True)
    for name in ("model.safetensors", "checkpoints/step-00000400.pt", "checkpoints/step-00000800.pt"):
        (folder / name).touch()
    spec = TrainingSpec(preset="lineart", data=tmp_path, run=folder, title="Cats")
    run = Run(spec=spec, state="done", changed_at=0.0, has_model=True)
    models = [
        ModelChoice(model_id="one", title="One", path=tmp_path / "one.safetensors"),
        ModelChoice(model_id="map", title="Map", task="satellite picture to map", path=tmp_path / "map.safetensors"),
        ModelChoice(model_id="two", title="One", path=tmp_path / "two.safetensors"),
    ]
    sides = sides_of(models, [run])
    titles = ["One (one)", "Map", "One (two)", "Cats, its model", "Cats, step 800", "Cats, step 400"]
    assert [side.title for side in sides] == titles
    assert sides[-1].file == str(folder / "checkpoints" / "step-00000400.pt")
    assert [side.title for side in first_two(sides)] == ["One (one)", "One (two)"]
    assert [side.title for side in first_two(sides[:2])] == ["One (one)", "Map"]
    assert list(first_two([])) == []


# The child


def test_the_figures_are_those_of_the_command(bench: CompareBench, comparison: Comparison, tmp_path: Path) -> None:
    bench.fill_pairs(3)
    job = bench.job(hints=16)
    comparison.start(job)
    bench.wait_for_end(comparison)
    assert state_of(comparison) is CompareState.DONE, comparison.fault
    assert sorted(picture.name for picture in comparison.pictures) == ["0", "1", "2"]
    rows = bench.on_the_command_line(job)["rows"]
    measures = comparison.measures
    assert [row.kind for row in measures.rows] == ["a", "b", "trivial", "trivial", "trivial"]
    assert [row.title for row in measures.rows][:3] == ["First", "Second", "copy the input"]
    for place, row in enumerate(rows):
        for measure in MEASURES:
            assert measures.mean(place, measure) == pytest.approx(row[measure], rel=1e-9)
    comparison.write_table(tmp_path / "table")
    with (tmp_path / "table.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == ["picture", "answer", *MEASURES]
    means = {row[1]: row[2:] for row in table if row and row[0] == "mean, N = 3"}
    assert float(means["A: First"][0]) == pytest.approx(rows[0]["ssim"])
    assert comparison.contenders is not None
    assert len({each.sha256 for each in comparison.contenders}) == 2


def test_pictures_alone_are_painted_and_a_damaged_one_is_named(bench: CompareBench, comparison: Comparison) -> None:
    bench.fill_pages(3)
    (bench.pages / "1.png").write_bytes((bench.pages / "1.png").read_bytes()[:60])
    comparison.start(bench.job(inputs=(bench.pages,), has_truth=False))
    bench.wait_for_end(comparison)
    assert state_of(comparison) is CompareState.DONE
    assert [picture.name for picture in comparison.pictures] == ["0.png", "2.png"]
    assert len(comparison.left_out) == 1
    assert "1.png" in comparison.left_out[0]
    assert comparison.measures.count == 0
    picture = comparison.pictures[0]
    assert picture.truth is None
    assert load_picture(PictureRef(picture.a)).shape == load_picture(PictureRef(picture.b)).shape == (96, 96, 3)


def test_a_killed_child_says_so_in_a_sentence(bench: CompareBench, comparison: Comparison) -> None:
    bench.fill_pairs(2)
    comparison.start(bench.job())
    bench.wait(lambda: comparison._child is not None and comparison._child._process.processId())
    assert comparison._child is not None
    os.kill(comparison._child._process.processId(), getattr(signal, "SIGKILL", signal.SIGTERM))
    bench.wait_for_end(comparison)
    assert state_of(comparison) is CompareState.FAILED
    assert comparison.fault == "The command was killed, or the memory ran out."
    comparison.start(bench.job())  # and once more
    bench.wait_for_end(comparison)
    assert state_of(comparison) is CompareState.DONE


def test_what_is_no_model_is_said_in_a_sentence(bench: CompareBench, comparison: Comparison) -> None:
    bench.fill_pairs(1)
    broken = bench.folder / "broken.safetensors"
    broken.write_bytes(b"\x08\0\0\0\0\0\0\0not json")
    comparison.start(bench.job(b=Side(title="Broken", file=str(broken))))
    bench.wait_for_end(comparison)
    assert state_of(comparison) is CompareState.FAILED
    assert "broken.safetensors" in comparison.fault
    assert "Traceback" not in comparison.fault


def test_cancelled_it_goes_on_from_what_is_kept(bench: CompareBench, comparison: Comparison) -> None:
    bench.fill_pages(12)
    job = bench.job(inputs=(bench.pages,), has_truth=False)
    comparison.start(job)
    bench.wait(lambda: len(comparison.pictures) >= 2)
    comparison.cancel()
    assert state_of(comparison) is CompareState.CANCELLED
    kept = {picture.a: picture.a.stat().st_ino for picture in comparison.pictures}
    comparison.start(job)
    bench.wait_for_end(comparison)
    assert state_of(comparison) is CompareState.DONE
    assert len(comparison.pictures) == 12
    assert {path: path.stat().st_ino for path in kept} == kept  # none was written again


def test_cancelled_before_it_has_begun(bench: CompareBench, comparison: Comparison) -> None:
    bench.fill_pages(1)
    comparison.start(bench.job(inputs=(bench.pages,), has_truth=False))
    comparison.cancel()
    comparison.wait()
    assert state_of(comparison) is CompareState.CANCELLED
    assert comparison._child is None


def test_room_is_made_by_what_was_used_longest_ago(tmp_path: Path) -> None:
    make_room(tmp_path / "none", 10)
    for number in range(4):
        path = tmp_path / f"{number}.png"
        path.write_bytes(b"x" * 10)
        os.utime(path, (number, number))
    (tmp_path / "notes.txt").write_bytes(b"x" * 100)
    os.utime(tmp_path / "0.png", (9, 9))
    make_room(tmp_path, 25)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.png", "3.png", "notes.txt"]


def test_two_pictures_of_one_name_stay_apart(bench: CompareBench, comparison: Comparison) -> None:
    comparison.job = bench.job()
    comparison._names = ["x", "y"]
    event: dict[str, object] = {
        "event": "picture",
        "name": "7",
        "input": "i",
        "truth": None,
        "answers": {"x": "a", "y": "b"},
        "values": [],
    }
    for _ in range(3):
        comparison._on_told(event)
    assert [picture.name for picture in comparison.pictures] == ["7", "7 (2)", "7 (3)"]


def test_every_word_of_a_job_is_the_commands(bench: CompareBench) -> None:
    from training.cli import main

    job = CompareJob(
        a=bench.sides[0], b=bench.sides[1], inputs=(bench.folder / "gone",), has_truth=True, hints=16, size=256, most=3
    )
    assert main(job.words_for_child(bench.folder / "answers")) == 2  # understood; there is no such folder
