import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage import draw as raster
from skimage import measure

from sketchsause_desktop.core.bitmap import Mask
from sketchsause_desktop.core.regions import MAX_GAP, regions


def label(picture: NDArray[np.generic], background: int | None = None) -> NDArray[np.intp]:
    """The 4-connected pieces after scikit-image, numbered in reading order from 1; 0 = background."""
    pieces: NDArray[np.intp] = measure.label(picture, background=background, connectivity=1)  # type: ignore[no-untyped-call]
    return pieces


def draw_line(lines: Mask, row: int, column: int, last_row: int, last_column: int) -> None:
    lines[raster.line(row, column, last_row, last_column)] = True  # type: ignore[no-untyped-call]


def box(gap: int, pen: int, side: int = 80) -> Mask:
    """A square outline in the middle of a page, drawn with a square pen, with a gap in its right side."""
    lines = np.zeros((2 * side, 2 * side), np.bool_)
    near, far = side // 2, side // 2 + side
    lines[near : far + pen, near : far + pen] = True
    lines[near + pen : far, near + pen : far] = False
    lines[side : side + gap, far : far + pen] = False
    return lines


@st.composite
def drawings(draw: st.DrawFn) -> Mask:
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    lines = np.zeros((draw(st.integers(1, 70)), draw(st.integers(1, 140))), np.bool_)
    for _ in range(draw(st.integers(0, 25))):
        ends = random.integers(0, [lines.shape[0], lines.shape[1]] * 2).tolist()
        draw_line(lines, *ends)
    return lines


@given(drawings())
def test_without_gap_closing_regions_are_connected_pieces(lines: Mask) -> None:
    assert np.array_equal(regions(lines, 0), label(~lines))


@settings(max_examples=60)
@given(drawings(), st.integers(1, MAX_GAP))
def test_every_free_pixel_belongs_to_one_connected_region(lines: Mask, gap: int) -> None:
    labels = regions(lines, gap)
    assert labels.dtype == np.int32
    assert np.array_equal(labels == 0, lines)
    count = int(labels.max())
    # Pieces of equal labels: were one not connected, there would be more of them than labels.
    assert label(labels, background=0).max() == count
    assert label(~lines).max() <= count
    first = [int(np.flatnonzero(labels == number)[0]) for number in range(1, count + 1)]
    assert first == sorted(first)
    assert np.array_equal(regions(lines, gap), labels)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("pen", [1, 2, 3])
@pytest.mark.parametrize("gap", [1, 2, 3, 7, 12, 19, 20])
def test_a_gap_is_closed_up_to_its_width_and_no_further(gap: int, pen: int, turns: int) -> None:
    lines = np.rot90(box(gap, pen), turns)
    inside, outside = (80, 80), (5, 5)
    closed = regions(lines, gap)
    assert closed[inside] != closed[outside]
    assert closed.max() == 2
    both = np.rot90(box(0, pen), turns)
    free_inside = label(~both) == 2
    assert (closed[free_inside] == closed[inside]).all()  # up to its corners
    if gap > 2:
        assert regions(lines, gap - 2).max() == 1


def test_a_gap_in_a_slanted_line_is_closed() -> None:
    lines = np.zeros((120, 120), np.bool_)
    draw_line(lines, 0, 0, 55, 55)
    draw_line(lines, 64, 64, 119, 119)  # 8 pixels of the diagonal are missing: 11 px
    assert regions(lines, 8).max() == 1
    assert regions(lines, 14).max() == 2


def test_a_corner_narrower_than_the_ball_belongs_to_its_region() -> None:
    lines = np.ones((200, 300), np.bool_)
    lines[20:180, 20:180] = False
    lines[95:101, 180:290] = False  # a corridor of 6 px
    lines[20:60, 100] = True  # a line that ends inside
    assert regions(lines, 20).max() == 1


def test_a_wedge_is_filled_to_its_tip() -> None:
    rows, columns = np.indices((200, 400))
    lines = np.abs(rows - 100) * 8 > columns
    assert regions(lines, 20).max() == 1


def test_a_narrow_strand_does_not_leak_into_the_face_beside_it() -> None:
    lines = np.zeros((200, 200), np.bool_)
    lines[:, 100] = lines[:, 112] = True  # a strand of 11 px
    lines[90:94, 100] = False  # open to the left by 4 px
    labels = regions(lines, 8)
    assert labels.max() == 3
    assert len({labels[20, 50], labels[20, 106], labels[20, 150]}) == 3


def test_a_gap_is_shared_between_its_sides() -> None:
    lines = box(11, 3)
    labels = regions(lines, 12)
    gap = labels[80:91, 120:123]
    assert {int(labels[80, 80]), int(labels[5, 5])} == set(np.unique(gap).tolist())


def test_the_border_closes_regions() -> None:
    lines = np.zeros((60, 100), np.bool_)
    lines[8:52, 50] = True  # ends 8 px before the border
    assert regions(lines, 0).max() == 1
    assert regions(lines, 8).max() == 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 20_000), (20_000, 1), (2, 3)])
@pytest.mark.parametrize("gap", [0, 1, 20])
def test_blank_and_black_pages(shape: tuple[int, int], gap: int) -> None:
    assert (regions(np.zeros(shape, np.bool_), gap) == 1).all()
    assert (regions(np.ones(shape, np.bool_), gap) == 0).all()


def test_a_gap_beyond_the_limits_is_refused() -> None:
    with pytest.raises(ValueError, match="21 pixels"):
        regions(np.zeros((2, 2), np.bool_), 21)
