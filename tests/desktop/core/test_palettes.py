import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.colours import ciede2000, lab_of_srgb, values_of
from sketchsause_desktop.core.palettes import Palette, Swatch, palette_of_picture, reference_colours

FLATS = [(250, 240, 230), (20, 30, 90), (200, 40, 60), (90, 160, 70), (240, 200, 40)]


def test_the_flats_of_a_picture_come_out_as_they_are_the_largest_first() -> None:
    counts = [4000, 3000, 1500, 900, 600]
    pixels = np.repeat(np.array(FLATS, np.uint8), counts, axis=0)
    pixels = np.random.default_rng(0).permutation(pixels).reshape(100, 100, 3)
    palette = palette_of_picture("Flats", premultiplied(pixels), 5)
    assert palette.name == "Flats"
    assert [swatch.colour for swatch in palette.swatches] == FLATS
    more = palette_of_picture("Flats", premultiplied(pixels), 30)
    assert [swatch.colour for swatch in more.swatches] == FLATS


def test_transparent_pixels_are_ignored() -> None:
    pixels = np.zeros((10, 10, 4), np.uint8)
    pixels[2, 3:5] = (90, 160, 70, 255)
    pixels[5] = (255, 0, 0, 100)
    assert palette_of_picture("", premultiplied(pixels), 4).swatches == (Swatch(colour=(90, 160, 70)),)
    assert palette_of_picture("", premultiplied(pixels[7:]), 4) == Palette(name="")


def test_small_things_of_another_colour_get_a_place() -> None:
    """A photograph-like page of soft greys and browns, with two blue eyes."""
    random = np.random.default_rng(2)
    greys = np.clip(random.normal(150, 30, (300, 300, 1)) + random.normal(0, 6, (300, 300, 3)), 0, 255)
    pixels = greys.astype(np.uint8)
    pixels[100:106, 80:90] = pixels[100:106, 200:210] = (40, 90, 220)
    palette = palette_of_picture("", premultiplied(pixels), 8)
    differences = [
        float(ciede2000(lab_of_srgb(values_of(s.colour)), lab_of_srgb(values_of((40, 90, 220)))))
        for s in palette.swatches
    ]
    assert min(differences) < 4


@settings(max_examples=30)
@given(st.integers(0, 999), st.integers(1, 12))
def test_any_picture_gives_no_more_than_asked_for_and_always_the_same(number: int, count: int) -> None:
    random = np.random.default_rng(number)
    pixels = premultiplied(random.integers(0, 256, (13, 7, 4), np.uint8))
    palette = palette_of_picture("x", pixels, count)
    assert len(palette.swatches) <= count
    assert len({swatch.colour for swatch in palette.swatches}) == len(palette.swatches)
    assert palette_of_picture("x", pixels.copy(), count) == palette


def test_a_large_picture_is_sampled() -> None:
    pixels = np.zeros((3000, 1500, 4), np.uint8)
    pixels[:, :, 3] = 255
    pixels[:1000] = (255, 255, 255, 255)
    assert [swatch.title for swatch in palette_of_picture("", pixels, 3).swatches] == ["#000000", "#ffffff"]


def test_a_reference_has_the_colours_that_cover_most_and_no_paper() -> None:
    picture = np.full((60, 60, 4), 255, np.uint8)
    picture[:30, :40] = (180, 20, 20, 255)
    picture[40:50, 40:50] = (20, 20, 180, 255)
    picture[50:, :, :] = (0, 255, 0, 0)
    assert reference_colours(picture, 8) == ((180, 20, 20), (20, 20, 180))
    assert reference_colours(np.full((9, 9), 90, np.uint8), 4) == ((90, 90, 90),)
    assert reference_colours(np.full((9, 9, 3), 255, np.uint8), 4) == ((255, 255, 255),)
