"""What the canvas shows of colours, of large changes, and of each of several drawings."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms
from PySide6.QtGui import QColorSpace
from pytestqt.qtbot import QtBot

from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Point, Size
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.ui.display_colours import to_screen
from tests.gui.conftest import Open

SWATCHES = ((200, 40, 40), (30, 180, 60), (20, 60, 220), (240, 230, 90), (128, 128, 128), (0, 0, 0))


def profile(name: QColorSpace.NamedColorSpace) -> bytes:
    return bytes(QColorSpace(name).iccProfile().data())


def swatches(icc: bytes | None) -> Document:
    """Six columns of 50 pixels, on a layer of paint: nothing lies over it."""
    pixels = np.repeat(np.array([SWATCHES], np.uint8), 100, axis=0).repeat(50, axis=1)
    document = Document.from_line_art(pixels)
    document.metadata = Metadata(icc=icc)
    return document


def test_colours_of_a_profile_are_those_of_the_screen(opened: Open) -> None:
    icc = profile(QColorSpace.NamedColorSpace.DisplayP3)
    opened.editor.open(swatches(icc), "wide")
    given = Image.fromarray(np.array([SWATCHES], np.uint8))
    expected = ImageCms.profileToProfile(
        given, ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB")
    )
    assert expected is not None
    for column, colour in enumerate(np.asarray(expected)[0].astype(int)):
        shown = opened.shown_colour(column * 50 + 25, 50)
        assert np.abs(np.array(shown) - colour).max() <= 3
    assert opened.shown_colour(25, 50)[0] > SWATCHES[0][0] + 5  # it does matter


@pytest.mark.parametrize(
    "icc", [None, b"", b"damaged", profile(QColorSpace.NamedColorSpace.SRgb)], ids=["none", "empty", "damaged", "sRGB"]
)
def test_other_pictures_show_as_they_are(opened: Open, icc: bytes | None) -> None:
    assert to_screen(icc) is None
    opened.editor.open(swatches(icc), "plain")
    for column, colour in enumerate(SWATCHES):
        assert opened.shown_colour(column * 50 + 25, 50) == colour


def test_damaged_profiles_are_passed_over_in_silence() -> None:
    """A warning of Qt fails a test (qt_log_level_fail)."""
    whole = profile(QColorSpace.NamedColorSpace.DisplayP3)
    assert to_screen(whole) is not None
    assert [to_screen(whole[:length]) for length in range(len(whole))] == [None] * len(whole)
    for place in range(len(whole)):
        to_screen(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])


def test_a_profile_of_something_else_than_rgb_is_left_alone() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert to_screen(lab) is None


def test_a_large_change_shows_in_slices_and_in_the_end_all_of_it(
    qtbot: QtBot, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, canvas = opened.editor, opened.canvas
    document = Document.new(Size(1600, 1200))
    paint = Layer(name="Paint", role=Role.PAINT)
    paint.tiles.write(document.rect, np.full((1200, 1600, 4), (10, 90, 200, 255), np.uint8))
    document.layers.insert(1, paint)
    editor.open(document, "large")
    assert opened.shown_colour(800, 600) == (10, 90, 200)
    paint.visible = False
    editor.region_changed.emit(document.rect)
    assert canvas._refresh.isActive()
    qtbot.waitUntil(lambda: not canvas._refresh.isActive())
    for x, y in ((3, 3), (800, 600), (1590, 1190)):
        assert opened.shown_colour(x, y) == (255, 255, 255)


def test_each_drawing_is_looked_at_in_its_own_way(opened: Open) -> None:
    editor, canvas = opened.editor, opened.canvas
    first = editor.open(Document.new(Size(500, 400)), "first", saved=False)  # so that it keeps its tab
    canvas.set_zoom(3)
    canvas.set_angle(30)
    canvas.centre_on(Point(100, 50))
    looked_at = canvas.view
    second = editor.open(Document.new(Size(300, 300)), "second", saved=False)
    assert (canvas.view.angle, canvas.view.zoom) == (0, 1)
    canvas.set_zoom(0.5)
    editor.set_current(first)
    assert canvas.view == looked_at
    editor.set_current(second)
    assert canvas.view.zoom == 0.5


@pytest.mark.parametrize("fit", [True, False])
def test_a_canvas_of_another_size_keeps_zoom_and_angle(opened: Open, fit: bool) -> None:
    from sketchsause_desktop.core.canvas_actions import resize_canvas

    canvas = opened.canvas
    canvas.set_angle(15)
    act: Callable[[], None] = canvas.fit if fit else lambda: canvas.set_zoom(0.25)
    act()
    opened.editor.do(lambda document: resize_canvas(document, Size(2000, 200)))
    assert canvas.view.size_doc == Size(2000, 200)
    assert canvas.view.angle == 15
    assert canvas.view.zoom < 0.5 if fit else canvas.view.zoom == 0.25
