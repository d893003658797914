from hypothesis import assume, given
from hypothesis import strategies as st

from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.ui.view_geometry import MAX_ZOOM, Placement, View

sizes = st.builds(Size, st.integers(1, 5000), st.integers(1, 5000))
panes = st.builds(Rect, st.integers(0, 400), st.just(0), st.integers(1, 3000), st.integers(1, 2000))


@st.composite
def views(draw: st.DrawFn) -> View:
    size = draw(sizes)
    x, y = draw(st.floats(0, 1)) * size.width, draw(st.floats(0, 1)) * size.height
    return View(
        size_doc=size, zoom=draw(st.floats(0.02, MAX_ZOOM)), centre_doc=Point(x, y), mirrored=draw(st.booleans())
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


@given(sizes, st.builds(Size, st.integers(60, 4000), st.integers(60, 4000)))
def test_fit_shows_all_and_never_magnifies(size: Size, pane: Size) -> None:
    view = View(size_doc=size).fitted(pane, margin=10)
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
