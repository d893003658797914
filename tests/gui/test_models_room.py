"""Choosing a model, and what is told about it."""

import dataclasses
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.model_choices import NO_CARD, ModelChoice
from sketchsause_desktop.ui.models_room import ModelCard
from tests.gui.conftest import Open


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
