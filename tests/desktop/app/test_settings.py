import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.settings import Preferences, Settings

pytestmark = pytest.mark.usefixtures("qapp")

CHANGED = Preferences(
    theme="dark",
    view_mode="split",
    result_follows=False,
    model="lineart",
    live=False,
    welcomed=True,
    recent_files=("/a/ü b.png", "c"),
    pixel_grid=False,
    shortcuts={"undo": "Ctrl+Z; F4"},
    colour_wheel="OKLCH",
    colour_sliders="RGB",
    recent_colours=("#ff0000", "#00ff00"),
    hint_strength=40,
    device="CPU: 41 ms, good for live",
    palette="inks.gpl",
    tool="wand",
    brushes={"brush": "Pencil"},
    brush_sizes={"brush": 12.5},
    foreground="#123456",
    background="#654321",
)


def test_preferences_come_back(tmp_path: Path, qtbot: QtBot) -> None:
    settings = Settings(tmp_path / "new" / "folder")
    assert settings.preferences == Preferences()
    with qtbot.waitSignal(settings.changed) as told:
        settings.change(CHANGED)
    assert told.args == [CHANGED]
    assert Settings(tmp_path / "new" / "folder").preferences == CHANGED


def test_every_preference_differs_in_the_test_above() -> None:
    for field in dataclasses.fields(Preferences):
        assert getattr(CHANGED, field.name) != getattr(Preferences(), field.name)


def test_nothing_is_told_or_written_without_a_change(tmp_path: Path, qtbot: QtBot) -> None:
    settings = Settings(tmp_path)
    with qtbot.assertNotEmitted(settings.changed):
        settings.change(Preferences())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.expects_warnings
@pytest.mark.parametrize("damaged", [b"theme = [", b"\xff\xfe", b"\x00"])
def test_a_damaged_file_gives_the_defaults(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "settings.toml").write_bytes(damaged)
    assert Settings(tmp_path).preferences == Preferences()


@pytest.mark.expects_warnings
def test_only_the_values_that_make_no_sense_are_ignored(tmp_path: Path) -> None:
    text = 'theme = "pink"\nview_mode = "split"\nlive = 1\nmodel = 3\nunknown = 1\nrecent_files = [1]\ntool = "axe"\n'
    text += '[brush_sizes]\nbrush = "wide"\n'
    (tmp_path / "settings.toml").write_text(text)
    assert Settings(tmp_path).preferences == Preferences(view_mode="split")


@pytest.mark.expects_warnings
def test_a_folder_that_cannot_be_made_does_not_stop_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = Settings(tmp_path / "file" / "folder")
    settings.change(CHANGED)
    assert settings.preferences == CHANGED


def test_impossible_preferences_are_refused() -> None:
    with pytest.raises(ValueError, match="theme"):
        Preferences(theme="pink")
    with pytest.raises(ValueError, match="hint_strength"):
        Preferences(hint_strength=101)


def test_the_layout_comes_back_until_it_is_forgotten(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.keep_layout("geometry", QByteArray(b"\x00\x01bytes"))
    del settings
    again = Settings(tmp_path)
    assert again.layout("geometry") == QByteArray(b"\x00\x01bytes")
    assert again.layout("docks").isEmpty()
    again.forget_layout()
    assert again.layout("geometry").isEmpty()
