from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.canvas_actions import CanvasChange, crop, flip, resize_canvas, rotate, scale
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.selection_shapes import ellipse
from sketchsause_desktop.core.tiles import TILE
from sketchsause_desktop.core.transforms import Resampling

SIZE = Size(5 * TILE + 37, 2 * TILE + 11)


def _noise() -> Pixels:
    pixels = np.random.default_rng(0).integers(0, 256, (SIZE.height, SIZE.width, 4)).astype(np.uint8)
    pixels[40:200, 100:300] = 0
    return premultiplied(pixels)


def _drawing(pixels: Pixels) -> Document:
    document = Document.new(Size(pixels.shape[1], pixels.shape[0]))
    document.line_art.tiles.write(document.rect, pixels)
    document.selection = ellipse(Rect(200, 30, 150, 170), document.rect)
    return document


def _held(document: Document) -> tuple[Pixels, NDArray[np.uint8]]:
    """The pixels of the layer, and what is selected."""
    assert document.selection is not None
    return document.line_art.tiles.read(document.rect), document.selection.coverage(document.rect)


def _assert_one_step(document: Document, change: CanvasChange | None, was: tuple[Size, Pixels, Selection]) -> None:
    assert change is not None
    size, pixels, selection = was
    now = (document.size, document.line_art.tiles.snapshot(), document.selection)
    assert change.undo(document) == Rect.of_size(size)
    assert document.size == size
    assert np.array_equal(document.line_art.tiles.read(document.rect), pixels)
    assert document.selection == selection
    assert change.redo(document) == document.rect
    assert (document.size, document.line_art.tiles.snapshot(), document.selection) == now


EXACT: dict[str, tuple[Callable[[Document], CanvasChange | None], Callable[[NDArray[np.uint8]], NDArray[np.uint8]]]] = {
    "flip": (flip, lambda pixels: pixels[:, ::-1]),
    "upside down": (lambda document: flip(document, upside_down=True), lambda pixels: pixels[::-1]),
    "right": (lambda document: rotate(document, 90), lambda pixels: np.rot90(pixels, -1)),
    "half": (lambda document: rotate(document, -180), lambda pixels: np.rot90(pixels, 2)),
    "left": (lambda document: rotate(document, 270), np.rot90),
    "crop": (lambda document: crop(document, Rect(130, 20, 200, 2000)), lambda pixels: pixels[20:, 130:330]),
    "crop to a tile": (lambda document: crop(document, Rect(TILE, 0, 300, 100)), lambda p: p[:100, TILE : TILE + 300]),
    "twice as large": (
        lambda document: scale(document, Size(2 * SIZE.width, 2 * SIZE.height), Resampling.NEAREST),
        lambda pixels: pixels.repeat(2, axis=0).repeat(2, axis=1),
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_pixels_and_selection_go_where_they_should(name: str) -> None:
    act, expected = EXACT[name]
    document = _drawing(_noise())
    pixels, selected = _held(document)
    was = (document.size, pixels, document.selection)
    change = act(document)
    now, now_selected = _held(document)
    assert np.array_equal(now, expected(pixels))
    assert np.array_equal(now_selected, expected(selected))
    assert document.selection is not None
    assert was[2] is not None
    _assert_one_step(document, change, (was[0], was[1], was[2]))


@settings(max_examples=25, deadline=None)
@given(st.integers(200, 900), st.integers(100, 500), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0]))
def test_the_canvas_grows_and_shrinks_about_its_anchor(width: int, height: int, across: float, down: float) -> None:
    document = _drawing(_noise())
    pixels, _ = _held(document)
    was = (document.size, pixels, document.selection)
    change = resize_canvas(document, Size(width, height), (across, down))
    dx, dy = round((width - SIZE.width) * across), round((height - SIZE.height) * down)
    padded = np.pad(pixels, ((999, 999), (999, 999), (0, 0)))
    expected = padded[999 - dy :, 999 - dx :][:height, :width]
    assert np.array_equal(document.line_art.tiles.read(document.rect), expected)
    assert change is not None
    change.undo(document)
    assert np.array_equal(document.line_art.tiles.read(document.rect), was[1])
    assert (document.size, document.selection) == (was[0], was[2])


@settings(max_examples=12, deadline=None)
@given(
    st.integers(1, 1100),
    st.integers(1, 600),
    st.sampled_from([Resampling.BOX, Resampling.BILINEAR, Resampling.BICUBIC, Resampling.LANCZOS]),
)
def test_scaling_in_blocks_is_scaling_the_whole(width: int, height: int, resampling: Resampling) -> None:
    document = _drawing(_noise())
    pixels, selected = _held(document)
    scale(document, Size(width, height), resampling)
    planes = [Image.fromarray(plane) for plane in np.moveaxis(pixels, 2, 0).astype(np.float32)]
    exact = np.stack([np.asarray(plane.resize((width, height), resampling)) for plane in planes], -1)
    expected = np.clip(exact, 0, np.clip(exact[..., 3:], 0, 255))
    now = document.line_art.tiles.read(document.rect)
    assert np.abs(now - expected)[exact[..., 3] <= 255].max(initial=0) <= 1
    assert np.abs(now[..., 3] - expected[..., 3]).max() <= 1
    mask = np.asarray(Image.fromarray(selected).resize((width, height), resampling)).astype(int)
    found = Selection() if document.selection is None else document.selection
    assert np.abs(found.coverage(document.rect) - mask).max() <= 1
    assert (now[..., :3] <= now[..., 3:]).all()


def test_an_opaque_scan_stays_opaque_and_gets_no_fringe() -> None:
    document = Document.from_line_art(np.full((300, 700), 255, np.uint8))
    scale(document, Size(533, 211))
    assert (document.line_art.tiles.read(document.rect) == 255).all()
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[50:150, 50:150] = (200, 100, 0, 255)
    red = Document.new(Size(200, 200))
    red.line_art.tiles.write(red.rect, pixels)
    rotate(red, 30)
    scale(red, Size(391, 407))
    now = red.line_art.tiles.read(red.rect).astype(float)
    edge = now[..., 3] > 20
    assert np.abs(now[edge][:, 0] / now[edge][:, 3] - 200 / 255).max() < 0.06
    assert np.abs(now[edge][:, 1] / now[edge][:, 3] - 100 / 255).max() < 0.06
    opaque = Document.from_line_art(_noise()[..., :3])
    scale(opaque, Size(300, 200))
    whole = Image.fromarray(_noise()[..., :3]).resize((300, 200), Resampling.LANCZOS)
    assert np.abs(opaque.snapshot().merged() - np.asarray(whole).astype(int)).max() <= 1


@pytest.mark.parametrize("degrees", [7.5, -33, 100, 225.5])
def test_a_rotated_picture_is_the_picture_at_the_places_turned_back(degrees: float) -> None:
    def hills(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = 128 + 60 * np.sin(x / 17) + 50 * np.cos(y / 23)
        return result

    y, x = np.mgrid[0 : SIZE.height, 0 : SIZE.width] + 0.5
    document = Document.from_line_art(np.rint(hills(x, y)).astype(np.uint8))
    document.selection = None
    rotate(document, degrees)
    height, width = document.size.height, document.size.width
    y, x = np.mgrid[0:height, 0:width] + 0.5
    turned = ((x - width / 2) + 1j * (y - height / 2)) * np.exp(-1j * np.radians(degrees))
    x, y = turned.real + SIZE.width / 2, turned.imag + SIZE.height / 2
    inside = np.minimum(np.minimum(x, SIZE.width - x), np.minimum(y, SIZE.height - y))
    now = document.line_art.tiles.read(document.rect)
    assert np.abs(now[..., 0] - hills(x, y))[inside > 3].max() <= 2
    assert (now[..., 3][inside > 2] == 255).all()
    assert (now[inside < -2] == 0).all()
    assert now[..., 3].any(axis=1).all()  # nothing is cut off, no row or column is left over
    assert now[..., 3].any(axis=0).all()


def test_enlarging_the_canvas_copies_no_tile() -> None:
    document = Document.new(Size(4 * TILE, 4 * TILE))
    document.line_art.tiles.write(document.rect, np.full((4 * TILE, 4 * TILE, 4), 7, np.uint8))
    before = {id(tile) for tile in document.line_art.tiles.snapshot().arrays()}
    resize_canvas(document, Size(6 * TILE, 5 * TILE), (1, 1))
    assert {id(tile) for tile in document.line_art.tiles.snapshot().arrays()} == before


def test_what_changes_nothing_is_no_step_and_what_has_no_room_is_said() -> None:
    document = _drawing(_noise())
    assert resize_canvas(document, document.size) is None
    assert crop(document, Rect(-5, -5, 9999, 9999)) is None
    assert scale(document, document.size) is None
    assert rotate(document, 720) is None
    with pytest.raises(UserError, match="at least one pixel"):
        crop(document, Rect(-50, 0, 50, 50))
    with pytest.raises(UserError, match="million pixels"):
        scale(document, Size(100_000, 100_000))
    assert document.size == SIZE


def test_a_selection_that_is_cropped_away_is_none() -> None:
    document = _drawing(_noise())
    crop(document, Rect(0, 0, 50, 50))
    assert document.selection is None
