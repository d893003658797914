import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sketchsause_desktop.core.geometry import EMPTY_RECT, Point, Rect, Size

rects = st.builds(Rect, st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 40), st.integers(0, 40))


def _pixels(rect: Rect) -> set[tuple[int, int]]:
    return {(x, y) for x in range(rect.x, rect.right) for y in range(rect.y, rect.bottom)}


@given(rects, rects)
def test_intersection_holds_exactly_the_shared_pixels(one: Rect, other: Rect) -> None:
    assert _pixels(one.intersected(other)) == _pixels(one) & _pixels(other)


@given(rects, rects)
def test_union_is_the_smallest_rectangle_round_both(one: Rect, other: Rect) -> None:
    united = one.united(other)
    pixels = _pixels(one) | _pixels(other)
    assert pixels <= _pixels(united)
    if pixels:
        columns, rows = {x for x, _ in pixels}, {y for _, y in pixels}
        assert united == Rect.from_edges(min(columns), min(rows), max(columns) + 1, max(rows) + 1)


@given(rects, rects)
def test_a_rectangle_contains_another_when_it_has_all_its_pixels(one: Rect, other: Rect) -> None:
    assert one.contains(other) == (_pixels(other) <= _pixels(one))


@given(rects, st.integers(1, 60))
def test_bands_cover_a_rectangle_once(rect: Rect, height: int) -> None:
    bands = list(rect.bands(height))
    assert sum(band.size.area for band in bands) == rect.size.area
    assert all(band.height <= height for band in bands)
    assert Rect.union_of(bands) == (rect if rect.height else EMPTY_RECT) or rect.is_empty


def test_slices_pick_the_rectangle_out_of_an_array() -> None:
    array = np.arange(100).reshape(10, 10)
    assert array[Rect(12, 21, 2, 1).slices(Rect(10, 20, 10, 10))].tolist() == [[12, 13]]


def test_points_and_sizes_reckon() -> None:
    assert Point(1, 2) + Point(3, 4) - Point(1, 1) == Point(3, 5)
    assert Point(1, 2) * 2 == Point(2, 4)
    assert Point(0, 0).distance(Point(3, 4)) == 5
    assert Point(0, 0).towards(Point(10, 20), 0.25) == Point(2.5, 5)
    assert Size(2000, 1000).fitted_to(256) == Size(256, 128)
    assert Size(1, 20000).fitted_to(256) == Size(1, 256)
    assert Size(0, 5).is_empty
    assert Size(-2, -3).area == 0


def test_around_covers_a_disc() -> None:
    assert Rect.around(Point(5.5, 5.5), 1.0) == Rect(4, 4, 3, 3)
