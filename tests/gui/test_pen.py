import math

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from sketchsause_desktop.ui.pen import FAINTEST, FEWEST_SAMPLES, PenCleaner, PressureWatch

any_float = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(any_float, any_float, any_float), max_size=20))
def test_whatever_a_driver_sends_is_usable_or_dropped(samples: list[tuple[float, float, float]]) -> None:
    cleaner = PenCleaner()
    for x, y, pressure in samples:
        point = cleaner.clean(QPointF(x, y), pressure)
        if point is None:
            assert not (math.isfinite(x) and math.isfinite(y))
        else:
            assert 0 < point.pressure <= 1


def test_a_false_zero_keeps_the_last_pressure() -> None:
    cleaner = PenCleaner()
    assert cleaner.clean(QPointF(0, 0), 0.0).pressure == FAINTEST  # type: ignore[union-attr]
    cleaner.clean(QPointF(1, 0), 0.6)
    assert cleaner.clean(QPointF(2, 0), 0.0).pressure == 0.6  # type: ignore[union-attr]
    assert cleaner.clean(QPointF(3, 0), math.nan).pressure == 0.6  # type: ignore[union-attr]
    cleaner.begin()
    assert cleaner.clean(QPointF(4, 0), 0.0).pressure == FAINTEST  # type: ignore[union-attr]


def strokes(watch: PressureWatch, *pressures: list[float]) -> list[bool]:
    told = []
    for stroke in pressures:
        watch.begin()
        for pressure in stroke:
            watch.see(pressure)
        told.append(watch.end())
    return told


def test_three_strokes_of_one_pressure_are_told_once() -> None:
    flat = [1.0] * FEWEST_SAMPLES
    assert strokes(PressureWatch(), flat, flat, flat, flat) == [False, False, True, False]


def test_a_pen_that_feels_pressure_is_never_told_of() -> None:
    flat, felt = [0.5] * FEWEST_SAMPLES, [0.4, 0.5] * FEWEST_SAMPLES
    assert not any(strokes(PressureWatch(), flat, flat, felt, flat, flat, flat))


def test_short_strokes_tell_nothing_and_false_zeros_are_no_change() -> None:
    dot, flat = [1.0] * (FEWEST_SAMPLES - 1), [0.0, math.nan, *[1.0] * FEWEST_SAMPLES, 0.0]
    assert strokes(PressureWatch(), dot, flat, dot, flat, dot, flat) == [False] * 5 + [True]
