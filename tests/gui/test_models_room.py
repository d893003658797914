"""Choosing a model, and what is told about it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QObject, QTimer, QUrl, Signal
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import NO_CARD, ModelChoice
from sketchsause_desktop.app.model_shelf import ModelShelf
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.app.training_job import JobState
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.app.training_spec import TrainingSpec
from sketchsause_desktop.inference.catalogue import Catalogue
from sketchsause_desktop.ui import models_room
from sketchsause_desktop.ui.main_window import MainWindow, Services
from sketchsause_desktop.ui.model_card import ModelCard
from sketchsause_desktop.ui.theme import Theme
from tests.desktop.app.fake_engine import FakeEngine
from tests.desktop.tiny_model import write_tiny_model
from tests.gui.conftest import Open, shown_window
from tests.gui.test_train_workspace import make_run


def facts(card: ModelCard) -> dict[str, str]:
    return {label.accessibleName(): label.text() for label in card.findChildren(QLabel) if label.accessibleName()}


def test_the_menu_and_the_list_say_what_each_model_is_for(opened: Open) -> None:
    window = opened.window
    entries = {entry.text(): entry for entry in window.menus.model.actions() if entry.isCheckable()}
    assert list(entries) == ["Model one – colours lines", "Model two – colours lines"]
    assert [window.options.model_box.itemText(row) for row in range(2)] == list(entries)
    entries["Model two – colours lines"].trigger()
    assert opened.services.live.model_id == "two"
    assert window.options.model_box.currentData() == "two"
    assert entries["Model two – colours lines"].isChecked()
    assert not entries["Model one – colours lines"].isChecked()
    entries["Model two – colours lines"].trigger()  # once more
    assert entries["Model two – colours lines"].isChecked()


def test_the_card_tells_file_device_licence_and_what_is_written(opened: Open, qtbot: QtBot, tmp_path: Path) -> None:
    weights = tmp_path / "maps.safetensors"
    weights.write_bytes(b"x" * 2_500_000)
    weights.with_suffix(".md").write_text("# Maps\n\nTrained on *tiles*.\n\n<b>bold</b>", encoding="utf-8")
    model = ModelChoice(model_id="maps", title="Maps", task="makes maps", path=weights, licence="CC0")
    card = ModelCard(model, "CPU, 40 ms", opened.window)
    qtbot.addWidget(card)
    told = facts(card)
    assert (told["Task"], told["Device"], told["Licence"]) == ("makes maps", "CPU, 40 ms", "CC0")
    assert "2.5 MB" in told["File"]
    assert "Trained on tiles." in card.card.toPlainText()
    assert "<b>" in card.card.toPlainText()  # no HTML of a stranger's file
    weights.with_suffix(".md").unlink()
    bare = ModelCard(dataclasses.replace(model, licence=""), "", opened.window)
    qtbot.addWidget(bare)
    assert bare.card.toPlainText() == NO_CARD
    assert "not tell" in facts(bare)["Licence"]


def test_about_this_model_opens_from_the_menu_and_closes_with_escape(opened: Open, qtbot: QtBot) -> None:
    seen: list[str] = []

    def look() -> None:
        card = QApplication.activeModalWidget()
        assert isinstance(card, ModelCard)
        seen.append(facts(card)["Device"])
        assert card.card.hasFocus()
        card.reject()

    QTimer.singleShot(100, look)
    opened.window.models_room.about.trigger()
    opened.services.live.pass_finished.emit("CPU", 41.0)
    QTimer.singleShot(100, look)
    opened.window.models_room.about.trigger()
    assert seen == ["not run yet", "CPU, 41 ms"]


@pytest.fixture
def shelved(qtbot: QtBot, editor: Editor, theme: Theme, settings: Settings, tmp_path: Path) -> Iterator[MainWindow]:
    """A window whose models come and go; one came with the program, one is the user's."""
    write_tiny_model(tmp_path / "shipped" / "lineart.safetensors", title="Line art", task="lineart")
    write_tiny_model(tmp_path / "mine" / "ink.safetensors", title="Ink", task="lineart")
    notices = Notices()
    shelf = ModelShelf(Catalogue((tmp_path / "shipped", tmp_path / "mine")), notices)
    live = Live(editor, FakeEngine(), notices)
    live.set_model("lineart")
    services = Services(
        editor=editor,
        live=live,
        notices=notices,
        settings=settings,
        theme=theme,
        models=shelf.choices,
        shelf=shelf,
        trainings=TrainingRuns(notices, tmp_path / "runs"),
    )
    with shown_window(qtbot, services) as window:
        yield window


def titles(window: MainWindow) -> list[str]:
    box = window.options.model_box
    return [box.itemText(row).split(" – ")[0] for row in range(box.count())]


def test_a_dropped_model_is_imported_and_colours(shelved: MainWindow, tmp_path: Path) -> None:
    model = write_tiny_model(tmp_path / "given" / "soft.safetensors", title="Soft")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(model))])
    shelved._on_dropped(mime)
    assert titles(shelved) == ["Line art", "Ink", "Soft"]
    assert shelved._live.model_id == "soft"
    assert shelved.options.model_box.currentData() == "soft"
    assert [each.text() for each in shelved.menus.model.actions() if each.isChecked()] == ["Soft – colours lines"]
    broken = tmp_path / "given" / "broken.safetensors"
    broken.write_bytes(model.read_bytes()[:-20])
    mime.setUrls([QUrl.fromLocalFile(str(broken))])
    shelved._on_dropped(mime)
    assert titles(shelved) == ["Line art", "Ink", "Soft"]
    assert any("damaged" in notice.text for notice in shelved._services.notices.shown)


def test_a_model_is_renamed_and_goes_on_colouring(shelved: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    room = shelved.models_room
    shelved._live.set_model("ink")
    monkeypatch.setattr("PySide6.QtWidgets.QInputDialog.getText", lambda *_args, **_words: ("Wash", True))
    assert room.chosen is not None
    room._rename(room.chosen)
    assert titles(shelved) == ["Line art", "Wash"]
    assert shelved._live.model_id == "Wash"


def test_a_model_that_colours_is_deleted_after_a_question(
    shelved: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room = shelved.models_room
    shelved._live.set_model("ink")
    assert room.chosen is not None
    monkeypatch.setattr(models_room, "ask_delete", lambda *_: False)
    room._delete(room.chosen)
    assert (tmp_path / "mine" / "ink.safetensors").is_file()
    monkeypatch.setattr(models_room, "ask_delete", lambda *_: True)
    room._delete(room.chosen)
    assert titles(shelved) == ["Line art"]
    assert shelved._live.model_id == "lineart"


def test_only_models_of_ones_own_can_be_renamed_and_deleted(shelved: MainWindow, qtbot: QtBot) -> None:
    for place, own in ((0, False), (1, True)):
        choice = shelved.models_room.models[place]
        card = ModelCard(choice, "", shelved, own=shelved.models_room._is_own(choice))
        qtbot.addWidget(card)
        card.show()
        assert (card.rename.isVisible(), card.delete.isVisible(), card.export.isVisible()) == (own, own, True)


def test_a_trainings_model_colours_the_canvas(shelved: MainWindow, tmp_path: Path) -> None:
    assert shelved.train_room is not None
    make_run(tmp_path / "runs", "done")
    write_tiny_model(tmp_path / "runs" / "done" / "model.safetensors", task="lineart")
    shelved.workspaces.show(shelved.train_room.place)
    page = shelved.train_room.workspace
    assert page is not None
    page.dashboard.wait()
    assert page.dashboard.use.isEnabled()
    page.dashboard.use.click()
    assert shelved.workspaces.current == 0
    assert shelved._live.model_id == "Run-done"
    assert titles(shelved) == ["Line art", "Run done", "Ink"]
    assert any("Run done colours now" in notice.text for notice in shelved._services.notices.shown)


class _Job(QObject):
    """A training that runs and can be told to save."""

    event_told = Signal(object)
    ended = Signal()

    def __init__(self, spec: TrainingSpec) -> None:
        super().__init__()
        self.spec, self.state, self.is_active, self.saves = spec, JobState.RUNNING, True, 0

    def save(self) -> None:
        self.saves += 1


def test_of_a_training_that_runs_the_model_is_saved_first(
    shelved: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shelved.train_room is not None
    assert shelved.train_room.use is not None
    runs = shelved._services.trainings
    assert runs is not None
    folder = make_run(tmp_path / "runs", "going", reason=None)
    run = runs.runs()[0]
    job = _Job(run.spec)
    monkeypatch.setattr(runs, "job", lambda _folder: job)
    shelved.train_room.use(run)
    shelved.train_room.use(run)  # impatient
    assert job.saves == 1
    job.event_told.emit({"event": "saved", "path": "checkpoints/step-00000004.pt"})
    assert shelved._live.model_id == "lineart"
    write_tiny_model(folder / "model.safetensors", task="lineart")
    job.event_told.emit({"event": "saved", "path": "model.safetensors"})
    assert shelved._live.model_id.startswith("Run-going-step")
