"""The result in a window of its own, and in small."""

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.ui.result_window import ResultWindow
from tests.gui.conftest import Open

BLUE, RED = (10, 20, 200, 255), (200, 20, 10, 255)


def shown(opened: Open) -> ResultWindow:
    opened.window.result_views.open()
    window = opened.window.result_views.window
    assert window is not None
    QApplication.processEvents()
    return window


def is_open(opened: Open) -> bool:
    return opened.window.result_views.window is not None


def middle(window: ResultWindow) -> tuple[int, ...]:
    QApplication.processEvents()
    image = window.view.grab().toImage()
    colour = image.pixelColor(image.width() // 2, image.height() // 2)
    return colour.red(), colour.green(), colour.blue(), colour.alpha()


def fill(layer: Layer, rect: Rect, colour: tuple[int, ...]) -> None:
    layer.tiles.write(rect, np.full((rect.height, rect.width, 4), colour, np.uint8))


def turn_wheel(window: ResultWindow, notches: int) -> None:
    place = QPointF(window.view.rect().center())
    event = QWheelEvent(
        place,
        window.view.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(window.view, event)


def test_it_shows_the_result_without_hints_while_one_peeks_at_ones_own(opened: Open, qtbot: QtBot) -> None:
    document = opened.editor.document
    fill(document.ai_colour, document.rect, BLUE)
    hints = Layer(name="Hints", role=Role.HINTS)
    document.layers.append(hints)
    fill(hints, document.rect, RED)
    window = shown(opened)
    opened.canvas.set_peek(True)
    assert middle(window) == BLUE
    fill(document.ai_colour, document.rect, RED)
    opened.editor.result_changed.emit(document.rect)
    qtbot.waitUntil(lambda: middle(window) == RED, timeout=5000)


def test_linked_both_windows_show_the_same_part(opened: Open) -> None:
    window = shown(opened)
    opened.canvas.set_zoom(3.0)
    assert window.view.view == opened.canvas.view
    turn_wheel(window, 2)
    assert opened.canvas.view.zoom > 4
    assert opened.canvas.view == window.view.view
    before = opened.canvas.view.centre_doc
    window.view.pan(-40, 0)
    window.view.moved.emit()
    assert opened.canvas.view.centre_doc.x > before.x


def test_without_the_link_each_has_its_own_zoom_and_the_choice_is_kept(opened: Open) -> None:
    window = shown(opened)
    window.link.click()
    opened.canvas.set_zoom(3.0)
    turn_wheel(window, -3)
    assert window.view.view.zoom < 1.0
    assert opened.canvas.view.zoom == 3.0
    window.close()
    again = shown(opened)
    assert not again.is_linked
    again.link.click()
    assert again.view.view == opened.canvas.view


def test_another_drawing_in_front_is_shown_in_both(opened: Open) -> None:
    window = shown(opened)
    first = opened.editor.current
    opened.editor.begin_stroke(PenSample(50, 50))
    opened.editor.end_stroke()
    opened.canvas.set_zoom(2.0)
    opened.editor.new(Size(1000, 2000))
    assert window.view.view == opened.canvas.view
    assert window.view.view.size_doc == Size(1000, 2000)
    opened.editor.set_current(first)
    assert window.view.view == opened.canvas.view
    assert opened.canvas.view.zoom == 2.0  # as it was left


def test_command_and_window_agree_and_it_closes_with_the_program(opened: Open) -> None:
    views = opened.window.result_views
    views.command.trigger()
    assert views.window is not None
    views.window.close()
    assert not is_open(opened)
    assert not views.command.isChecked()
    window = shown(opened)
    assert views.command.isChecked()
    assert shown(opened) is window
    views.command.trigger()
    assert not is_open(opened)
    shown(opened)
    opened.window.close()
    assert not is_open(opened)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_the_panel_shows_the_result_in_small_and_opens_the_window(opened: Open, qtbot: QtBot) -> None:
    document = opened.editor.document
    fill(document.ai_colour, document.rect, BLUE)
    hints = Layer(name="Hints", role=Role.HINTS)
    document.layers.append(hints)
    fill(hints, document.rect, RED)
    panel = opened.window.result_views.panel
    panel.thumbnail.set_active(True)
    qtbot.waitUntil(lambda: panel.thumbnail.is_up_to_date, timeout=5000)
    centre = panel.thumbnail.image.rect().center()
    assert panel.thumbnail.image.pixelColor(centre).getRgb() == BLUE
    panel.thumbnail.set_active(False)
    (dock,) = (dock for dock in opened.window.panels.docks if dock.objectName() == "preview")
    dock.show()
    dock.raise_()
    panel.setFocus()  # else Enter is the canvas's
    QTest.keyClick(panel, Qt.Key.Key_Return)
    assert is_open(opened)
