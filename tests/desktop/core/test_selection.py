import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.geometry import EMPTY_RECT, Point, Rect
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.selection_edges import feathered, grown, shrunk
from sketchsause_desktop.core.selection_outline import outline
from sketchsause_desktop.core.selection_shapes import ellipse, polygon
from sketchsause_desktop.core.tiles import TILE

CANVAS = Rect(0, 0, 2 * TILE + 30, TILE + 20)


def _noise(seed: int, share: float = 0.5) -> Coverage:
    """Blobs, blank parts, half-selected pixels."""
    rng = np.random.default_rng(seed)
    coarse = rng.choice([0, 255, 90, 200], (CANVAS.height // 10 + 1, CANVAS.width // 10 + 1), p=[0.5, 0.3, 0.1, 0.1])
    coverage = np.kron(coarse, np.ones((10, 10), int))[: CANVAS.height, : CANVAS.width].astype(np.uint8)
    coverage[:, : int(share * CANVAS.width)] = 0
    return coverage


selections = st.integers(0, 30).map(lambda seed: Selection.of_coverage(CANVAS, _noise(seed, seed % 3 / 3)))


def test_a_rectangle_selects_its_pixels() -> None:
    rect = Rect(100, 20, 200, 60)
    selection = Selection.of_rect(rect)
    expected = np.zeros((CANVAS.height, CANVAS.width), np.uint8)
    expected[rect.slices(CANVAS)] = 255
    assert np.array_equal(selection.coverage(CANVAS), expected[:, : CANVAS.width])
    assert selection.bounds == rect
    assert selection.coverage(Rect(-5, -5, 3, 3)).tolist() == [[0] * 3] * 3
    assert Selection.of_rect(EMPTY_RECT).is_empty
    assert Selection().bounds.is_empty


@given(st.integers(0, 30), st.integers(0, 150), st.integers(0, 100), st.integers(1, 130), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_any_part_can_be_read(seed: int, x: int, y: int, width: int, height: int) -> None:
    coverage, part = _noise(seed), Rect(x, y, width, height).intersected(CANVAS)
    selection = Selection.of_coverage(CANVAS, coverage)
    assert np.array_equal(selection.coverage(part), coverage[part.slices(CANVAS)])
    rows, columns = np.nonzero(coverage)
    assert selection.bounds == Rect.from_edges(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


@settings(max_examples=30, deadline=None)
@given(selections, selections)
def test_combining_is_arithmetic_on_each_pixel(one: Selection, other: Selection) -> None:
    a, b = one.coverage(CANVAS).astype(int), other.coverage(CANVAS).astype(int)
    assert np.array_equal(one.united(other).coverage(CANVAS), np.maximum(a, b))
    assert np.array_equal(one.without(other).coverage(CANVAS), np.maximum(a - b, 0))
    assert np.array_equal(one.intersected(other).coverage(CANVAS), np.minimum(a, b))
    assert np.array_equal(one.inverted(CANVAS).coverage(CANVAS), 255 - a)
    assert one.inverted(CANVAS).inverted(CANVAS) == one
    assert one.without(one).is_empty
    assert one.united(Selection()) == one
    assert (one == other) == np.array_equal(a, b)
    assert np.array_equal(one.coverage(CANVAS), a)  # neither has changed


def test_what_is_wholly_selected_is_stored_once() -> None:
    held = {id(tile) for tile in Selection.of_rect(Rect(0, 0, 8192, 8192)).held()}
    assert len(held) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-60, 330), st.floats(-60, 200)), min_size=3, max_size=3))
def test_a_triangle_is_selected_by_area(corners: list[tuple[float, float]]) -> None:
    """Counted on a grid sixteen times as fine, by the sides of its edges."""
    fine = 16
    part = Rect(90, 70, 60, 50)
    y, x = np.mgrid[0 : part.height * fine, 0 : part.width * fine] / fine + 0.5 / fine
    sides = [
        (x + part.x - x0) * (y1 - y0) - (y + part.y - y0) * (x1 - x0)
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    inside = np.all([side > 0 for side in sides], axis=0) | np.all([side < 0 for side in sides], axis=0)
    expected = inside.reshape(part.height, fine, part.width, fine).mean(axis=(1, 3)) * 255
    found = polygon([Point(*corner) for corner in corners], CANVAS).coverage(part)
    assert np.abs(found - expected).max() <= 255 * 2.5 / fine


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(-20, 300), st.integers(-20, 160)), min_size=3, max_size=8))
def test_a_lasso_agrees_with_pillow_away_from_its_line(corners: list[tuple[int, int]]) -> None:
    """Inside by the even-odd rule is inside here too; loops that are passed twice are filled here and not there."""
    pillow = Image.new("L", (CANVAS.width, CANVAS.height))
    ImageDraw.Draw(pillow).polygon(corners, fill=255)
    line = Image.new("L", pillow.size)
    ImageDraw.Draw(line).line([*corners, corners[0]], fill=255, width=5)
    selected = polygon([Point(*corner) for corner in corners], CANVAS).coverage(CANVAS)
    sure = (np.asarray(pillow) == 255) & (np.asarray(line) == 0)
    assert (selected[sure] == 255).all()


def test_odd_lassos_select_nothing_or_what_is_left_of_them() -> None:
    nowhere = Point(float("nan"), 5)
    assert polygon([], CANVAS).is_empty
    assert polygon([Point(1, 1), Point(9, 9)], CANVAS).is_empty
    assert polygon([Point(-9, -9), Point(-5, -9), Point(-5, -5)], CANVAS).is_empty
    everywhere = [Point(-1e6, -1e6), nowhere, Point(1e6, -1e6), Point(1e6, 1e6), Point(-1e6, 1e6)]
    assert polygon(everywhere, CANVAS) == Selection.of_rect(CANVAS)


@pytest.mark.parametrize("rect", [Rect(20, 10, 200, 100), Rect(5, 5, 3, 9), Rect(-50, -50, 100, 100)])
def test_an_ellipse_is_selected_by_area(rect: Rect) -> None:
    fine = 8
    y, x = np.mgrid[0 : CANVAS.height * fine, 0 : CANVAS.width * fine] / fine + 0.5 / fine
    inside = ((x - rect.x) / rect.width * 2 - 1) ** 2 + ((y - rect.y) / rect.height * 2 - 1) ** 2 <= 1
    expected = inside.reshape(CANVAS.height, fine, CANVAS.width, fine).mean(axis=(1, 3)) * 255
    assert np.abs(ellipse(rect, CANVAS).coverage(CANVAS) - expected).max() <= 255 * 1.5 / fine


@pytest.mark.parametrize("sigma", [1.5, 6, 20])
def test_feathering_is_a_gaussian(sigma: float) -> None:
    selection = Selection.of_rect(Rect(60, 40, 150, 60))
    reach = int(5 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    blurred = np.pad(selection.coverage(CANVAS) / 255, reach, mode="edge")
    for axis in (0, 1):
        blurred = np.apply_along_axis(np.convolve, axis, blurred, weights, mode="valid")
    assert np.abs(feathered(selection, sigma, CANVAS).coverage(CANVAS) / 255 - blurred).max() < 0.03


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 30), st.integers(0, 12))
def test_growing_takes_the_most_within_a_disc(seed: int, radius: int) -> None:
    coverage = _noise(seed)
    padded = np.pad(coverage, radius, mode="edge")
    expected = np.zeros_like(coverage)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            if dx * dx + dy * dy <= radius * radius:
                moved = padded[radius + dy :, radius + dx :][: CANVAS.height, : CANVAS.width]
                expected = np.maximum(expected, moved)
    selection = Selection.of_coverage(CANVAS, coverage)
    assert np.array_equal(grown(selection, radius, CANVAS).coverage(CANVAS), expected)
    assert shrunk(selection.inverted(CANVAS), radius, CANVAS) == grown(selection, radius, CANVAS).inverted(CANVAS)


def test_large_selections_have_no_seams() -> None:
    canvas = Rect(0, 0, 10 * TILE, 9 * TILE)
    everything = Selection.of_rect(canvas)
    assert feathered(everything, 30, canvas) == everything
    assert shrunk(everything, 40, canvas) == everything
    disc = ellipse(Rect(200, 150, 800, 800), canvas)
    soft = feathered(disc, 25, canvas).coverage(canvas).astype(int)
    assert np.abs(np.diff(soft, axis=0)).max() <= 6
    assert np.abs(np.diff(soft, axis=1)).max() <= 6


@settings(max_examples=30, deadline=None)
@given(selections)
def test_the_outline_goes_round_just_what_is_selected(selection: Selection) -> None:
    """Each pixel's winding number, from the vertical edges left of it, is one inside and nought outside."""
    edges = np.zeros((CANVAS.height, CANVAS.width + 1), int)
    for loop in outline(selection):
        following = np.roll(loop, -1, axis=0)
        steps = np.abs(following - loop)
        assert ((steps == 0).sum(axis=1) == 1).all()  # straight along one axis
        assert (np.roll(steps == 0, 1, axis=0) != (steps == 0)).all()  # and a corner after each
        for (x, y), (_, next_y) in zip(loop.tolist(), following.tolist(), strict=True):
            edges[min(y, next_y) : max(y, next_y), x] += 1 if next_y < y else -1
    assert np.array_equal(edges.cumsum(axis=1)[:, :-1], selection.coverage(CANVAS) >= 128)


def test_pixels_that_touch_at_a_corner_have_outlines_of_their_own() -> None:
    for coverage in ([[255, 0], [0, 255]], [[0, 255], [255, 0]]):
        loops = outline(Selection.of_coverage(Rect(7, 5, 2, 2), np.array(coverage, np.uint8)))
        assert sorted(len(loop) for loop in loops) == [4, 4]
    (loop,) = outline(Selection.of_rect(Rect(3, 4, 10, 20)))
    assert sorted(loop.tolist()) == [[3, 4], [3, 24], [13, 4], [13, 24]]
    assert outline(Selection()) == []


def test_what_is_selected_by_less_than_half_has_no_outline() -> None:
    faint = Selection.of_coverage(Rect(3, 4, 5, 6), np.full((6, 5), 127, np.uint8))
    assert outline(faint) == []
