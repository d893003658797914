from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.palette_library import PaletteLibrary
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.palette_files import read_palette
from sketchsause_desktop.core.palettes import Palette, Swatch
from sketchsause_desktop.ui.fields import WheelGuard
from sketchsause_desktop.ui.palette_dock import PalettePanel
from sketchsause_desktop.ui.swatch_grid import NOBODY, SwatchGrid

COLOURS = tuple(Swatch(colour=(number, 0, 0), name=f"Red {number}") for number in range(0, 250, 10))


@pytest.fixture
def library(tmp_path: Path) -> PaletteLibrary:
    return PaletteLibrary(tmp_path / "palettes", Notices())


@pytest.fixture
def panel(qtbot: QtBot, library: PaletteLibrary, settings: Settings) -> PalettePanel:
    picture = np.zeros((40, 40, 4), np.uint8)
    picture[:, :30] = (200, 30, 40, 255)
    picture[:, 30:] = (20, 30, 240, 255)
    guard = WheelGuard()
    panel = PalettePanel(library=library, settings=settings, picture=lambda: picture, guard=guard)
    guard.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(230, 300)
    panel.show()
    return panel


def test_the_palette_that_was_chosen_is_shown_and_kept(
    panel: PalettePanel, library: PaletteLibrary, settings: Settings
) -> None:
    key = library.add(Palette(name="Mine", swatches=COLOURS))
    panel.show_palette(key)
    assert panel.grid.swatches == COLOURS
    assert settings.preferences.palette == key
    nothing = np.zeros((1, 1, 4), np.uint8)
    again = PalettePanel(library=library, settings=settings, picture=lambda: nothing, guard=WheelGuard(panel))
    again.setParent(panel)
    assert again.key == key


def test_a_click_and_enter_choose_a_colour(panel: PalettePanel, library: PaletteLibrary, qtbot: QtBot) -> None:
    panel.show_palette(library.add(Palette(name="Mine", swatches=COLOURS)))
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.mouseClick(panel.grid, Qt.MouseButton.LeftButton, pos=panel.grid.cell(12).center())
    assert chosen.args == [(120, 0, 0)]
    QTest.keyClick(panel.grid, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    assert chosen.args == [((12 + panel.grid.columns) * 10, 0, 0)]


def test_colours_are_added_and_removed(panel: PalettePanel, library: PaletteLibrary) -> None:
    key = library.add(Palette(name="Mine", swatches=COLOURS[:2]))
    panel.show_palette(key)
    panel.show_colour((9, 9, 9))
    panel.add_button.click()
    assert panel.grid.swatches[-1].colour == (9, 9, 9)
    QTest.mouseClick(panel.grid, Qt.MouseButton.LeftButton, pos=panel.grid.cell(0).center())
    QTest.keyClick(panel.grid, Qt.Key.Key_Delete)
    assert [swatch.colour for swatch in library.palettes[key].swatches] == [(10, 0, 0), (9, 9, 9)]
    assert panel.grid.swatches == library.palettes[key].swatches


def test_the_picture_gives_a_palette(panel: PalettePanel) -> None:
    panel.add_from_picture()
    assert panel.palette_shown.name == "From the picture"
    assert [swatch.colour for swatch in panel.grid.swatches] == [(200, 30, 40), (20, 30, 240)]


def test_palettes_are_exported_and_imported(panel: PalettePanel, library: PaletteLibrary, tmp_path: Path) -> None:
    panel.show_palette(library.add(Palette(name="Mine", swatches=COLOURS)))
    for name in ("a.gpl", "a.aco", "a.ase"):
        panel.export(tmp_path / name)
        assert read_palette(tmp_path / name).swatches == COLOURS
    panel.export(tmp_path / "bare")
    before = len(library.palettes)
    panel.import_file(tmp_path / "bare.gpl")
    assert len(library.palettes) == before + 1
    assert panel.grid.swatches == COLOURS


def test_the_list_follows_the_library(panel: PalettePanel, library: PaletteLibrary) -> None:
    key = library.add(Palette(name="Mine", swatches=COLOURS))
    panel.show_palette(key)
    library.rename(key, "Yours")
    assert panel.box.currentText() == "Yours"
    library.remove(key)
    assert panel.key in library.palettes
    assert panel.box.findData(key) == -1


@pytest.mark.parametrize(("width", "columns", "seen"), [(240, 10, 10), (160, 10, 10), (240, 0, 10), (100, 30, 4)])
def test_a_palettes_columns_are_kept_where_there_is_room(qtbot: QtBot, width: int, columns: int, seen: int) -> None:
    grid = SwatchGrid("Colours")
    qtbot.addWidget(grid)
    grid.resize(width, 100)
    grid.show_swatches(COLOURS, columns)
    assert grid.columns == seen
    last = grid.cell(len(COLOURS) - 1)
    assert grid.height() == last.bottom() + 1
    assert max(grid.cell(index).right() for index in range(len(COLOURS))) < width


def test_beside_the_swatches_nothing_is_chosen(qtbot: QtBot) -> None:
    grid = SwatchGrid("Colours")
    qtbot.addWidget(grid)
    grid.resize(240, 100)
    grid.show_swatches(COLOURS[:3])
    with qtbot.assertNotEmitted(grid.chosen):
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell(3).center())
    assert grid.current == NOBODY
