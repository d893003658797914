"""A look into every file of a data set: damage, duplicates, pictures shared by splits. Nothing is written."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import UserError
from training.console import Progress
from training.pairs import Pair, Scan
from training.pairs_direction import Verdict, judge, look_at
from training.pairs_findings import Finding, Level, count_of, naming, unreadable
from training.pictures import PictureRef, load_picture

_THUMB_SIDE = 16
_HASH_SIDE = 8
_ALIKE_BITS = 14  # of the 128 of a pair's two hashes
_ALIKE_LEVELS = 6.0  # mean difference of the thumbnails, of 255
_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class _Print:
    """What is kept of a picture after it was looked at."""

    digest: bytes  # of all its pixels
    perceptual: int  # 64 bits: whether each of 8x8 cells is brighter than the one to its right
    thumb: np.ndarray  # uint8 (16, 16, 3)
    blank: bool


@dataclass(frozen=True)
class _Looked:
    pair: Pair
    split: str
    input: _Print
    target: _Print
    verdict: Verdict | None  # which of the two looks like the input


def check(scan: Scan, progress: Progress | None = None) -> list[Finding]:
    """All findings of `scan`, and those that only the pixels tell; errors first."""
    work = [(pair, split) for split, pairs in scan.splits.items() for pair in pairs]
    looked: list[_Looked] = []
    faults: dict[Path, str] = {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for done, answer in enumerate(pool.map(_look, work), start=1):
            if isinstance(answer, _Looked):
                looked.append(answer)
            else:
                faults.update(answer)
            if progress:
                progress(done, len(work))
    findings = [
        *unreadable(scan.unreadable | faults),
        *(finding for finding in scan.findings if finding.kind != "unreadable"),
        *_blank(looked, scan.folder),
        *_backwards(looked, scan),
        *_duplicates(looked, scan.folder),
        *_contradictions(looked, scan.folder),
        *_shared_by_splits(looked, scan.folder),
    ]
    return sorted(findings, key=lambda finding: ("error", "warn", "info").index(finding.level))


def _look(work: tuple[Pair, str]) -> _Looked | dict[Path, str]:
    pair, split = work
    pictures: list[np.ndarray] = []
    faults: dict[Path, str] = {}
    for ref in (pair.input, pair.target):
        try:
            pictures.append(load_picture(ref))
        except UserError as error:
            faults[ref.path] = error.sentence
    if faults:
        return faults
    first, second = pictures
    verdict = judge(look_at(first), look_at(second))
    return _Looked(pair, split, _print_of(first), _print_of(second), verdict)


def _print_of(rgb: np.ndarray) -> _Print:
    image = Image.fromarray(rgb)
    cells = image.convert("L").resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.BOX)
    grey = np.asarray(cells).astype(np.int16)
    bits = np.packbits((grey[:, :-1] > grey[:, 1:] + 1).ravel())
    return _Print(
        digest=hashlib.blake2b(rgb.tobytes() + repr(rgb.shape).encode(), digest_size=16).digest(),
        perceptual=int.from_bytes(bits.tobytes(), "big"),
        thumb=np.asarray(image.resize((_THUMB_SIDE, _THUMB_SIDE), Image.Resampling.BOX)),
        blank=bool((rgb == rgb[0, 0]).all()),
    )


def _blank(looked: list[_Looked], folder: Path) -> list[Finding]:
    files = [ref.path for each in looked for ref, print_ in _parts(each) if print_.blank]
    return _about(files, folder, "warn", "blank", "picture", "of a single colour, from which nothing is learned")


def _backwards(looked: list[_Looked], scan: Scan) -> list[Finding]:
    """Single pairs the wrong way round, in a set whose inputs are sketches: a pale map may well look like one."""
    forwards = sum(each.verdict == Verdict("first", "sketch") for each in looked)
    if forwards * 2 < len(looked):
        return []
    files = [each.pair.target.path for each in looked if each.verdict == Verdict("second", "sketch")]
    what = "whose target looks like the sketch of its input: the wrong way round"
    return _about(files, scan.folder, "warn", "direction", "pair", what)


def _duplicates(looked: list[_Looked], folder: Path) -> list[Finding]:
    groups: dict[tuple[bytes, bytes], list[_Looked]] = defaultdict(list)
    for each in looked:
        groups[each.input.digest, each.target.digest].append(each)
    files = [each.pair.input.path for group in groups.values() for each in group[1:]]
    return _about(files, folder, "warn", "duplicate", "pair", "that repeats another pixel for pixel")


def _contradictions(looked: list[_Looked], folder: Path) -> list[Finding]:
    """The same input with several targets: fine for several colourings of one drawing, a fault for maps."""
    groups: dict[bytes, list[_Looked]] = defaultdict(list)
    for each in looked:
        if not each.input.blank:
            groups[each.input.digest].append(each)
    several = [group for group in groups.values() if len({each.target.digest for each in group}) > 1]
    files = [each.pair.input.path for group in several for each in group]
    return _about(files, folder, "info", "same-input", "pair", "with the same input as another, but another target")


def _shared_by_splits(looked: list[_Looked], folder: Path) -> list[Finding]:
    """Near-duplicates across the splits: pictures that are measured on and learned from at once."""
    by_split: dict[str, list[_Looked]] = defaultdict(list)
    for each in looked:
        by_split[each.split].append(each)
    alike: dict[str, tuple[_Looked, _Looked]] = {}
    for measured, learned in (("test", "train"), ("val", "train"), ("test", "val")):
        for one, other in _alike(by_split[measured], by_split[learned]):
            alike.setdefault(f"{one.split}/{one.pair.name}", (one, other))
    if not alike:
        return []
    files = tuple(one.pair.input.path for one, _ in alike.values())
    one, other = next(iter(alike.values()))
    sentence = (
        f"{count_of(len(alike), 'pair')} of val or test nearly the same as one of another split, which flatters every "
        f"measure, such as {naming([one.pair.input.path], folder)} ({one.split}) and "
        f"{naming([other.pair.input.path], folder)} ({other.split})."
    )
    return [Finding("warn", "leak", sentence, files)]


def _alike(some: list[_Looked], others: list[_Looked]) -> Iterable[tuple[_Looked, _Looked]]:
    """For each of `some` the likest of `others`, if it is nearly the same."""
    if not some or not others:
        return
    their_hashes, their_thumbs = _hashes(others), _thumbs(others)
    for start in range(0, len(some), _ROWS_AT_ONCE):
        rows = some[start : start + _ROWS_AT_ONCE]
        hashes = _hashes(rows)
        bits = np.zeros((len(rows), len(others)), np.uint8)
        for part in range(2):
            bits += np.bitwise_count(hashes[:, None, part] ^ their_hashes[None, :, part])
        for row, near in zip(rows, bits <= _ALIKE_BITS, strict=True):
            candidates = np.flatnonzero(near)
            if candidates.size == 0:
                continue
            levels = np.abs(their_thumbs[candidates] - _thumbs([row])).mean(axis=-1).max(axis=-1)
            if levels.min() <= _ALIKE_LEVELS:
                yield row, others[candidates[int(levels.argmin())]]


def _hashes(looked: list[_Looked]) -> np.ndarray:
    return np.array([[each.input.perceptual, each.target.perceptual] for each in looked], np.uint64)


def _thumbs(looked: list[_Looked]) -> np.ndarray:
    """int16 (N, 2, 768): the thumbnails of input and target."""
    return np.array([[each.input.thumb.ravel(), each.target.thumb.ravel()] for each in looked], np.int16)


def _parts(looked: _Looked) -> tuple[tuple[PictureRef, _Print], ...]:
    return (looked.pair.input, looked.input), (looked.pair.target, looked.target)


def _about(files: list[Path], folder: Path, level: Level, kind: str, noun: str, what: str) -> list[Finding]:
    if not files:
        return []
    listed = tuple(dict.fromkeys(files))
    return [Finding(level, kind, f"{count_of(len(listed), noun)} {what}: {naming(listed, folder)}.", listed)]
