"""The Batch workspace in the window: drops, dry run, a real run, the offer at the start, the question at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.batch_queue import Row, RowState
from sketchsause_desktop.app.batch_run import BatchRun, BatchState
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.ui import batch_room
from sketchsause_desktop.ui.batch_room import BatchRoom
from sketchsause_desktop.ui.batch_table import PICTURE, RESULT, STATE, BatchTable
from sketchsause_desktop.ui.batch_workspace import BatchWorkspace
from sketchsause_desktop.ui.main_window import MainWindow, Services
from tests.desktop.app.batches import Bench
from tests.desktop.app.fake_engine import FakeEngine
from tests.desktop.tiny_model import write_tiny_model
from tests.gui.conftest import shown_window


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.safetensors")


@pytest.fixture
def bench(tmp_path: Path, model: Path, qtbot: QtBot) -> Bench:
    return Bench(tmp_path, model, qtbot)


@pytest.fixture
def window(qtbot: QtBot, editor, theme, settings, bench: Bench) -> Iterator[MainWindow]:  # type: ignore[no-untyped-def]
    notices = Notices()
    live = Live(editor, FakeEngine(), notices)
    models = (
        ModelChoice(model_id=str(bench.model), title="Tiny"),
        ModelChoice(model_id="styled", title="Styled", takes_palette=True),
        ModelChoice(model_id="maps", title="Maps", sees_tiles=True),
    )
    live.set_model(str(bench.model))
    services = Services(
        editor=editor,
        live=live,
        notices=notices,
        settings=settings,
        theme=theme,
        models=models,
        batch=bench.run(notices),
    )
    with shown_window(qtbot, services, 1200) as window:
        yield window
        assert services.batch is not None
        services.batch.stop_and_wait()


def room_of(window: MainWindow) -> BatchRoom:
    assert window.batch_room is not None
    return window.batch_room


def run_of(window: MainWindow) -> BatchRun:
    assert window._services.batch is not None
    return window._services.batch


def page_of(window: MainWindow) -> BatchWorkspace:
    room_of(window).show()
    page = room_of(window).workspace
    assert page is not None
    return page


def drop(page: BatchWorkspace, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(500, 300),
        Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.dropEvent(event)
    assert event.isAccepted()
    assert event.dropAction() is Qt.DropAction.CopyAction


def listed(window: MainWindow, bench: Bench, count: int) -> BatchWorkspace:
    page, run = page_of(window), run_of(window)
    bench.fill(count)
    drop(page, bench.pages)
    bench.wait(lambda: run.state is BatchState.READY)
    return page


def texts(table: BatchTable, column: int) -> list[str]:
    model = table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_menu_and_keys_lead_there_and_painting_goes_on(window: MainWindow, bench: Bench) -> None:
    assert room_of(window).open in window.menus.ai.actions()
    room_of(window).open.trigger()
    assert window.workspaces.current == room_of(window).place == 1
    assert not window.canvas.isVisible()
    page = page_of(window)
    assert page.drop_zone.isVisible()
    before = window._editor.tool
    QTest.keyClick(page, Qt.Key.Key_E)
    assert window._editor.tool is before


def test_what_is_dropped_is_listed_and_nothing_is_written(window: MainWindow, bench: Bench) -> None:
    page = listed(window, bench, 3)
    assert texts(page.table, PICTURE) == ["000.png", "001.png", "002.png"]
    assert page.state.text() == "3 to convert."
    assert page.form.output.text() == str(bench.folder / "pages coloured")
    assert not (bench.folder / "pages coloured").exists()
    assert page.convert.isEnabled()
    assert page.command.text().startswith("sketchsause convert ")
    page.copy.click()
    assert QGuiApplication.clipboard().text() == page.command.text()
    drop(page, bench.pages)  # a second time
    assert page.form.inputs.list.count() == 1


def test_the_scale_of_maps(window: MainWindow, bench: Bench) -> None:
    page, run = listed(window, bench, 1), run_of(window)
    form = page.form
    assert not form.scale.isVisible()
    assert not form.is_careful.isVisible()
    form.scale.setText("nonsense")  # of another model, which is not asked for it
    assert form.job() is not None
    form.choose_model("maps")
    assert form.scale.isVisible()
    bench.wait(lambda: "no scale" in page.state.text())
    assert not page.convert.isEnabled()
    form.scale.setText("1/4")
    bench.wait(lambda: not run.problem)
    assert "--scale 0.25" in page.command.text()
    form.scale.setText("0.5 m")
    bench.wait(lambda: "--metres-per-pixel 0.5" in page.command.text())
    form.is_careful.click()
    bench.wait(lambda: "--self-ensemble 4" in page.command.text())
    job = form.job()
    form.scale.clear()
    form.is_careful.click()
    assert job is not None
    form.show_job(job)
    assert form.job() == job


def test_settings_change_the_plan_and_their_faults_are_said(window: MainWindow, bench: Bench) -> None:
    page, run = listed(window, bench, 1), run_of(window)
    page.form.names.setEditText("{stem}_new.{ext}")
    page.form.format.setCurrentIndex(page.form.format.findData("jpg"))
    page.form.skip_coloured.setChecked(True)
    bench.wait(lambda: texts(page.table, RESULT) == ["000_new.jpg"])
    assert "--skip-coloured" in page.command.text()
    assert page.form.quality.isVisible()
    page.form.names.setEditText("{nothing}")
    bench.wait(lambda: run.problem)
    assert "no template for names" in page.state.text()
    assert not page.convert.isEnabled()
    page.form.names.setEditText("{stem}.{ext}")
    page.form.output.clear()
    page.form.output.textEdited.emit("")
    bench.wait(lambda: "no folder for the results" in page.state.text())
    assert not page.form.colours.isVisible()
    page.form.choose_model("styled")
    assert page.form.colours.isVisible()


def test_a_batch_from_the_drop_to_the_pictures(window: MainWindow, bench: Bench) -> None:
    bench.pages.mkdir()
    (bench.pages / "bad.png").write_bytes(b"no picture")
    page, run = listed(window, bench, 4), run_of(window)
    page.convert.click()
    assert not page.form.isEnabled()
    assert room_of(window).status.isVisible()
    window.workspaces.show(0)  # one paints meanwhile
    bench.wait_for_end(run)
    assert [notice.text for notice in window._services.notices.shown] == ["The batch is done. One picture failed."]
    assert not room_of(window).status.isVisible()
    room_of(window).show()
    assert page.state.text().startswith("4 converted, 1 failed")
    assert texts(page.table, STATE) == ["done"] * 4 + ["failed"]
    assert texts(page.table, RESULT)[-1].startswith("bad.png is not a picture")
    page.table.choose(0)
    page.pair.pictures.wait()
    assert not page.pair.before.is_empty
    assert not page.pair.after.is_empty
    page.failed_only.click()
    assert texts(page.table, PICTURE) == ["bad.png"]
    page.table.setCurrentIndex(page.table.model().index(0, 0))
    page.pair.pictures.wait()
    assert page.pair.before.words.startswith("bad.png is not a picture")
    assert page.pair.after.words == "No result."
    (bench.pages / "bad.png").write_bytes((bench.pages / "000.png").read_bytes())
    page.retry.click()
    bench.wait_for_end(run)
    assert run.queue.counts[RowState.DONE] == 5
    assert page.failed_only.isChecked()
    assert not page.retry.isVisible()


def test_pause_resume_and_cancel(window: MainWindow, bench: Bench) -> None:
    page, run = listed(window, bench, 200), run_of(window)
    page.convert.click()
    bench.wait(lambda: run.queue.counts[RowState.DONE])
    page.pause.click()
    assert page.state.text().startswith("Paused at")
    assert page.resume.isVisible()
    assert not page.pause.isVisible()
    drop(page, bench.folder)
    assert page.form.inputs.list.count() == 1
    assert "when this batch has ended" in window._services.notices.shown[0].text
    page.resume.click()
    page.cancel.click()
    assert not page.cancel.isEnabled()
    bench.wait_for_end(run)
    assert page.state.text().startswith("Stopped: ")
    assert page.convert.text() == "Go on"
    assert 0 < run.queue.counts[RowState.DONE] < 200


@pytest.mark.parametrize("may_stop", [False, True])
def test_closing_the_window_asks(
    window: MainWindow, bench: Bench, monkeypatch: pytest.MonkeyPatch, may_stop: bool
) -> None:
    page, run = listed(window, bench, 200), run_of(window)
    page.convert.click()
    bench.wait(lambda: run.queue.counts[RowState.DONE])
    asked: list[str] = []

    def answer(_parent: object, where: str) -> bool:
        asked.append(where)
        return may_stop

    monkeypatch.setattr(batch_room, "ask_leaving", answer)
    assert window.close() is may_stop
    assert len(asked) == 1
    assert asked[0].endswith(" of 200")
    assert run.is_active is not may_stop
    assert (bench.store.unfinished() is not None) is may_stop


def test_an_unfinished_batch_is_offered_and_goes_on(window: MainWindow, bench: Bench) -> None:
    bench.fill(3)
    bench.out.mkdir()
    job = bench.job(file_format="jpg", quality=80, device="auto", skip_coloured=True)
    bench.store.keep(job)
    room, run = room_of(window), run_of(window)
    room.offer()
    (notice,) = window._services.notices.shown
    assert "“out” has not come to its end" in notice.text
    assert notice.action == "Go on"
    window._services.notices.act(notice.key)
    assert window.workspaces.current == room.place
    bench.wait_for_end(run)
    assert run.job == job
    assert len(bench.results()) + run.queue.counts[RowState.SKIPPED] == 3
    room.offer()
    assert not window._services.notices.shown


def test_an_offer_that_is_closed_is_not_made_again(window: MainWindow, bench: Bench) -> None:
    bench.fill(1)
    bench.out.mkdir()
    bench.store.keep(bench.job())
    room_of(window).offer()
    window._services.notices.withdraw(window._services.notices.shown[0].key)
    assert bench.store.unfinished() is None


def test_a_new_batch_begins_with_nothing(window: MainWindow, bench: Bench) -> None:
    page = listed(window, bench, 1)
    page.clear.trigger()
    assert page.drop_zone.isVisible()
    assert page.form.inputs.paths == ()
    assert page.form.output.text() == ""


def test_a_job_fills_the_form_and_comes_back_out_of_it(window: MainWindow, bench: Bench) -> None:
    bench.fill(1)
    page = page_of(window)
    job = bench.job(
        device="auto",
        file_format="webp",
        quality=70,
        if_exists="rename",
        template="{model}/{stem}.{ext}",
        recursive=False,
    )
    page.form.show_job(job)
    assert page.form.job() == job


def test_the_model_of_the_table_is_sound_and_holds_very_many_rows(
    window: MainWindow, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(window)
    page = page_of(window)
    tester = QAbstractItemModelTester(page.table.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [Row(source=Path(f"/in/{number}"), target=Path(f"/out/{number}")) for number in range(50_000)]
    run._on_found(rows)
    assert page.table.model().rowCount() == 50_000
    asked: list[Row] = []

    def text(_model: object, row: Row, _column: int) -> str:
        asked.append(row)
        return row.name

    monkeypatch.setattr(type(page.table._rows), "_text", text)
    page.table.grab()
    assert len(asked) < 2_000  # only those that are seen
    del tester


class _Presses(QObject):
    count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.MouseButtonPress
        return False


def test_a_click_between_a_notices_buttons_is_not_for_the_canvas(window: MainWindow) -> None:
    presses = _Presses()
    window.canvas.installEventFilter(presses)
    window._services.notices.post("long", "Some words that last.", action="Do it", lasts=True)
    row = window.notice_bar.findChild(QWidget, "notice")
    assert isinstance(row, QWidget)
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert presses.count == 0
    QTest.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert presses.count == 1
