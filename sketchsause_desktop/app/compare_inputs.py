"""What was given to be compared on: pairs with a truth, or pictures alone. Headers are read, nothing is decoded.

What reads pictures is imported when there are some: the start of the window does without.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UserError

if TYPE_CHECKING:
    from training.pairs import Scan


@dataclass(frozen=True, kw_only=True)
class Found:
    """`fault` says in a sentence why nothing can be compared; "" where it can, or where nothing was given."""

    count: int = 0
    has_truth: bool = False
    words: str = ""
    fault: str = ""


def suffixes() -> frozenset[str]:
    """Of the files that are looked at."""
    from training.pictures import PICTURE_SUFFIXES

    return PICTURE_SUFFIXES


def look_at(inputs: Sequence[Path]) -> Found:
    """Takes its time with large folders."""
    from training.pairs import scan
    from training.side_by_side import find_pictures

    if not inputs:
        return Found()
    try:
        if len(inputs) == 1 and inputs[0].is_dir():
            scanned = scan(inputs[0])
            if scanned.pairs:
                return _pairs(scanned)
        pictures = find_pictures(inputs)
    except UserError as error:
        return Found(fault=str(error))
    count = len(pictures)
    words = "One picture" if count == 1 else f"{count} pictures"
    return Found(count=count, words=f"{words} without a truth: they are painted, not measured.")


def _pairs(scanned: "Scan") -> Found:
    from training.evaluate import choose_split

    split, pairs = choose_split(scanned, None)
    words = "One pair" if len(pairs) == 1 else f"{len(pairs)} pairs"
    part = "" if split == "all" else f", the {split} part"
    if scanned.layout == "sheets":
        how = f"side-by-side sheets, the {scanned.input_half} half is given"
    else:
        how = f"{scanned.input_name} is given, {scanned.target_name} is the truth"
    warnings = [finding.sentence for finding in scanned.findings if finding.level == "warn"]
    return Found(count=len(pairs), has_truth=True, words=" ".join([f"{words}{part}: {how}.", *warnings[:1]]))
