"""Trainings as child processes: real ones, on data and networks small enough for tests."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app import child_process
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_job import JobState, TrainingJob
from sketchsause_desktop.app.training_links import LAST_WORDS, Outcome, last_words
from sketchsause_desktop.app.training_runs import TrainingRuns, moved_data_fault
from sketchsause_desktop.app.training_spec import TrainingSpec, read_spec
from tests.training.tiny_runs import events_of, squares, tiny_config, tiny_trainer
from training.config import to_toml
from training.pairs import scan
from training.run_files import is_resumable, is_running
from training.split_file import write_split
from training.trainer import Limits

PATIENCE_MS = 150_000
ENDLESS = {"epochs": 5000, "decay_epochs": 0}
pytestmark = pytest.mark.slow


@pytest.fixture
def spec(tmp_path: Path) -> TrainingSpec:
    data = squares(tmp_path / "data")
    config = tmp_path / "tiny.toml"
    config.write_text(to_toml(tiny_config(run={"sample_every": 4})), encoding="utf-8")
    return TrainingSpec(preset=str(config), data=data, run=tmp_path / "runs" / "one", device="cpu", title="One")


@pytest.fixture
def endless(spec: TrainingSpec) -> TrainingSpec:
    return replace(spec, settings={"schedule.epochs": "5000"})


@pytest.fixture
def runs(tmp_path: Path, qtbot: QtBot) -> Iterator[TrainingRuns]:
    runs = TrainingRuns(Notices(), tmp_path / "runs")
    yield runs
    runs.stop_all()
    runs.deleteLater()


def wait(qtbot: QtBot, holds: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=PATIENCE_MS)


def test_a_run_to_its_end_is_what_the_command_line_does(runs: TrainingRuns, spec: TrainingSpec, qtbot: QtBot) -> None:
    job = runs.start(spec)
    assert job.state is JobState.STARTING
    wait(qtbot, lambda: job.state is JobState.ENDED)
    assert job.sentence == ""
    assert job.history.reason == "done"
    assert (job.history.step, job.history.total_steps) == (20, 20)
    assert [step for step, _ in job.history.samples] == [0, 4, 8, 12, 16, 20]
    assert all((spec.run / path).is_file() for _, path in job.history.samples)
    tiny_trainer(tiny_config(run={"sample_every": 4}), spec.data, spec.run.parent / "by-hand").train(Limits())
    steps = events_of(spec.run, "step")
    assert steps == events_of(spec.run.parent / "by-hand", "step")
    assert list(job.history.curves["losses"]["l1"].values) == [event["losses"]["l1"] for event in steps]
    assert [(run.state, run.has_model) for run in runs.runs() if run.folder == spec.run] == [("done", True)]


def test_orders_reach_the_child(runs: TrainingRuns, endless: TrainingSpec, qtbot: QtBot) -> None:
    job = runs.start(endless)
    wait(qtbot, lambda: job.history.step > 0)
    job.pause()
    wait(qtbot, lambda: job.state is JobState.PAUSED)
    job.resume()
    wait(qtbot, lambda: job.state is JobState.RUNNING)
    job.save()
    wait(qtbot, lambda: job.history.model_step is not None)
    job.stop()
    assert job.state is JobState.STOPPING
    wait(qtbot, lambda: job.state is JobState.ENDED)
    assert (job.sentence, job.history.reason) == ("", "stop")
    assert runs.runs()[0].state == "stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is of POSIX")
def test_a_training_steps_back_behind_painting(
    runs: TrainingRuns, endless: TrainingSpec, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "STEP_BACK", ("--step-back",))
    job = runs.start(endless)
    wait(qtbot, lambda: os.getpriority(os.PRIO_PROCESS, job.process_id) > os.getpriority(os.PRIO_PROCESS, 0))
    job.force()
    wait(qtbot, lambda: job.state is JobState.ENDED)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
def test_a_killed_child_says_so_and_resumes_to_the_same_losses(
    runs: TrainingRuns, spec: TrainingSpec, qtbot: QtBot
) -> None:
    spec = replace(spec, settings={"schedule.epochs": "40"})
    job = runs.start(spec)
    wait(qtbot, lambda: job.history.step >= 6)
    os.kill(job.process_id, signal.SIGKILL)
    wait(qtbot, lambda: job.state is JobState.ENDED)
    assert "killed" in job.sentence
    assert runs.runs()[0].state == "cut off"
    again = runs.resume(spec.run)
    wait(qtbot, lambda: again.state is JobState.ENDED)
    assert again.history.reason == "done"
    config = tiny_config(run={"sample_every": 4}, schedule={"epochs": 40})
    tiny_trainer(config, spec.data, spec.run.parent / "whole").train(Limits())
    assert events_of(spec.run, "step") == events_of(spec.run.parent / "whole", "step")
    steps = [event["step"] for event in events_of(spec.run, "step")]
    assert list(again.history.curves["losses"]["l1"].steps) == steps  # nothing is drawn twice


def test_a_run_whose_pairs_have_moved_goes_on_to_the_same_losses(
    runs: TrainingRuns, spec: TrainingSpec, qtbot: QtBot, tmp_path: Path
) -> None:
    config = tiny_config(run={"sample_every": 4})
    done = tiny_trainer(config, spec.data, tmp_path / "whole")
    done.train(Limits())
    spec.keep()
    begun = tiny_trainer(config, spec.data, spec.run)
    write_split(scan(spec.data), spec.run)
    begun.train(Limits(stop=lambda: begun.step >= 8))
    moved = spec.data.rename(tmp_path / "moved")
    with pytest.raises(UserError, match="any more"):
        runs.resume(spec.run)
    fault = moved_data_fault(spec.run, squares(tmp_path / "other") / "val")
    assert fault is not None
    assert "does not hold the pairs this run began with" in str(fault)
    assert moved_data_fault(spec.run, moved) is None
    runs.move_data(spec.run, moved)
    again = runs.resume(spec.run)
    wait(qtbot, lambda: again.state is JobState.ENDED)
    assert (again.sentence, again.history.reason) == ("", "done")
    assert events_of(spec.run, "step") == events_of(tmp_path / "whole", "step")


@pytest.mark.expects_warnings
def test_a_call_that_is_refused_says_why(runs: TrainingRuns, spec: TrainingSpec, qtbot: QtBot) -> None:
    job = runs.start(replace(spec, settings={"data.load_size": "16"}))
    wait(qtbot, lambda: job.state is JobState.ENDED)
    assert job.sentence == "data.load_size must not be smaller than data.crop_size."
    assert runs.runs()[0].state == "not begun"
    runs.start(spec)  # mended
    wait(qtbot, lambda: runs.active is None)
    assert runs.runs()[0].state == "done"


def test_the_second_waits_for_the_first(runs: TrainingRuns, endless: TrainingSpec, qtbot: QtBot) -> None:
    first = runs.start(endless)
    second = runs.start(replace(endless, run=endless.run.parent / "two", settings={}))
    third = runs.start(replace(endless, run=endless.run.parent / "three", settings={}))
    assert second.state is JobState.WAITING
    runs.cancel(third)
    wait(qtbot, lambda: first.history.step > 0)
    with pytest.raises(UserError, match="Stop it first"):
        runs.delete(endless.run)
    first.stop()
    wait(qtbot, lambda: second.history.reason == "done" and runs.active is None)
    assert {run.folder.name: run.state for run in runs.runs()} == {
        "one": "stopped",
        "two": "done",
        "three": "not begun",
    }


def test_a_training_is_found_at_the_next_start_and_stopped(
    runs: TrainingRuns, endless: TrainingSpec, qtbot: QtBot, tmp_path: Path
) -> None:
    job = runs.start(endless)
    wait(qtbot, lambda: job.history.step > 0)
    assert runs.keep_running()
    assert not job.is_active
    wait(qtbot, lambda: is_running(endless.run))
    later = TrainingRuns(Notices(), tmp_path / "runs")
    later.find()
    found = later.active
    assert found is not None
    assert not found.is_own
    before = found.history.step
    wait(qtbot, lambda: found.history.step > before)
    found.pause()
    wait(qtbot, lambda: found.state is JobState.PAUSED)
    found.stop()
    wait(qtbot, lambda: found.state is JobState.ENDED)
    assert (found.history.reason, found.sentence) == ("stop", "")
    assert is_resumable(endless.run)
    later.deleteLater()


def test_runs_in_other_folders_are_found_too_and_only_their_own_files_deleted(
    runs: TrainingRuns, spec: TrainingSpec, qtbot: QtBot, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "my-drawing.png").write_bytes(b"mine")
    job = runs.start(replace(spec, run=elsewhere))
    wait(qtbot, lambda: job.state is JobState.ENDED)
    later = TrainingRuns(Notices(), tmp_path / "runs")
    assert [run.folder for run in later.runs()] == [elsewhere]
    later.delete(elsewhere)
    assert [path.name for path in elsewhere.iterdir()] == ["my-drawing.png"]
    assert later.runs() == []
    later.deleteLater()


def test_a_folder_that_cannot_be_had_is_refused(runs: TrainingRuns, spec: TrainingSpec, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        runs.start(replace(spec, run=tmp_path / "file" / "run"))
    spec.keep()
    (spec.run / "config.toml").write_text("")
    with pytest.raises(UserError, match="already holds a run"):
        runs.start(spec)


def test_a_spec_is_kept_and_read_again_or_passed_over(spec: TrainingSpec) -> None:
    spec = replace(spec, settings={"run.seed": "3", "data.exclude": '["a b"]'}, max_minutes=10, notes="first try")
    spec.keep()
    assert read_spec(spec.run) == spec
    assert spec.command_line().startswith("sketchsause train ")
    assert "'data.exclude=[\"a b\"]'" in spec.command_line()
    for damage in ("", "[]", '{"version": 1}', '{"version": 2, "data": "x"}', '{"version": 1, "data": 3}'):
        (spec.run / "job.json").write_text(damage)
        assert read_spec(spec.run) is None


def test_outcomes_speak(tmp_path: Path) -> None:
    assert "killed" in Outcome(code=None).sentence
    assert Outcome(code=2, words="Summary.\nA folder is missing.").sentence == "A folder is missing."
    assert "exit code 1" in Outcome(code=1, words="Traceback\nValueError: odd").sentence
    (tmp_path / LAST_WORDS).write_text("Traceback (most recent call last):\n  File x\nValueError: odd\n")
    assert last_words(tmp_path) == "ValueError: odd"
    assert last_words(tmp_path / "none") == ""


def test_a_waiting_job_has_no_process(spec: TrainingSpec, qtbot: QtBot) -> None:
    job = TrainingJob(spec)
    job.stop()
    job.pause()
    assert job.state is JobState.WAITING
    assert job.wait_for_end()
    time.sleep(0)
