import math

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from sketchsause_desktop.ui.pen import FAINTEST, PenCleaner

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
