"""Win rates: Wilson's interval against known values, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchsause_desktop.app.win_rate import Tally, is_decided, rate_words, wilson


@pytest.mark.parametrize(
    ("won", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (14, 20, 0.4810, 0.8545),
        (10, 10, 0.7225, 1.0000),
    ],
)
def test_the_interval_is_wilsons(won: int, of: int, low: float, high: float) -> None:
    assert wilson(won, of) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_mirrors(pair: tuple[int, int]) -> None:
    won, of = pair
    low, high = wilson(won, of)
    assert 0 <= low <= won / of + 1e-12
    assert won / of - 1e-12 <= high <= 1
    assert (low, high) == pytest.approx(tuple(1 - edge for edge in reversed(wilson(of - won, of))))


@pytest.mark.parametrize("pair", [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_share_is_a_bug(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(*pair)


def test_a_rate_is_told_with_its_interval_and_its_ties_apart() -> None:
    words = rate_words(Tally(a=14, b=6, neither=4), "New", "Old")
    assert words == (
        "New was preferred in 14 of 20 decided answers, 70 % (48–85 %). Too few to tell. 4 answers saw no difference."
    )
    assert (
        rate_words(Tally(a=3, b=27), "New", "Old") == "Old was preferred in 27 of 30 decided answers, 90 % (74–97 %)."
    )
    assert rate_words(Tally(b=1), "New", "Old").startswith(
        "Old was preferred in 1 of 1 decided answer, 100 % (21–100 %)."
    )


def test_what_is_said_where_nothing_was_decided() -> None:
    assert rate_words(Tally(), "New", "Old") == "No answer yet."
    assert rate_words(Tally(neither=1), "New", "Old") == "No answer was decided; 1 answer saw no difference."
    assert rate_words(Tally(a=5, b=5), "New", "Old") == (
        "New and Old were preferred equally often, 5 times each, 50 % (24–76 %). Too few to tell."
    )


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_it_is_decided_exactly_where_one_half_lies_outside(a: int, b: int, neither: int) -> None:
    tally = Tally(a=a, b=b, neither=neither)
    assert is_decided(tally) == is_decided(Tally(a=b, b=a))
    if a + b:
        low, high = wilson(a, a + b)
        assert is_decided(tally) == (not low <= 0.5 <= high)
        assert ("Too few to tell" in rate_words(tally, "A", "B")) != is_decided(tally)
