"""A repaired copy of a data set: two folders of PNG files of the same names. The source is only read."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import UserError
from training.console import Progress
from training.pairs import Pair, Scan
from training.pairs_findings import Finding
from training.pairs_make import check_folders, save_png
from training.pictures import load_pair

INPUT_FOLDER, TARGET_FOLDER = "input", "target"

# Kinds of findings whose pairs are better left out, and why.
_LEFT_OUT = {
    "unreadable": "cannot be read",
    "blank": "has a single colour",
    "duplicate": "repeats another pair",
    "too-small": "is too small",
    "aspect-mismatch": "holds two pictures of different shapes",
    "leak": "is nearly the same as a pair that is learned from",
}


@dataclass(kw_only=True)
class Repaired:
    """What became of each pair, by name."""

    written: list[str] = field(default_factory=list)
    swapped: list[str] = field(default_factory=list)  # they were the wrong way round
    resized: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)  # and why

    @property
    def sentence(self) -> str:
        parts = [f"{len(self.written)} pairs written"]
        parts += [f"{len(self.swapped)} of them turned round"] * bool(self.swapped)
        parts += [f"{len(self.resized)} made the same size"] * bool(self.resized)
        parts += [f"{len(self.left_out)} left out"] * bool(self.left_out)
        return ", ".join(parts) + "."


def repair(scan: Scan, findings: Iterable[Finding], out: Path, progress: Progress | None = None) -> Repaired:
    """Write OUT/input/NAME.png and OUT/target/NAME.png, inside train, val and test where the source has them.

    UserError where OUT lies inside the source, holds something, or cannot be written.
    """
    check_folders(scan.folder, out)
    if any(out.iterdir()):
        raise UserError(f"{out} is not empty.", "Choose a new folder for the copy.")
    reasons, backwards = _judged(scan, findings)
    repaired = Repaired(left_out=reasons)
    work = [
        (pair, out / split if scan.given_splits else out, pair.name in backwards)
        for split, pairs in scan.splits.items()
        for pair in pairs
        if pair.name not in reasons
    ]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for done, (pair, was_resized, fault) in enumerate(pool.map(_write, work), start=1):
            if fault:
                repaired.left_out[pair.name] = fault
            else:
                repaired.written.append(pair.name)
                repaired.swapped += [pair.name] * (pair.name in backwards)
                repaired.resized += [pair.name] * was_resized
            if progress:
                progress(done, len(work))
    return repaired


def _judged(scan: Scan, findings: Iterable[Finding]) -> tuple[dict[str, str], set[str]]:
    """(names left out and why, names that are the wrong way round)."""
    by_file: dict[Path, list[str]] = {}
    for pair in scan.pairs:
        for path in dict.fromkeys((pair.input.path, pair.target.path)):
            by_file.setdefault(path, []).append(pair.name)
    reasons: dict[str, str] = {}
    backwards: set[str] = set()
    for finding in findings:
        names = [name for path in finding.files for name in by_file.get(path, ())]
        if finding.kind in _LEFT_OUT:
            reasons.update(dict.fromkeys(names, _LEFT_OUT[finding.kind]))
        elif finding.kind == "direction":
            backwards.update(names)
    return reasons, backwards


def _write(work: tuple[Pair, Path, bool]) -> tuple[Pair, bool, str]:
    """(the pair, whether it was resized, what was wrong)."""
    pair, folder, is_backwards = work
    try:
        first, second = load_pair(pair.input, pair.target)
    except UserError as error:
        return pair, False, error.sentence
    if is_backwards:
        first, second = second, first
    differ = first.shape != second.shape
    if differ:
        first, second = _same_size(first, second)
    save_png(first, folder / INPUT_FOLDER / f"{pair.name}.png")
    save_png(second, folder / TARGET_FOLDER / f"{pair.name}.png")
    return pair, differ, ""


def _same_size(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The larger made as small as the other, since nothing is learned from pixels that were never there."""
    size = min((first.shape[1::-1], second.shape[1::-1]), key=lambda each: each[0] * each[1])
    shrunk = (np.asarray(Image.fromarray(each).resize(size, Image.Resampling.LANCZOS)) for each in (first, second))
    return next(shrunk), next(shrunk)
