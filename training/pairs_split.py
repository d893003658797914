"""Which pairs are learned from, watched and measured on."""

import hashlib
from collections.abc import Sequence

from training.pairs_layout import SPLITS, Split

Fractions = tuple[float, float, float]  # of train, val and test


def assign_splits(names: Sequence[str], seed: int, fractions: Fractions) -> dict[str, Split]:
    """Give each name a split: in the order of a hash of the name and `seed`, the first are train, the last are test.

    The order of two names does not depend on the others, so files added later move only names at the two borders.
    The shares are exact to one name, and none is empty as long as there are names enough.
    """
    ordered = sorted(names, key=lambda name: _place(name, seed))
    counts = split_counts(len(ordered), fractions)
    splits: list[Split] = [split for split, count in zip(SPLITS, counts, strict=True) for _ in range(count)]
    return dict(zip(ordered, splits, strict=True))


def split_counts(total: int, fractions: Fractions) -> tuple[int, int, int]:
    """How many of `total` each split gets; where they are few, train comes first, then val."""
    counts = [0, 0, 0]
    wanted = [index for index, share in enumerate(fractions) if share > 0]
    for index in wanted[:total]:
        counts[index] = 1
    if total > len(wanted):
        counts = [max(1, round(total * share)) if share > 0 else 0 for share in fractions]
        counts[wanted[0]] += total - sum(counts)
    return counts[0], counts[1], counts[2]


def _place(name: str, seed: int) -> bytes:
    """A place in the order that depends on nothing but the name and the seed."""
    return hashlib.sha256(f"{seed}/{name}".encode()).digest()
