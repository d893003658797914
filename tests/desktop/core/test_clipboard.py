import numpy as np
import pytest

from models.errors import UserError
from sketchsause_desktop.core import layer_actions as actions
from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.clipboard import (
    as_document,
    copy_layer,
    copy_merged,
    cut,
    fitted,
    paste_as_layer,
    paste_as_line_art,
)
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.selection_shapes import ellipse

CANVAS = Size(200, 160)


def _drawing() -> tuple[Document, Layer]:
    document = Document.new(CANVAS)
    pixels = np.random.default_rng(0).integers(0, 256, (160, 200, 4)).astype(np.uint8)
    layer = Layer(name="Paint", role=Role.PAINT)
    layer.tiles.write(document.rect, premultiplied(pixels))
    document.layers.insert(1, layer)
    return document, layer


def test_what_is_copied_and_pasted_lies_where_it_was() -> None:
    document, layer = _drawing()
    document.selection = Selection.of_rect(Rect(20, 30, 50, 40))
    clip = copy_layer(document, layer.layer_id)
    assert clip is not None
    assert clip.rect == Rect(20, 30, 50, 40)
    assert np.array_equal(clip.pixels, layer.tiles.read(clip.rect))
    change = paste_as_layer(document, clip, layer.layer_id)
    pasted = document.layers[2]
    assert isinstance(pasted, Layer)
    assert np.array_equal(pasted.tiles.read(clip.rect), clip.pixels)
    assert pasted.tiles.read(document.rect).sum() == clip.pixels.sum()
    change.undo(document)
    assert pasted not in document.layers
    paste_as_layer(document, clip)
    assert document.layers[-1].name == "Pasted"


def test_what_is_cut_and_what_is_left_make_the_whole() -> None:
    document, layer = _drawing()
    whole = layer.tiles.read(document.rect).astype(int)
    document.selection = ellipse(Rect(20, 30, 150, 100), document.rect)
    clip, change = cut(document, layer.layer_id)
    assert clip is not None
    assert change is not None
    both = layer.tiles.read(document.rect).astype(int)
    both[clip.rect.slices(document.rect)] += clip.pixels
    assert np.array_equal(both, whole)
    change.undo(document)
    assert np.array_equal(layer.tiles.read(document.rect), whole)
    with pytest.raises(UserError, match="locked"):
        cut(document, document.ai_colour.layer_id)


def test_merged_is_what_is_seen_without_the_paper() -> None:
    document, layer = _drawing()
    layer.opacity = 0.5
    hints = Layer(name="Hints", role=Role.HINTS)
    hints.tiles.write(Rect(0, 0, 50, 50), np.full((50, 50, 4), 255, np.uint8))
    actions.add(document, hints, actions.Place(index=3))
    clip = copy_merged(document)
    assert clip is not None
    assert clip.rect == document.rect
    assert np.abs(clip.pixels - layer.tiles.read(document.rect) * 0.5).max() <= 1


def test_where_there_is_nothing_nothing_is_copied() -> None:
    document, _ = _drawing()
    assert copy_layer(document, document.line_art.layer_id) is None
    assert cut(document, document.line_art.layer_id) == (None, None)
    document.selection = Selection()
    assert copy_merged(document) is None


def test_a_clip_becomes_a_drawing_of_its_size() -> None:
    document, layer = _drawing()
    document.selection = Selection.of_rect(Rect(20, 30, 50, 40))
    clip = copy_layer(document, layer.layer_id)
    assert clip is not None
    made = as_document(clip)
    assert made.size == Size(50, 40)
    (paint,) = made.with_role(Role.PAINT)
    assert np.array_equal(paint.tiles.read(made.rect), clip.pixels)


def test_as_line_art_it_is_multiplied_onto_the_lines() -> None:
    document, layer = _drawing()
    clip = copy_layer(document, layer.layer_id)
    assert clip is not None
    lines = document.line_art
    lines.tiles.write(document.rect, np.full((160, 200, 4), (128, 128, 128, 255), np.uint8))
    change = paste_as_line_art(document, clip)
    ink, alpha = clip.pixels[..., :3].astype(float), clip.pixels[..., 3:].astype(float)
    expected = 128 * (255 - alpha + ink) / 255
    assert np.abs(lines.tiles.read(document.rect)[..., :3] - expected).max() <= 1
    assert change is not None
    change.undo(document)
    assert (lines.tiles.read(document.rect)[..., 0] == 128).all()


def test_what_does_not_fit_is_made_smaller_and_put_in_the_middle() -> None:
    document = Document.new(Size(100, 50))
    big = Document.from_line_art(np.full((2000, 1000, 3), (0, 200, 0), np.uint8))
    clip = copy_layer(big, big.line_art.layer_id)
    assert clip is not None
    paste_as_layer(document, clip)
    pasted = document.layers[-1]
    assert isinstance(pasted, Layer)
    expected = np.zeros((50, 100, 4), np.uint8)
    expected[:, 37:62] = (0, 200, 0, 255)
    assert np.array_equal(pasted.tiles.read(document.rect), expected)
    assert fitted(clip.pixels, Size(5000, 5000)) is clip.pixels
