"""The result obeys the hints inside their regions, and only there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.colours import ciede2000, lab_of_srgb, values_of
from sketchsause_desktop.core.hint_pull import pulled
from sketchsause_desktop.core.line_regions import fine_labels, grey_of, line_regions

Colour = tuple[int, int, int]
RED: Colour = (220, 30, 40)


def paper(height: int, width: int) -> Pixels:
    return np.full((height, width, 3), 255, np.uint8)


def rooms(side: int = 200, pen: int = 4) -> Pixels:
    """Two rooms beside each other with walls all round."""
    lines = paper(side, side)
    near, middle, far = side // 10, side // 2, side - side // 10
    for wall in (near, middle, far):
        lines[near : far + pen, wall : wall + pen] = 0
    for wall in (near, far):
        lines[wall : wall + pen, near : far + pen] = 0
    return lines


def shaded(height: int, width: int) -> Pixels:
    """A result with shading: a slope and a ripple."""
    slope = np.linspace(90, 160, width)[None] + 5 * np.sin(np.arange(height) / 3)[:, None]
    return np.repeat(slope[..., None], 3, axis=2).astype(np.uint8)


def dab(hints: Pixels, row: int, column: int, colour: Colour, size: int = 8) -> None:
    hints[row : row + size, column : column + size] = (*colour, 255)


def no_hints(lines: Pixels) -> Pixels:
    return np.zeros((*lines.shape[:2], 4), np.uint8)


def difference(one: Pixels, other: Pixels) -> np.ndarray:
    return ciede2000(lab_of_srgb(values_of(one)), lab_of_srgb(values_of(other)))


@pytest.mark.parametrize("side", [200, 700, 1500])
def test_the_region_of_a_hint_turns_to_its_colour_and_the_others_stay(side: int) -> None:
    lines, colour = rooms(side), shaded(side, side)
    hints = no_hints(lines)
    dab(hints, side // 2, side // 4, RED, side // 20)
    result = pulled(colour, lines, hints, 1.0)
    hinted = hints[..., 3] > 0
    assert difference(result[hinted], hints[hinted, :3]).mean() <= 3
    room = np.s_[side // 10 + 4 : side - side // 10, side // 10 + 4 : side // 2]
    redness = result[..., 0].astype(int) - result[..., 1]
    assert redness[room].min() > 100
    assert np.array_equal(result[:, side // 2 + 4 :], colour[:, side // 2 + 4 :])
    assert np.array_equal(result[: side // 10], colour[: side // 10])
    # The shading stays: what differs between two places of the room differs as before, but for what one cell holds.
    before, after = (np.diff(each[room].astype(int), axis=0) for each in (colour, result))
    far = np.abs(np.arange(before.shape[1]) - (side // 4 - side // 10)) > side // 8
    inside = (after[:, far] > -255) & (result[room][1:, far] > 0) & (result[room][1:, far] < 255)
    inside &= (result[room][:-1, far] > 0) & (result[room][:-1, far] < 255)
    assert np.abs(after - before)[:, far][inside].max() <= 2


def test_the_colour_goes_under_the_line_up_to_its_middle() -> None:
    lines, colour = rooms(200, pen=6), shaded(200, 200)
    hints = no_hints(lines)
    dab(hints, 100, 50, RED)
    changed = (pulled(colour, lines, hints, 1.0) != colour).any(axis=2)[60]
    assert changed[20:103].tolist() == [column >= 23 for column in range(20, 103)]
    assert not changed[103:].any()
    assert not changed[:23].any()


def test_two_hints_in_a_region_keep_their_own_and_share_the_rest_by_nearness() -> None:
    lines, colour = rooms(), shaded(200, 200)
    hints = no_hints(lines)
    blue = (40, 60, 220)
    dab(hints, 40, 50, RED)
    dab(hints, 150, 50, blue)
    result = pulled(colour, lines, hints, 1.0)
    for wanted in (RED, blue):
        where = (hints[..., :3] == wanted).all(axis=2) & (hints[..., 3] > 0)
        assert difference(result[where], hints[where, :3]).mean() <= 3
    assert result[60, 60, 0] > result[60, 60, 2] + 50
    assert result[140, 60, 2] > result[140, 60, 0] + 50


def test_a_background_is_pulled_less_the_further_away_it_is() -> None:
    lines = paper(256, 256)
    colour = np.full_like(lines, 120)
    hints = no_hints(lines)
    dab(hints, 10, 10, RED)
    result = pulled(colour, lines, hints, 1.0)[..., 0].astype(int)
    along = result[14, 14::40]
    assert along[0] == pytest.approx(RED[0], abs=2)
    assert (np.diff(along) < 0).all()
    assert result[250, 250] < 140


def test_far_away_a_background_is_as_it_is_without_hints() -> None:
    lines = paper(256, 256)
    swayed, plain = np.full_like(lines, 120), np.full_like(lines, 250)
    swayed[200:240, 200:240] = 30  # what a network made of it elsewhere
    hints = no_hints(lines)
    dab(hints, 10, 10, RED)
    for strength in (0.5, 1.0):
        result = pulled(swayed, lines, hints, strength, plain).astype(int)
        wanted = 120 + strength * (np.array(RED) - 120)
        assert np.abs(result[10:18, 10:18] - wanted).max() <= 2
        assert abs(result[220, 220, 0] - (30 + strength * (250 - 30))) < 12


def test_what_slips_over_the_line_colours_nothing_there() -> None:
    lines, colour = rooms(), shaded(200, 200)
    hints = no_hints(lines)
    hints[60:140, 70:105] = (*RED, 255)  # one pixel beyond the line at 100 to 103
    result = pulled(colour, lines, hints, 1.0)
    assert np.array_equal(result[:, 104:], colour[:, 104:])
    assert result[100, 30, 0] > 180


def test_a_scribble_over_two_rooms_colours_both() -> None:
    lines, colour = rooms(), shaded(200, 200)
    hints = no_hints(lines)
    hints[90:98, 60:140] = (*RED, 255)
    result = pulled(colour, lines, hints, 1.0).astype(int)
    redness = result[..., 0] - result[..., 1]
    assert redness[50, 40] > 100
    assert redness[50, 160] > 100


def test_a_hint_on_a_line_belongs_to_the_region_beside_it() -> None:
    lines, colour = rooms(pen=4), shaded(200, 200)
    hints = no_hints(lines)
    hints[60:70, 100:102] = (*RED, 255)  # on the left half of the middle line
    result = pulled(colour, lines, hints, 1.0).astype(int)
    assert result[100, 60, 0] - result[100, 60, 1] > 100
    assert np.array_equal(result[:, 104:], colour[:, 104:])


def test_grey_paper_of_a_scan_is_no_line() -> None:
    lines = (rooms().astype(int) * 150 // 255).astype(np.uint8)
    hints = no_hints(lines)
    dab(hints, 100, 50, RED)
    result = pulled(shaded(200, 200), lines, hints, 1.0).astype(int)
    assert result[150, 80, 0] - result[150, 80, 1] > 100


def test_a_gap_in_the_line_counts_as_closed() -> None:
    lines, colour = rooms(), shaded(200, 200)
    lines[80:82, 100:104] = 255
    hints = no_hints(lines)
    dab(hints, 100, 50, RED)
    result = pulled(colour, lines, hints, 1.0)
    assert np.array_equal(result[:, 104:], colour[:, 104:])


@pytest.mark.parametrize("shape", [(1, 1), (1, 20000), (20000, 1), (3, 700)])
def test_any_shape_obeys(shape: tuple[int, int]) -> None:
    lines = paper(*shape)
    colour = np.full_like(lines, 100)
    hints = no_hints(lines)
    hints[0, 0] = (*RED, 255)
    result = pulled(colour, lines, hints, 1.0)
    assert result.shape == colour.shape
    assert np.abs(result[0, 0].astype(int) - RED).max() <= 1


def test_nothing_to_obey_is_no_change() -> None:
    lines, colour = rooms(), shaded(200, 200)
    faint = no_hints(lines)
    faint[50:60, 50:60] = (*RED, 127)
    for hints in (None, no_hints(lines), faint):
        assert np.array_equal(pulled(colour, lines, hints, 1.0), colour)
    all_ink = np.zeros_like(lines)
    dab(faint, 50, 50, RED)
    assert np.array_equal(pulled(colour, all_ink, faint, 1.0), colour)  # there is no region


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Pixels, Pixels, Pixels]:
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    height, width = draw(st.integers(1, 90)), draw(st.integers(1, 90))
    lines, hints = paper(height, width), np.zeros((height, width, 4), np.uint8)
    for _ in range(draw(st.integers(0, 8))):
        row, column = random.integers(0, height), random.integers(0, width)
        if random.random() < 0.5:
            lines[row : row + 2] = 0
        else:
            lines[:, column : column + 2] = 0
    for _ in range(draw(st.integers(0, 6))):
        row, column = random.integers(0, height), random.integers(0, width)
        red, green, blue, size = random.integers(0, [256, 256, 256, 20]).tolist()
        dab(hints, int(row), int(column), (red, green, blue), size + 1)
    return lines, hints, random.integers(0, 256, (height, width, 3), dtype=np.uint8)


@settings(deadline=None)
@given(scenes(), st.floats(0, 1))
def test_strength_goes_from_nothing_to_all_and_regions_without_hints_stay(
    scene: tuple[Pixels, Pixels, Pixels], strength: float
) -> None:
    lines, hints, colour = scene
    kept = colour.copy()
    assert np.array_equal(pulled(colour, lines, hints, 0.0), colour)
    full = pulled(colour, lines, hints, 1.0).astype(int)
    partly = pulled(colour, lines, hints, strength).astype(int)
    assert np.array_equal(colour, kept)
    way = full - colour
    assert (np.abs(partly - (colour + strength * way)) <= 130 * (1 - strength) + 2)[(full > 0) & (full < 255)].all()
    grey = grey_of(lines)
    labels = fine_labels(line_regions(grey), grey)
    hinted = np.unique(labels[hints[..., 3] > 127])
    elsewhere = ~np.isin(labels, hinted) | (labels == 0)
    assert np.array_equal(full[elsewhere], colour[elsewhere])


def test_regions_without_a_hint_keep_what_the_network_paints_without_any() -> None:
    lines = rooms()
    hints = no_hints(lines)
    dab(hints, 100, 50, RED)
    swayed, plain = shaded(*lines.shape[:2]), np.full_like(lines, 77)
    left, right, outside = np.s_[30:170, 30:90], np.s_[30:170, 110:170], np.s_[:10, :]
    for strength in (0.5, 1.0):
        result = pulled(swayed, lines, hints, strength, plain)
        for region in (right, outside):
            expected = swayed[region] + strength * (plain[region].astype(float) - swayed[region])
            assert np.abs(result[region] - expected).max() <= 1
        assert np.array_equal(result[left], pulled(swayed, lines, hints, strength)[left])
    assert np.array_equal(pulled(swayed, lines, hints, 0.0, plain), swayed)
    assert np.array_equal(pulled(swayed, lines, no_hints(lines), 1.0, plain), swayed)
