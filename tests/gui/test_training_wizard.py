"""The training wizard: faults are shown where they can be mended, and what it begins is what its summary says."""

import hashlib
import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QWidget, QWizard
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_data import TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.app.training_recipes import Recipe
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.ui.line_style_dialog import LineStyleDialog
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.training_wizard import TrainingWizard
from sketchsause_desktop.ui.wizard_page import WizardPage
from tests.training.picture_sets import drawing, save, save_sheet, sketch_sheets
from tests.training.tiny_runs import events_of, tiny_config
from training.cli import main as train
from training.config import to_toml

PATIENCE_MS = 120_000
PROBED = {
    "device": "cpu", "parameters": 1000, "pairs": 14, "steps_per_epoch": 2, "seconds_a_step": 0.5,
    "seconds_a_step_with_critic": 1.0, "memory_mb": 900, "device_mb": 0, "disk_bytes": 300_000_000,
}  # fmt: skip


@pytest.fixture
def runs(tmp_path: Path, qtbot: QtBot) -> Iterator[TrainingRuns]:
    runs = TrainingRuns(Notices(), tmp_path / "runs")
    yield runs
    runs.stop_all()
    runs.deleteLater()


@pytest.fixture
def make(qtbot: QtBot, theme: Theme, runs: TrainingRuns) -> Iterator[Callable[[Draft], TrainingWizard]]:
    parent = QWidget()  # not qtbot's, which would delete it before the wizards
    made: list[TrainingWizard] = []

    def make(draft: Draft) -> TrainingWizard:
        wizard = TrainingWizard(parent, runs, theme, runs.try_start, draft)
        made.append(wizard)
        wizard.open()
        qtbot.waitExposed(wizard)
        return wizard

    yield make
    for wizard in made:
        wizard.reject()
        wizard.deleteLater()
    parent.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # all of it, before the next test's window


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Twenty sheets: one damaged, one repeated, one the wrong way round."""
    folder = tmp_path / "pages"
    sketch_sheets(folder, 20, sketch_half="left")
    (folder / "3.png").write_bytes((folder / "3.png").read_bytes()[:300])
    (folder / "12.png").write_bytes((folder / "11.png").read_bytes())
    lines, colours = drawing(6)
    save_sheet(colours, lines, folder / "6.png")
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    path = tmp_path / "tiny.toml"
    path.write_text(to_toml(tiny_config(data={"direction": "auto"})), encoding="utf-8")
    return str(path)


def wait(qtbot: QtBot, holds: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=PATIENCE_MS)


def go_to(qtbot: QtBot, wizard: TrainingWizard, page: WizardPage) -> None:
    """Press Next until `page` is there, waiting where a page waits."""
    while wizard.currentPage() is not page:
        here = wizard.currentPage()
        wait(qtbot, here.isComplete)
        wizard.button(QWizard.WizardButton.NextButton).click()
        assert wizard.currentPage() is not here


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def kinds(wizard: TrainingWizard) -> list[str]:
    return [finding.kind for finding in wizard.check._findings]


def choose(wizard: TrainingWizard, kind: str) -> None:
    wizard.check.list.setCurrentRow(kinds(wizard).index(kind))


@pytest.mark.slow
def test_twenty_pairs_with_three_faults_become_a_model_as_the_command_line_would_make_it(
    make: Callable[[Draft], TrainingWizard], runs: TrainingRuns, faulty: Path, tiny: str, tmp_path: Path, qtbot: QtBot
) -> None:
    before = digest(faulty)
    wizard = make(Draft(preset=tiny, device="cpu"))
    go_to(qtbot, wizard, wizard.pairs)
    assert "Choose the folder" in wizard.pairs.reason.text()
    wizard.pairs.set_folder(faulty)
    go_to(qtbot, wizard, wizard.check)
    assert "left half is given" in wizard.pairs.summary.text()
    assert wizard.pairs.pictures.count >= 6
    wait(qtbot, wizard.check.isComplete)
    assert {"unreadable", "direction", "duplicate"} <= set(kinds(wizard))
    assert wizard.draft.exclude == ("3",)  # what cannot be read is left out by itself
    choose(wizard, "direction")
    leave_out_by_hand(wizard)
    wizard.data.wait()
    assert "17 pairs are used, 3 left out" in wizard.check.state.text()
    go_to(qtbot, wizard, wizard.split)
    assert [wizard.split.names[part].count() for part in ("train", "val", "test")] == [13, 2, 2]
    go_to(qtbot, wizard, wizard.recipe)
    wizard.recipe.buttons[Recipe.ADVANCED].click()
    assert wizard.recipe.form.row("data.exclude").field.isEnabled() is False
    for key, value in (("schedule.epochs", "2"), ("schedule.decay_epochs", "1"), ("run.log_every", "2")):
        edit(wizard, key, value)
    wait(qtbot, lambda: wizard.draft.pace)
    go_to(qtbot, wizard, wizard.output)
    name(wizard, 'My "style"')
    go_to(qtbot, wizard, wizard.summary)
    assert "learns from 13 pairs" in wizard.summary.sentence.text()
    assert begins_by_enter(wizard)
    wizard.summary.copy.click()
    command = QGuiApplication.clipboard().text()
    QGuiApplication.clipboard().clear()
    wizard.button(QWizard.WizardButton.FinishButton).click()
    assert not wizard.isVisible()
    wait(qtbot, lambda: runs.runs() and runs.runs()[0].state == "done")
    run = runs.runs()[0]
    assert run.spec.title == 'My "style"'
    run_by_hand(command, tmp_path / "by-hand")
    steps = events_of(run.folder, "step")
    assert len(steps) == 9
    assert steps == events_of(tmp_path / "by-hand", "step")
    assert digest(faulty) == before


def leave_out_by_hand(wizard: TrainingWizard) -> None:
    """What is wrong, by its tick or by the button."""
    item = wizard.check.files.item(0)
    assert item.text() == "6.png"
    item.setCheckState(Qt.CheckState.Checked)
    choose(wizard, "duplicate")
    wizard.check.leave_out.click()


def name(wizard: TrainingWizard, title: str) -> None:
    assert wizard.output.name_field.text() == "pages"
    wizard.output.name_field.setText(title)
    wizard.output.name_field.textEdited.emit(title)


def run_by_hand(command: str, folder: Path) -> None:
    words = shlex.split(command)
    words[words.index("--run") + 1] = str(folder)
    assert words[0] == "sketchsause"
    assert train(words[1:]) == 0


def begins_by_enter(wizard: TrainingWizard) -> bool:
    finish = wizard.button(QWizard.WizardButton.FinishButton)
    return isinstance(finish, QPushButton) and finish.isDefault()


def edit(wizard: TrainingWizard, key: str, text: str) -> None:
    field = wizard.recipe.form.row(key).field
    assert isinstance(field, QLineEdit)
    field.setText(text)
    field.textEdited.emit(text)


def test_title_and_page_keep_their_place_and_stand_in_line(
    make: Callable[[Draft], TrainingWizard], tmp_path: Path, qtbot: QtBot
) -> None:
    sketch_sheets(tmp_path / "pages", 20, sketch_half="left")
    wizard = make(Draft(data=tmp_path / "pages"))
    lefts = set()
    for page in wizard.pages[: wizard.pages.index(wizard.start) + 1]:
        go_to(qtbot, wizard, page)
        QApplication.processEvents()
        title = next(label for label in wizard.findChildren(QLabel) if label.text() == page.title())
        from_title = title.mapTo(wizard, QPoint()).x() + title.indent()
        step = next(label for label in wizard.findChildren(QLabel) if label.text() == f"▸ {page.name}")
        assert step.width() >= step.sizeHint().width()  # not cut off
        lefts.add((from_title, page.mapTo(wizard, page.contentsRect().topLeft()).x()))
        assert abs(page.body.contentsRect().x() + page.mapTo(wizard, QPoint()).x() - from_title) <= 1
    assert len(lefts) == 1


def test_where_nothing_is_wrong_no_empty_list_is_shown(
    make: Callable[[Draft], TrainingWizard], tmp_path: Path, qtbot: QtBot
) -> None:
    sketch_sheets(tmp_path / "pages", 20, sketch_half="left")
    wizard = make(Draft(data=tmp_path / "pages"))
    go_to(qtbot, wizard, wizard.check)
    wait(qtbot, wizard.check.isComplete)
    assert "Nothing to complain of" in wizard.check.state.text()
    assert not wizard.check.list.isVisible()
    assert wizard.check.state.y() < wizard.check.height() / 2


@pytest.mark.slow
def test_a_repaired_copy_is_gone_on_with(
    make: Callable[[Draft], TrainingWizard], faulty: Path, tiny: str, tmp_path: Path, qtbot: QtBot
) -> None:
    before = digest(faulty)
    wizard = make(Draft(preset=tiny, data=faulty))
    go_to(qtbot, wizard, wizard.check)
    wait(qtbot, wizard.check.isComplete)
    wizard.check.write_copy(tmp_path / "copy")
    assert "copy is being written" in wizard.check.reason.text()
    wait(qtbot, lambda: wizard.draft.data == tmp_path / "copy" and wizard.check.isComplete())
    assert "18 pairs written, 1 of them turned round" in wizard.check.state.text()
    assert not {"unreadable", "direction", "duplicate"} & set(kinds(wizard))
    assert digest(faulty) == before
    go_to(qtbot, wizard, wizard.split)
    assert sum(names.count() for names in wizard.split.names.values()) == 18


def test_pictures_that_stand_alone_are_offered_two_ways(
    make: Callable[[Draft], TrainingWizard], tmp_path: Path, qtbot: QtBot
) -> None:
    for number in range(3):
        save(drawing(number)[1], tmp_path / "art" / f"{number}.png")
    wizard = make(Draft())
    go_to(qtbot, wizard, wizard.pairs)
    wizard.pairs.set_folder(tmp_path / "art")
    wizard.data.wait()
    assert "3 pictures stand alone" in wizard.pairs.reason.text()
    assert wizard.pairs.are_sheets.isVisible()
    assert wizard.pairs.make.isVisible()
    wizard.pairs.are_sheets.click()
    wizard.data.wait()
    assert wizard.pairs.isComplete()
    wizard.pairs.set_folder(tmp_path / "nowhere")
    wizard.data.wait()
    assert "is not a folder" in wizard.pairs.reason.text()


def test_a_dropped_folder_is_taken_swapped_and_cut(
    make: Callable[[Draft], TrainingWizard], tmp_path: Path, qtbot: QtBot
) -> None:
    sketch_sheets(tmp_path / "pages", 4, sketch_half="left")
    wizard = make(Draft())
    go_to(qtbot, wizard, wizard.pairs)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "pages" / "0.png"))])
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    wizard.pairs.dropEvent(QDropEvent(QPointF(5, 5), actions, mime, buttons, keys))
    wizard.data.wait()
    assert wizard.draft.data == tmp_path / "pages"
    wizard.pairs.swap.click()
    wizard.data.wait()
    assert "right half is given" in wizard.pairs.summary.text()
    assert wizard.draft.settings()["data.input_half"] == '"right"'
    sheet = wizard.pairs.sheet
    place = sheet.place()
    y = int(place.center().y())
    QTest.mousePress(sheet, Qt.MouseButton.LeftButton, pos=QPoint(int(place.center().x()), y))
    QTest.mouseMove(sheet, QPoint(int(place.left() + 0.6 * place.width()), y))
    QTest.mouseRelease(sheet, Qt.MouseButton.LeftButton, pos=QPoint(int(place.left() + 0.6 * place.width()), y))
    assert wizard.draft.cut == pytest.approx(0.6, abs=0.02)
    wizard.data.wait()
    QTest.keyClick(sheet, Qt.Key.Key_Home)
    assert wizard.draft.cut == 0.5
    wizard.data.wait()
    wizard.pairs.swap.click()
    wizard.data.wait()
    assert "left half is given" in wizard.pairs.summary.text()


def test_settings_that_cannot_be_are_told_on_their_page(
    make: Callable[[Draft], TrainingWizard], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrainingData, "probe", lambda data, _draft: data.probed.emit(PROBED))
    monkeypatch.setattr(TrainingData, "check", lambda data, _draft: data.checked.emit([]))
    sketch_sheets(tmp_path / "pages", 18, sketch_half="left")
    wizard = make(Draft(data=tmp_path / "pages"))
    go_to(qtbot, wizard, wizard.start)
    assert wizard.start.list.item(0).text().startswith("Line art\nFits")
    assert wizard.draft.start_from == "lineart"
    go_to(qtbot, wizard, wizard.recipe)
    assert "About 10 min" in wizard.recipe.figures.text()
    wizard.recipe.buttons[Recipe.ADVANCED].click()
    form = wizard.recipe.form
    edit(wizard, "run.batch_size", "many")
    assert "must be a whole number" in wizard.recipe.reason.text()
    edit(wizard, "run.batch_size", "4")
    assert wizard.recipe.isComplete()
    edit(wizard, "data.crop_size", "100")
    assert "must be a multiple of 64" in wizard.recipe.reason.text()
    edit(wizard, "data.crop_size", "128")
    flip = form.row("data.flip").field
    assert isinstance(flip, QCheckBox)
    flip.click()
    assert wizard.draft.settings()["data.flip"] == "false"
    form.filter.setText("mirrored")
    assert [key for key, row in form._rows.items() if row.isVisible()] == ["data.flip"]
    assert wizard.recipe.probe.isVisible()  # the options have changed since
    go_to(qtbot, wizard, wizard.output)
    wizard.output.folder.textEdited.emit(str(tmp_path / "pages" / "run"))
    assert "among the pairs" in wizard.output.reason.text()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "config.toml").write_text("")
    wizard.output.folder.textEdited.emit(str(tmp_path / "taken"))
    assert "already holds a training" in wizard.output.reason.text()
    (tmp_path / "file").write_text("")
    wizard.output.folder.textEdited.emit(str(tmp_path / "file" / "run"))
    assert "there is a file of that name" in wizard.output.reason.text()
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 1000})())
    wizard.output.folder.textEdited.emit(str(tmp_path / "run"))
    assert "choose another disk" in wizard.output.reason.text()


def test_what_cannot_begin_is_told_on_the_last_page(
    theme: Theme, runs: TrainingRuns, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrainingData, "probe", lambda data, _draft: data.failed.emit("There is no memory."))
    monkeypatch.setattr(TrainingData, "check", lambda data, _draft: data.failed.emit("It was killed."))
    sketch_sheets(tmp_path / "pages", 18, sketch_half="left")
    parent = QWidget()  # not qtbot's, which would delete it before the wizards
    wizard = TrainingWizard(parent, runs, theme, lambda _spec: "The disk is full.", Draft(data=tmp_path / "pages"))
    wizard.open()
    go_to(qtbot, wizard, wizard.check)
    assert "It was killed." in wizard.check.state.text()
    go_to(qtbot, wizard, wizard.recipe)
    assert "There is no memory." in wizard.recipe.reason.text()
    monkeypatch.setattr(TrainingData, "probe", lambda data, _draft: data.probed.emit(PROBED))
    wizard.recipe.probe.click()
    go_to(qtbot, wizard, wizard.summary)
    wizard.button(QWizard.WizardButton.FinishButton).click()
    assert wizard.isVisible()
    assert "The disk is full." in wizard.summary.reason.text()
    wizard.reject()
    wizard.deleteLater()


@pytest.mark.slow
def test_pairs_are_made_from_coloured_pages_with_the_lines_that_were_shown(tmp_path: Path, qtbot: QtBot) -> None:
    for number in range(3):
        save(drawing(number)[1], tmp_path / "art" / f"{number}.png")
    data = TrainingData()
    parent = QWidget()  # not qtbot's, which would delete it before the wizards
    dialog = LineStyleDialog(parent, data, tmp_path / "art")
    made: list[Path] = []
    dialog.made.connect(made.append)
    shown: list[np.ndarray] = []
    data.lines_drawn.connect(lambda _picture, lines: shown.append(lines))
    dialog.open()
    dialog.varied.setChecked(False)
    dialog.sliders["ink"].number.setValue(120)
    data.wait()
    assert shown[-1].min() >= 120  # grey lines, as asked
    dialog.out.setText(str(tmp_path / "art" / "inside"))
    assert not dialog.begin.isEnabled()
    assert "among the pages" in dialog.reason.text()
    dialog.out.setText(str(tmp_path / "out"))
    dialog.begin.click()
    wait(qtbot, lambda: made)
    assert made == [tmp_path / "out"]
    with Image.open(tmp_path / "out" / "lines" / "0.png") as lines:
        np.testing.assert_array_equal(np.asarray(lines), shown[-1])
    assert sorted(path.name for path in (tmp_path / "art").iterdir()) == ["0.png", "1.png", "2.png"]
    data.close_down()


def test_a_preset_of_its_own_is_no_goal_of_the_list_and_stays(
    make: Callable[[Draft], TrainingWizard], tiny: str
) -> None:
    wizard = make(Draft(preset=tiny))
    assert wizard.draft.preset == tiny
    wizard.goal.buttons["satmap"].click()
    assert wizard.draft.preset == "satmap"
    wizard.goal.buttons[""].click()
    assert wizard.draft.preset == "anime"
    assert json.loads(wizard.draft.values()["run.batch_size"]) == 1
