"""The turned canvas: what the screen shows, what is kept while panning, where a stroke lands."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.ui.canvas_pointer import CanvasPointer
from sketchsause_desktop.ui.canvas_view import CanvasView, ViewMode
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.view_geometry import Placement
from tests.gui.conftest import view_point

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def canvas(qtbot: QtBot, editor: Editor, theme: Theme) -> CanvasView:
    """400 x 300 pixels of noise in a canvas of 640 x 560."""
    noise = np.random.default_rng(3).integers(0, 256, (300, 400, 3)).astype(np.uint8)
    noise = np.repeat(np.repeat(noise[::4, ::4], 4, axis=0), 4, axis=1)
    editor.open_pixels(noise, "noise")
    canvas = CanvasView(editor, theme)
    qtbot.addWidget(canvas)
    canvas.resize(640, 560)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


def screen(canvas: CanvasView) -> NDArray[np.uint8]:
    """What it shows, (H, W, 3)."""
    QApplication.processEvents()
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGBX8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4)[..., :3].copy()


def drawing(editor: Editor) -> NDArray[np.uint8]:
    return editor.document.composite(editor.document.rect)[..., :3]


def assert_alike(one: NDArray[np.uint8], other: NDArray[np.uint8], *, straight: bool) -> None:
    """At a slant Qt reckons in small fractions of a pixel: at the edges of the noise some fall to the other side."""
    difference = np.abs(one.astype(int) - other)
    if straight:
        assert difference.max() <= 8  # the soft edge of the paper, at its corners
    else:
        assert difference.mean() < 2  # two pictures of such noise differ by 85


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("zoom", [1, 3])
def test_straight_views_show_every_pixel_as_it_is(
    canvas: CanvasView, editor: Editor, quarters: int, mirrored: bool, zoom: int
) -> None:
    canvas.set_mirrored(mirrored)
    canvas.set_angle(90 * quarters)
    canvas.set_zoom(zoom)
    expected = drawing(editor)
    expected = np.rot90(expected[:, ::-1] if mirrored else expected, -quarters)
    expected = np.repeat(np.repeat(expected, zoom, axis=0), zoom, axis=1)
    left, top, right, bottom = (round(edge) for edge in Placement(canvas.view, canvas.panes()[0].box).page_device())
    box = Rect.from_edges(max(left, 0), max(top, 0), min(right, 640), min(bottom, 560))
    seen = screen(canvas)[box.slices(Rect(0, 0, 640, 560))]
    assert np.array_equal(seen, expected[box.slices(Rect(left, top, right - left, bottom - top))])


@pytest.mark.parametrize("angle", [-50, 12.5, 137])
@pytest.mark.parametrize("mirrored", [False, True])
def test_slanted_views_show_the_pixel_under_each_place(
    canvas: CanvasView, editor: Editor, angle: float, mirrored: bool
) -> None:
    canvas.set_angle(angle)
    canvas.set_mirrored(mirrored)
    canvas.set_zoom(1)
    shown, expected = screen(canvas), drawing(editor)
    placement = Placement(canvas.view, canvas.panes()[0].box)
    places = [(x, y) for x in range(2, 400, 16) for y in range(2, 300, 16)]  # the middles of the noise's squares
    for x, y in places:
        place = placement.to_device(Point(x, y))
        if 0 <= place.x < 640 and 0 <= place.y < 560:
            seen = shown[int(place.y), int(place.x)].astype(int)
            assert np.abs(seen - expected[y, x]).max() <= 2


@pytest.mark.parametrize("angle", [0, 90, 33])
@pytest.mark.parametrize("zoom", [0.4, 1, 12])
@pytest.mark.parametrize("mode", list(ViewMode))
def test_a_panned_view_is_the_same_as_one_painted_anew(
    canvas: CanvasView, angle: float, zoom: float, mode: ViewMode
) -> None:
    canvas.set_mode(mode)
    canvas.set_angle(angle)
    canvas.set_zoom(zoom)
    screen(canvas)
    for dx, dy in ((30, 0), (-11, 17), (3, -60)):
        canvas.pan(dx, dy)
        QApplication.processEvents()
    panned = screen(canvas)
    canvas.set_pixel_grid(False)
    canvas.set_pixel_grid(True)
    assert_alike(panned, screen(canvas), straight=angle % 90 == 0)


@pytest.mark.parametrize("angle", [0, 90, 25])
def test_what_is_painted_bit_by_bit_is_the_same_as_all_at_once(
    canvas: CanvasView, editor: Editor, angle: float
) -> None:
    canvas.set_angle(angle)
    screen(canvas)
    editor.begin_stroke(PenSample(50, 50))
    for step in range(1, 12):
        editor.extend_stroke(PenSample(50 + 25 * step, 50 + 13 * step))
        QApplication.processEvents()
    editor.end_stroke()
    bit_by_bit = screen(canvas)
    canvas.set_pixel_grid(False)
    assert_alike(bit_by_bit, screen(canvas), straight=angle % 90 == 0)


def test_a_stroke_lands_under_the_cursor(canvas: CanvasView, editor: Editor, qtbot: QtBot) -> None:
    editor.new(Size(400, 300))
    CanvasPointer(canvas, editor)
    canvas.set_angle(40)
    canvas.set_mirrored(True)
    QTest.mouseClick(canvas, LEFT, NONE, view_point(canvas, 300, 80).toPoint())
    inked = np.argwhere(drawing(editor)[..., 0] < 128)
    assert np.abs(inked.mean(axis=0) - (80, 300)).max() < 1.5


def test_a_fitted_view_stays_fitted_while_it_turns(canvas: CanvasView) -> None:
    canvas.resize(300, 300)
    canvas.fit()
    straight = canvas.view.zoom
    canvas.set_angle(45)
    assert canvas.view.zoom < straight
    left, top, right, bottom = Placement(canvas.view, canvas.panes()[0].box).page_device()
    assert left >= 0
    assert top >= 0
    assert right <= 300
    assert bottom <= 300


def test_lines_between_the_pixels_can_be_switched_off(canvas: CanvasView, editor: Editor) -> None:
    editor.new(Size(400, 300))
    canvas.set_zoom(16)
    assert len(np.unique(screen(canvas))) == 3  # white, the lines and where they cross
    canvas.set_pixel_grid(False)
    assert screen(canvas).min() == 255
    canvas.set_pixel_grid(True)
    canvas.set_zoom(8)
    assert screen(canvas).min() == 255  # too small for lines


def test_what_lies_over_the_picture_leaves_no_trace(canvas: CanvasView) -> None:
    bare = screen(canvas)
    places = [Point(100.0, 100.0)]

    def paint_dot(painter: QPainter, placement: Placement, ratio: float) -> None:
        place = placement.to_device(places[0])
        painter.fillRect(int(place.x), int(place.y), 5, 5, Qt.GlobalColor.red)

    canvas.add_overlay(paint_dot)
    canvas.update()
    dotted = screen(canvas)
    assert (dotted != bare).any(axis=2).sum() == 25
    places[0] = Point(-1000.0, 0.0)
    canvas.update_doc(Rect(95, 95, 20, 20))
    assert np.array_equal(screen(canvas), bare)


def test_a_drag_with_shift_and_space_turns_the_view(canvas: CanvasView, editor: Editor) -> None:
    CanvasPointer(canvas, editor)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QTest.mousePress(canvas, LEFT, Qt.KeyboardModifier.ShiftModifier, QPoint(520, 280))  # the middle is at (320, 280)
    for place in (QPointF(420, 480), QPointF(320, 480)):
        move = QMouseEvent(QEvent.Type.MouseMove, place, place, Qt.MouseButton.NoButton, LEFT, NONE)
        QApplication.sendEvent(canvas, move)
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(320, 480))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.view.angle == pytest.approx(90)
    assert not editor.can_undo


@pytest.mark.parametrize("seed", range(4))
def test_after_anything_the_screen_is_as_if_painted_anew(canvas: CanvasView, editor: Editor, seed: int) -> None:
    rng = np.random.default_rng(seed)
    acts: list[Callable[[], object]] = [
        lambda: canvas.pan(*rng.uniform(-200, 200, 2)),
        lambda: canvas.set_zoom(float(2 ** rng.uniform(-3, 4))),
        lambda: canvas.set_angle(float(rng.choice([0, 90, -90, 180, rng.uniform(-180, 180)]))),
        lambda: canvas.set_mirrored(bool(rng.integers(2))),
        lambda: canvas.set_mode(list(ViewMode)[rng.integers(2)]),
        lambda: canvas.move_divider(float(rng.uniform(0, 640))),
        lambda: canvas.resize(int(rng.integers(200, 700)), int(rng.integers(200, 600))),
        lambda: canvas.set_peek(bool(rng.integers(2))),
        lambda: canvas.show_ring(QPointF(*rng.uniform(0, 600, 2))),
        canvas.fit,
        lambda: dab(editor, *rng.uniform(0, 300, 2)),
        editor.undo,
    ]
    for _ in range(80):
        acts[rng.integers(len(acts))]()
        if rng.random() < 0.7:
            QApplication.processEvents()
    before = screen(canvas)
    canvas.set_pixel_grid(False)
    canvas.set_pixel_grid(True)
    assert_alike(before, screen(canvas), straight=canvas.view.angle % 90 == 0)


def dab(editor: Editor, x: float, y: float) -> None:
    editor.begin_stroke(PenSample(x, y))
    editor.extend_stroke(PenSample(x + 30, y + 10))
    editor.end_stroke()
