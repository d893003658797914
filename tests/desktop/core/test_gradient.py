import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.geometry import Point, Rect
from sketchsause_desktop.core.gradient import Gradient, Stop, linear_gradient, radial_gradient

channels = st.integers(0, 255)
colours = st.tuples(channels, channels, channels, channels)
points = st.builds(Point, st.floats(-50, 100), st.floats(-50, 100))
places = st.lists(st.floats(0, 1), min_size=1, max_size=4).map(sorted)


@st.composite
def gradients(draw: st.DrawFn) -> Gradient:
    return Gradient(stops=tuple(Stop(place=place, colour=draw(colours)) for place in draw(places)))


def exact(gradient: Gradient, place: float) -> list[float]:
    """The premultiplied colour at a place, reckoned in the plainest way."""
    stops = [
        (stop.place, [c * stop.colour[3] / 255 for c in stop.colour[:3]] + [stop.colour[3]]) for stop in gradient.stops
    ]
    if place <= stops[0][0]:
        return stops[0][1]
    for (left, from_colour), (right, to_colour) in itertools.pairwise(stops):
        if left < place <= right:
            share = (place - left) / (right - left)
            return [a + (b - a) * share for a, b in zip(from_colour, to_colour, strict=True)]
    return stops[-1][1]


def slope(gradient: Gradient) -> float:
    """How much a step of 1/4095 can change a channel."""
    places = [stop.place for stop in gradient.stops]
    return max((255 / (b - a) for a, b in itertools.pairwise(places) if b > a), default=0) / 4095


@settings(max_examples=60)
@given(gradients(), points, points)
def test_a_linear_gradient_is_within_one_level_of_the_exact_one(gradient: Gradient, start: Point, end: Point) -> None:
    rect = Rect(-3, 5, 21, 11)
    pixels = linear_gradient(gradient, start, end, rect).astype(int)
    length = (end.x - start.x) ** 2 + (end.y - start.y) ** 2
    if length < 1 or slope(gradient) > 1:  # steeper than what is looked up: a hard edge, which another test looks at
        return
    for row, column in [(0, 0), (10, 20), (5, 9), (3, 17)]:
        x, y = column - 3 + 0.5, row + 5 + 0.5
        place = ((x - start.x) * (end.x - start.x) + (y - start.y) * (end.y - start.y)) / length
        assert np.abs(pixels[row, column] - exact(gradient, place)).max() <= 1.01 + slope(gradient)


@settings(max_examples=40)
@given(gradients(), points, st.floats(1, 80))
def test_a_radial_gradient_is_within_one_level_of_the_exact_one(
    gradient: Gradient, centre: Point, radius: float
) -> None:
    pixels = radial_gradient(gradient, centre, radius, Rect(0, 0, 30, 20)).astype(int)
    if slope(gradient) > 1:
        return
    for row, column in [(0, 0), (19, 29), (9, 9), (3, 27)]:
        place = math.hypot(column + 0.5 - centre.x, row + 0.5 - centre.y) / radius
        assert np.abs(pixels[row, column] - exact(gradient, place)).max() <= 1.01 + slope(gradient)


@given(gradients(), points, points)
def test_pixels_are_premultiplied(gradient: Gradient, start: Point, end: Point) -> None:
    for pixels in (
        linear_gradient(gradient, start, end, Rect(0, 0, 40, 30)),
        radial_gradient(gradient, start, 30, Rect(0, 0, 40, 30)),
    ):
        assert (pixels[..., :3] <= pixels[..., 3:]).all()


def sloping(rect: Rect) -> Pixels:
    return linear_gradient(Gradient.between((0, 0, 0, 0), (255, 90, 3, 255)), Point(0, 0), Point(700, 300), rect)


def round_one(rect: Rect) -> Pixels:
    return radial_gradient(Gradient.between((9, 200, 77, 255), (255, 90, 3, 128)), Point(60, 80), 150, rect)


@pytest.mark.parametrize("make", [sloping, round_one])
def test_a_part_is_the_same_as_in_the_whole(make: Callable[[Rect], Pixels]) -> None:
    whole, part = Rect(0, 0, 300, 200), Rect(128, 33, 128, 128)
    assert np.array_equal(make(part), make(whole)[part.slices(whole)])


def test_wide_slopes_have_no_bands_and_keep_their_mean() -> None:
    gradient = Gradient.between((100, 100, 100, 255), (104, 104, 104, 255))
    grey = linear_gradient(gradient, Point(0, 0), Point(2000, 0), Rect(0, 0, 2000, 64))[..., 0].astype(float)
    exact_grey = 100 + 4 * (np.arange(2000) + 0.5) / 2000
    blocks = grey.reshape(64, 50, 40).mean(axis=(0, 2))
    # Rounded without dithering a block would be off by up to half a level.
    assert np.abs(blocks - exact_grey.reshape(50, 40).mean(axis=1)).max() < 0.08


def test_plain_colours_and_hard_edges_are_not_dithered() -> None:
    stops = [(0.0, (10, 20, 30, 255)), (0.5, (10, 20, 30, 255)), (0.5, (0, 0, 0, 0)), (1.0, (0, 0, 0, 0))]
    gradient = Gradient(stops=tuple(Stop(place=place, colour=colour) for place, colour in stops))
    pixels = linear_gradient(gradient, Point(0, 0), Point(100, 0), Rect(-20, 0, 140, 5))
    assert (pixels[:, :70] == (10, 20, 30, 255)).all()
    assert not pixels[:, 70:].any()


def test_without_a_direction_all_is_the_last_colour() -> None:
    gradient = Gradient.between((1, 2, 3, 255), (200, 100, 50, 255))
    assert (linear_gradient(gradient, Point(5, 5), Point(5, 5), Rect(0, 0, 9, 9)) == (200, 100, 50, 255)).all()
    assert (radial_gradient(gradient, Point(5, 5), 0, Rect(0, 0, 9, 9)) == (200, 100, 50, 255)).all()


def test_wrong_stops_are_refused() -> None:
    with pytest.raises(ValueError, match="ascend"):
        Gradient(stops=())
    with pytest.raises(ValueError, match="ascend"):
        Gradient(stops=(Stop(place=1, colour=(0, 0, 0, 0)), Stop(place=0, colour=(0, 0, 0, 0))))
    with pytest.raises(ValueError, match="outside"):
        Stop(place=1.1, colour=(0, 0, 0, 0))
    with pytest.raises(ValueError, match="outside"):
        Stop(place=1, colour=(0, 0, 256, 0))
