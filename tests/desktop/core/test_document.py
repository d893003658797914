import numpy as np
import pytest

from sketchsause_desktop.core.document import OWN_PAINT, RESULT, Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Blend, Layer, Role
from sketchsause_desktop.core.tiles import WHITE_TILE


def _coloured(document: Document, colour: tuple[int, int, int, int]) -> None:
    pixels = np.full((document.size.height, document.size.width, 4), colour, np.uint8)
    document.ai_colour.tiles.write(document.rect, pixels)


def test_a_new_drawing_is_white_paper_and_holds_no_tile() -> None:
    document = Document.new(Size(8192, 8192))
    assert sum(len(layer.tiles) for layer in document.leaves()) == 0
    assert (document.composite(Rect(4000, 4000, 300, 300)) == 255).all()
    with pytest.raises(ValueError, match="no room"):
        Document.new(Size(0, 10))


def test_a_scan_becomes_line_art_that_lets_colours_through() -> None:
    scan = np.full((40, 60), 255, np.uint8)
    scan[10, 20] = 0
    scan[10, 21] = 128
    document = Document.from_line_art(scan)
    assert document.size == Size(60, 40)
    assert document.line_art.blend is Blend.MULTIPLY
    _coloured(document, (200, 100, 50, 255))
    merged = document.snapshot().merged()
    assert merged.shape == (40, 60, 3)
    assert merged[0, 0].tolist() == [200, 100, 50]
    assert merged[10, 20].tolist() == [0, 0, 0]
    assert merged[10, 21].tolist() == [100, 50, 25]


@pytest.mark.parametrize("channels", [3, 4])
def test_pictures_of_any_kind_look_the_same_afterwards(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1100, 30, channels)).astype(np.uint8)
    if channels == 4:
        pixels[..., 3] = 255
    document = Document.from_line_art(pixels)
    assert np.array_equal(document.snapshot().merged(), pixels[..., :3])


def test_blank_paper_of_a_large_scan_is_stored_once() -> None:
    document = Document.from_line_art(np.full((1024, 1024), 255, np.uint8))
    tiles = document.line_art.tiles
    assert all(tiles.tile(key) is WHITE_TILE for key in sorted(tiles.keys()))


def test_views_show_the_layers_of_their_roles() -> None:
    document = Document.new(Size(4, 4))
    hints = Layer(name="Hints", role=Role.HINTS)
    document.layers.append(hints)
    hints.tiles.write(Rect(0, 0, 1, 1), np.array([[[255, 0, 0, 255]]], np.uint8))
    _coloured(document, (0, 0, 255, 255))
    assert document.composite(document.rect)[0, 0].tolist() == [255, 0, 0, 255]
    assert document.composite(document.rect, RESULT)[0, 0].tolist() == [0, 0, 255, 255]
    assert document.composite(document.rect, OWN_PAINT)[3, 3].tolist() == [255, 255, 255, 255]
    assert document.snapshot().merged()[0, 0].tolist() == [0, 0, 255]


def test_a_snapshot_stays_while_the_drawing_goes_on() -> None:
    document = Document.new(Size(10, 10))
    snapshot = document.snapshot()
    document.line_art.tiles.write(document.rect, np.full((10, 10, 4), (0, 0, 0, 255), np.uint8))
    document.line_art.visible = False
    document.touch()
    assert (snapshot.merged() == 255).all()
    assert snapshot.revision == document.revision - 1
    assert snapshot.layers[1].visible


def test_each_document_has_its_own_id() -> None:
    assert Document.new(Size(1, 1)).document_id != Document.new(Size(1, 1)).document_id
