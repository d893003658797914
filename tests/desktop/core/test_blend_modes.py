import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.blend_modes import blended
from sketchsause_desktop.core.layers import Blend
from tests.desktop.core import w3c

straight_pixels = hnp.arrays(np.uint8, (3, 5, 4))
every_mode = pytest.mark.parametrize("blend", Blend)


def _assert_as_the_formula_says(blend: Blend, below: Pixels, above: Pixels) -> None:
    result = blended(blend, below, above)
    assert np.abs(result / 255 - w3c.blended(blend, below / 255, above / 255)).max() <= 1.01 / 255
    assert (result[..., :3] <= result[..., 3:]).all()


@every_mode
@given(straight_pixels, straight_pixels)
def test_each_mode_agrees_with_its_formula(blend: Blend, one: Pixels, other: Pixels) -> None:
    _assert_as_the_formula_says(blend, premultiplied(one), premultiplied(other))


@every_mode
def test_each_mode_agrees_on_many_pixels(blend: Blend) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 256, 256, 4)).astype(np.uint8)
    pixels[:, :128, :128, 3] = 255
    _assert_as_the_formula_says(blend, premultiplied(pixels[0]), premultiplied(pixels[1]))


@every_mode
@given(straight_pixels)
def test_on_nothing_and_under_nothing_a_picture_stays_as_it_is(blend: Blend, straight: Pixels) -> None:
    pixels = premultiplied(straight)
    nothing = np.zeros_like(pixels)
    assert np.array_equal(blended(blend, nothing, pixels), pixels)
    assert np.array_equal(blended(blend, pixels, nothing), pixels)


@given(straight_pixels, straight_pixels, st.sampled_from(Blend))
def test_opaque_ground_stays_opaque(one: Pixels, other: Pixels, blend: Blend) -> None:
    one[..., 3] = 255
    assert (blended(blend, premultiplied(one), premultiplied(other))[..., 3] == 255).all()
