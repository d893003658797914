"""Hints spread over the drawing: round lines, not through them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.conditioning import network_input
from models.hint_spread import spread_hints
from models.spec import ModelSpec

RED, BLUE = (220, 20, 30), (20, 40, 210)
SPEC = ModelSpec(condition="spread_hints", input_channels=1)


def _two_rooms() -> np.ndarray:
    """White paper of 40 x 60 pixels, parted by a black line at column 20."""
    lightness = np.full((40, 60), 255, np.uint8)
    lightness[:, 20] = 0
    return lightness


def _hints(shape: tuple[int, ...], *dabs: tuple[int, int, tuple[int, int, int]]) -> np.ndarray:
    hints = np.zeros((*shape, 4), np.uint8)
    for row, column, colour in dabs:
        hints[row - 1 : row + 2, column - 1 : column + 2] = (*colour, 255)
    return hints


def test_a_colour_stays_on_its_side_of_a_line_even_where_another_hint_is_nearer() -> None:
    lightness = _two_rooms()
    spread = spread_hints(lightness, _hints(lightness.shape, (20, 4, RED), (20, 24, BLUE)))
    assert (spread.colours[:, :20] == RED).all()  # though the blue dab is nearer to column 19
    assert (spread.colours[:, 21:] == BLUE).all()


def test_a_gap_is_passed() -> None:
    lightness = _two_rooms()
    lightness[18:23, 20] = 255
    spread = spread_hints(lightness, _hints(lightness.shape, (2, 4, RED)))
    assert (spread.colours[lightness == 255] == RED).all()
    assert (spread.closeness[lightness == 255] > 0.4).all()


def test_the_closeness_is_one_on_a_hint_high_in_its_region_and_nothing_beyond_lines() -> None:
    lightness = _two_rooms()
    hints = _hints(lightness.shape, (20, 10, RED))
    closeness = spread_hints(lightness, hints).closeness
    hinted = hints[..., 3] > 0
    assert (closeness[hinted] == 1).all()
    inside = closeness[:, :20][~hinted[:, :20]]
    assert inside.min() > 0.4
    assert inside.max() < 0.81
    assert not closeness[:, 20:].any()
    assert closeness[20, 15] > closeness[20, 18]


def test_a_region_without_a_hint_looks_to_the_network_as_if_there_were_none() -> None:
    picture = np.repeat(_two_rooms()[..., None], 3, axis=2)
    hinted = network_input(SPEC, picture, _hints(picture.shape[:2], (20, 10, RED)))
    bare = network_input(SPEC, picture, None)
    assert np.array_equal(hinted[:, :, 20:], bare[:, :, 20:])
    assert (hinted[4, :, :20] > 0).all()


def test_a_stroke_across_a_line_colours_both_sides() -> None:
    lightness = _two_rooms()
    spread = spread_hints(lightness, _hints(lightness.shape, (20, 19, RED), (20, 21, RED)))
    assert (spread.closeness[:, 0] > 0.4).all()
    assert (spread.closeness[:, 59] > 0.4).all()


def test_nothing_hinted_is_nothing_asked() -> None:
    picture = np.full((8, 8, 3), 255, np.uint8)
    faint = np.full((8, 8, 4), 100, np.uint8)  # below one half
    assert not network_input(SPEC, picture, faint)[1:].any()
    assert not network_input(SPEC, picture, None)[1:].any()


@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 2**32 - 1))
def test_any_picture_is_covered(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lightness = rng.integers(0, 256, (height, width), np.uint8)
    hints = rng.integers(0, 256, (height, width, 4), np.uint8)
    spread = spread_hints(lightness, hints)
    hinted = hints[..., 3] > 127
    assert ((spread.closeness >= 0) & (spread.closeness <= 1)).all()
    assert np.array_equal(spread.colours[hinted], hints[hinted][:, :3])
    if hinted.any():
        known = {tuple(colour) for colour in hints[hinted][:, :3].tolist()}
        tolerance = 16  # colours this close spread as one, by their mean
        reached = spread.colours[spread.closeness > 0]
        for colour in reached[:: max(1, len(reached) // 8)].tolist():
            assert min(max(abs(a - b) for a, b in zip(colour, each, strict=True)) for each in known) <= tolerance
