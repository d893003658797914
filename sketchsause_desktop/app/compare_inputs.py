"""What was given to be compared on: pairs with a truth, or pictures alone. Headers are read, nothing is decoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import UserError
from training.pairs import Scan, scan
from training.pictures import PICTURE_SUFFIXES

SUFFIXES = PICTURE_SUFFIXES


@dataclass(frozen=True, kw_only=True)
class Found:
    """`fault` says in a sentence why nothing can be compared; "" where it can, or where nothing was given."""

    count: int = 0
    has_truth: bool = False
    words: str = ""
    fault: str = ""


def look_at(inputs: Sequence[Path]) -> Found:
    """Takes its time with large folders."""
    from training.side_by_side import find_pictures  # with the measures, which the start does without

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


def _pairs(scanned: Scan) -> Found:
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
