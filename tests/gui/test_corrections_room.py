"""Adding a drawing to a collection, and teaching it, in the window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.corrections import Corrections
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.core.training_pages import page_of, write_page
from sketchsause_desktop.ui import corrections_dialogs
from sketchsause_desktop.ui.corrections_dialogs import AddPage, TeachDialog
from sketchsause_desktop.ui.main_window import MainWindow, Services
from tests.desktop.app.fake_engine import FakeEngine
from tests.desktop.app.test_corrections import drawing
from tests.gui.conftest import shown_window


@pytest.fixture
def corrections(tmp_path: Path) -> Iterator[Corrections]:
    corrections = Corrections(Notices(), tmp_path / "corrections")
    yield corrections
    corrections.finish()


@pytest.fixture
def window(qtbot: QtBot, editor, theme, settings, corrections: Corrections, tmp_path: Path) -> Iterator[MainWindow]:  # type: ignore[no-untyped-def]
    notices = Notices()
    live = Live(editor, FakeEngine(), notices)
    services = Services(
        editor=editor,
        live=live,
        notices=notices,
        settings=settings,
        theme=theme,
        models=(ModelChoice(model_id="one", title="Model one", path=tmp_path / "one.safetensors"),),
        trainings=TrainingRuns(notices, tmp_path / "runs"),
        corrections=corrections,
    )
    with shown_window(qtbot, services) as window:
        yield window


def fill(corrections: Corrections, name: str, pages: int) -> None:
    for number in range(pages):
        write_page(page_of(drawing().snapshot()), corrections.folder / name, f"page {number}")


def test_the_drawing_is_added_to_the_collection_that_was_named(
    window: MainWindow, corrections: Corrections, monkeypatch: pytest.MonkeyPatch
) -> None:
    window._editor.open(drawing(), "Portrait")
    offered: list[str] = []

    def accept(dialog: AddPage) -> int:
        offered.append(dialog.name)
        dialog.box.setCurrentText("")
        assert not dialog.add.isEnabled()
        dialog.box.setCurrentText("Wash")
        assert dialog.add.isEnabled()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(AddPage, "exec", accept)
    assert window.corrections_room is not None
    window.corrections_room.add_command.trigger()
    corrections.wait()
    window.corrections_room.add_command.trigger()
    corrections.wait()
    assert [(each.name, each.pages) for each in corrections.all()] == [("Wash", 2)]
    assert offered == ["My corrections", "Wash"]
    assert (corrections.folder / "Wash" / "lines" / "Portrait.png").is_file()


def test_teaching_says_what_is_missing(
    window: MainWindow, corrections: Corrections, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = window.models_room.models
    empty = TeachDialog(corrections, models, "one", window)
    assert not empty.begin.isEnabled()
    assert "no corrections yet" in empty.told.text()
    fill(corrections, "Few", 2)
    fill(corrections, "Many", 3)
    dialog = TeachDialog(corrections, models, "one", window)
    dialog.box.setCurrentIndex(0)
    assert not dialog.begin.isEnabled()
    assert dialog.reason.text() == "One more page of this collection is needed."
    dialog.box.setCurrentIndex(1)
    assert dialog.begin.isEnabled()
    monkeypatch.setattr(corrections_dialogs, "ask_delete", lambda *_: True)
    dialog.delete.click()
    assert [each.name for each in corrections.all()] == ["Few"]
    assert dialog.collection is not None
    assert dialog.collection.name == "Few"
    for each in (empty, dialog):
        each.deleteLater()


def test_the_train_workspace_has_the_button(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    assert window.train_room is not None
    window.workspaces.show(window.train_room.place)
    page = window.train_room.workspace
    assert page is not None
    assert page.teach.isVisible()
    asked: list[int] = []
    monkeypatch.setattr(TeachDialog, "exec", lambda _self: asked.append(1))
    page.teach.click()
    assert asked == [1]
