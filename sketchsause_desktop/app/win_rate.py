"""How often one of two was preferred, with the interval that so many answers allow, and what may be said of it."""

import math
from dataclasses import dataclass

_Z_95 = 1.959963984540054  # of the normal distribution, two sides


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Answers to one question: how many for A, for B, and without a difference."""

    a: int = 0
    b: int = 0
    neither: int = 0

    @property
    def decided(self) -> int:
        return self.a + self.b

    @property
    def total(self) -> int:
        return self.decided + self.neither


def wilson(won: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of Wilson (1927) for a share of `won` in `of`, which is above 0; without correction for
    continuity. It never leaves [0, 1], and holds for few answers and for shares near 0 and 1."""
    if not 0 <= won <= of or of == 0:
        raise ValueError(f"{won} of {of} is no share")
    share, z2 = won / of, _Z_95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z_95 / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def is_decided(tally: Tally) -> bool:
    """Whether the interval leaves out one half."""
    if not tally.decided:
        return False
    low, high = wilson(tally.a, tally.decided)
    return low > 0.5 or high < 0.5


def rate_words(tally: Tally, a: str, b: str) -> str:
    """One question's answers in a sentence or two. `a` and `b` are the models' names."""
    if not tally.total:
        return "No answer yet."
    without = f"{_count(tally.neither, 'answer')} saw no difference."
    if not tally.decided:
        return f"No answer was decided; {without}"
    won, name = (tally.a, a) if tally.a >= tally.b else (tally.b, b)
    low, high = wilson(won, tally.decided)
    if tally.a == tally.b:
        who = f"{a} and {b} were preferred equally often, {'once' if won == 1 else f'{won} times'} each"
    else:
        who = f"{name} was preferred in {won} of {_count(tally.decided, 'decided answer')}"
    words = f"{who}, {_per_cent(won / tally.decided)} ({_per_cent(low, sign='')}–{_per_cent(high)})."
    if not is_decided(tally):
        words += " Too few to tell."
    return f"{words} {without}" if tally.neither else words


def _per_cent(share: float, sign: str = " %") -> str:
    return f"{share * 100:.0f}{sign}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
