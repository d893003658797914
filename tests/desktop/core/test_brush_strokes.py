"""Strokes of every preset, with flow, grain, limits, locked alpha and tapered ends."""

import dataclasses
import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.brush import Brush, Coverage, Follows, Grain, PenSample, Taper, Texture, Tip
from sketchsause_desktop.core.brush_presets import BrushPreset, shipped_presets
from sketchsause_desktop.core.geometry import Point, Rect
from sketchsause_desktop.core.pointer_path import PointerPath, PulledString, WeightedAverage
from sketchsause_desktop.core.stroke import Limit, Stroke
from sketchsause_desktop.core.tiles import TILE, Tiles

PAGE = Rect(0, 0, 2 * TILE + 20, TILE + 50)
PRESETS = shipped_presets()

fractions = st.floats(0, 1)
pictures = st.builds(
    lambda side, seed: Texture.of(np.random.default_rng(seed).integers(0, 256, side, np.uint8)),
    st.tuples(st.integers(1, 70), st.integers(1, 70)),
    st.integers(0, 99),
)
any_brush = st.builds(
    Brush,
    size=st.floats(0.1, 90),
    hardness=fractions,
    opacity=fractions,
    flow=fractions,
    spacing=st.floats(0, 2),
    size_by_pressure=fractions,
    flow_by_pressure=fractions,
    size_by_tilt=st.floats(0, 1),
    opacity_by_tilt=fractions,
    scatter=st.floats(0, 2),
    tip=st.none()
    | st.builds(
        Tip, texture=pictures, angle=st.floats(-360, 360), follows=st.sampled_from(Follows), random_turn=fractions
    ),
    grain=st.none() | st.builds(Grain, texture=pictures, strength=fractions),
    taper=st.builds(Taper, start=st.floats(0, 80), end=st.floats(0, 80)),
    multiplies=st.booleans(),
    erases=st.booleans(),
)
stabilisers = st.sampled_from([None, PulledString(length=20), WeightedAverage(samples=4)])
presets = st.sampled_from(PRESETS) | st.builds(
    BrushPreset, name=st.just("Any"), brush=any_brush, stabiliser=stabilisers, smooths=st.booleans()
)
colours = st.tuples(*[st.integers(0, 255)] * 3)
samples = st.builds(
    PenSample,
    st.floats(-30, PAGE.width + 30),
    st.floats(-30, PAGE.height + 30),
    st.floats(0, 1),
    st.floats(-60, 60),
    st.floats(-60, 60),
)
drags = st.lists(samples, min_size=1, max_size=5)


def _page() -> Tiles:
    """Half of it painted with noise, the rest empty."""
    noise = np.random.default_rng(0).integers(0, 256, (PAGE.height, TILE, 4)).astype(np.uint8)
    noise[..., :3] = np.minimum(noise[..., :3], noise[..., 3:])
    tiles = Tiles()
    tiles.write(Rect(0, 0, TILE, PAGE.height), noise)
    return tiles


def _draw(
    brush: Brush, drag: list[PenSample], tiles: Tiles | None = None, limit: Limit | None = None, locked: bool = False
) -> Pixels:
    tiles = _page() if tiles is None else tiles
    stroke = Stroke(tiles, brush, PAGE, limit=limit, keeps_alpha=locked)
    stroke.draw(drag)
    stroke.finish()
    return tiles.read(PAGE)


def _line(y: float, start: float, end: float, pressure: float = 1.0) -> list[PenSample]:
    return [PenSample(start, y, pressure), PenSample(end, y, pressure)]


def _widths(brush: Brush, drag: list[PenSample]) -> NDArray[np.float64]:
    """How many pixels are covered in each column."""
    widths: NDArray[np.float64] = _draw(brush, drag, Tiles())[..., 3].sum(axis=0) / 255
    return widths


# Every preset


@settings(max_examples=100)
@given(presets, colours, drags, st.booleans())
def test_every_call_tells_all_that_it_changed(
    preset: BrushPreset, colour: tuple[int, int, int], drag: list[PenSample], locked: bool
) -> None:
    tiles = _page()
    stroke = Stroke(tiles, preset.coloured(colour), PAGE, keeps_alpha=locked)
    path = PointerPath(preset.stabiliser)
    steps: list[Callable[[], Rect]] = [lambda one=one: stroke.draw(path.move(one)) for one in drag]  # type: ignore[misc]
    steps += [lambda: stroke.draw(path.lift()), stroke.finish]
    for step in steps:
        before = tiles.read(PAGE)
        dirty = step()
        assert PAGE.contains(dirty)
        after = tiles.read(PAGE)
        changed = (before != after).any(axis=-1)
        changed[dirty.slices(PAGE)] = False
        assert not changed.any()
        assert (after[..., :3] <= after[..., 3:]).all()


@settings(max_examples=40)
@given(presets, drags, st.lists(st.integers(0, 5), max_size=3))
def test_how_samples_are_batched_does_not_matter(preset: BrushPreset, drag: list[PenSample], cuts: list[int]) -> None:
    path = PointerPath(preset.stabiliser)
    drag = [one for sample in drag for one in path.move(sample)] + path.lift()
    together = _draw(preset.brush, drag)
    tiles = _page()
    stroke = Stroke(tiles, preset.brush, PAGE)
    edges = sorted({0, len(drag), *(min(cut * 7, len(drag)) for cut in cuts)})
    for start, end in itertools.pairwise(edges):
        stroke.draw(drag[start:end])
    stroke.finish()
    assert np.array_equal(tiles.read(PAGE), together)


@settings(max_examples=40)
@given(presets, drags, st.booleans())
def test_cancelling_gives_the_page_back(preset: BrushPreset, drag: list[PenSample], finished: bool) -> None:
    tiles = _page()
    before, snapshot = tiles.read(PAGE), tiles.snapshot()
    stroke = Stroke(tiles, preset.brush, PAGE)
    stroke.draw(drag)
    if finished:
        stroke.finish()
    stroke.cancel()
    assert np.array_equal(tiles.read(PAGE), before)
    assert tiles.snapshot() == snapshot


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_nothing_builds_up_beyond_the_opacity(preset: BrushPreset) -> None:
    """A scribble to and fro."""
    brush = dataclasses.replace(preset.brush, opacity=0.5, erases=False)
    drag = [PenSample(40 + 160 * (index % 2), 60 + index % 3, 1.0) for index in range(12)]
    alpha = _draw(brush, drag, Tiles())[..., 3]
    assert alpha.max() <= 128
    if not brush.builds_up:
        once = int(_draw(brush, drag[:2], Tiles())[..., 3].max())
        assert abs(int(alpha.max()) - once) <= 3, "as dark as where it went once, but for the paper"


@settings(max_examples=40)
@given(presets, drags)
def test_locked_alpha_stays_byte_for_byte(preset: BrushPreset, drag: list[PenSample]) -> None:
    before = _page().read(PAGE)
    after = _draw(preset.coloured((250, 10, 90)), drag, locked=True)
    assert np.array_equal(after[..., 3], before[..., 3])
    assert (after[..., :3] <= after[..., 3:]).all()
    if preset.brush.erases:
        assert np.array_equal(after, before)


def test_locked_alpha_takes_the_colour() -> None:
    half = np.full((PAGE.height, PAGE.width, 4), (0, 0, 100, 100), np.uint8)
    tiles = Tiles()
    tiles.write(PAGE, half)
    brush = Brush(size=20, hardness=1, size_by_pressure=0, colour=(255, 51, 0))
    assert _draw(brush, _line(60, 20, 200), tiles, locked=True)[60, 100].tolist() == [100, 20, 0, 100]


@settings(max_examples=40)
@given(presets, drags, st.integers(0, 5))
def test_a_limit_limits_exactly(preset: BrushPreset, drag: list[PenSample], seed: int) -> None:
    random = np.random.default_rng(seed)
    mask: Coverage = random.choice(np.array([0, 255], np.uint8), (PAGE.height, PAGE.width))
    brush = preset.coloured((250, 10, 90))
    before, free = _page().read(PAGE), _draw(brush, drag)
    limited = _draw(brush, drag, limit=lambda rect: mask[rect.slices(PAGE)])
    assert np.array_equal(limited, np.where(mask[..., np.newaxis] == 255, free, before))


def test_half_a_limit_lets_half_through() -> None:
    brush = Brush(size=20, hardness=1, size_by_pressure=0, colour=(255, 0, 0))
    pixels = _draw(brush, _line(60, 150, 230), limit=lambda rect: np.full((rect.height, rect.width), 100, np.uint8))
    assert pixels[60, 200].tolist() == [100, 0, 0, 100]


def test_where_nothing_may_change_no_tile_is_touched() -> None:
    tiles = _page()
    before = tiles.snapshot()
    _draw(Brush(size=30), _line(60, 20, 230), tiles, limit=lambda rect: np.zeros((rect.height, rect.width), np.uint8))
    assert tiles.snapshot() == before


# Flow, grain, marker, tilt


@pytest.mark.parametrize(("flow", "opacity"), [(0.2, 1.0), (0.5, 0.6), (0.05, 0.9)])
def test_flow_goes_its_part_of_the_way_with_every_dab(flow: float, opacity: float) -> None:
    """Dabs every 5 px, 20 px wide: four of them cover a pixel at the middle between two."""
    brush = Brush(size=20, hardness=1, size_by_pressure=0, spacing=0.25, flow=flow, opacity=opacity)
    alpha = _draw(brush, _line(60.5, 20.5, 120.5), Tiles())[60, :, 3]
    assert alpha[73] == pytest.approx(255 * opacity * (1 - (1 - flow) ** 4), abs=1)


def test_flow_builds_up_to_the_opacity() -> None:
    brush = Brush(size=20, hardness=0.3, size_by_pressure=0, flow=0.1, opacity=0.6)
    reached = [_draw(brush, _line(60, 40, 200) * times, Tiles())[60, 100, 3] for times in (1, 2, 4, 20)]
    assert reached == sorted(set(reached))
    assert reached[-1] == 153


def test_grain_leaves_the_valleys_blank_and_the_peaks_alone() -> None:
    """The paper is 4 px wide: a valley, a slope, a slope, a peak."""
    paper = Texture.of(np.array([[0, 85, 170, 255]], np.uint8))
    brush = Brush(size=30, hardness=1, size_by_pressure=0, grain=Grain(texture=paper, strength=0.6))
    heavy = _draw(brush, _line(60, 40, 200), Tiles())[60, 96:104, 3]
    light = _draw(dataclasses.replace(brush, opacity=0.4), _line(60, 40, 200), Tiles())[60, 96:104, 3]
    assert heavy.tolist() == [102, 153, 204, 255] * 2
    assert light.tolist() == [0, 0, 51, 102] * 2


def test_a_marker_darkens_and_never_lightens() -> None:
    tiles = _page()
    before = tiles.read(PAGE).astype(int)
    brush = Brush(size=40, size_by_pressure=0, colour=(200, 180, 255), multiplies=True, opacity=0.5)
    after = _draw(brush, _line(60, 10, 240), tiles).astype(int)
    seen_before, seen_after = (pixels[..., :3] + 255 - pixels[..., 3:] for pixels in (before, after))  # on paper
    assert (seen_after <= seen_before + 1).all()
    assert (seen_after < seen_before).any()


def test_a_tip_that_follows_the_stroke_leaves_no_gap_in_a_turn() -> None:
    """A thin bar across the way: round a narrow bend its outer end moves far."""
    bar = Texture.of(np.full((100, 12), 255, np.uint8))
    brush = Brush(size=60, size_by_pressure=0, spacing=0.05, tip=Tip(texture=bar, follows=Follows.STROKE))
    bend = [PenSample(30 + x, 100) for x in range(0, 90, 3)]
    bend += [PenSample(120 + 8 * math.sin(turn / 5), 92 + 8 * math.cos(turn / 5)) for turn in range(16)]
    bend += [PenSample(120 - x, 84) for x in range(0, 90, 3)]
    alpha = _draw(brush, bend, Tiles())[..., 3]
    rows, columns = np.indices(alpha.shape)
    fan = (np.hypot(columns - 120, rows - 92) < 34) & (columns > 124)
    assert alpha[fan].min() > 200


def test_a_flat_pen_draws_wider_and_fainter() -> None:
    brush = Brush(size=10, hardness=1, size_by_pressure=0, size_by_tilt=3, opacity_by_tilt=0.5)
    upright = _draw(brush, [PenSample(60, 60)], Tiles())[..., 3]
    flat = _draw(brush, [PenSample(60, 60, 1, 0, 60)], Tiles())[..., 3]
    assert np.count_nonzero(flat.max(axis=0)) == pytest.approx(4 * np.count_nonzero(upright.max(axis=0)), abs=4)
    assert (upright.max(), flat.max()) == (255, 128)


def test_scatter_strays_as_far_as_it_says() -> None:
    brush = Brush(size=10, hardness=1, size_by_pressure=0, scatter=2.0)
    rows = np.flatnonzero(_draw(brush, _line(80, 20, 220), Tiles())[..., 3].max(axis=1))
    assert 80 - 26 <= rows[0] < 70
    assert 90 < rows[-1] <= 80 + 26


# Tapered ends and taps


TAPERED = Brush(size=20, hardness=1, size_by_pressure=0, taper=Taper(start=40, end=60))


def test_the_width_grows_and_falls_evenly_and_ends_in_points() -> None:
    widths = _widths(TAPERED, _line(60, 20, 220))
    assert (np.diff(widths[18:100]) > -0.2).all()
    assert (np.diff(widths[120:222]) < 0.2).all()
    assert widths[80:140] == pytest.approx(20, abs=0.3)
    assert widths[21] < 3
    assert widths[217] < 3
    assert widths[18] == widths[222] == 0
    assert (widths[22:217] > 0.5).all(), "the points are no row of dots"


@pytest.mark.parametrize("rest", [0.0, 0.4])
def test_a_pen_that_rests_before_it_is_lifted_makes_no_blob(rest: float) -> None:
    resting = [PenSample(220 + rest * (index % 2), 60, 1) for index in range(30)]
    widths = _widths(TAPERED, [*_line(60, 20, 220), *resting])
    assert (np.diff(widths[120:]) < 0.2).all()
    assert widths.max() < 20.5


def test_before_the_pen_is_lifted_the_stroke_is_full_up_to_it() -> None:
    tiles = Tiles()
    Stroke(tiles, TAPERED, PAGE).draw(_line(60, 20, 220))
    widths = tiles.read(PAGE)[..., 3].sum(axis=0) / 255
    assert widths[200] == pytest.approx(20, abs=0.3)
    assert (np.diff(widths[18:100]) > -0.2).all()


def test_a_short_stroke_shares_its_length_out_and_still_is_as_thick() -> None:
    widths = _widths(TAPERED, _line(60, 100, 150))
    assert 18 < widths.max() < 20.5
    assert widths.argmax() == pytest.approx(120, abs=5)


def test_what_the_end_leaves_free_is_as_it_was_before() -> None:
    tiles = _page()
    before = tiles.read(PAGE)
    after = _draw(TAPERED, _line(60, 20, 110), tiles)
    tip = Rect(108, 52, 12, 4)  # covered while the pen was down
    assert np.array_equal(after[tip.slices(PAGE)], before[tip.slices(PAGE)])


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_tap_leaves_a_dot_as_hard_as_it_was_pressed(preset: BrushPreset) -> None:
    brush = dataclasses.replace(preset.brush, erases=False, flow=1, flow_by_pressure=0)
    light = _draw(brush, [PenSample(100, 60, 0.3)], Tiles())[..., 3].sum(dtype=int)
    growing = _draw(brush, [PenSample(100, 60, pressure) for pressure in (0.3, 0.6, 1.0, 0.2)], Tiles())[..., 3]
    full = _draw(brush, [PenSample(100, 60, 1.0)], Tiles())[..., 3]
    assert 0 < light <= growing.sum(dtype=int)
    assert np.array_equal(growing, np.maximum(full, growing))
    assert growing.sum(dtype=int) == pytest.approx(full.sum(dtype=int), rel=0.01)


def test_a_stroke_without_a_sample_is_nothing() -> None:
    tiles = _page()
    before = tiles.snapshot()
    stroke = Stroke(tiles, TAPERED, PAGE)
    assert stroke.draw([]).is_empty
    assert stroke.finish().is_empty
    assert tiles.snapshot() == before


def test_old_and_new_ways_of_drawing_are_one() -> None:
    one, other = Tiles(), Tiles()
    brush = Brush(size=15)
    stroke = Stroke(one, brush, PAGE)
    stroke.begin(Point(20, 30), 0.4)
    stroke.extend(Point(150, 90), 0.9)
    Stroke(other, brush, PAGE).draw([PenSample(20, 30, 0.4), PenSample(150, 90, 0.9)])
    assert np.array_equal(one.read(PAGE), other.read(PAGE))
