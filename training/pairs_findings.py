"""What there is to say about a data set, in sentences: levels, kinds, files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.pairs_layout import SPLITS, Found

Level = Literal["error", "warn", "info"]
Size = tuple[int, int]  # width, height

_ASPECT_TOLERANCE = 0.02
_NAMED_FILES = 3  # how many files a sentence names; the finding holds all


@dataclass(frozen=True)
class Finding:
    """One thing to know about a data set; `kind` is a short word that stays the same from version to version."""

    level: Level
    kind: str
    sentence: str
    files: tuple[Path, ...] = ()


def naming(files: Iterable[Path], folder: Path | None = None) -> str:
    """The first few files, as a sentence names them."""
    listed = [path.relative_to(folder) if folder and path.is_relative_to(folder) else path for path in files]
    more = f" and {len(listed) - _NAMED_FILES} more" if len(listed) > _NAMED_FILES else ""
    return ", ".join(str(path) for path in listed[:_NAMED_FILES]) + more


def count_of(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unreadable(faults: Mapping[Path, str]) -> list[Finding]:
    if not faults:
        return []
    sentence = f"{count_of(len(faults), 'file')} cannot be read and will be left out: {next(iter(faults.values()))}"
    return [Finding("error", "unreadable", sentence, tuple(faults))]


def file_findings(folder: Path, found: Found) -> list[Finding]:
    """Files that belong to no pair."""
    findings: list[Finding] = []

    def add(level: Level, kind: str, files: list[Path], what: str) -> None:
        if files:
            sentence = f"{count_of(len(files), 'picture')} {what}: {naming(files, folder)}."
            findings.append(Finding(level, kind, sentence, tuple(files)))

    if found.unmatched and not found.couples:
        sentence = f"No picture in {found.first_name} has the name of one in {found.second_name}: pairs go by name."
        findings.append(Finding("error", "no-pairs", sentence, tuple(found.unmatched)))
    add("warn", "unmatched", found.unmatched, "without a partner of the same name")
    add("warn", "ambiguous", found.ambiguous, "left out, because another file has the same name")
    add("info", "outside", found.outside, "outside the pair folders passed over")
    return findings


def not_sheets(folder: Path, found: Found) -> Finding:
    files = tuple(couple.first.path for couple in found.couples)
    sentence = (
        f"The {count_of(len(files), 'picture')} in {folder} stand alone: neither side-by-side sheets nor two folders "
        "such as lines and colours. If they are sheets, say which half is the input; out of coloured art, "
        "`sketchsause pairs make` makes pairs."
    )
    return Finding("error", "no-pairs", sentence, files)


def size_findings(found: Found, sizes: Mapping[Path, Size], min_side: int) -> list[Finding]:
    findings: list[Finding] = []

    def add(level: Level, kind: str, files: Iterable[Path], noun: str, what: str) -> None:
        listed = tuple(dict.fromkeys(files))
        if listed:
            findings.append(Finding(level, kind, f"{count_of(len(listed), noun)} {what}: {naming(listed)}.", listed))

    couples = found.couples
    sheets = found.layout == "sheets"
    scale = 2 if sheets else 1
    used = [ref.path for couple in couples for ref in (couple.first, couple.second)]
    small = [path for path in used if sizes[path][0] < scale * min_side or sizes[path][1] < min_side]
    add("warn", "too-small", small, "picture", f"smaller than {min_side} pixels a side")
    if sheets:
        odd = [path for path in used if sizes[path][0] % 2]
        add("warn", "odd-width", odd, "sheet", "of odd width, whose middle column is left out")
    else:
        different = [each for each in couples if sizes[each.first.path] != sizes[each.second.path]]
        stretched = [each for each in different if not _same_aspect(sizes[each.first.path], sizes[each.second.path])]
        add("info", "size-mismatch", [c.first.path for c in different if c not in stretched], "pair",
            "whose two pictures differ in size, but not in shape")  # fmt: skip
        add("warn", "aspect-mismatch", [each.first.path for each in stretched], "pair",
            "whose two pictures differ in shape; one would be stretched")  # fmt: skip
    kinds = {sizes[path] for path in used}
    if len(kinds) > 1:
        low, high = min(kinds), max(kinds)
        sentence = f"{len(kinds)} sizes, from {low[0]}×{low[1]} to {high[0]}×{high[1]} pixels."
        findings.append(Finding("info", "mixed-sizes", sentence))
    return findings


def _same_aspect(a: Size, b: Size) -> bool:
    return abs(a[0] * b[1] / (a[1] * b[0]) - 1) <= _ASPECT_TOLERANCE


def split_findings(splits: Mapping[str, Sequence[object]]) -> list[Finding]:
    empty = [split for split in SPLITS if not splits[split]]
    if not empty or len(empty) == len(SPLITS):
        return []
    sentence = f"There are too few pairs for all splits: nothing in {' and '.join(empty)}."
    return [Finding("info" if splits["train"] else "warn", "empty-split", sentence)]
