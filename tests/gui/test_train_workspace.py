"""The Train workspace in the window: tabs, list, dashboard, the question on leaving."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.run_history import RunHistory, Series, drawable, duration_words, smoothed
from sketchsause_desktop.app.training_job import JobState, TrainingJob
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.app.training_spec import TrainingSpec, read_spec
from sketchsause_desktop.ui import train_room
from sketchsause_desktop.ui.main_window import MainWindow, Services
from sketchsause_desktop.ui.train_workspace import TrainWorkspace
from tests.desktop.app.fake_engine import FakeEngine
from tests.gui.conftest import shown_window
from tests.training.tiny_runs import squares, tiny_config
from training.config import to_toml
from training.pairs import scan
from training.run_dir import RunDir
from training.split_file import write_split


def make_run(folder: Path, name: str, events: int = 20, reason: str | None = "done") -> Path:
    """A run as the trainer leaves it: its events, two samples, its settings."""
    run = folder / name
    (folder / "data").mkdir(parents=True, exist_ok=True)
    TrainingSpec(preset="lineart", data=folder / "data", run=run, title=f"Run {name}").keep()
    (run / "samples").mkdir()
    for step in (0, events):
        Image.fromarray(np.full((40, 60, 3), step % 255, np.uint8)).save(run / "samples" / f"{step}.png")
    told = [{"event": "started", "pairs": 9, "total_steps": events, "first_step": 0, "device": "cpu"}]
    told += [{"event": "sample", "step": 0, "path": "samples/0.png"}]
    for step in range(1, events + 1):
        told.append({"event": "step", "step": step, "epoch": 0, "losses": {"l1": 1 / step, "d": 0.6}, "rates": {}})
    told += [{"event": "measured", "step": events, "measures": {"psnr": 21.5}}]
    told += [{"event": "warned", "step": events, "sentence": "The discriminator wins: lower its rate."}]
    told += [{"event": "sample", "step": events, "path": f"samples/{events}.png"}]
    told += [{"event": "finished", "step": events, "reason": reason}] * (reason is not None)
    (run / "events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in told))
    (run / "config.toml").write_text("")
    return run


@pytest.fixture
def runs(tmp_path: Path, qapp: object) -> TrainingRuns:
    return TrainingRuns(Notices(), tmp_path / "runs")


@pytest.fixture
def window(qtbot: QtBot, editor, theme, settings, runs: TrainingRuns) -> Iterator[MainWindow]:  # type: ignore[no-untyped-def]
    notices = Notices()
    live = Live(editor, FakeEngine(), notices)
    services = Services(
        editor=editor, live=live, notices=notices, settings=settings, theme=theme, models=(), trainings=runs
    )
    with shown_window(qtbot, services, 1100) as window:
        yield window


def train_page(window: MainWindow) -> TrainWorkspace:
    assert window.train_room is not None
    window.workspaces.show(window.train_room.place)
    assert window.train_room.workspace is not None
    window.train_room.workspace.dashboard.wait()
    return window.train_room.workspace


def test_panels_step_aside_and_come_back(window: MainWindow) -> None:
    shown = [dock.isVisible() for dock in window.panels.docks]
    page = train_page(window)
    assert page.isVisible()
    assert not window.canvas.isVisible()
    assert not any(part.isVisible() for part in (*window.panels.bars, *window.panels.docks))
    window.workspaces.show(0)
    assert window.canvas.isVisible()
    assert [dock.isVisible() for dock in window.panels.docks] == shown


def test_paintings_keys_do_nothing_there_and_the_windows_still_do(window: MainWindow, qtbot: QtBot) -> None:
    page = train_page(window)
    window.activateWindow()
    page.list.setFocus()
    qtbot.waitUntil(page.list.hasFocus)
    before = window._editor.tool
    for key in (Qt.Key.Key_E, Qt.Key.Key_G, Qt.Key.Key_H):
        QTest.keyClick(page.list, key)
    assert window._editor.tool is before
    QTest.keyClick(page.list, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.workspaces.current == 0


def test_a_run_that_has_ended_is_shown_from_its_file(window: MainWindow, runs: TrainingRuns) -> None:
    make_run(runs.folder, "one")
    make_run(runs.folder, "two", reason=None)
    page = train_page(window)
    assert sorted(page.list.item(row).text().split("\n")[1].strip() for row in range(2)) == ["cut off", "done"]
    page.choose(runs.folder / "one")
    page.dashboard.wait()
    dashboard = page.dashboard
    assert dashboard.title.text() == "Run one"
    assert dashboard.curves.drawn == ["l1", "d"]
    assert "PSNR 21.5 dB" in dashboard.facts.text()
    assert "discriminator wins" in dashboard.warnings.text()
    assert not dashboard.resume.isVisible()
    assert dashboard.samples.step == 20
    dashboard.samples.slider.setValue(0)
    assert dashboard.samples.step == 0
    page.choose(runs.folder / "two")
    assert dashboard.resume.isVisible()
    dashboard.curves.choice.setCurrentIndex(1)
    page.dashboard.wait()
    assert dashboard.curves.drawn == ["psnr"]


def test_a_run_is_deleted_only_after_a_question(
    window: MainWindow, runs: TrainingRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(runs.folder, "one")
    page = train_page(window)
    monkeypatch.setattr("sketchsause_desktop.ui.train_workspace.ask_delete", lambda *_: False)
    page.dashboard.delete.trigger()
    assert run.exists()
    monkeypatch.setattr("sketchsause_desktop.ui.train_workspace.ask_delete", lambda *_: True)
    page.dashboard.delete.trigger()
    assert not run.exists()
    assert page.list.count() == 0


def test_a_training_is_begun_with_the_wizard(window: MainWindow, qtbot: QtBot) -> None:
    page = train_page(window)
    page.new.click()
    wizard = page.wizard
    assert wizard is not None
    qtbot.waitExposed(wizard)
    assert wizard.currentPage() is wizard.goal
    wizard.reject()


class _Job:
    """A training that runs, as far as the window looks at it."""

    state, history = JobState.RUNNING, RunHistory()

    class spec:
        name = "Mine"


def test_a_training_that_waits_is_taken_out_of_the_queue(
    window: MainWindow, runs: TrainingRuns, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cut_off = make_run(runs.folder, "cut-off", reason=None)
    page = train_page(window)
    dashboard = page.dashboard
    monkeypatch.setattr(TrainingRuns, "active", _Job)  # another one runs
    runs.start(TrainingSpec(preset="lineart", data=tmp_path, run=runs.folder / "new"))
    runs.resume(cut_off)
    for folder, before in (runs.folder / "new", "not begun"), (cut_off, "cut off"):
        page.choose(folder)
        assert (dashboard.folder, dashboard.state.text()) == (folder, "Waits for the training before it.")
        assert dashboard.cancel.isVisible()
        assert not dashboard.resume.isVisible()
        dashboard.cancel.click()
        dashboard.wait()
        assert runs.job(folder) is None
        assert {run.folder: run.state for run in runs.runs()}[folder] == before
        assert dashboard.resume.isVisible()
        assert not dashboard.cancel.isVisible()
    assert dashboard.curves.drawn == ["l1", "d"]
    monkeypatch.undo()


def test_a_run_that_is_resumed_while_it_is_shown_and_has_to_wait(
    window: MainWindow, runs: TrainingRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (make_run(runs.folder, name, reason=None) for name in ("one", "two"))
    page = train_page(window)
    monkeypatch.setattr(TrainingRuns, "active", _Job)
    page.choose(one)
    page.dashboard.resume.click()
    runs.cancel(page.dashboard._job)  # type: ignore[arg-type]
    page.dashboard.resume.click()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # of the first job
    page.choose(two)
    page.dashboard.wait()
    assert page.dashboard.title.text() == "Run two"
    monkeypatch.undo()


def test_two_runs_are_compared_by_a_click_with_ctrl(window: MainWindow, runs: TrainingRuns, qtbot: QtBot) -> None:
    for name, events in ("one", 20), ("two", 30), ("three", 10):
        make_run(runs.folder, name, events)
    (runs.folder / "one" / "config.toml").write_text("[run]\nbatch_size = 4\nseed = 1\n")
    (runs.folder / "two" / "config.toml").write_text("[run]\nbatch_size = 8\nseed = 1\n")
    page = train_page(window)
    page.choose(runs.folder / "one")
    other = next(
        item
        for item in map(page.list.item, range(3))
        if item.data(Qt.ItemDataRole.UserRole) == str(runs.folder / "two")
    )
    place = page.list.visualItemRect(other).center()
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    compared = page.comparison
    compared.wait()
    assert compared.isVisible()
    assert {folder.name for folder in compared.folders} == {"one", "two"}
    assert compared.curves.choice.currentText() == "PSNR, dB"
    assert set(compared.curves.drawn) == {"Run one", "Run two"}
    compared.curves.choice.setCurrentText("L1")
    lengths = {name: len(curve.getOriginalDataset()[0]) for name, curve in compared.curves._drawn.items()}
    assert lengths == {"Run one": 20, "Run two": 30}
    table = compared.table.model()
    down, across = Qt.Orientation.Vertical, Qt.Orientation.Horizontal
    rows = {
        table.headerData(row, down): {table.headerData(at, across): table.index(row, at).data() for at in range(2)}
        for row in range(table.rowCount())
    }
    assert rows == {"run: batch size": {"Run one": "4", "Run two": "8"}}
    runs.changed.emit()  # whatever happens meanwhile
    assert set(compared.curves.drawn) == {"Run one", "Run two"}
    runs.delete(runs.folder / "two")
    assert page.dashboard.isVisible()
    assert page.dashboard.folder == runs.folder / "one"


def test_a_run_whose_pairs_have_moved_goes_on_where_they_are_now(
    window: MainWindow, runs: TrainingRuns, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = make_run(runs.folder, "one", reason="stop")
    pages, others = squares(tmp_path / "pages"), squares(tmp_path / "others")
    (others / "train" / "A" / "3.png").unlink()
    (run / "config.toml").write_text(to_toml(tiny_config()))
    write_split(scan(pages, direction="AtoB"), run)
    TrainingSpec(preset="lineart", data=tmp_path / "gone", run=run).keep()
    begun: list[TrainingJob] = []
    monkeypatch.setattr(TrainingRuns, "_start", lambda _runs, job, resume: begun.append(job))
    page = train_page(window)
    dashboard = page.dashboard
    assert dashboard.state.text() == f"Stopped; it can go on, but its pairs are not in {tmp_path / 'gone'} any more."
    assert (dashboard.locate.isVisible(), dashboard.resume.isVisible()) == (True, False)
    for chosen, is_right in (others, False), (pages, True):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, chosen=chosen: str(chosen))
        dashboard.locate.click()
        page.wait()
        assert bool(begun) is is_right
        assert any("1 gone (3)" in text for text in page.notice_bar.texts)
    assert begun[0].spec.data == pages
    assert read_spec(run) == begun[0].spec


def test_a_run_of_another_window_is_left_to_it(window: MainWindow, runs: TrainingRuns) -> None:
    run = make_run(runs.folder, "one", reason=None)
    with RunDir(run).locked():
        page = train_page(window)
        assert page.dashboard.state.text() == "Runs in another window or a terminal."
        assert not page.dashboard.resume.isVisible()
        with pytest.raises(UserError, match="is being trained already"):
            runs.resume(run)
        with pytest.raises(UserError, match="already holds a run"):
            runs.start(TrainingSpec(preset="lineart", data=runs.folder / "data", run=run))
    runs.changed.emit()
    assert page.dashboard.resume.isVisible()


@pytest.mark.parametrize("choice", list(train_room.Leaving))
def test_the_question_on_leaving(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, choice: train_room.Leaving
) -> None:
    done: list[str] = []
    room = window.train_room
    assert room is not None
    monkeypatch.setattr(TrainingRuns, "own_active", _Job)
    monkeypatch.setattr(TrainingRuns, "stop_all", lambda _self: done.append("stop"))

    def keep(_self: TrainingRuns) -> bool:
        done.append("keep")
        return True

    monkeypatch.setattr(TrainingRuns, "keep_running", keep)
    monkeypatch.setattr(train_room, "ask_leaving", lambda *_: choice)
    assert room.may_leave() is (choice is not train_room.Leaving.CANCEL)
    assert done == {"keep running": ["keep"], "stop": ["stop"], "cancel": []}[choice.value]
    monkeypatch.undo()


def test_smoothing_is_the_mean_of_what_came_before() -> None:
    values = np.arange(10.0)
    assert np.array_equal(smoothed(values, 0.0), values)
    assert smoothed(values, 0.5)[-1] == pytest.approx(values[5:].mean())
    assert smoothed(values, 0.5)[0] == 0
    assert len(smoothed(np.zeros(0), 0.5)) == 0
    assert [duration_words(seconds) for seconds in (5, 600, 12_000)] == ["5 s", "10 min", "3 h 20 min"]


@given(st.lists(st.floats(-1e3, 1e3), max_size=600), st.floats(0, 1))
def test_what_is_drawn_are_points_of_the_smoothed_curve_up_to_the_last(values: list[float], share: float) -> None:
    series = Series()
    for step, value in enumerate(values):
        series.add(step, value)
    steps, drawn = drawable(series, share)
    whole = smoothed(np.array(values), share)
    assert np.array_equal(drawn, whole[steps.astype(int)])
    assert not values or steps[-1] == len(values) - 1
    assert len(steps) == len(values) or len(steps) >= 32


def test_a_hundred_thousand_events_are_drawn(window: MainWindow, runs: TrainingRuns, qtbot: QtBot) -> None:
    make_run(runs.folder, "long", events=100_000)
    page = train_page(window)
    assert len(page.dashboard._history.curves["losses"]["l1"]) == 100_000
    page.dashboard.curves.grab()
    assert page.dashboard.curves.drawn == ["l1", "d"]
    assert len(page.dashboard.curves._drawn["l1"].getData()[0]) < 20_000  # decimated for the screen
