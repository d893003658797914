import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage

from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.ui.images import of_premultiplied, to_premultiplied
from tests.gui.conftest import Open


def painted(opened: Open) -> Layer:
    """A new layer with soft colours in its upper left part."""
    opened.window.layers_room.layer_menu.add.trigger()
    layer = opened.editor.active_layer
    assert isinstance(layer, Layer)
    noise = np.random.default_rng(3).integers(0, 256, (60, 80, 4), np.uint8)
    noise[..., :3] = np.minimum(noise[..., :3], noise[..., 3:])
    layer.tiles.write(Rect(10, 20, 80, 60), noise)
    return layer


def test_pixels_go_through_an_image_unchanged() -> None:
    alpha, colour = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    pixels = np.stack([np.minimum(colour, alpha)] * 3 + [alpha], axis=-1)
    assert np.array_equal(to_premultiplied(of_premultiplied(pixels)), pixels)


def test_copy_and_paste_leave_the_pixels_in_their_place(opened: Open) -> None:
    layer, actions = painted(opened), opened.window.actions_
    opened.editor.set_selection(Selection.of_rect(Rect(20, 30, 30, 20)))
    actions.copy.trigger()
    actions.paste.trigger()
    pasted = opened.editor.active_layer
    assert isinstance(pasted, Layer)
    assert pasted is not layer
    assert np.array_equal(pasted.tiles.read(Rect(20, 30, 30, 20)), layer.tiles.read(Rect(20, 30, 30, 20)))
    actions.cut.trigger()
    assert not pasted.tiles.read(Rect(20, 30, 30, 20)).any()


def test_a_picture_from_elsewhere_comes_into_the_middle(opened: Open) -> None:
    painted(opened)
    image = QImage(50, 40, QImage.Format.Format_RGB32)
    image.fill(QColor(1, 2, 3))
    QGuiApplication.clipboard().setImage(image)
    opened.window.actions_.paste_as_line_art.trigger()
    lines = opened.editor.document.line_art
    assert lines.tiles.read(Rect(175, 130, 1, 1))[0, 0].tolist() == [1, 2, 3, 255]
    assert not lines.tiles.read(Rect(174, 130, 1, 1)).any()
    opened.window.actions_.paste_as_new.trigger()
    assert opened.editor.document.size == Size(50, 40)
    opened.editor.mark_saved()


def test_copied_files_are_opened(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[str] = []
    clipboard = opened.window.clipboard
    monkeypatch.setattr(clipboard, "_drop", lambda mime: dropped.append(mime.urls()[0].fileName()))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/nowhere/lines.png")])
    QGuiApplication.clipboard().setMimeData(mime)
    opened.window.actions_.paste.trigger()
    assert dropped == ["lines.png"]


def test_clear_and_fill_stay_within_the_selection(opened: Open) -> None:
    layer, actions = painted(opened), opened.window.actions_
    opened.editor.set_selection(Selection.of_rect(Rect(20, 30, 10, 10)))
    actions.fill_foreground.trigger()
    assert (layer.tiles.read(Rect(20, 30, 10, 10)) == (0, 0, 0, 255)).all()
    outside = layer.tiles.read(Rect(30, 30, 10, 10))
    actions.clear.trigger()
    assert not layer.tiles.read(Rect(20, 30, 10, 10)).any()
    assert np.array_equal(layer.tiles.read(Rect(30, 30, 10, 10)), outside)


def test_what_is_locked_is_left_alone_and_said(opened: Open) -> None:
    opened.editor.set_active_layer(opened.editor.document.ai_colour.layer_id)
    opened.window.actions_.clear.trigger()
    assert len(opened.notices()) == 1
    assert not opened.editor.can_undo
