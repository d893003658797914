"""Finding the pairs of a data set: layout, direction, split, and what is wrong that headers alone can tell.

Nothing is decoded but a sample, and nothing is ever written: `scan` is quick enough to be called before every run.
`training.pairs_check` looks into every file.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from models.errors import UserError
from training.pairs_direction import Verdict, halves_match, vote
from training.pairs_findings import (
    Finding,
    Level,
    Size,
    count_of,
    file_findings,
    not_sheets,
    size_findings,
    split_findings,
    unreadable,
)
from training.pairs_layout import SPLITS, Couple, Found, Split, find_layout
from training.pairs_split import Fractions, assign_splits
from training.pictures import Half, PictureRef, load_picture, read_size

__all__ = ["Direction", "Finding", "Level", "Pair", "PictureRef", "Scan", "load_picture", "scan"]

Layout = Literal["sheets", "folders", "unpaired"]  # the last: training.pairs_unpaired
Direction = Literal["AtoB", "BtoA"]

DEFAULT_FRACTIONS: Fractions = (0.8, 0.1, 0.1)
MIN_SIDE = 64  # pixels


@dataclass(frozen=True)
class Pair:
    """What the network is given and what it should answer. Names are unique within a split."""

    input: PictureRef
    target: PictureRef
    name: str


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What `scan` found. `splits` has all three keys."""

    folder: Path
    layout: Layout
    input_name: str  # of the folder or half that is the input
    target_name: str
    input_half: Half | None
    direction: Direction
    direction_told_by: str
    given_splits: bool  # the folder itself says what is val or test
    seed: int
    splits: dict[str, list[Pair]]
    findings: list[Finding]
    sizes: dict[Path, Size] = field(repr=False)
    unreadable: dict[Path, str]  # files left out and why

    @property
    def pairs(self) -> list[Pair]:
        return [pair for split in SPLITS for pair in self.splits[split]]

    @property
    def summary(self) -> str:
        """What was understood, in two sentences."""
        if not self.pairs:
            return f"{self.folder}: no pairs."
        if self.layout == "sheets":
            layout = f"Side-by-side sheets; the {self.input_half} half is the input ({self.direction_told_by})."
        elif self.layout == "unpaired":
            return self._summary_unpaired
        else:
            layout = f"Two folders; {self.input_name} is the input, {self.target_name} the target "
            layout += f"({self.direction_told_by})."
        counts = ", ".join(f"{len(self.splits[split])} {split}" for split in SPLITS)
        split = "by the folders' names" if self.given_splits else f"by seed {self.seed}"
        return f"{layout} {count_of(len(self.pairs), 'pair')}: {counts}, {split}."

    @property
    def _summary_unpaired(self) -> str:
        counts = [
            f"{len({pair.input for pair in pairs})} and {len({pair.target for pair in pairs})} {split}"
            for split, pairs in self.splits.items()
        ]
        sides = f"{self.input_name} is the input, {self.target_name} the target ({self.direction_told_by})"
        return f"Two folders of unmatched pictures; {sides}. Pictures: {', '.join(counts)}."

    def require_pairs(self) -> None:
        """UserError, in the words of the first fault, where there is nothing to work with."""
        if self.pairs:
            return
        faults = [finding.sentence for finding in self.findings if finding.level == "error"]
        raise UserError(
            faults[0] if faults else f"{self.folder} holds no pairs.", "Run `sketchsause pairs check` on it."
        )


def scan(
    folder: Path | str,
    *,
    input_half: Half | None = None,
    direction: Direction | None = None,
    layout: Literal["sheets", "folders"] | None = None,
    seed: int = 0,
    fractions: Fractions = DEFAULT_FRACTIONS,
    min_side: int = MIN_SIDE,
    cut: float = 0.5,
    exclude: Collection[str] = (),
) -> Scan:
    """List the pairs of `folder`, whose layout and direction are recognised unless given.

    `direction` "AtoB" means the left half, or the folder named first, is the input. `cut` in (0, 1) is where a sheet's
    halves meet; pairs of the names in `exclude` are left out. Raises UserError where `folder` is no folder or the
    options contradict each other; whatever else is wrong is a finding.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder.", "Give the folder that holds the pairs.")
    _check_options(input_half, direction, layout, fractions, cut)
    found = find_layout(folder, wanted="sheets" if input_half or cut != 0.5 else layout)
    _leave_out(found, exclude, cut)
    sizes, faults = _read_sizes(found)
    findings = unreadable(faults) + file_findings(folder, found)
    if not found.couples and not findings:
        what = "no pictures but those that are left out" if exclude else "no pictures"
        findings.append(Finding("error", "empty", f"{folder} holds {what}."))
    if found.layout == "sheets" and layout is None and not (input_half or cut != 0.5) and not _are_sheets(found, sizes):
        findings.append(not_sheets(folder, found))
        found.splits.clear()
    swapped, told_by = _choose_direction(found, input_half, direction, findings)
    splits = _split(found, swapped, seed, fractions)
    findings += size_findings(found, sizes, min_side)
    findings += split_findings(splits)
    names = (found.second_name, found.first_name) if swapped else (found.first_name, found.second_name)
    return Scan(
        folder=folder,
        layout=found.layout,
        input_name=names[0],
        target_name=names[1],
        input_half=None if found.layout == "folders" else "right" if swapped else "left",
        direction="BtoA" if swapped else "AtoB",
        direction_told_by=told_by,
        given_splits=bool(found.splits.keys() & {"val", "test"}),
        seed=seed,
        splits=splits,
        findings=findings,
        sizes=sizes,
        unreadable=faults,
    )


def _check_options(
    input_half: Half | None, direction: Direction | None, layout: str | None, fractions: Fractions, cut: float
) -> None:
    if not 0 < cut < 1:
        raise UserError("A sheet is cut between its edges.", "Give a share of its width above 0 and below 1.")
    if input_half and direction and (input_half == "left") != (direction == "AtoB"):
        raise UserError(f"The {input_half} half as input contradicts the direction {direction}.", "Give one of them.")
    if input_half and layout == "folders":
        raise UserError("Two folders have no left and right half.", "Give the direction AtoB or BtoA instead.")
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6 or fractions[0] == 0:
        raise UserError("The shares of train, val and test must add up to 1, with some train.", "Use 0.8, 0.1 and 0.1.")


def _leave_out(found: Found, exclude: Collection[str], cut: float) -> None:
    """Take the pairs named in `exclude` out, and cut the sheets that are left at `cut`."""
    left_out = frozenset(exclude)
    for split, couples in found.splits.items():
        kept = [each for each in couples if each.name not in left_out]
        if cut != 0.5 and found.layout == "sheets":
            kept = [
                replace(each, first=replace(each.first, cut=cut), second=replace(each.second, cut=cut)) for each in kept
            ]
        found.splits[split] = kept


def _read_sizes(found: Found) -> tuple[dict[Path, Size], dict[Path, str]]:
    """The sizes and the faults of all files, from their headers; couples with a faulty file are taken out."""
    sizes: dict[Path, Size] = {}
    faults: dict[Path, str] = {}
    for path in dict.fromkeys(ref.path for couple in found.couples for ref in (couple.first, couple.second)):
        try:
            sizes[path] = read_size(path)
        except UserError as error:
            faults[path] = error.sentence
    for split, couples in found.splits.items():
        found.splits[split] = [each for each in couples if each.first.path in sizes and each.second.path in sizes]
    return sizes, faults


def _are_sheets(found: Found, sizes: Mapping[Path, Size]) -> bool:
    """Whether pictures found alone are two pictures side by side: twice as wide as high, or with two halves alike."""
    couples = found.couples
    if not couples:
        return True
    ratios = [sizes[couple.first.path][0] / sizes[couple.first.path][1] for couple in couples]
    if sum(1.9 <= ratio <= 2.1 for ratio in ratios) * 2 > len(ratios):
        return True
    return sum(ratio > 1 for ratio in ratios) * 2 > len(ratios) and halves_match(_refs(couples))


def _refs(couples: list[Couple]) -> list[tuple[PictureRef, PictureRef]]:
    return [(couple.first, couple.second) for couple in couples]


def _choose_direction(
    found: Found, input_half: Half | None, direction: Direction | None, findings: list[Finding]
) -> tuple[bool, str]:
    """(whether the second of each couple is the input, what told so)."""
    couples = found.couples
    verdict = vote(_refs(couples)) if couples else None
    if input_half or direction:
        swapped = input_half == "right" or direction == "BtoA"
        _warn_if_contradicted(swapped, verdict, found, findings)
        return swapped, "as asked"
    if found.names_tell_input:
        _warn_if_contradicted(False, verdict, found, findings)
        return False, "by the names"
    if verdict:
        return verdict.input_side == "second", _why(verdict)
    if couples:
        taken = "the left half" if found.layout == "sheets" else found.first_name
        sentence = f"Nothing tells which side is the input; {taken} is taken. Give the direction BtoA if that is wrong."
        findings.append(Finding("warn", "direction-unknown", sentence))
    return False, "by convention"


def _why(verdict: Verdict) -> str:
    return "it looks like a sketch" if verdict.reason == "sketch" else "it looks like a photograph of what is drawn"


def _warn_if_contradicted(swapped: bool, verdict: Verdict | None, found: Found, findings: list[Finding]) -> None:
    if verdict is None or (verdict.input_side == "second") == swapped:
        return
    target = found.first_name if swapped else found.second_name
    what = "a sketch" if verdict.reason == "sketch" else "a photograph"
    sentence = f"The target ({target}) looks like {what} of the input: the direction may be the wrong way round."
    findings.append(Finding("warn", "direction", sentence))


def _split(found: Found, swapped: bool, seed: int, fractions: Fractions) -> dict[str, list[Pair]]:
    """The folder's own splits are kept; what it leaves open is decided by seed.

    With train alone, or without any, all is divided. Where only val or only test is missing it comes out of train,
    but for train and val without test, where val is halved: what was watched in training is not reported on.
    """

    def pairs_of(couples: Iterable[Couple]) -> list[Pair]:
        return [
            Pair(each.second, each.first, each.name) if swapped else Pair(each.first, each.second, each.name)
            for each in couples
        ]

    given = {key: pairs_of(couples) for key, couples in found.splits.items() if couples}
    loose = given.pop(None, [])
    splits: dict[str, list[Pair]] = {split: given.get(split, []) for split in SPLITS}
    splits["train"] = splits["train"] + loose

    def divide(source: Split, shares: Fractions) -> None:
        pairs, splits[source] = splits[source], []
        chosen = assign_splits([pair.name for pair in pairs], seed, shares)
        for pair in pairs:
            splits[chosen[pair.name]].append(pair)

    train_share, val_share, test_share = fractions
    if set(given) <= {"train"}:
        divide("train", fractions)
    elif "train" in given and "val" not in given:
        divide("train", (1 - val_share, val_share, 0.0))
    elif "train" in given and "test" not in given and train_share < 1 and test_share > 0:
        rest = val_share + test_share
        divide("val", (0.0, val_share / rest, test_share / rest))
    return splits
