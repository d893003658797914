import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.brush import MAX_BRUSH_SIZE, Brush
from sketchsause_desktop.core.geometry import Point, Rect
from sketchsause_desktop.core.stamps import Dab, Stamp, round_stamps
from sketchsause_desktop.core.stroke import Stroke
from sketchsause_desktop.core.tiles import TILE, Tiles

PAGE = Rect(0, 0, 2 * TILE + 20, TILE + 50)
AROUND = Rect(-TILE, -TILE, 5 * TILE, 4 * TILE)

fractions = st.floats(0, 1)
brushes = st.builds(
    Brush,
    size=st.floats(0.1, 150),
    hardness=fractions,
    opacity=fractions,
    spacing=st.floats(0, 1),
    colour=st.tuples(*[st.integers(0, 255)] * 3),
    size_by_pressure=fractions,
    opacity_by_pressure=fractions,
    erases=st.booleans(),
)
events = st.tuples(st.floats(-60, PAGE.width + 60), st.floats(-60, PAGE.height + 60), fractions)
drags = st.lists(events, min_size=1, max_size=5)


def _stamp(x: float, y: float, size: float, hardness: float = 1.0, opacity: float = 1.0) -> Stamp:
    (stamp,) = round_stamps([Dab(x, y, size, opacity)], hardness)
    return stamp


def _page(seed: int = 0) -> Tiles:
    """Half of it painted with noise, the rest empty."""
    noise = np.random.default_rng(seed).integers(0, 256, (PAGE.height, TILE, 4)).astype(np.uint8)
    noise[..., :3] = np.minimum(noise[..., :3], noise[..., 3:])
    tiles = Tiles()
    tiles.write(Rect(0, 0, TILE, PAGE.height), noise)
    return tiles


def _draw(tiles: Tiles, brush: Brush, drag: list[tuple[float, float, float]]) -> tuple[Stroke, Rect]:
    stroke = Stroke(tiles, brush, PAGE)
    dirty = stroke.begin(Point(*drag[0][:2]), drag[0][2])
    for x, y, pressure in drag[1:]:
        dirty = dirty.united(stroke.extend(Point(x, y), pressure))
    return stroke, dirty


@settings(max_examples=150, deadline=None)
@given(brushes, drags)
def test_the_dirty_rectangle_covers_every_changed_pixel(brush: Brush, drag: list[tuple[float, float, float]]) -> None:
    tiles = _page()
    before = tiles.read(AROUND)
    _stroke, dirty = _draw(tiles, brush, drag)
    after = tiles.read(AROUND)
    changed = (before != after).any(axis=-1)
    assert PAGE.contains(dirty)
    changed[dirty.slices(AROUND)] = False
    assert not changed.any()
    assert (after[..., :3] <= after[..., 3:]).all()


@settings(max_examples=80, deadline=None)
@given(brushes, drags)
def test_each_event_tells_its_own_changes(brush: Brush, drag: list[tuple[float, float, float]]) -> None:
    tiles = _page()
    stroke = Stroke(tiles, brush, PAGE)
    steps: list[Callable[[], Rect]] = [lambda: stroke.begin(Point(*drag[0][:2]), drag[0][2])]
    steps += [lambda event=event: stroke.extend(Point(*event[:2]), event[2]) for event in drag[1:]]  # type: ignore[misc]
    for step in steps:
        before = tiles.read(PAGE)
        dirty = step()
        changed = (before != tiles.read(PAGE)).any(axis=-1)
        changed[dirty.slices(PAGE)] = False
        assert not changed.any()


@settings(max_examples=80, deadline=None)
@given(brushes, drags)
def test_cancelling_gives_the_page_back_byte_for_byte(brush: Brush, drag: list[tuple[float, float, float]]) -> None:
    tiles = _page()
    before, snapshot = tiles.read(AROUND), tiles.snapshot()
    stroke, _dirty = _draw(tiles, brush, drag)
    stroke.cancel()
    assert np.array_equal(tiles.read(AROUND), before)
    assert tiles.snapshot() == snapshot


@settings(max_examples=60, deadline=None)
@given(brushes, drags, st.floats(0.05, 0.95))
def test_how_the_events_are_cut_does_not_matter(
    brush: Brush, drag: list[tuple[float, float, float]], cut: float
) -> None:
    """Dabs lie at even distances, so an extra event on the way between two changes (nearly) nothing."""
    brush = Brush(size=brush.size, hardness=brush.hardness, colour=brush.colour, size_by_pressure=0)
    finer = [drag[0]]
    for start, end in itertools.pairwise(drag):
        middle = Point(*start[:2]).towards(Point(*end[:2]), cut)
        finer += [(middle.x, middle.y, 1.0), end]
    one, other = Tiles(), Tiles()
    _draw(one, brush, drag)
    _draw(other, brush, finer)
    difference = np.abs(one.read(PAGE).astype(int) - other.read(PAGE))
    assert (difference.max(axis=-1) > 0.2 * 255).mean() < 0.01  # a dab may snap to the next eighth of a pixel


def _across(opacity: float) -> Pixels:
    """A stroke to and fro, and once across itself."""
    tiles = Tiles()
    brush = Brush(size=20, hardness=1, opacity=opacity, size_by_pressure=0, colour=(255, 0, 0))
    _draw(tiles, brush, [(20, 60, 1), (120, 60, 1), (20, 60, 1), (70, 20, 1), (70, 100, 1)])
    return tiles.read(PAGE)


def test_opacity_does_not_build_up_within_a_stroke() -> None:
    pixels = _across(opacity=0.5)
    assert set(np.unique(pixels[..., 3])) >= {0, 128}
    assert pixels[..., 3].max() == 128
    assert pixels[60, 70].tolist() == [128, 0, 0, 128]


def test_a_second_stroke_does_build_up() -> None:
    tiles = Tiles()
    for _ in range(2):
        _draw(tiles, Brush(size=20, opacity=0.5, size_by_pressure=0), [(20, 60, 1), (120, 60, 1)])
    assert tiles.read(PAGE)[60, 70, 3] == 128 + round(127 * 128 / 255)


def test_a_stroke_leaves_no_gaps_and_has_straight_sides() -> None:
    tiles = Tiles()
    _draw(tiles, Brush(size=20, hardness=1, size_by_pressure=0), [(20, 60, 1), (120, 60, 1)])
    alpha = tiles.read(PAGE)[..., 3]
    assert (alpha[51:69, 20:120] == 255).all()
    assert (alpha[:49] == 0).all()
    assert alpha[50, 30:110].min() > 230  # the waves of the dabs at the rim are fainter than a tenth of a pixel


@pytest.mark.parametrize("x", [30.0, 30.25, 30.5, 30.875])
@pytest.mark.parametrize("size", [1.0, 2.0, 5.0, 21.0, 300.0])
def test_a_dab_has_the_area_and_the_centre_it_should(x: float, size: float) -> None:
    stamp = _stamp(x, 40.5, size, hardness=1.0, opacity=1.0)
    ink = stamp.coverage / 255
    columns = stamp.rect.x + np.arange(ink.shape[1]) + 0.5
    rows = stamp.rect.y + np.arange(ink.shape[0]) + 0.5
    assert abs((ink.sum(axis=0) * columns).sum() / ink.sum() - x) < 0.1
    assert abs((ink.sum(axis=1) * rows).sum() / ink.sum() - 40.5) < 0.1
    assert ink.sum() == pytest.approx(np.pi * size**2 / 4, rel=0.1 if size > 2 else 0.5)


def test_a_dab_thinner_than_a_pixel_fades_instead_of_vanishing() -> None:
    sums = [_stamp(9.5, 9.5, size, 1.0, 1.0).coverage.sum() for size in (1.0, 0.7, 0.4, 0.0)]
    assert sums == sorted(sums, reverse=True)
    assert sums[2] > 0
    assert sums[3] == 0


def test_a_soft_dab_fades_towards_its_rim() -> None:
    row = _stamp(50.5, 50.5, 60, hardness=0.0, opacity=1.0).coverage[31]
    half = row[:32].astype(int)
    assert (np.diff(half) >= 0).all()
    assert half[10] < 128 < half[24]


def test_pressure_makes_lines_thicker_and_darker() -> None:
    thick = Brush(size=40, size_by_pressure=1, opacity_by_pressure=1)
    covered = []
    for pressure in (0.25, 0.5, 1.0):
        tiles = Tiles()
        _draw(tiles, thick, [(60, 60, pressure)])
        alpha = tiles.read(PAGE)[..., 3]
        covered.append((int((alpha > 0).sum()), int(alpha.max())))
    assert covered == sorted(covered)
    assert [alpha for _, alpha in covered] == [64, 128, 255]


def test_the_eraser_makes_transparent_and_makes_no_tiles() -> None:
    tiles = _page()
    keys = tiles.keys()
    _draw(tiles, Brush(size=30, hardness=1, size_by_pressure=0, erases=True), [(60, 60, 1), (200, 60, 1)])
    assert (tiles.read(Rect(60, 50, 30, 20)) == 0).all()
    assert tiles.keys() == keys


def test_nothing_is_painted_outside_the_canvas() -> None:
    tiles = Tiles()
    _draw(tiles, Brush(size=100, size_by_pressure=0), [(0, 0, 1), (PAGE.right, PAGE.bottom, 1)])
    everywhere = tiles.read(AROUND)
    everywhere[PAGE.slices(AROUND)] = 0
    assert not everywhere.any()


@pytest.mark.parametrize(
    "fault", [{"size": 0}, {"size": MAX_BRUSH_SIZE + 1}, {"hardness": 1.1}, {"opacity": -0.1}, {"spacing": -1}]
)
def test_impossible_brushes_are_refused(fault: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"brush|must lie"):
        Brush(**fault)  # type: ignore[arg-type]
