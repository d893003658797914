"""The strength of the hints, the region under the hint brush, and flats, in the window."""

from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.tools import Tool
from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.canvas_actions import resize_canvas
from sketchsause_desktop.core.geometry import Rect, Size
from tests.gui.conftest import Open

_BOX = Rect(100, 50, 120, 100)


@pytest.fixture
def boxed(opened: Open) -> Open:
    """With a box drawn on the canvas and the hint brush in hand."""
    lines = np.full((300, 400), 255, np.uint8)
    lines[50:150, 100:220] = 0
    lines[54:146, 104:216] = 255
    opened.editor.open_pixels(lines, "Box")
    opened.editor.set_tool(Tool.HINT)
    return opened


def move(opened: Open, place: QPointF, buttons: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    kind = QEvent.Type.MouseMove
    screen = QPointF(opened.canvas.mapToGlobal(place))
    button = Qt.MouseButton.NoButton
    QApplication.sendEvent(
        opened.canvas, QMouseEvent(kind, place, screen, button, buttons, Qt.KeyboardModifier.NoModifier)
    )


def shown(opened: Open) -> Rect:
    return opened.window.hints_room.hover.shown_region


def test_the_slider_sets_the_pull_and_is_remembered(opened: Open, qtbot: QtBot) -> None:
    slider = opened.window.ai_panel.hint_strength
    assert slider.value == 100
    slider.number.setValue(40)
    assert opened.services.live.pull == pytest.approx(0.4)
    qtbot.waitUntil(lambda: opened.services.settings.preferences.hint_strength == 40)


def test_the_region_under_the_resting_hint_brush_is_shown(boxed: Open, qtbot: QtBot) -> None:
    move(boxed, boxed.at(150, 100))
    assert shown(boxed).is_empty
    qtbot.waitUntil(lambda: not shown(boxed).is_empty)
    assert _BOX.contains(shown(boxed))
    assert shown(boxed).width > 110
    tinted = boxed.shown_colour(120, 80)
    assert tinted != (255, 255, 255)
    assert boxed.shown_colour(300, 250) == (255, 255, 255)
    move(boxed, boxed.at(160, 110))  # still in the region
    assert not shown(boxed).is_empty
    move(boxed, boxed.at(300, 250))
    assert shown(boxed).is_empty
    qtbot.waitUntil(lambda: not shown(boxed).is_empty)
    assert shown(boxed).width > 300


def test_regions_are_those_of_the_canvas_as_large_as_it_is_now(boxed: Open, qtbot: QtBot) -> None:
    boxed.editor.do(lambda document: resize_canvas(document, Size(512, 384), (0, 0)))
    move(boxed, boxed.at(300, 250))
    qtbot.waitUntil(lambda: not shown(boxed).is_empty)
    for size in (Size(384, 384), Size(640, 384)):
        boxed.editor.do(partial(resize_canvas, size=size, anchor=(0, 0)))
        move(boxed, boxed.at(size.width - 20, 250))
        qtbot.waitUntil(lambda: not shown(boxed).is_empty)
        assert shown(boxed).right == size.width


def test_it_is_gone_while_one_paints_and_after_lines_changed(boxed: Open, qtbot: QtBot) -> None:
    move(boxed, boxed.at(150, 100))
    qtbot.waitUntil(lambda: not shown(boxed).is_empty)
    QTest.mousePress(boxed.canvas, Qt.MouseButton.LeftButton, pos=boxed.at(150, 100).toPoint())
    assert shown(boxed).is_empty
    move(boxed, boxed.at(155, 100), Qt.MouseButton.LeftButton)
    qtbot.wait(200)
    assert shown(boxed).is_empty
    QTest.mouseRelease(boxed.canvas, Qt.MouseButton.LeftButton, pos=boxed.at(155, 100).toPoint())
    rest = Rect(100, 50, 120, 100)
    boxed.editor.document.line_art.tiles.write(rest, premultiplied(np.full((100, 120), 255, np.uint8)))
    boxed.editor.document.touch()
    move(boxed, boxed.at(150, 100))
    qtbot.waitUntil(lambda: not shown(boxed).is_empty)
    assert shown(boxed).width > 300


def test_other_tools_and_places_outside_show_nothing(boxed: Open, qtbot: QtBot) -> None:
    move(boxed, boxed.at(-30, 100))
    qtbot.wait(200)
    assert shown(boxed).is_empty
    boxed.editor.set_tool(Tool.BRUSH)
    move(boxed, boxed.at(150, 100))
    qtbot.wait(200)
    assert shown(boxed).is_empty


def test_flats_are_made_from_the_menu(boxed: Open, qtbot: QtBot) -> None:
    document = boxed.editor.document
    document.ai_colour.tiles.write(document.rect, premultiplied(np.full((300, 400), 120, np.uint8)))
    assert boxed.window.hints_room.flats in boxed.window.menus.ai.actions()
    boxed.window.hints_room.flats.trigger()
    qtbot.waitUntil(lambda: "Flats" in [node.name for node in document.layers])
    boxed.window.hints_room.separate.trigger()
    qtbot.waitUntil(lambda: "Flats and shade" in [node.name for node in document.layers])
