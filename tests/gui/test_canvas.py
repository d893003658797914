"""The canvas with a real document behind it: what the pointer does and what the screen shows."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QKeyEvent, QMouseEvent, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Tool
from sketchsause_desktop.core.document import OWN_PAINT
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.ui import canvas_pointer
from sketchsause_desktop.ui.canvas_view import ViewMode
from sketchsause_desktop.ui.pen import PenPoint
from tests.gui.conftest import Open

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier


def drag(opened: Open, *points: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    places = [opened.at(*point) for point in points]
    QTest.mousePress(opened.canvas, button, NONE, places[0].toPoint())
    for place in places[1:]:
        send_mouse(opened, QEvent.Type.MouseMove, place, button)
    QTest.mouseRelease(opened.canvas, button, NONE, places[-1].toPoint())


def send_mouse(opened: Open, kind: QEvent.Type, position: QPointF, button: Qt.MouseButton = LEFT) -> None:
    globally = QPointF(opened.canvas.mapToGlobal(position))
    event = QMouseEvent(kind, position, globally, Qt.MouseButton.NoButton, button, NONE)
    QApplication.sendEvent(opened.canvas, event)


def send_pen(opened: Open, kind: QEvent.Type, position: QPointF, pressure: float, *, erases: bool = False) -> None:
    pen = QPointingDevice.PointerType.Eraser if erases else QPointingDevice.PointerType.Pen
    capabilities = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    device = QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, pen, capabilities, 1, 2)
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletMove else LEFT
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else LEFT
    globally = QPointF(opened.canvas.mapToGlobal(position))
    event = QTabletEvent(kind, device, position, globally, pressure, 0, 0, 0, 0, 0, NONE, button, held)
    QApplication.sendEvent(opened.canvas, event)


def lines(opened: Open) -> np.ndarray:
    document = opened.editor.document
    return document.composite(document.rect, OWN_PAINT)[..., 0]


def width_at(opened: Open, x: int) -> int:
    """How many pixels of the column are inked."""
    return int((lines(opened)[:, x] < 128).sum())


def test_a_stroke_changes_document_and_screen(opened: Open) -> None:
    assert opened.shown_colour(200, 100) == (255, 255, 255)
    drag(opened, (100, 100), (200, 100), (300, 100))
    assert lines(opened)[100, 200] < 30
    assert max(opened.shown_colour(200, 100)) < 60
    assert opened.shown_colour(200, 200) == (255, 255, 255)
    opened.window.actions_.undo.trigger()
    assert opened.shown_colour(200, 100) == (255, 255, 255)
    opened.window.actions_.redo.trigger()
    assert max(opened.shown_colour(200, 100)) < 60


def test_the_eraser_takes_lines_away(opened: Open) -> None:
    drag(opened, (100, 100), (300, 100))
    opened.editor.set_tool(Tool.ERASER)
    drag(opened, (200, 60), (200, 140))
    assert lines(opened)[100, 200] == 255
    assert lines(opened)[100, 120] < 30


def test_escape_takes_back_the_stroke_in_progress(opened: Open) -> None:
    QTest.mousePress(opened.canvas, LEFT, NONE, opened.at(100, 100).toPoint())
    send_mouse(opened, QEvent.Type.MouseMove, opened.at(300, 100))
    QTest.keyClick(opened.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(opened.canvas, LEFT, NONE, opened.at(300, 100).toPoint())
    assert lines(opened).min() == 255
    assert not opened.editor.can_undo


@pytest.mark.parametrize("how", ["space", "middle", "hand"])
def test_panning_moves_the_view_and_draws_nothing(opened: Open, how: str) -> None:
    before = opened.at(0, 0)
    if how == "hand":
        opened.editor.set_tool(Tool.HAND)
    if how == "space":
        QTest.keyPress(opened.canvas, Qt.Key.Key_Space)
    drag(opened, (100, 100), (150, 80), button=MIDDLE if how == "middle" else LEFT)
    if how == "space":
        QTest.keyRelease(opened.canvas, Qt.Key.Key_Space)
    moved = opened.at(0, 0) - before
    assert moved.x() == pytest.approx(50, abs=2)
    assert moved.y() == pytest.approx(-20, abs=2)
    assert lines(opened).min() == 255


def test_the_wheel_zooms_to_the_cursor(opened: Open) -> None:
    place = opened.at(50, 250)
    before = opened.canvas.view.zoom
    wheel = QWheelEvent(
        place,
        QPointF(opened.canvas.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(opened.canvas, wheel)
    assert opened.canvas.view.zoom > before
    still = opened.at(50, 250)
    assert abs(still.x() - place.x()) < 1.5
    assert abs(still.y() - place.y()) < 1.5


def test_a_fitted_view_stays_fitted_and_another_stays_put(opened: Open, qtbot: QtBot) -> None:
    canvas = opened.canvas
    opened.window.resize(640, 420)
    qtbot.waitUntil(lambda: canvas.width() < 600)
    canvas.fit()
    small = canvas.view.zoom
    opened.window.resize(1000, 700)
    qtbot.waitUntil(lambda: canvas.view.zoom > small)
    canvas.set_zoom(0.8)
    opened.window.resize(900, 600)
    qtbot.wait(20)
    assert canvas.view.zoom == 0.8


def test_magnified_pixels_have_hard_edges(opened: Open) -> None:
    opened.editor.set_brush(opened.editor.brush)
    drag(opened, (100, 100), (300, 100))
    opened.canvas.set_zoom(8)
    image = opened.canvas.grab().toImage()
    column = [image.pixelColor(image.width() // 2, y).red() for y in range(image.height())]
    runs = np.flatnonzero(np.diff(column))
    assert np.all(np.diff(runs) % 8 == 0)  # whole document pixels, nothing in between


def test_the_pen_has_pressure_and_silences_its_own_mouse_events(opened: Open) -> None:
    for y, pressure in ((80, 0.2), (200, 1.0)):
        send_pen(opened, QEvent.Type.TabletPress, opened.at(60, y), pressure)
        send_mouse(opened, QEvent.Type.MouseButtonPress, opened.at(60, 280))
        for x in range(80, 341, 20):
            send_pen(opened, QEvent.Type.TabletMove, opened.at(x, y), pressure)
            send_mouse(opened, QEvent.Type.MouseMove, opened.at(x, 280))
        send_pen(opened, QEvent.Type.TabletRelease, opened.at(340, y), 0.0)
    inked = lines(opened)
    assert 0 < (inked[40:120, 200] < 128).sum() < (inked[160:240, 200] < 128).sum()
    assert inked[270:290].min() == 255  # what the mouse said


def test_the_other_end_of_the_pen_erases(opened: Open) -> None:
    drag(opened, (100, 100), (300, 100))
    send_pen(opened, QEvent.Type.TabletPress, opened.at(200, 60), 1.0, erases=True)
    for y in range(70, 141, 10):
        send_pen(opened, QEvent.Type.TabletMove, opened.at(200, y), 1.0, erases=True)
    send_pen(opened, QEvent.Type.TabletRelease, opened.at(200, 140), 0.0, erases=True)
    assert lines(opened)[100, 200] == 255


def test_a_pen_that_vanishes_ends_its_stroke(opened: Open) -> None:
    send_pen(opened, QEvent.Type.TabletPress, opened.at(100, 100), 1.0)
    send_pen(opened, QEvent.Type.TabletMove, opened.at(200, 100), 1.0)
    opened.window.pointer.set_pen_near(False)
    assert not opened.editor.is_drawing
    assert opened.editor.can_undo
    drag(opened, (100, 200), (300, 200))  # the mouse is heeded again
    assert lines(opened)[200, 200] < 30


def test_the_mouse_works_again_when_no_one_tells_that_the_pen_went(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_pen(opened, QEvent.Type.TabletPress, opened.at(100, 60), 1.0)
    send_pen(opened, QEvent.Type.TabletRelease, opened.at(100, 60), 0.0)
    drag(opened, (100, 200), (300, 200))  # at once: the pen's own
    assert lines(opened)[200, 200] == 255
    monkeypatch.setattr(canvas_pointer, "PEN_GONE_S", -1.0)
    drag(opened, (100, 200), (300, 200))
    assert lines(opened)[200, 200] < 30


def test_a_button_let_go_over_a_dialog_ends_the_stroke(opened: Open) -> None:
    QTest.mousePress(opened.canvas, LEFT, NONE, opened.at(100, 100).toPoint())
    assert opened.editor.is_drawing
    send_mouse(opened, QEvent.Type.MouseMove, opened.at(150, 100), Qt.MouseButton.NoButton)
    assert not opened.editor.is_drawing


def test_split_view_draws_in_both_halves_and_shows_the_colours_in_one(opened: Open, qtbot: QtBot) -> None:
    opened.services.live.run_once()
    drag(opened, (20, 20), (40, 20))
    with qtbot.waitSignal(opened.canvas.result_painted, timeout=5000):
        opened.services.live.run_once()
    assert opened.shown_colour(200, 200)[2] == 77  # the fake network's blue
    opened.canvas.set_mode(ViewMode.SPLIT)
    assert opened.shown_colour(200, 200) == (255, 255, 255)
    left, right = opened.canvas.panes()
    shift = right.box.x + right.box.width / 2 - (left.box.x + left.box.width / 2)
    ratio = opened.canvas.devicePixelRatioF()
    there = opened.at(200, 200) + QPointF(shift / ratio, 0)
    image = opened.canvas.grab().toImage()
    assert image.pixelColor((there * ratio).toPoint()).blue() == 77
    QTest.mouseClick(opened.canvas, LEFT, NONE, there.toPoint())
    assert lines(opened)[195:206, 195:206].min() < 128


def test_the_divider_can_be_dragged(opened: Open) -> None:
    canvas = opened.canvas
    canvas.set_mode(ViewMode.SPLIT)
    before = canvas.panes()[0].box.width
    divider = canvas.divider()
    assert divider is not None
    start = divider.center().toPoint()
    QTest.mousePress(canvas, LEFT, NONE, start)
    send_mouse(opened, QEvent.Type.MouseMove, QPointF(start) - QPointF(100, 0))
    QTest.mouseRelease(canvas, LEFT, NONE, start - QPoint(100, 0))
    assert canvas.panes()[0].box.width < before - 80 * canvas.devicePixelRatioF()
    assert lines(opened).min() == 255


def test_backquote_held_shows_ones_own_paint(opened: Open, qtbot: QtBot) -> None:
    drag(opened, (20, 20), (40, 20))
    with qtbot.waitSignal(opened.canvas.result_painted, timeout=5000):
        opened.services.live.run_once()
    opened.canvas.setFocus()
    QTest.keyPress(opened.canvas, Qt.Key.Key_QuoteLeft)
    assert opened.shown_colour(200, 200) == (255, 255, 255)
    QTest.keyRelease(opened.canvas, Qt.Key.Key_QuoteLeft)
    assert opened.shown_colour(200, 200)[2] == 77


def test_mirroring_changes_the_view_alone(opened: Open) -> None:
    drag(opened, (50, 100), (60, 100))
    before = lines(opened).copy()
    opened.window.actions_.mirror.trigger()
    assert opened.canvas.view.mirrored
    assert opened.at(50, 100).x() > opened.at(200, 100).x()
    assert max(opened.shown_colour(55, 100)) < 60
    assert np.array_equal(lines(opened), before)
    drag(opened, (300, 200), (320, 200))  # drawing follows what is seen
    assert lines(opened)[200, 310] < 30


def test_only_the_changed_box_is_painted_again(opened: Open, qtbot: QtBot) -> None:
    canvas = opened.canvas
    qtbot.wait(20)
    painted: list[int] = []
    original = canvas.paintEvent

    def record(event) -> None:  # type: ignore[no-untyped-def]
        painted.append(sum(rect.width() * rect.height() for rect in event.region()))
        original(event)

    canvas.paintEvent = record  # type: ignore[method-assign]
    drag(opened, (200, 150), (205, 150))
    QApplication.processEvents()
    assert painted
    assert max(painted) < canvas.width() * canvas.height() / 20


def test_a_key_press_event_of_another_key_is_left_to_the_window(opened: Open) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_F12, NONE)
    QApplication.sendEvent(opened.canvas, event)
    assert not event.isAccepted()


def test_control_and_a_click_pick_a_colour_and_draw_nothing(opened: Open) -> None:
    opened.editor.set_brush(replace(opened.editor.brush, colour=(10, 200, 30)))
    drag(opened, (100, 100), (300, 100))
    opened.editor.set_foreground((0, 0, 0))
    QTest.mouseClick(opened.canvas, LEFT, Qt.KeyboardModifier.ControlModifier, opened.at(200, 100).toPoint())
    assert opened.editor.colours.foreground == (10, 200, 30)
    opened.editor.undo()
    assert not opened.editor.can_undo


def test_a_mirrored_view_turns_the_pens_leaning(opened: Open) -> None:
    opened.canvas.set_mirrored(True)
    point = PenPoint(position=opened.at(200, 100), tilt=(30.0, 12.0))
    sample = opened.window.pointer._sample(point)
    assert sample == pytest.approx((200, 100, 1.0, -30, 12))


def test_a_selection_is_drawn_over_the_picture_while_it_is_dragged(opened: Open) -> None:
    opened.editor.set_tool(Tool.RECT_SELECT)
    QTest.mousePress(opened.canvas, LEFT, NONE, opened.at(100, 100).toPoint())
    send_mouse(opened, QEvent.Type.MouseMove, opened.at(300, 200))
    column = [opened.shown_colour(150, y) for y in np.arange(98, 102.5, 0.25)]
    assert any(max(colour) < 200 for colour in column)
    assert lines(opened).min() == 255
    QTest.mouseRelease(opened.canvas, LEFT, NONE, opened.at(300, 200).toPoint())
    assert opened.editor.selection is not None
    assert opened.editor.selection.bounds.width == pytest.approx(200, abs=2)


def test_another_drawing_ends_the_drag(opened: Open) -> None:
    opened.editor.set_tool(Tool.LASSO)
    QTest.mousePress(opened.canvas, LEFT, NONE, opened.at(100, 100).toPoint())
    send_mouse(opened, QEvent.Type.MouseMove, opened.at(300, 200))
    opened.editor.new(Size(500, 400))
    QTest.mouseRelease(opened.canvas, LEFT, NONE, opened.at(300, 200).toPoint())
    assert opened.editor.selection is None
    assert not opened.editor.can_undo
