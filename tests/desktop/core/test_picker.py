import numpy as np
import pytest

from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.picker import picked
from sketchsause_desktop.core.tiles import Tiles

CANVAS = Rect(0, 0, 200, 150)


@pytest.mark.parametrize("side", [1, 3, 5])
@pytest.mark.parametrize(("column", "row"), [(0, 0), (199, 149), (127, 128), (50, 60)])
def test_the_mean_of_a_square_cut_by_the_canvas(side: int, column: int, row: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (150, 200, 3), np.uint8)
    tiles = Tiles()
    tiles.write(CANVAS, premultiplied(pixels))
    reach = side // 2
    square = pixels[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
    expected = np.rint(square.reshape(-1, 3).mean(axis=0)).tolist()
    assert picked(tiles.read, CANVAS, column, row, side) == (*expected, 255)


def test_transparent_pixels_do_not_darken() -> None:
    tiles = Tiles()
    tiles.write(Rect(10, 10, 1, 1), premultiplied(np.array([[[200, 100, 50, 255]]], np.uint8)))
    assert picked(tiles.read, CANVAS, 10, 10, 3) == (200, 100, 50, 28)
    assert picked(tiles.read, CANVAS, 50, 50, 5) == (0, 0, 0, 0)


@pytest.mark.parametrize(("column", "row"), [(-1, 0), (0, -1), (200, 0), (0, 150)])
def test_beside_the_canvas_there_is_no_colour(column: int, row: int) -> None:
    assert picked(Tiles().read, CANVAS, column, row, 5) is None


def test_only_the_three_sides() -> None:
    with pytest.raises(ValueError, match="4 pixels"):
        picked(Tiles().read, CANVAS, 0, 0, 4)
