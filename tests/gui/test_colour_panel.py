"""Wheel, sliders, hex field and recent colours all show one colour, and each changes it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.recent_colours import RecentColours
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.ui.colour_dock import ColourPanel
from sketchsause_desktop.ui.colour_wheel import ColourWheel
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard
from tests.gui.conftest import Open

BLUE, WHITE = (30, 60, 200), (255, 255, 255)


@pytest.fixture
def recent(settings: Settings) -> RecentColours:
    return RecentColours(settings)


@pytest.fixture
def ground(qtbot: QtBot) -> QWidget:
    ground = QWidget()
    qtbot.addWidget(ground)
    return ground


@pytest.fixture
def panel(ground: QWidget, settings: Settings, recent: RecentColours) -> ColourPanel:
    actions = (QAction("Swap", ground), QAction("Default", ground))
    panel = ColourPanel(
        settings=settings, recent=recent, actions=actions, guard=WheelGuard(ground), returns=ReturnToCanvas(ground)
    )
    panel.setParent(ground)
    ground.resize(240, 360)
    panel.resize(240, 360)
    ground.show()
    return panel


def test_all_parts_show_the_colour_and_tell_nobody(panel: ColourPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.chosen):
        panel.show_colours(BLUE, (1, 2, 3))
    assert panel.wheel.colour == panel.sliders.colour == panel.pair.foreground == BLUE
    assert panel.hex.text() == "#1e3cc8"
    assert panel.pair.background == (1, 2, 3)


def test_a_hex_number_is_a_colour_and_nonsense_is_none(panel: ColourPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.chosen) as chosen:
        panel.hex.setText("3366CC")
        panel.hex.editingFinished.emit()
    assert chosen.args == [(0x33, 0x66, 0xCC)]
    assert panel.wheel.colour == (0x33, 0x66, 0xCC)
    panel.hex.setText("#12")
    panel.hex.editingFinished.emit()
    assert panel.hex.text() == "#3366cc"


def test_the_square_changes_the_colour_by_mouse_and_key(panel: ColourPanel, qtbot: QtBot) -> None:
    panel.show_colours((255, 0, 0), WHITE)
    wheel = panel.wheel
    corner = wheel._square_area.topLeft().toPoint() + QPoint(1, 1)
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=corner)
    assert min(chosen.args[0]) > 240
    panel.show_colours(WHITE, WHITE)
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.keyClick(wheel, Qt.Key.Key_Down)
    red, green, blue = chosen.args[0]
    assert red == green == blue < 255


def test_the_ring_turns_the_hue_even_far_beside_it_while_dragged(panel: ColourPanel) -> None:
    panel.show_colours((255, 0, 0), WHITE)
    wheel = panel.wheel
    area = wheel._area.toRect()
    QTest.mousePress(wheel, Qt.MouseButton.LeftButton, pos=QPoint(area.left() + 4, area.center().y()))
    assert wheel.colour[0] < 20
    assert min(wheel.colour[1:]) > 235  # cyan, opposite of red
    QTest.mouseMove(wheel, area.center() + QPoint(3, 0))
    QTest.mouseRelease(wheel, Qt.MouseButton.LeftButton)
    QTest.keyClick(wheel, Qt.Key.Key_PageUp)
    assert wheel.place.across == wheel.place.up == 1


def test_grey_keeps_the_hue_in_wheel_and_sliders(panel: ColourPanel) -> None:
    panel.show_colours(BLUE, WHITE)
    hue = panel.wheel.place.hue
    panel.show_colours((128, 128, 128), WHITE)
    assert panel.wheel.place.hue == hue
    assert panel.sliders.values[0] == round(hue)
    panel.show_colours((0, 0, 0), WHITE)
    assert panel.sliders.values[0] == round(hue)


def test_sliders_speak_hsv_or_rgb_as_the_settings_say(panel: ColourPanel, settings: Settings, qtbot: QtBot) -> None:
    panel.show_colours((255, 128, 0), WHITE)
    assert panel.sliders.values == (30, 100, 100)
    settings.change(replace(settings.preferences, colour_sliders="RGB"))
    assert panel.sliders.values == (255, 128, 0)
    with qtbot.waitSignal(panel.chosen) as chosen:
        panel.sliders._numbers[2].setValue(77)
    assert chosen.args == [(255, 128, 77)]
    assert panel.wheel.colour == (255, 128, 77)


def test_the_kind_of_wheel_is_kept_and_the_colour_stays(panel: ColourPanel, settings: Settings) -> None:
    panel.show_colours(BLUE, WHITE)
    panel.wheel_box.textActivated.emit("OKLCH")
    assert settings.preferences.colour_wheel == "OKLCH"
    assert panel.wheel_box.currentText() == "OKLCH"
    assert panel.wheel.colour == BLUE


def test_a_recent_colour_is_taken_by_a_click_and_by_key(
    panel: ColourPanel, recent: RecentColours, qtbot: QtBot
) -> None:
    recent.note((1, 2, 3))
    recent.note((4, 5, 6))
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.mouseClick(panel.recent, Qt.MouseButton.LeftButton, pos=panel.recent.cell(1).center())
    assert chosen.args == [(1, 2, 3)]
    QTest.keyClick(panel.recent, Qt.Key.Key_Left)
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.keyClick(panel.recent, Qt.Key.Key_Return)
    assert chosen.args == [(4, 5, 6)]


@pytest.mark.parametrize("width", [112, 200, 391])
def test_the_wheel_paints_what_it_shows_at_any_size(qtbot: QtBot, width: int) -> None:
    wheel = ColourWheel()
    qtbot.addWidget(wheel)
    wheel.resize(width, 180)
    wheel.show_colour(BLUE)
    image = wheel.grab().toImage()
    _, in_square = wheel._handles()
    ratio = image.devicePixelRatioF()
    shown = image.pixelColor((in_square * ratio).toPoint())
    assert abs(shown.red() - BLUE[0]) + abs(shown.green() - BLUE[1]) + abs(shown.blue() - BLUE[2]) < 30


def test_swap_and_default_by_key_and_painting_notes_the_colour(opened: Open, qtbot: QtBot) -> None:
    editor, panel = opened.editor, opened.window.paint.colour_panel
    panel.chosen.emit(BLUE)
    opened.window.activateWindow()
    opened.canvas.setFocus()
    QTest.keyClick(opened.canvas, Qt.Key.Key_X)
    assert (editor.colours.foreground, editor.colours.background) == (WHITE, BLUE)
    assert (panel.pair.foreground, panel.pair.background) == (WHITE, BLUE)
    QTest.keyClick(opened.canvas, Qt.Key.Key_X)
    QTest.mouseClick(opened.canvas, Qt.MouseButton.LeftButton, pos=opened.at(50, 50).toPoint())
    qtbot.waitUntil(lambda: opened.window.paint.recent.colours == (BLUE,))
    QTest.keyClick(opened.canvas, Qt.Key.Key_D)
    assert panel.hex.text() == "#000000"
    assert opened.window.paint.recent.colours == (BLUE,)
