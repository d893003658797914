import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.ui import marching_ants
from sketchsause_desktop.ui.image_dialogs import AmountDialog, CanvasSizeDialog, RotateDialog, ScaleDialog
from tests.gui.conftest import Open


def pixels(opened: Open) -> np.ndarray:
    """(height, width) grey of what the canvas shows."""
    QApplication.processEvents()
    image = opened.canvas.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(int)


def test_ants_walk_along_the_outline_and_nowhere_else(opened: Open) -> None:
    plain = pixels(opened)
    opened.editor.set_selection(Selection.of_rect(Rect(100, 100, 120, 80)))
    ants = opened.window.layers_room.ants
    first = pixels(opened)
    ants._on_step()
    second = pixels(opened)
    for shown in (first, second):
        rows, columns = np.nonzero(abs(shown - plain) > 40)
        corners = opened.at(100, 100), opened.at(220, 180)
        near = [
            min(abs(column - corner.x()) for corner in corners) < 2.5
            or min(abs(row - corner.y()) for corner in corners) < 2.5
            for row, column in zip(rows, columns, strict=True)
        ]
        assert all(near)
        assert len(near) > 50
    assert (first != second).any()
    opened.editor.set_selection(None)
    assert np.array_equal(pixels(opened), plain)


def test_an_outline_with_many_corners_looks_the_same(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    chequered = np.kron(np.indices((30, 40)).sum(axis=0) % 2, np.ones((10, 10))).astype(np.uint8) * 255
    opened.editor.set_selection(Selection.of_coverage(Rect(0, 0, 400, 300), chequered))
    ants = opened.window.layers_room.ants
    monkeypatch.setattr(marching_ants, "_MANY", 10**9)
    opened.canvas.update()
    directly = pixels(opened)
    monkeypatch.setattr(marching_ants, "_MANY", 1000)
    opened.canvas.update()
    assert np.array_equal(pixels(opened), directly)
    ants._on_step()
    assert not np.array_equal(pixels(opened), directly)


def test_ants_rest_while_nothing_is_selected(opened: Open) -> None:
    marching = []
    for selection in (None, Selection.of_rect(Rect(100, 100, 120, 80)), None):
        opened.editor.set_selection(selection)
        marching.append(opened.window.layers_room.ants.is_marching)
    assert marching == [False, True, False]


def test_the_outline_can_be_hidden(opened: Open) -> None:
    plain = pixels(opened)
    room = opened.window.layers_room
    room.select_menu.outline.setChecked(False)
    room.select_menu.all.trigger()
    assert np.array_equal(pixels(opened), plain)
    assert not room.ants.is_marching
    room.select_menu.outline.setChecked(True)
    assert room.ants.is_marching


def test_the_commands_of_the_selection_are_off_without_one(opened: Open) -> None:
    room = opened.window.layers_room
    depending = (room.select_menu.none, room.select_menu.feather, room.select_menu.grow, room.image_menu.crop)
    assert not any(action.isEnabled() for action in depending)
    room.select_menu.all.trigger()
    assert all(action.isEnabled() for action in depending)
    opened.editor.undo()
    assert not any(action.isEnabled() for action in depending)


def test_the_image_menu_changes_the_canvas_and_its_view(opened: Open) -> None:
    image = opened.window.layers_room.image_menu
    image.clockwise.trigger()
    assert opened.canvas.view.size_doc == opened.editor.document.size
    assert (opened.editor.document.size.width, opened.editor.document.size.height) == (300, 400)
    opened.editor.set_selection(Selection.of_rect(Rect(10, 20, 50, 60)))
    image.crop.trigger()
    assert (opened.canvas.view.size_doc.width, opened.canvas.view.size_doc.height) == (50, 60)
    image.flip_vertically.trigger()
    assert opened.editor.current.history.entries == ("Rotate 90°", "Select", "Crop", "Flip vertically")


def test_the_dialogs_tell_what_was_chosen(opened: Open, qtbot: QtBot) -> None:
    size = opened.editor.document.size
    canvas = CanvasSizeDialog(opened.window, size)
    assert (canvas.chosen, canvas.anchor) == (size, (0.5, 0.5))
    canvas.set_anchor(column=2, row=0)
    assert canvas.anchor == (1.0, 0.0)
    scale = ScaleDialog(opened.window, size)
    scale.width_box.setValue(200)
    assert scale.chosen.height == 150
    scale.height_box.setValue(75)
    assert scale.chosen.width == 100
    scale.linked.setChecked(False)
    scale.width_box.setValue(333)
    assert (scale.chosen.width, scale.chosen.height) == (333, 75)
    rotate = RotateDialog(opened.window)
    rotate.angle_box.setValue(-7.5)
    assert rotate.degrees == -7.5
    amount = AmountDialog(opened.window, "Grow selection", "&Grow by", 3, 100)
    assert amount.amount == 3
    for dialog in (canvas, scale, rotate, amount):
        qtbot.addWidget(dialog)
