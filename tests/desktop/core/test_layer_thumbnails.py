import math
import time

import numpy as np
import pytest

from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layer_thumbnails import LayerThumbnail
from sketchsause_desktop.core.tiles import Tiles


def mean_of(pixels: np.ndarray, step: int) -> np.ndarray:
    """Blocks that the canvas's rim cuts are averaged with the nothing beyond it."""
    height, width = (-(-side // step) * step for side in pixels.shape[:2])
    whole = np.zeros((height, width, 4))
    whole[: pixels.shape[0], : pixels.shape[1]] = pixels
    means: np.ndarray = np.rint(whole.reshape(height // step, step, width // step, step, 4).mean(axis=(1, 3)))
    return means


@pytest.mark.parametrize(("size", "step"), [(Size(100, 60), 1), (Size(300, 200), 4), (Size(130, 515), 8)])
def test_a_thumbnail_is_the_mean_of_blocks(size: Size, step: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 100, (size.height, size.width, 4), np.uint8)
    pixels[..., 3] = 200
    tiles = Tiles()
    tiles.write(Rect.of_size(size), pixels)
    thumbnail = LayerThumbnail(size)
    assert not thumbnail.update(tiles.snapshot(), math.inf)
    assert abs(thumbnail.pixels - mean_of(pixels, step)).max() <= 1


def test_only_what_changed_is_made_again_and_what_is_gone_goes() -> None:
    size = Size(512, 512)
    tiles = Tiles()
    tiles.write(Rect.of_size(size), np.full((512, 512, 4), 255, np.uint8))
    thumbnail = LayerThumbnail(size)
    thumbnail.update(tiles.snapshot(), math.inf)
    thumbnail.pixels[:] = 7
    tiles.replace({(1, 0): None})
    thumbnail.update(tiles.snapshot(), math.inf)
    assert (thumbnail.pixels[:32, 32:64] == 0).all()
    assert (thumbnail.pixels == 7).sum() == thumbnail.pixels.size - 32 * 32 * 4


def test_work_that_does_not_fit_into_its_time_is_done_later() -> None:
    tiles = Tiles()
    tiles.write(Rect(0, 0, 512, 512), np.full((512, 512, 4), 255, np.uint8))
    thumbnail = LayerThumbnail(Size(512, 512))
    turns = 1
    while thumbnail.update(tiles.snapshot(), time.perf_counter()):
        turns += 1
    assert turns == 16
    assert (thumbnail.pixels == 255).all()


def test_the_largest_canvas_has_a_pixel_for_each_tile() -> None:
    thumbnail = LayerThumbnail(Size(20_000, 256))
    assert thumbnail.pixels.shape == (2, 157, 4)
