"""Brushes, palettes and recent colours: what is kept comes back, and what cannot be kept is told."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.brush_library import BrushLibrary, uncoloured
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.palette_library import PaletteLibrary
from sketchsause_desktop.app.recent_colours import MOST_RECENT, RecentColours
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.brush_presets import BrushPreset
from sketchsause_desktop.core.palettes import Palette, Swatch

pytestmark = pytest.mark.usefixtures("qapp")

RED, BLUE = Swatch(colour=(255, 0, 0), name="Red"), Swatch(colour=(0, 0, 255), name="Blue")


@pytest.fixture
def notices() -> Notices:
    return Notices()


def brush(name: str = "Mine", size: float = 33.0) -> BrushPreset:
    return BrushPreset(name=name, brush=Brush(size=size, colour=(200, 0, 0)))


def test_a_saved_brush_comes_back_without_its_colour(tmp_path: Path, notices: Notices, qtbot: QtBot) -> None:
    library = BrushLibrary(tmp_path / "new", notices)
    with qtbot.waitSignal(library.changed):
        assert library.save(brush())
    again = BrushLibrary(tmp_path / "new", notices)
    assert again.presets["Mine"] == uncoloured(brush())
    assert list(again.presets)[:2] == ["Pencil", "Ink"]
    assert again.is_own("Mine")
    assert not again.is_own("Ink")


def test_the_colour_is_no_change_of_a_brush_but_its_size_is(tmp_path: Path, notices: Notices) -> None:
    library = BrushLibrary(tmp_path, notices)
    ink = library.presets["Ink"]
    assert not library.is_changed(replace(ink, brush=ink.coloured((1, 2, 3))))
    assert library.is_changed(replace(ink, brush=replace(ink.brush, size=99.0)))


def test_a_saved_shipped_brush_hides_the_shipped_one_until_it_is_removed(tmp_path: Path, notices: Notices) -> None:
    library = BrushLibrary(tmp_path, notices)
    ink = library.presets["Ink"]
    library.save(replace(ink, brush=replace(ink.brush, size=99.0)))
    assert BrushLibrary(tmp_path, notices).presets["Ink"].brush.size == 99
    library.remove("Ink")
    assert library.presets["Ink"] == ink
    assert list(tmp_path.iterdir()) == []
    library.remove("Ink")  # a shipped one stays
    assert "Ink" in library.presets


def test_names_are_there_once(tmp_path: Path, notices: Notices) -> None:
    library = BrushLibrary(tmp_path, notices)
    assert [library.add(brush()) for _ in range(3)] == ["Mine", "Mine 2", "Mine 3"]
    assert library.rename("Mine 2", " Ink ") == "Ink 2"
    assert library.rename("Mine", "") == "Mine"
    assert library.rename("Pencil", "Mine") == "Pencil"  # not one's own
    assert set(BrushLibrary(tmp_path, notices).presets) >= {"Mine", "Ink 2", "Mine 3"}
    assert "Mine 2" not in BrushLibrary(tmp_path, notices).presets


def test_a_brush_is_exported_and_imported(tmp_path: Path, notices: Notices) -> None:
    library = BrushLibrary(tmp_path / "mine", notices)
    assert library.export(brush("Ink"), tmp_path / "out")
    assert library.import_file(tmp_path / "out.sketchbrush") == "Ink 2"
    assert library.presets["Ink 2"].brush.size == 33


@pytest.mark.expects_warnings
def test_damaged_files_and_folders_that_cannot_be_made_are_told(tmp_path: Path, notices: Notices) -> None:
    (tmp_path / "bad.sketchbrush").write_bytes(b"no zip")
    (tmp_path / "bad.gpl").write_bytes(b"no palette")
    brushes, palettes = BrushLibrary(tmp_path, notices), PaletteLibrary(tmp_path, notices)
    assert len(notices.shown) == 2
    assert brushes.import_file(tmp_path / "bad.sketchbrush") == ""
    assert palettes.import_file(tmp_path / "missing.gpl") == ""
    in_a_file = tmp_path / "bad.gpl" / "folder"
    assert not BrushLibrary(in_a_file, notices).save(brush())
    assert PaletteLibrary(in_a_file, notices).add(Palette(name="A", swatches=(RED,))) == ""
    assert len(notices.shown) == 4


def test_palettes_come_back_by_name(tmp_path: Path, notices: Notices) -> None:
    library = PaletteLibrary(tmp_path / "new", notices)
    shipped = list(library.palettes)
    assert shipped
    key = library.add(Palette(name="Amélie / hair", swatches=(RED, BLUE)))
    assert library.palettes[key].swatches == (RED, BLUE)
    assert library.add(Palette(name="Amélie / hair", swatches=(RED,))) != key
    again = PaletteLibrary(tmp_path / "new", notices)
    assert again.palettes[key] == library.palettes[key]
    names = [palette.name.casefold() for palette in again.palettes.values()]
    assert names == sorted(names)


def test_colours_are_added_changed_and_taken_out_but_for_the_last(tmp_path: Path, notices: Notices) -> None:
    library = PaletteLibrary(tmp_path, notices)
    key = library.add(Palette(name="A", swatches=(RED,)))
    assert library.add_swatch(key, BLUE)
    assert library.put_swatch(key, 0, replace(RED, name="Hat"))
    assert PaletteLibrary(tmp_path, notices).palettes[key].swatches == (replace(RED, name="Hat"), BLUE)
    assert library.put_swatch(key, 0, None)
    assert not library.put_swatch(key, 0, None)
    assert library.palettes[key].swatches == (BLUE,)
    assert len(notices.shown) == 1


def test_a_changed_shipped_palette_comes_back_when_the_change_is_removed(tmp_path: Path, notices: Notices) -> None:
    library = PaletteLibrary(tmp_path, notices)
    key, before = next(iter(library.palettes.items()))
    library.add_swatch(key, RED)
    assert library.is_own(key)
    assert PaletteLibrary(tmp_path, notices).palettes[key].swatches[-1] == RED
    library.remove(key)
    assert library.palettes[key] == before


def test_recent_colours_are_newest_first_each_once_and_kept(tmp_path: Path, qtbot: QtBot) -> None:
    recent = RecentColours(Settings(tmp_path))
    for number in range(MOST_RECENT + 5):
        recent.note((number, 0, 0))
    with qtbot.waitSignal(recent.changed):
        recent.note((10, 0, 0))
    with qtbot.assertNotEmitted(recent.changed):
        recent.note((10, 0, 0))
    assert recent.colours[:2] == ((10, 0, 0), (MOST_RECENT + 4, 0, 0))
    assert len(set(recent.colours)) == len(recent.colours) == MOST_RECENT
    assert RecentColours(Settings(tmp_path)).colours == recent.colours


def test_recent_colours_written_by_hand_are_read_as_far_as_they_are_colours(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.change(replace(settings.preferences, recent_colours=("#ff0000", "red", "", "#0f0", "#ff0000")))
    assert RecentColours(settings).colours == ((255, 0, 0), (0, 255, 0))
