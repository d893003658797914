import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from skimage.color import deltaE_ciede2000

from models.errors import UserError
from sketchsause_desktop.core.colours import (
    Colour,
    ciede2000,
    clipped_to_srgb,
    colour_of,
    colour_of_hex,
    hex_of_colour,
    hsv_of_srgb,
    lab_of_srgb,
    linear_of_srgb,
    oklab_of_oklch,
    oklab_of_srgb,
    oklch_of_oklab,
    oklch_of_srgb,
    srgb_of_hsv,
    srgb_of_lab,
    srgb_of_linear,
    srgb_of_oklab,
    srgb_of_oklch,
    values_of,
)

GRID = values_of([(r, g, b) for r in range(0, 256, 51) for g in range(0, 256, 51) for b in range(0, 256, 51)])

colours = st.tuples(*[st.integers(0, 255)] * 3)

# Table 1 of Sharma, Wu and Dalal 2005: L*, a*, b* of two colours and their difference.
PUBLISHED = np.array(
    [
        [50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425],
        [50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615],
        [50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412],
        [50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000],
        [50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669],
        [50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195],
        [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045],
        [50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461],
        [50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065],
        [50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492],
        [50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977],
        [50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030],
        [50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000],
        [50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000],
        [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
        [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
        [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
        [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
        [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
        [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
        [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
        [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
    ]
)


@given(colours)
def test_every_space_leads_back_to_the_same_colour(colour: Colour) -> None:
    rgb = values_of(colour)
    assert colour_of_hex(hex_of_colour(colour)) == colour
    assert colour_of(srgb_of_hsv(hsv_of_srgb(rgb))) == colour
    assert colour_of(srgb_of_oklab(oklab_of_srgb(rgb))) == colour
    assert colour_of(srgb_of_oklch(oklch_of_srgb(rgb))) == colour
    assert colour_of(srgb_of_lab(lab_of_srgb(rgb))) == colour
    assert colour_of(srgb_of_linear(linear_of_srgb(rgb))) == colour
    assert np.allclose(oklab_of_oklch(oklch_of_oklab(oklab_of_srgb(rgb))), oklab_of_srgb(rgb))


@given(colours)
def test_hsv_is_that_of_the_standard_library(colour: Colour) -> None:
    hue, saturation, value = colorsys.rgb_to_hsv(*values_of(colour))
    assert np.allclose(hsv_of_srgb(values_of(colour)), [hue * 360, saturation, value])


@pytest.mark.parametrize("hue", [-30.0, 360.0, 725.0])
def test_hues_go_round(hue: float) -> None:
    assert np.allclose(srgb_of_hsv([hue, 0.7, 0.9]), colorsys.hsv_to_rgb(hue / 360 % 1, 0.7, 0.9))
    assert np.allclose(oklab_of_oklch([0.5, 0.1, hue]), oklab_of_oklch([0.5, 0.1, hue % 360]))


def test_oklab_gives_the_values_that_everybody_has() -> None:
    """Those of CSS Color 4's implementations for the primaries, https://www.w3.org/TR/css-color-4/#ok-lab."""
    given_rgb = [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    expected = [
        [1.0, 0.0, 0.0],
        [0.62796, 0.22486, 0.12585],
        [0.86644, -0.23389, 0.17950],
        [0.45201, -0.03246, -0.31153],
        [0.0, 0.0, 0.0],
    ]
    assert np.allclose(oklab_of_srgb(given_rgb), expected, atol=1e-4)


@given(st.floats(-0.2, 1.2), st.floats(0, 0.6), st.floats(0, 360))
def test_the_gamut_is_entered_along_the_chroma(lightness: float, chroma: float, hue: float) -> None:
    clipped = clipped_to_srgb([lightness, chroma, hue])
    assert clipped[0] == min(max(lightness, 0), 1)
    assert clipped[2] == hue
    assert 0 <= clipped[1] <= chroma
    rgb = srgb_of_oklab(oklab_of_oklch(clipped))
    assert rgb.min() >= -1e-5
    assert rgb.max() <= 1 + 1e-5
    if clipped[1] < chroma:  # then nothing further out could be shown
        further = srgb_of_oklab(oklab_of_oklch([clipped[0], clipped[1] + 1e-3, hue]))
        assert further.min() < 0 or further.max() > 1


def test_lab_is_that_of_a_colour_management_system() -> None:
    rgb = np.rint(GRID * 255).astype(np.uint8)[np.newaxis]
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB", 5003), "RGB", "LAB"
    )
    managed = ImageCms.applyTransform(Image.fromarray(rgb), transform)
    assert managed is not None
    stored = np.array(managed)[0].astype(np.float64)
    expected = np.stack([stored[:, 0] / 2.55, (stored[:, 1] + 128) % 256 - 128, (stored[:, 2] + 128) % 256 - 128], -1)
    assert np.abs(lab_of_srgb(GRID) - expected).max() < 1.2


def test_ciede2000_gives_the_published_differences() -> None:
    one, other, expected = PUBLISHED[:, :3], PUBLISHED[:, 3:6], PUBLISHED[:, 6]
    assert np.abs(ciede2000(one, other) - expected).max() < 1e-4
    assert np.abs(ciede2000(other, one) - expected).max() < 1e-4


def test_ciede2000_agrees_with_an_independent_one() -> None:
    one = lab_of_srgb(GRID)
    other = np.random.default_rng(0).permutation(one)
    expected = deltaE_ciede2000(one, other)  # type: ignore[no-untyped-call]
    assert np.allclose(ciede2000(one, other), expected, atol=1e-6)
    assert np.array_equal(ciede2000(one, one), np.zeros(len(one)))


@pytest.mark.parametrize(
    ("text", "colour"), [("#fA0", (255, 170, 0)), (" 102030 ", (16, 32, 48)), ("#fff", (255,) * 3)]
)
def test_hex_in_its_spellings(text: str, colour: Colour) -> None:
    assert colour_of_hex(text) == colour


@pytest.mark.parametrize(
    "text", ["", "#", "red", "#12", "#12345", "#1234567", "##123", "#12345g", "\N{FULLWIDTH DIGIT ONE}23"]
)
def test_what_is_no_hex_is_told_so(text: str) -> None:
    with pytest.raises(UserError, match="is not a colour"):
        colour_of_hex(text)
