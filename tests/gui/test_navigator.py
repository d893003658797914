"""The drawing in small: it follows the document and moves the view."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.ui.navigator import Navigator
from sketchsause_desktop.ui.thumbnail import Thumbnail
from tests.gui.conftest import Open

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def pixels(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGBX8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    return rows[:, : plain.width() * 4].reshape(plain.height(), plain.width(), 4)[..., :3].astype(float)


@pytest.fixture
def navigator(opened: Open, qtbot: QtBot) -> Navigator:
    navigator = opened.window.view_room.navigator
    dock = dock_of(opened)
    dock.raise_()
    qtbot.waitUntil(lambda: not dock.visibleRegion().isEmpty())
    return navigator


def dock_of(opened: Open) -> QDockWidget:
    return next(dock for dock in opened.window.panels.docks if dock.objectName() == "navigator")


def test_the_small_picture_is_the_mean_of_the_large_one(editor: Editor, qtbot: QtBot) -> None:
    rng = np.random.default_rng(2)
    editor.open_pixels(rng.integers(0, 256, (1040, 1600, 3)).astype(np.uint8), "noise")
    thumbnail = Thumbnail(editor)
    thumbnail.set_active(True)
    qtbot.waitUntil(lambda: thumbnail.is_up_to_date, timeout=5000)
    assert thumbnail.step == 4
    full = editor.document.composite(editor.document.rect)[..., :3].astype(float)
    means = full.reshape(260, 4, 400, 4, 3).mean(axis=(1, 3))
    assert np.abs(pixels(thumbnail.image) - means).max() <= 2
    editor.begin_stroke(PenSample(800, 500))
    editor.extend_stroke(PenSample(1000, 700))
    editor.end_stroke()
    qtbot.waitUntil(lambda: thumbnail.is_up_to_date, timeout=5000)
    full = editor.document.composite(editor.document.rect)[..., :3].astype(float)
    assert np.abs(pixels(thumbnail.image) - full.reshape(260, 4, 400, 4, 3).mean(axis=(1, 3))).max() <= 2
    thumbnail.deleteLater()


def test_nothing_is_made_while_nobody_looks(editor: Editor, qtbot: QtBot) -> None:
    thumbnail = Thumbnail(editor)
    editor.begin_stroke(PenSample(100, 100))
    editor.end_stroke()
    qtbot.wait(350)
    assert not thumbnail.is_up_to_date
    thumbnail.set_active(True)
    qtbot.waitUntil(lambda: thumbnail.is_up_to_date, timeout=5000)
    assert pixels(thumbnail.image).min() < 128
    thumbnail.deleteLater()


def test_behind_another_tab_nobody_looks(opened: Open, qtbot: QtBot) -> None:
    thumbnail = opened.window.view_room.navigator.thumbnail
    qtbot.wait(350)
    assert not thumbnail.is_up_to_date
    dock_of(opened).raise_()
    qtbot.waitUntil(lambda: thumbnail.is_up_to_date, timeout=5000)


def test_a_small_change_redoes_a_small_part(editor: Editor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    editor.new(Size(2048, 2048))
    thumbnail = Thumbnail(editor)
    thumbnail.set_active(True)
    qtbot.waitUntil(lambda: thumbnail.is_up_to_date, timeout=5000)
    asked: list[Rect] = []
    composite = editor.document.composite

    def ask(box: Rect, roles: frozenset[Role]) -> np.ndarray:
        asked.append(box)
        return composite(box, roles)

    monkeypatch.setattr(editor.document, "composite", ask)
    editor.begin_stroke(PenSample(100, 100))
    editor.end_stroke()
    qtbot.waitUntil(lambda: thumbnail.is_up_to_date, timeout=5000)
    assert asked == [Rect(0, 0, 256, 256)]
    thumbnail.deleteLater()


def test_a_click_brings_the_place_into_the_middle(opened: Open, navigator: Navigator) -> None:
    opened.canvas.set_zoom(2)
    page = navigator.overview.page()
    QTest.mouseClick(navigator.overview, LEFT, NONE, QPointF(page.x() + page.width() / 4, page.center().y()).toPoint())
    assert opened.canvas.view.centre_doc.x == pytest.approx(100, abs=400 / page.width() + 1)
    assert opened.canvas.view.centre_doc.y == pytest.approx(150, abs=400 / page.width() + 1)
    assert opened.canvas.view.zoom == 2


def test_the_frame_is_what_the_canvas_shows(opened: Open, navigator: Navigator) -> None:
    opened.canvas.set_zoom(4)
    opened.canvas.set_angle(90)
    page, seen = navigator.overview.page(), navigator.overview.in_sight().boundingRect()
    scale = page.width() / 400
    assert seen.height() == pytest.approx(opened.canvas.width() / 4 * scale, rel=0.02)
    assert seen.width() == pytest.approx(opened.canvas.height() / 4 * scale, rel=0.02)
    middle = opened.canvas.view.centre_doc
    assert seen.center().x() == pytest.approx(page.x() + middle.x * scale, abs=1)


def test_zoom_and_angle_follow_the_view_and_it_follows_them(opened: Open, navigator: Navigator) -> None:
    opened.canvas.set_zoom(0.5)
    opened.canvas.set_angle(-30)
    assert (navigator.zoom.value, navigator.dial.value(), navigator.angle.value()) == (50, -30, -30)
    navigator.zoom.number.setValue(200)
    navigator.dial.setValue(45)
    assert opened.canvas.view.zoom == 2
    assert opened.canvas.view.angle == 45
    navigator.angle.setValue(-90)
    assert opened.canvas.view.angle == -90
    assert navigator.dial.value() == -90


def test_a_slanted_view_is_not_rounded_by_its_own_numbers(opened: Open, navigator: Navigator) -> None:
    opened.canvas.set_zoom(0.337)
    opened.canvas.set_angle(12.4)
    assert opened.canvas.view.zoom == 0.337
    assert opened.canvas.view.angle == pytest.approx(12.4)


def test_the_wheel_and_the_arrows_move_the_view(opened: Open, navigator: Navigator) -> None:
    opened.canvas.set_zoom(2)
    place = QPointF(20, 20)
    wheel = QWheelEvent(
        place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(navigator.overview, wheel)
    assert opened.canvas.view.zoom > 2
    before = opened.canvas.view.centre_doc
    QTest.keyClick(navigator.overview, Qt.Key.Key_Right)
    assert opened.canvas.view.centre_doc.x > before.x


def test_keys_turn_the_view_in_steps(opened: Open) -> None:
    room, canvas = opened.window.view_room, opened.canvas
    for action, angle in ((room.rotate_right, 15), (room.rotate_right, 30), (room.rotate_left, 15)):
        action.trigger()
        assert canvas.view.angle == angle
    canvas.set_angle(-20.5)
    room.rotate_right.trigger()
    assert canvas.view.angle == -15
    canvas.set_angle(-20.5)
    room.rotate_left.trigger()
    assert canvas.view.angle == -30
    room.reset_rotation.trigger()
    assert canvas.view.angle == 0


def test_the_grid_is_remembered(opened: Open) -> None:
    opened.window.view_room.pixel_grid.trigger()
    assert not opened.services.settings.preferences.pixel_grid
