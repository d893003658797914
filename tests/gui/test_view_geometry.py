import math

from hypothesis import assume, given
from hypothesis import strategies as st

from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.ui.view_geometry import MAX_ZOOM, Placement, View

sizes = st.builds(Size, st.integers(1, 5000), st.integers(1, 5000))
angles = st.sampled_from((0.0, 90.0, -90.0, 180.0)) | st.floats(-179.9, 180)
panes = st.builds(Rect, st.integers(0, 400), st.just(0), st.integers(1, 3000), st.integers(1, 2000))


@st.composite
def views(draw: st.DrawFn) -> View:
    size = draw(sizes)
    x, y = draw(st.floats(0, 1)) * size.width, draw(st.floats(0, 1)) * size.height
    return View(
        size_doc=size,
        zoom=draw(st.floats(0.02, MAX_ZOOM)),
        centre_doc=Point(x, y),
        mirrored=draw(st.booleans()),
        angle=draw(angles),
    )


@given(views(), panes, st.floats(-100, 3000), st.floats(-100, 3000))
def test_document_and_back_is_the_same_point(view: View, pane: Rect, x: float, y: float) -> None:
    placement = Placement(view, pane)
    there = placement.to_device(placement.to_doc(Point(x, y)))
    assert abs(there.x - x) < 1e-6 * max(1, abs(x)) + 1e-6
    assert abs(there.y - y) < 1e-6 * max(1, abs(y)) + 1e-6


@given(views(), panes, st.floats(0.1, 8))
def test_zooming_keeps_what_is_under_the_cursor(view: View, pane: Rect, factor: float) -> None:
    middle = Point(pane.x + pane.width / 2, pane.y + pane.height / 2)
    under = Placement(view, pane).to_doc(middle)
    zoomed = view.zoomed(view.zoom * factor, pane, middle)
    width, height = view.size_doc.width, view.size_doc.height
    assume(0 < zoomed.centre_doc.x < width and 0 < zoomed.centre_doc.y < height)  # not held at the edge
    after = Placement(zoomed, pane).to_device(under)
    assert abs(after.x - middle.x) <= 1.01  # the origin is a whole pixel
    assert abs(after.y - middle.y) <= 1.01


@given(views(), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_the_drawing_cannot_be_lost(view: View, dx: float, dy: float) -> None:
    centre = view.panned(dx, dy).centre_doc
    assert 0 <= centre.x <= view.size_doc.width
    assert 0 <= centre.y <= view.size_doc.height


@given(sizes, st.builds(Size, st.integers(60, 4000), st.integers(60, 4000)), angles)
def test_fit_shows_all_and_never_magnifies(size: Size, pane: Size, angle: float) -> None:
    view = View(size_doc=size, angle=angle).fitted(pane, margin=10)
    assert view.zoom <= 1
    if view.zoom * max(size.width, size.height) > 48.5:  # not held at the smallest zoom
        left, top, right, bottom = Placement(view, Rect.of_size(pane)).page_device()
        assert left >= 0
        assert top >= 0
        assert right <= pane.width + 1
        assert bottom <= pane.height + 1


@given(views(), panes, st.integers(0, 4000), st.integers(0, 4000), st.integers(1, 300), st.integers(1, 300))
def test_what_shows_in_a_box_lies_in_the_box_that_is_repainted(
    view: View, pane: Rect, x: int, y: int, width: int, height: int
) -> None:
    placement = Placement(view, pane)
    box = Rect(x, y, width, height).intersected(Rect.of_size(view.size_doc))
    repainted = placement.box_to_device(box)
    for corner in (Point(box.x, box.y), Point(box.right, box.bottom)):
        seen = placement.to_device(corner)
        inside_pane = pane.x <= seen.x < pane.right and pane.y <= seen.y < pane.bottom
        if inside_pane and not box.is_empty:
            assert repainted.x <= seen.x <= repainted.right
            assert repainted.y <= seen.y <= repainted.bottom


def test_steps_go_through_round_zooms() -> None:
    view = View(size_doc=Size(100, 100), zoom=0.9)
    assert view.next_step(1) == 1
    assert view.next_step(-1) == 0.6667
    assert View(size_doc=Size(100, 100), zoom=MAX_ZOOM).next_step(1) == MAX_ZOOM


@given(views(), panes)
def test_a_straight_view_is_a_scale_and_a_shift(view: View, pane: Rect) -> None:
    straight = Placement(view.rotated(360), pane)
    zoom_x = -view.zoom if view.mirrored else view.zoom
    origin_x = round(pane.x + pane.width / 2 - view.centre_doc.x * zoom_x)
    origin_y = round(pane.y + pane.height / 2 - view.centre_doc.y * view.zoom)
    assert straight.matrix == (zoom_x, 0.0, 0.0, view.zoom, float(origin_x), float(origin_y))
    assert straight.to_doc(Point(7, 9)) == Point((7 - origin_x) / zoom_x, (9 - origin_y) / view.zoom)


@given(views(), panes)
def test_rotation_is_clockwise_about_the_middle_and_keeps_lengths(view: View, pane: Rect) -> None:
    placement = Placement(view, pane)
    start, right = placement.to_device(Point(10, 10)), placement.to_device(Point(110, 10))
    assert math.isclose(start.distance(right), 100 * view.zoom, rel_tol=1e-9)
    slope = math.degrees(math.atan2(right.y - start.y, right.x - start.x)) - (180 if view.mirrored else 0)
    assert math.isclose(math.cos(math.radians(slope - view.angle)), 1, abs_tol=1e-9)
    middle = placement.to_device(view.centre_doc)
    assert abs(middle.x - pane.x - pane.width / 2) <= 0.5 + 1e-6
    assert abs(middle.y - pane.y - pane.height / 2) <= 0.5 + 1e-6


@given(views(), panes, st.integers(0, 900), st.integers(0, 900))
def test_mirroring_swaps_left_and_right_of_the_screen(view: View, pane: Rect, x: int, y: int) -> None:
    one = Placement(view, pane).to_device(Point(x, y))
    other = Placement(view.flipped(not view.mirrored), pane).to_device(Point(x, y))
    assert abs(one.x + other.x - 2 * pane.x - pane.width) <= 1 + 1e-6  # each origin is a whole pixel
    assert abs(one.y - other.y) <= 1e-6


@given(st.floats(-1e4, 1e4))
def test_angles_stay_within_one_turn(angle: float) -> None:
    kept = View(size_doc=Size(9, 9)).rotated(angle).angle
    assert -180 < kept <= 180
    assert math.isclose(math.cos(math.radians(kept - angle)), 1, abs_tol=1e-9)
