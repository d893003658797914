import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Point
from sketchsause_desktop.core.pointer_path import (
    FARTHEST,
    PointerPath,
    PulledString,
    Stabiliser,
    WeightedAverage,
    straight_line,
)

places = st.floats(-500, 500)
samples = st.builds(PenSample, places, places, st.floats(0, 1), st.floats(-60, 60), st.floats(-60, 60))
drags = st.lists(samples, min_size=1, max_size=12)
stabilisers: st.SearchStrategy[Stabiliser | None] = st.one_of(
    st.none(),
    st.builds(PulledString, length=st.floats(0, 100), catches_up=st.just(True)),
    st.builds(WeightedAverage, samples=st.integers(1, 20), catches_up=st.just(True)),
)
bad = st.sampled_from(
    [
        PenSample(math.nan, 0),
        PenSample(0, math.inf),
        PenSample(0, 0, math.nan),
        PenSample(0, 0, 1, math.inf),
        PenSample(2 * FARTHEST, 0),
    ]
)


def drawn(path: PointerPath, drag: list[PenSample]) -> list[PenSample]:
    return [one for sample in drag for one in path.move(sample)] + path.lift()


def circle(radius: float, count: int) -> list[PenSample]:
    turns = [math.tau * index / count for index in range(count + 1)]
    return [PenSample(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns]


@settings(max_examples=60)
@given(stabilisers, st.booleans(), drags)
def test_a_path_begins_and_ends_at_the_pen(stabiliser: Stabiliser | None, smooths: bool, drag: list[PenSample]) -> None:
    path = drawn(PointerPath(stabiliser, smooths=smooths), drag)
    assert path[0] == pytest.approx(drag[0])
    assert path[-1].distance(drag[-1]) < 0.02


@settings(max_examples=60)
@given(stabilisers, st.booleans(), drags, st.lists(st.tuples(st.integers(0, 12), bad), min_size=1, max_size=4))
def test_samples_that_are_no_place_leave_no_trace(
    stabiliser: Stabiliser | None, smooths: bool, drag: list[PenSample], faults: list[tuple[int, PenSample]]
) -> None:
    faulty = list(drag)
    for index, fault in faults:
        faulty.insert(index, fault)
    path = drawn(PointerPath(stabiliser, smooths=smooths), faulty)
    assert path == drawn(PointerPath(stabiliser, smooths=smooths), drag)
    assert all(math.isfinite(value) for sample in path for value in sample)


@settings(max_examples=40)
@given(drags)
def test_a_curve_goes_through_all_samples_in_small_steps(drag: list[PenSample]) -> None:
    path = drawn(PointerPath(), drag)
    assert all(min(place.distance(sample) for place in path) < 0.02 for sample in drag)
    assert all(a.distance(b) < 12 for a, b in itertools.pairwise(path))
    assert all(0 <= sample.pressure <= 1 for sample in path)


def test_a_fast_circle_is_round() -> None:
    path = drawn(PointerPath(), circle(100, 12))
    inner = [sample for sample in path if sample.x < 60]  # the first and the last piece have one neighbour only
    assert max(abs(math.hypot(sample.x, sample.y) - 100) for sample in inner) < 0.5
    assert min(math.hypot((a.x + b.x) / 2, (a.y + b.y) / 2) for a, b in itertools.pairwise(circle(100, 12))) < 97


def test_a_straight_line_stays_straight_however_uneven() -> None:
    path = drawn(PointerPath(), [PenSample(x, 2 * x) for x in (0, 1, 40, 41, 200)])
    assert all(sample.y == pytest.approx(2 * sample.x, abs=1e-6) for sample in path)
    assert all(b.x > a.x for a, b in itertools.pairwise(path))


def test_a_sharp_turn_after_a_long_way_makes_no_loop() -> None:
    path = drawn(
        PointerPath(), [PenSample(0, 0), PenSample(200, 0), PenSample(202, 3), PenSample(200, 6), PenSample(0, 9)]
    )
    assert max(sample.x for sample in path) < 204


def test_without_smoothing_the_samples_are_the_path() -> None:
    drag = circle(50, 7)
    assert [one for sample in drag for one in PointerPath(smooths=False).move(sample)] == drag


@settings(max_examples=60)
@given(st.floats(1, 100), drags)
def test_the_string_is_never_longer_than_it_is_and_never_pushes(length: float, drag: list[PenSample]) -> None:
    path = PointerPath(PulledString(length=length), smooths=False)
    before = drag[0]
    for sample in drag:
        (now,) = path.move(sample)
        assert now.distance(sample) <= length + 1e-6
        if before.distance(sample) <= length:
            assert now[:2] == before[:2]
        else:
            assert now.distance(sample) == pytest.approx(length)
        before = now


def test_a_slack_string_hides_a_trembling_hand() -> None:
    trembling = [PenSample(3 * x, 8 * math.sin(x)) for x in range(100)]
    path = [one for s in trembling for one in PointerPath(PulledString(length=40), smooths=False).move(s)]
    assert np.ptp([sample.y for sample in path]) <= 16
    steady = PointerPath(PulledString(length=40), smooths=False)
    heights = [steady.move(sample)[0].y for sample in trembling][30:]
    assert np.ptp(heights) < 5


def test_the_average_weighs_the_newest_most() -> None:
    values = np.random.default_rng(0).uniform(-50, 50, 60)
    path = PointerPath(WeightedAverage(samples=5), smooths=False)
    got = [path.move(PenSample(value, 0))[0].x for value in values]
    weights = np.array([5, 4, 3, 2, 1]) / 15  # np.convolve turns them round
    assert got[4:] == pytest.approx(np.convolve(values, weights, "valid"))


@pytest.mark.parametrize("stabiliser", [PulledString(length=30, catches_up=False), WeightedAverage(catches_up=False)])
def test_it_stays_behind_where_catching_up_is_not_wanted(stabiliser: Stabiliser) -> None:
    path = drawn(PointerPath(stabiliser), [PenSample(10 * x, 0) for x in range(30)])
    assert path[-1].x < 280


def test_pressing_harder_on_the_spot_is_told() -> None:
    path = PointerPath(PulledString(length=10))
    assert [path.move(PenSample(5, 5, pressure))[-1].pressure for pressure in (0.1, 0.6, 0.9)] == [0.1, 0.6, 0.9]


def test_a_path_without_a_sample_is_empty() -> None:
    for stabiliser in (None, PulledString(), WeightedAverage()):
        assert PointerPath(stabiliser).lift() == []


def test_a_straight_line_has_one_thickness() -> None:
    start, end = straight_line(Point(1, 2), Point(30, 40))
    assert (start.x, start.y, end.x, end.y, start.pressure, end.pressure) == (1, 2, 30, 40, 1, 1)


def test_impossible_stabilisers_are_refused() -> None:
    for length in (-1.0, math.nan, 1e9):
        with pytest.raises(ValueError, match="string"):
            PulledString(length=length)
    with pytest.raises(ValueError, match="average"):
        WeightedAverage(samples=0)
