import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.predictor import shrink_hints
from models.upsample import line_masks
from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.inference.sight import Sight


def _scribble(width: int, height: int) -> np.ndarray:
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    for place in range(20, max(width, height), 90):
        pen.line((place, 0, width - place, height), fill=0, width=5)
    return np.asarray(image)


@pytest.mark.parametrize(
    ("width", "height", "small"), [(1200, 1600, (192, 256)), (300, 200, (256, 171)), (999, 70, (64, 4))]
)
def test_lines_are_shrunk_as_in_one_piece(width: int, height: int, small: tuple[int, int]) -> None:
    ink = _scribble(width, height)
    document = Document.from_line_art(ink)
    seen = Sight().lines(document.seen(Role.LINE_ART), document.rect, small)
    wanted = np.asarray(Image.fromarray(ink).resize(small, Image.Resampling.BOX))
    differences = np.abs(seen[..., 0].astype(int) - wanted)
    assert differences.mean() <= 10  # the box filter's pixels begin elsewhere
    assert abs(float(seen.mean()) - float(wanted.mean())) <= 2


def test_only_what_changed_is_looked_at_again() -> None:
    document, sight = Document.from_line_art(_scribble(700, 700)), Sight()
    before = sight.lines(document.seen(Role.LINE_ART), document.rect, (70, 70))
    document.line_art.tiles.write(Rect(300, 300, 60, 60), np.full((60, 60, 4), (0, 0, 0, 255), np.uint8))
    after = sight.lines(document.seen(Role.LINE_ART), document.rect, (70, 70))
    fresh = Sight().lines(document.seen(Role.LINE_ART), document.rect, (70, 70))
    assert np.array_equal(after, fresh)
    assert (after[31:35, 31:35] == 0).all()
    assert np.array_equal(before[:25], after[:25])


def test_line_masks_are_those_of_the_whole_picture() -> None:
    ink = _scribble(600, 500)
    document = Document.from_line_art(ink)
    window = Rect(128, 128, 384, 372)
    masks = Sight().line_masks(document.seen(Role.LINE_ART), window, 1, 5.0)
    whole = line_masks(ink[128:500, 128:512], 5.0)
    assert [mask.shape for mask in masks] == [mask.shape for mask in whole[1:]]
    assert all(np.array_equal(mask, wanted) for mask, wanted in zip(masks, whole[1:], strict=True))


def test_hints_are_shrunk_by_tiles_and_found_where_they_are() -> None:
    frame, hints = Rect(0, 0, 1024, 1024), Layer(name="Hints", role=Role.HINTS)
    pixels = np.zeros((1024, 1024, 4), np.uint8)
    pixels[400:403, 100:800] = (200, 100, 50, 255)
    hints.tiles.write(frame, premultiplied(pixels))
    layers = (hints.snapshot(),)
    seen, wanted = Sight().hints(layers, frame, (128, 128)), shrink_hints(pixels, (128, 128))
    assert seen is not None
    assert np.array_equal(seen[..., 3] > 0, wanted[..., 3] > 0)
    assert (seen[seen[..., 3] > 0] == (200, 100, 50, 255)).all()


def test_a_layer_that_is_faded_too_far_holds_no_hint() -> None:
    hints = Layer(name="Hints", role=Role.HINTS, opacity=0.3)
    hints.tiles.write(Rect(0, 0, 20, 20), np.full((20, 20, 4), 255, np.uint8))
    assert Sight().hints((hints.snapshot(),), Rect(0, 0, 64, 64), (64, 64)) is None
