"""Pictures that a network sees enlarged or reduced."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from models.bands import Wishes, painted_bands
from models.errors import UserError
from models.locate import locate_model
from models.predictor import Predictor
from models.runtime import load_runtime
from models.scale import LEAST, MOST, lens, resized, scale_between
from tests.models.test_bands import Held, Tinter
from tests.models.test_predictor import echo, picture


def test_what_metres_come_to() -> None:
    assert scale_between(1.0, 2.0) == 0.5
    assert scale_between(10.0, 2.0) == 5.0
    assert scale_between(1.9, 2.0) == scale_between(2.1, 2.0) == 1.0  # alike
    assert scale_between(0.01, 2.0) == LEAST  # as far as can be
    assert scale_between(1000.0, 2.0) == 1.0  # nothing is to be seen in it


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.integers(1, 200), st.floats(LEAST, MOST))
def test_any_size_at_any_scale_keeps_its_size(height: int, width: int, scale: float) -> None:
    predictor, runtime = echo()
    if height * width * scale * scale > 500_000:
        height, width = min(height, 20), min(width, 20)
    assert predictor.predict(picture(height, width), scale=scale).picture.shape == (height, width, 3)
    assert all(side <= 64 for size in runtime.sizes for side in size)  # never more than a tile, whatever the rounding


@given(st.integers(16, 512), st.floats(LEAST, MOST))
def test_windows_are_seen_as_tiles(tile: int, scale: float) -> None:
    glass = lens(tile, tile // 4, scale)
    assert glass.size(glass.tile, glass.tile) == (tile, tile)
    assert 0 <= glass.overlap < glass.tile
    assert glass.tile == pytest.approx(tile / scale, abs=1)


@pytest.mark.parametrize("scale", [0.4, 2.5])
def test_bands_are_the_whole_at_another_scale(scale: float) -> None:
    predictor = Predictor(Tinter())
    pixels = picture(211, 397)
    whole = predictor.predict(pixels, scale=scale).picture
    bands = np.concatenate(list(painted_bands(predictor, Held(pixels), Wishes(scale=scale))))
    assert np.array_equal(bands, whole)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_hints_are_seen_as_the_picture_is(scale: float) -> None:
    predictor, runtime = echo(condition="hints")
    hints = np.zeros((30, 30, 4), np.uint8)
    hints[10:20, 4:14] = (250, 10, 20, 255)
    predictor.predict(picture(30, 30), hints=hints, scale=scale)
    (seen,) = runtime.seen
    assert (seen[0, -1] > 0).sum() == round(10 * scale) ** 2
    assert seen[0, -4, round(15 * scale), round(9 * scale)] > 0.9


def test_nonsense_is_refused() -> None:
    for scale in (0.0, -1.0, 17.0, 0.06, float("nan")):
        with pytest.raises(UserError, match="not possible"):
            echo()[0].predict(picture(32, 32), scale=scale)
    with pytest.raises(UserError, match="whole"):
        echo(fit="resize")[0].predict(picture(32, 32), scale=2.0)
    with pytest.raises(UserError, match="whole"):
        next(painted_bands(Predictor(Tinter(fit="resize")), Held(picture(32, 32)), Wishes(scale=2.0)))


def town(side: int) -> np.ndarray:
    """Seen from above: a park, water, streets and roofs."""
    image = Image.new("RGB", (side, side), (104, 108, 92))
    pen, dice = ImageDraw.Draw(image), np.random.default_rng(3)
    pen.ellipse((-side // 4, side // 2, side // 3, side * 5 // 4), fill=(48, 72, 92))
    pen.rectangle((side * 5 // 8, side // 10, side * 9 // 10, side * 3 // 10), fill=(62, 92, 54))
    for _ in range(400):
        x, y, a, b = dice.uniform(0, side), dice.uniform(0, side / 2), *dice.uniform(4, 12, 2)
        pen.rectangle((x, y, x + a, y + b), fill=tuple(int(each) for each in dice.integers(90, 200, 3)))
    for at in range(0, side, side // 6):
        pen.line((at, 0, at + side // 9, side), fill=(150, 150, 146), width=9)
        pen.line((0, at, side, at), fill=(140, 140, 138), width=7)
    return np.asarray(image)


def loss(first: np.ndarray, second: np.ndarray) -> float:
    """PSNR in dB."""
    return float(10 * np.log10(255**2 / np.mean((first.astype(float) - second.astype(float)) ** 2)))


def test_a_smaller_picture_is_painted_as_the_large_one_is() -> None:
    """The shipped map model, shown a town at half its size, twice as large, answers as it does to the town itself."""
    predictor = Predictor(load_runtime(locate_model("satmap"), "cpu"))
    large = town(512)
    small = resized(large, (256, 256))
    wanted = resized(predictor.predict(large).colour, (256, 256))
    scaled, plain = (loss(predictor.predict(small, scale=each).colour, wanted) for each in (2.0, 1.0))
    assert scaled > 35
    assert scaled > plain + 6
