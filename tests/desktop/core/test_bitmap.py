import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage import measure

from sketchsause_desktop.core.bitmap import (
    Balls,
    Mask,
    components,
    disc_grown,
    extent,
    grown,
    has,
    packed,
    pitch_of,
    position_of,
    spelled_out,
    taken_in,
    unpacked,
)
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect


def label(picture: NDArray[np.generic], background: int | None = None) -> NDArray[np.intp]:
    """The 4-connected pieces after scikit-image, numbered in reading order from 1; 0 = background."""
    pieces: NDArray[np.intp] = measure.label(picture, background=background, connectivity=1)  # type: ignore[no-untyped-call]
    return pieces


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    height, width = draw(st.integers(1, 12)), draw(st.sampled_from([1, 2, 5, 61, 62, 63, 64, 65, 130]))
    share = draw(st.sampled_from([0.1, 0.4, 0.6, 0.9, 1.0]))
    return np.random.default_rng(draw(st.integers(0, 999))).random((height, width)) < share


def discs_by_distance(mask: Mask, radius: int) -> Mask:
    rows, columns = np.indices(mask.shape)
    result = np.zeros_like(mask)
    for row, column in np.argwhere(mask):
        result |= (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
    return result


@given(masks())
def test_packing_loses_nothing(mask: Mask) -> None:
    bitmap = packed(mask)
    assert np.array_equal(unpacked(bitmap, mask.shape[1]), mask)
    assert np.array_equal(taken_in(spelled_out(bitmap).view(np.bool_), bitmap.shape), bitmap)
    assert int(spelled_out(bitmap).sum()) == int(mask.sum())
    row, column = mask.shape[0] - 1, mask.shape[1] // 2
    assert has(bitmap, position_of(column, row, mask.shape[1])) == mask[row, column]


@settings(max_examples=50)
@given(masks(), st.integers(0, 11))
def test_discs_grow_as_far_as_their_radius(mask: Mask, radius: int) -> None:
    bitmap, (height, width) = packed(mask), mask.shape
    assert np.array_equal(unpacked(disc_grown(bitmap, radius), width), discs_by_distance(mask, radius))
    framed = discs_by_distance(np.pad(~mask, 1, constant_values=True), radius)[1:-1, 1:-1]
    balls = Balls(bitmap, height, width, 11)
    assert np.array_equal(unpacked(balls.centres(radius), width), ~framed)
    if radius == 1:
        assert np.array_equal(unpacked(grown(bitmap), width), discs_by_distance(mask, 1))


@given(masks())
@example(np.zeros((3, 3), np.bool_))
def test_components_are_those_of_an_independent_labelling(mask: Mask) -> None:
    bitmap, width = packed(mask), mask.shape[1]
    pieces = components(bitmap)
    expected = label(mask)
    assert len(pieces) == expected.max()
    for number in range(min(len(pieces), 20)):
        alone = pieces.piece(number, bitmap.shape)
        assert np.array_equal(unpacked(alone, width), expected == number + 1)
        row, column = np.argwhere(expected == number + 1)[0]
        assert pieces.first[number] == position_of(int(column), int(row), width)
        assert pieces.at(pieces.first[number : number + 1]) == number
        place = np.argwhere(expected == number + 1)
        top, left = place.min(axis=0).tolist()
        bottom, right = place.max(axis=0).tolist()
        assert extent(alone) == Rect.from_edges(left, top, right + 1, bottom + 1)


def test_rings_within_rings_are_told_apart() -> None:
    mask = np.zeros((101, 101), np.bool_)
    for ring in range(0, 50, 2):
        mask[ring : 101 - ring, ring : 101 - ring] = True
        mask[ring + 1 : 100 - ring, ring + 1 : 100 - ring] = False
        if ring % 4:
            mask[ring + 1, 50] = True  # joins it to the next
    assert len(components(packed(mask))) == label(mask).max() == 13


@pytest.mark.parametrize("width", [1, 62, 63, 126, 127])
def test_rows_keep_a_distance(width: int) -> None:
    assert pitch_of(width) - (width + 2) >= 64
    assert extent(packed(np.zeros((2, width), np.bool_))) == EMPTY_RECT
