import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from sketchsause_desktop.core import blend
from sketchsause_desktop.core.blend import Pixels

straight_pixels = hnp.arrays(np.uint8, (3, 5, 4))


def _unit(pixels: Pixels) -> NDArray[np.float64]:
    return pixels.astype(np.float64) / 255


@given(straight_pixels)
def test_premultiplying_what_was_made_straight_gives_the_same_bytes(pixels: Pixels) -> None:
    premultiplied = blend.premultiplied(pixels)
    assert (premultiplied[..., :3] <= premultiplied[..., 3:]).all()
    assert np.array_equal(blend.premultiplied(blend.straight(premultiplied)), premultiplied)


@given(straight_pixels)
def test_opaque_pixels_survive_unchanged(pixels: Pixels) -> None:
    pixels[..., 3] = 255
    assert np.array_equal(blend.premultiplied(pixels), pixels)
    assert np.array_equal(blend.straight(pixels), pixels)


def test_grey_and_rgb_become_opaque() -> None:
    grey = np.array([[0, 128]], np.uint8)
    assert blend.premultiplied(grey).tolist() == [[[0, 0, 0, 255], [128, 128, 128, 255]]]
    assert blend.premultiplied(np.array([[[1, 2, 3]]], np.uint8)).tolist() == [[[1, 2, 3, 255]]]
    with pytest.raises(ValueError, match="neither grey nor RGB"):
        blend.premultiplied(np.zeros((2, 2, 2), np.uint8))


@given(straight_pixels, straight_pixels)
def test_over_agrees_with_the_formula(one: Pixels, other: Pixels) -> None:
    below, above = blend.premultiplied(one), blend.premultiplied(other)
    exact = _unit(above) + _unit(below) * (1 - _unit(above)[..., 3:])
    result = blend.over(below, above)
    assert np.abs(_unit(result) - exact).max() <= 0.51 / 255
    assert (result[..., :3] <= result[..., 3:]).all()


@given(straight_pixels, straight_pixels)
def test_multiply_agrees_with_the_formula(one: Pixels, other: Pixels) -> None:
    below, above = blend.premultiplied(one), blend.premultiplied(other)
    u, v = _unit(below), _unit(above)
    exact = u * (1 - v[..., 3:]) + v * (1 - u[..., 3:]) + u * v
    exact[..., 3] = u[..., 3] + v[..., 3] - u[..., 3] * v[..., 3]
    result = blend.multiplied_anywhere(below, above)
    assert np.abs(_unit(result) - exact).max() <= 1.01 / 255
    assert (result[..., :3] <= result[..., 3:]).all()


@given(straight_pixels, straight_pixels)
def test_the_short_multiply_is_the_long_one_on_opaque_ground(one: Pixels, other: Pixels) -> None:
    one[..., 3] = 255
    above = blend.premultiplied(other)
    assert np.array_equal(blend.multiplied(one, above), blend.multiplied_anywhere(one, above))


@given(straight_pixels, st.floats(0, 1))
def test_faded_pixels_stay_premultiplied(pixels: Pixels, opacity: float) -> None:
    premultiplied = blend.premultiplied(pixels)
    faded = blend.faded(premultiplied, opacity)
    assert np.abs(faded - premultiplied * opacity).max() <= 1
    assert (faded[..., :3] <= faded[..., 3:]).all()


def test_uniform_pixels_are_told_apart() -> None:
    white = np.full((2, 2, 4), 255, np.uint8)
    nearly = white.copy()
    nearly[1, 1, 0] = 254
    assert blend.is_white(white)
    assert not blend.is_white(nearly)
    assert blend.is_opaque(nearly)
    assert not blend.is_opaque(np.full((2, 2, 4), 254, np.uint8))
    assert blend.is_transparent(np.zeros((2, 2, 4), np.uint8))
    assert not blend.is_transparent(nearly)
