import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchsause_desktop.core.colour_wheel import (
    HSV,
    OKLCH,
    RING_SHARE,
    WheelPlace,
    WheelSpace,
    ring_picture,
    square_picture,
)
from sketchsause_desktop.core.colours import oklch_of_srgb, values_of

channel = st.integers(0, 255)
colours = st.tuples(channel, channel, channel)
spaces = pytest.mark.parametrize("space", [HSV, OKLCH], ids=lambda space: space.title)


@spaces
@given(colour=colours)
def test_each_colour_has_a_place_and_comes_back_from_it(space: WheelSpace, colour: tuple[int, int, int]) -> None:
    place = space.place(colour)
    assert 0 <= place.across <= 1
    assert 0 <= place.up <= 1
    assert np.abs(np.subtract(space.colour(place), colour)).max() <= 1


@given(colour=colours)
def test_the_square_of_hsv_is_that_of_the_standard_library(colour: tuple[int, int, int]) -> None:
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    assert HSV.place(colour) == pytest.approx((hue * 360, saturation, value), abs=1e-6)


@given(hue=st.floats(0, 359), across=st.floats(0, 1), up=st.floats(0.2, 0.95))
def test_upwards_in_oklch_lies_lightness_whatever_the_hue(hue: float, across: float, up: float) -> None:
    colour = OKLCH.colour(WheelPlace(hue, across, up))
    assert oklch_of_srgb(values_of(colour))[0] == pytest.approx(up, abs=0.012)


@spaces
def test_greys_and_black_keep_the_hue_that_was_there(space: WheelSpace) -> None:
    before = space.place((30, 60, 200))
    assert space.place_near((128, 128, 128), before).hue == before.hue
    assert space.place_near((0, 0, 0), before) == (before.hue, before.across, 0)
    assert space.place_near(space.colour(before), before) is before


@spaces
def test_the_ring_shows_its_hues_where_they_are_told(space: WheelSpace) -> None:
    side = 200
    ring = ring_picture(space, side)
    for hue in (0, 90, 180, 270, 45):
        reach = side / 2 * (1 - RING_SHARE / 2)
        x = side / 2 + reach * np.cos(np.radians(hue))
        y = side / 2 - reach * np.sin(np.radians(hue))
        shown = ring[int(y), int(x)]
        wanted = space.ring(np.array([float(hue)]))[0] * 255
        assert shown[3] == 255
        assert np.abs(shown[:3] - wanted).max() < 8
    assert ring[side // 2, side // 2, 3] == 0
    assert ring[0, 0, 3] == 0


@spaces
def test_the_square_shows_the_colours_of_its_places(space: WheelSpace) -> None:
    side = 40
    square = square_picture(space, 210.0, side)
    for column, row in ((0, 0), (39, 0), (39, 39), (17, 25)):
        place = WheelPlace(210.0, (column + 0.5) / side, 1 - (row + 0.5) / side)
        assert np.abs(square[row, column].astype(int) - space.colour(place)).max() <= 1
