import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchsause_desktop.core.pressure import LINEAR, PressureCurve

fractions = st.floats(0, 1)


@st.composite
def curves(draw: st.DrawFn) -> PressureCurve:
    inner = draw(st.lists(st.integers(1, 99), max_size=6, unique=True))
    pressures = [0.0, *(pressure / 100 for pressure in sorted(inner)), 1.0]
    return PressureCurve(points=tuple((pressure, draw(fractions)) for pressure in pressures))


@given(fractions)
def test_the_straight_curve_changes_nothing(pressure: float) -> None:
    assert LINEAR(pressure) == pressure


@given(curves())
def test_a_curve_goes_through_its_points_and_never_beyond_its_neighbours(curve: PressureCurve) -> None:
    for (x, y), (next_x, next_y) in itertools.pairwise(curve.points):
        between = [curve(x + (next_x - x) * step / 20) for step in range(21)]
        assert between[0] == pytest.approx(y, abs=1e-9)
        assert between[-1] == pytest.approx(next_y, abs=1e-9)
        rises = 1 if next_y >= y else -1
        assert all((after - before) * rises > -1e-9 for before, after in itertools.pairwise(between))


def test_a_curve_bends_without_a_corner() -> None:
    curve = PressureCurve(points=((0, 0), (0.3, 0.1), (0.7, 0.8), (1, 1)))
    for x, _ in curve.points[1:-1]:
        assert (curve(x + 1e-5) - curve(x)) == pytest.approx(curve(x) - curve(x - 1e-5), rel=0.01)


def test_three_points_in_a_line_are_a_line() -> None:
    curve = PressureCurve(points=((0, 0.2), (0.25, 0.4), (1, 1)))
    assert [curve(x) for x in (0.1, 0.5, 0.9)] == pytest.approx([0.28, 0.6, 0.92])


def test_pressure_outside_its_range_is_taken_for_the_end() -> None:
    curve = PressureCurve(points=((0, 0.1), (0.5, 0.2), (1, 0.9)))
    assert (curve(-3.0), curve(7.0)) == (curve(0.0), curve(1.0))


@pytest.mark.parametrize(
    "points",
    [
        ((0, 0),),
        ((0, 0), (0.9, 1)),
        ((0, 0), (0.6, 0), (0.5, 1), (1, 1)),
        ((0, 0), (0.5, 0.2), (0.5, 0.3), (1, 1)),
        ((0, 0), (1, 1.1)),
        ((0, 0), (float("nan"), 0.5), (1, 1)),
        ((0, float("nan")), (1, 1)),
        tuple((x / 40, 0.5) for x in range(41)),
    ],
)
def test_impossible_curves_are_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="pressure curve"):
        PressureCurve(points=points)
