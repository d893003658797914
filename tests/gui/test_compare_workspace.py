"""The Compare workspace in the window: a real comparison, ways of looking, keys, and the blind test from end to end."""

import csv
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.compare_job import Side
from sketchsause_desktop.app.comparison import CompareState, Comparison
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.app.training_spec import TrainingSpec
from sketchsause_desktop.ui.compare_view import CompareView, Mode, Pane
from sketchsause_desktop.ui.compare_workspace import CompareWorkspace
from sketchsause_desktop.ui.main_window import MainWindow, Services
from sketchsause_desktop.ui.theme import Theme
from tests.desktop.app.comparisons import CompareBench, Recorded, write_two_models
from tests.desktop.app.fake_engine import FakeEngine
from tests.gui.conftest import shown_window
from training.pictures import PictureRef, load_picture

COUNT = 4


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Side, Side]:
    return write_two_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Painted once for all tests."""
    return tmp_path_factory.mktemp("answers")


@pytest.fixture
def bench(tmp_path: Path, sides: tuple[Side, Side], qtbot: QtBot, answers: Path) -> CompareBench:
    return CompareBench(tmp_path, sides, qtbot, answers / "pictures")


@pytest.fixture(autouse=True)
def _child(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command says was said once, by a child as it is in the window; some tests have one of their own."""
    if "real_child" not in request.fixturenames:
        monkeypatch.setattr("sketchsause_desktop.app.comparison.ChildCommand", Recorded)


@pytest.fixture
def real_child() -> None:
    """For a test that wants one."""


@pytest.fixture
def window(  # type: ignore[no-untyped-def]
    qtbot: QtBot, editor, theme, settings, bench: CompareBench, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr("sketchsause_desktop.app.blind_store.default_folder", lambda: bench.folder / "blind")
    notices = Notices()
    services = Services(
        editor=editor,
        live=Live(editor, FakeEngine(), notices),
        notices=notices,
        settings=settings,
        theme=theme,
        models=[ModelChoice(model_id=side.title, title=side.title, path=Path(side.file)) for side in bench.sides],
        comparison=Comparison(answers),
        trainings=TrainingRuns(notices, bench.folder / "runs"),
    )
    with shown_window(qtbot, services, 1200) as window:
        yield window


def comparison_of(window: MainWindow) -> Comparison:
    assert window._services.comparison is not None
    return window._services.comparison


def page_of(window: MainWindow) -> CompareWorkspace:
    assert window.compare_room is not None
    window.compare_room.show()
    page = window.compare_room.workspace
    assert page is not None
    return page


def drop(page: CompareWorkspace, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    event = QDropEvent(QPointF(500, 300), actions, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    page.dropEvent(event)
    assert event.dropAction() is Qt.DropAction.CopyAction
    comparison_of_page(page).wait()


def comparison_of_page(page: CompareWorkspace) -> Comparison:
    return page._comparison


def compared(window: MainWindow, bench: CompareBench, *, pairs: bool = True) -> CompareWorkspace:
    """A comparison of four pictures that has come to its end; the first is shown."""
    page = page_of(window)
    if pairs:
        bench.fill_pairs(COUNT)
        drop(page, bench.pairs)
    else:
        bench.fill_pages(COUNT)
        drop(page, bench.pages)
    page.compare.click()
    bench.wait_for_end(comparison_of(window))
    assert comparison_of(window).state is CompareState.DONE, comparison_of(window).fault
    bench.wait(lambda: not page.view.is_empty)
    return page


def cell(page: CompareWorkspace, row: int, column: int) -> str:
    item = page.table.item(row, column)
    assert item is not None
    return item.text()


def colour_at(view: QWidget, x: float, y: float) -> tuple[int, int, int]:
    image = view.grab().toImage()
    colour = image.pixelColor(round(x * view.devicePixelRatioF()), round(y * view.devicePixelRatioF()))
    return colour.red(), colour.green(), colour.blue()


def test_keys_lead_there_and_painting_does_not_hear_them(window: MainWindow) -> None:
    assert window.compare_room is not None
    assert window.compare_room.open in window.menus.ai.actions()
    page = page_of(window)
    assert window.workspaces.current == window.compare_room.place
    assert page.drop_zone.isVisible()
    assert not page.compare.isEnabled()
    before = window._editor.tool
    QTest.keyClick(page, Qt.Key.Key_E)
    assert window._editor.tool is before


def test_two_models_are_proposed_and_swapped(window: MainWindow) -> None:
    form = page_of(window).form
    assert (form.a.currentText(), form.b.currentText()) == ("First", "Second")
    form.swap.click()
    assert (form.a.currentText(), form.b.currentText()) == ("Second", "First")
    page_of(window).show_sides()  # looked for anew
    assert (form.a.currentText(), form.b.currentText()) == ("Second", "First")


def test_what_cannot_be_compared_is_said_beside_the_button(window: MainWindow, bench: CompareBench) -> None:
    page = page_of(window)
    (bench.folder / "empty").mkdir()
    drop(page, bench.folder / "empty")
    assert "There are no pictures in" in page.form.found.text()
    assert not page.compare.isEnabled()
    bench.fill_pages(1)
    page.form.inputs.set_paths(())
    drop(page, bench.pages)
    page.form.b.setCurrentIndex(0)
    page.compare.click()
    assert page.state.text().startswith("A and B are the same model.")
    assert not comparison_of(window).is_active


def test_pairs_are_painted_measured_and_told(window: MainWindow, bench: CompareBench) -> None:
    page = compared(window, bench)
    assert page.strip.count() == COUNT
    assert page.table.rowCount() == 4
    titles = [cell(page, row, 0) for row in range(4)]
    assert titles[:3] == ["A   First", "B   Second", "copy the input"]
    measures = comparison_of(window).measures
    mean = cell(page, 0, 3).removeprefix("▲ ")
    assert mean == f"{measures.mean(0, 'ssim'):.4f}"
    assert page.verdict.text() == measures.words()
    here = cell(page, 0, 1)
    page.strip.step(1)
    assert cell(page, 0, 1) != here
    marks = [cell(page, row, 3).startswith("▲") for row in range(4)]
    assert marks.count(True) == 1
    assert marks.index(True) in (0, 1)
    assert page.state.text().startswith("4 pictures, painted on ")
    page.form.most.setValue(3)
    assert "These are of another choice" in page.state.text()


def test_pictures_alone_have_no_measures(window: MainWindow, bench: CompareBench) -> None:
    page = compared(window, bench, pairs=False)
    assert page.figures.isHidden()
    assert not page.save_table.isEnabled()
    assert [page.modes.pair.itemText(row) for row in range(page.modes.pair.count())] == ["A against B"]
    QTest.keyPress(page.view, Qt.Key.Key_T)
    assert len(page.view.panes) == 2
    QTest.keyRelease(page.view, Qt.Key.Key_T)


def test_the_table_and_the_command_line_leave_the_window(
    window: MainWindow, bench: CompareBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = compared(window, bench)
    target = bench.folder / "figures.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    page.save_table.trigger()
    assert target.read_text(encoding="utf-8-sig").startswith("picture,answer,ssim")
    target = bench.folder / "none" / "figures.csv"
    page.save_table.trigger()
    assert "cannot be written" in window._services.notices.shown[-1].text
    page.copy_command.trigger()
    assert QGuiApplication.clipboard().text().startswith("sketchsause compare ")
    QGuiApplication.clipboard().clear()


def test_a_killed_child_is_said_in_the_window(real_child: None, window: MainWindow, bench: CompareBench) -> None:
    page, comparison = page_of(window), comparison_of(window)
    bench.fill_pages(1)
    drop(page, bench.pages)
    page.compare.click()
    bench.wait(lambda: comparison._child is not None and comparison._child._process.processId())
    assert page.cancel.isVisible()
    assert comparison._child is not None
    os.kill(comparison._child._process.processId(), getattr(signal, "SIGKILL", signal.SIGTERM))
    bench.wait_for_end(comparison)
    assert page.state.text() == "The command was killed, or the memory ran out."
    assert page.compare.isVisible()
    assert page.view.words == page.state.text()


def test_cancel_leaves_what_is_there(real_child: None, window: MainWindow, bench: CompareBench) -> None:
    page = page_of(window)
    bench.fill_pages(1)
    drop(page, bench.pages)
    page.compare.click()
    assert not page.compare.isVisible()
    page.cancel.click()
    assert page.state.text() == "Cancelled after 0 pictures. Compare goes on from there."
    assert page.compare.isVisible()


# Ways of looking


def test_the_divider_follows_mouse_and_arrows(window: MainWindow, bench: CompareBench) -> None:
    view = compared(window, bench).view
    view.setFocus()
    assert view.split == 0.5
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.split == pytest.approx(0.52)
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.split == pytest.approx(0.42)
    left, right = view._seen()
    start = QPoint(round(left + 0.42 * (right - left)), view.height() // 2)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(round(0.2 * (right - left)), 0))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start)
    assert view.split == pytest.approx(0.62, abs=0.01)
    for _ in range(12):
        QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.split == 0.0


def test_modes_by_buttons_and_keys(window: MainWindow, bench: CompareBench) -> None:
    page = compared(window, bench)
    page.view.setFocus()
    assert page.modes.mode is Mode.SLIDER
    QTest.keyClick(page.view, Qt.Key.Key_V)
    assert page.modes.mode.value == "side"
    assert [pane.caption for pane in page.view.panes] == ["A   First", "B   Second"]
    assert not page.modes.gain.isVisible()
    QTest.keyClick(page.view, Qt.Key.Key_V)
    assert page.modes.mode.value == "difference"
    assert page.modes.gain.isVisible()
    assert page.modes.legend.isVisible()
    bench.wait(lambda: "difference" in page.view._images)
    first = page.view._sources["difference"]
    page.modes.gain.setCurrentIndex(2)
    bench.wait(lambda: page.view._sources["difference"] is not first)
    assert page.view._sources["difference"].astype(int).sum() > first.astype(int).sum()
    assert "16 or more" in page.modes.legend.toolTip()
    page.modes.pair.setCurrentIndex(2)
    assert page.view.panes == [Pane("difference", "B against the truth")]


def test_a_held_key_shows_one_picture_alone(window: MainWindow, bench: CompareBench) -> None:
    page = compared(window, bench)
    page.view.setFocus()
    for key, pane in (
        (Qt.Key.Key_A, Pane("a", "A   First")),
        (Qt.Key.Key_B, Pane("b", "B   Second")),
        (Qt.Key.Key_I, Pane("input", "Input")),
        (Qt.Key.Key_T, Pane("truth", "Truth")),
    ):
        QTest.keyPress(page.view, key)
        assert page.view.panes == [pane]
        QTest.keyRelease(page.view, key)
        assert len(page.view.panes) == 2
    QTest.keyPress(page.view, Qt.Key.Key_I)
    window.workspaces.show(0)
    assert len(page.view.panes) == 2


def test_zoom_and_next_picture_by_keys(window: MainWindow, bench: CompareBench) -> None:
    page = compared(window, bench)
    page.view.setFocus()
    fitted = page.view.zoom
    QTest.keyClick(page.view, Qt.Key.Key_1)
    assert page.view.zoom == 1.0
    assert page.modes.zoom.text() == "100 %"
    QTest.keyClick(page.view, Qt.Key.Key_Plus)
    assert page.view.zoom == 1.5
    QTest.keyClick(page.view, Qt.Key.Key_PageDown)
    assert page.strip.currentRow() == 1
    assert page.view.zoom == 1.5  # the same place in the next picture
    QTest.keyClick(page.view, Qt.Key.Key_2)
    assert page.view.zoom == fitted
    for _ in range(COUNT):
        QTest.keyClick(page.view, Qt.Key.Key_PageUp)
    assert page.strip.currentRow() == 0


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> CompareView:
    """A hundred pixels square: the left picture red, the right one blue."""
    view = CompareView(theme)
    qtbot.addWidget(view)
    view.resize(400, 200)
    view.show()
    qtbot.waitExposed(view)
    red, blue = (np.full((100, 100, 3), colour, np.uint8) for colour in ((200, 0, 0), (0, 0, 200)))
    view.show_images({"a": red, "b": blue})
    view.set_panes([Pane("a", "A"), Pane("b", "B")], wiped=True)
    return view


def test_the_left_of_the_divider_is_a_and_the_right_is_b(view: CompareView) -> None:
    middle = view.height() // 2
    left, right = view._seen()
    assert right - left == pytest.approx(184, abs=2)  # magnified to fit
    assert colour_at(view, left + 30, middle + 40) == (200, 0, 0)
    assert colour_at(view, right - 30, middle + 40) == (0, 0, 200)
    view.set_split(0.9)
    assert colour_at(view, right - 40, middle + 40) == (200, 0, 0)
    view.set_split(2.0)
    assert view.split == 1.0


def test_side_by_side_zooms_and_moves_together(view: CompareView) -> None:
    view.set_panes([Pane("a", ""), Pane("b", "")])
    view.set_zoom(4.0)
    assert colour_at(view, 100, 100) == (200, 0, 0)
    assert colour_at(view, 300, 100) == (0, 0, 200)
    position = QPointF(300, 100)
    wheel = QWheelEvent(
        position,
        view.mapToGlobal(position),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, wheel)
    assert view.zoom == pytest.approx(4.8)
    before = view.view.centre_doc
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(view, QPoint(52, 100))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(52, 100))
    assert view.view.centre_doc.x - before.x == pytest.approx(10, abs=0.5)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.view.centre_doc.y > before.y


def test_large_pictures_are_shown_from_halved_ones(view: CompareView) -> None:
    large = np.zeros((1600, 1600, 3), np.uint8)
    large[::2] = 255  # lines that a plain pick would lose or double
    view.show_images({"a": large, "b": large})
    assert view.zoom < 0.2
    red, green, blue = colour_at(view, view.width() / 2 - 30, view.height() / 2 + 40)
    assert red == green == blue
    assert 100 < red < 155


# The blind test


def texts_of(parent: QWidget) -> str:
    """All that can be read, heard or hovered over."""
    found = [parent.window().windowTitle()]
    for widget in parent.findChildren(QWidget):
        if widget.isVisible():
            found += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.statusTip()]
            found += [widget.objectName(), widget.whatsThis()]
            found.append(widget.text() if isinstance(widget, QLabel) or hasattr(widget, "text") else "")
        if isinstance(widget, CompareView) and widget.isVisible():
            found += [pane.caption for pane in widget.panes]
    return "\n".join(map(str, found))


def begun(window: MainWindow, bench: CompareBench) -> CompareWorkspace:
    page = compared(window, bench)
    page.test.click()
    assert page.shows_blind
    page.blind.start.begin.click()
    bench.wait(lambda: page.blind.question._is_shown)
    assert page.blind.is_asking
    return page


def rows_of(bench: CompareBench) -> list[dict[str, str]]:
    (path,) = (bench.folder / "blind").glob("*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def press(page: CompareWorkspace, bench: CompareBench, key: Qt.Key) -> None:
    bench.wait(lambda: page.blind.question._is_shown or not page.blind.is_asking)
    QTest.keyClick(QApplication.focusWidget() or page, key)


def test_keys_answer_and_every_answer_is_on_the_disk_at_once(window: MainWindow, bench: CompareBench) -> None:
    page = begun(window, bench)
    for number, (key, answer) in enumerate(
        [(Qt.Key.Key_1, "left"), (Qt.Key.Key_2, "right"), (Qt.Key.Key_0, "none"), (Qt.Key.Key_1, "left")], 1
    ):
        press(page, bench, key)
        assert len(rows_of(bench)) == number
        assert rows_of(bench)[-1]["answer"] == answer
    press(page, bench, Qt.Key.Key_Backspace)
    assert rows_of(bench)[-1]["answer"] == "taken back"
    assert page.blind.question.where.text() == "Picture 2 of 4, question 1 of 3"
    press(page, bench, Qt.Key.Key_7)  # not a key of the test
    assert len(rows_of(bench)) == 5


def test_nothing_tells_which_is_which(window: MainWindow, bench: CompareBench) -> None:
    page = begun(window, bench)
    for _ in range(COUNT * 3 - 1):
        told = texts_of(window)
        assert "First" not in told
        assert "Second" not in told
        for side in bench.sides:
            assert Path(side.file).name not in told
        press(page, bench, Qt.Key.Key_1)
    press(page, bench, Qt.Key.Key_1)
    assert "First against Second" in texts_of(window)


def test_what_stands_left_is_what_the_plan_says(window: MainWindow, bench: CompareBench) -> None:
    page = begun(window, bench)
    by_name = {picture.name: picture for picture in comparison_of(window).pictures}
    sides_seen = set()
    for _ in range(COUNT):
        bench.wait(lambda: page.blind.question._is_shown)
        test = page.blind.test
        assert test is not None
        picture = by_name[test.turn.picture]
        shown = page.blind.question.view._sources
        a, b = (load_picture(PictureRef(path)) for path in (picture.a, picture.b))
        assert not np.array_equal(a, b)
        assert np.array_equal(shown["left"], a if test.turn.a_side == "left" else b)
        assert np.array_equal(shown["right"], b if test.turn.a_side == "left" else a)
        assert np.array_equal(shown["given"], load_picture(PictureRef(picture.input)))
        sides_seen.add(test.turn.a_side)
        for _ in range(3):
            press(page, bench, Qt.Key.Key_1)
    assert sides_seen == {"left", "right"}  # four pictures: two each


def test_a_test_is_left_told_so_far_and_gone_on_with(window: MainWindow, bench: CompareBench) -> None:
    page = begun(window, bench)
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_0, Qt.Key.Key_0):
        press(page, bench, key)
    press(page, bench, Qt.Key.Key_Escape)
    result = page.blind.result
    assert result.isVisible()
    assert result.state.text().startswith("4 of 12 answers about 4 pictures")
    assert "Too few to tell." in result.words[0].text()
    assert result.words[2].text() == "No answer was decided; 1 answer saw no difference."
    result.back.click()
    assert not page.shows_blind
    page.test.click()  # what was left is offered
    assert result.isVisible()
    result.go_on.click()
    assert page.blind.is_asking
    assert page.blind.question.where.text() == "Picture 2 of 4, question 2 of 3"
    for _ in range(8):
        press(page, bench, Qt.Key.Key_2)
    assert result.isVisible()
    assert result.go_on.isHidden()
    assert len(rows_of(bench)) == 12
    assert "1 answer saw no difference" in result.words[0].text()


def test_a_test_of_earlier_paints_its_pictures_again(window: MainWindow, bench: CompareBench) -> None:
    page = begun(window, bench)
    press(page, bench, Qt.Key.Key_1)
    press(page, bench, Qt.Key.Key_Escape)
    page.blind.result.back.click()
    page.form.most.setValue(2)
    page.compare.click()
    bench.wait_for_end(comparison_of(window))
    page.earlier.trigger()
    start = page.blind.start
    assert start.earlier.count() == 1
    start.earlier.itemActivated.emit(start.earlier.item(0))
    assert page.blind.result.go_on.text() == "Paint its pictures, to go on"
    page.blind.result.go_on.click()
    assert page.form.most.value() == 24
    bench.wait(lambda: page.shows_blind)
    page.blind.result.go_on.click()
    assert page.blind.question.where.text() == "Picture 1 of 4, question 2 of 3"


def test_the_keys_are_the_tests_again_after_a_look_elsewhere(window: MainWindow, bench: CompareBench) -> None:
    page = begun(window, bench)
    window.workspaces.show(0)
    window.workspaces.show(window.workspaces.bar.count() - 1)
    bench.wait(page.blind.question.hasFocus)
    press(page, bench, Qt.Key.Key_2)
    assert len(rows_of(bench)) == 1
    QTest.mouseClick(page.blind.question.view, Qt.MouseButton.LeftButton)
    press(page, bench, Qt.Key.Key_0)
    assert [row["answer"] for row in rows_of(bench)] == ["right", "none"]
    press(page, bench, Qt.Key.Key_Escape)
    page.blind.result.new.click()
    assert page.blind.start.begin.isVisible()


def test_a_full_disk_is_said_and_nothing_is_counted(window: MainWindow, bench: CompareBench) -> None:
    page = begun(window, bench)
    press(page, bench, Qt.Key.Key_1)
    (path,) = (bench.folder / "blind").glob("*.csv")
    path.unlink()
    path.mkdir()
    press(page, bench, Qt.Key.Key_1)
    assert "cannot be written" in page.blind.question.fault.text()
    assert page.blind.question.where.text() == "Picture 1 of 4, question 2 of 3"


def test_a_trainings_moments_are_compared(window: MainWindow, bench: CompareBench) -> None:
    run = bench.folder / "runs" / "cats"
    (run / "checkpoints").mkdir(parents=True)
    TrainingSpec(preset="lineart", data=bench.pairs, run=run, title="Cats").keep()
    (run / "model.safetensors").touch()
    (run / "checkpoints" / "step-00000008.pt").touch()
    assert window.train_room is not None
    window.workspaces.show(window.train_room.place)
    dashboard = window.train_room.workspace.dashboard  # type: ignore[union-attr]
    assert dashboard.compare.isVisible()
    dashboard.compare.trigger()
    dashboard.wait()
    form = page_of(window).form
    assert (form.a.currentText(), form.b.currentText()) == ("Cats, its model", "Cats, step 8")


def test_digits_of_the_test_are_not_the_zoom_keys(window: MainWindow, bench: CompareBench) -> None:
    page = begun(window, bench)
    zoom = page.view.zoom
    press(page, bench, Qt.Key.Key_1)
    press(page, bench, Qt.Key.Key_2)
    assert page.view.zoom == zoom
    assert len(rows_of(bench)) == 2
