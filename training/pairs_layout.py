"""How a folder holds its pairs: which files lie where, before anything is known of their contents.

Recognised, at any depth below the given folder: side-by-side sheets; two folders told by their names (lines/colours,
input/target, sketch/color, A/B, trainA/trainB, …) or by holding files of the same names; each of these inside
train, val and test sub-folders, or with such sub-folders inside.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from models.errors import UserError
from training.pictures import PictureRef, is_picture_name

Split = Literal["train", "val", "test"]

SPLITS: tuple[Split, ...] = ("train", "val", "test")

_SPLIT_NAMES: dict[str, Split] = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip

# The likeliest first. Names in both lists take the side the other folder leaves.
_INPUT_NAMES = (
    "lines", "line", "lineart", "line_art", "line-art", "linework", "sketch", "sketches", "ink", "inks", "outlines",
    "input", "inputs", "source", "src", "condition", "conditioning", "edges", "edge",
    "aerial", "satellite", "sat", "a", "x", "labels", "label", "images", "image", "imgs", "img", "photos", "photo",
)  # fmt: skip
_TARGET_NAMES = (
    "colours", "colors", "colour", "color", "coloured", "colored", "target", "targets", "output", "outputs",
    "truth", "ground_truth", "gt", "maps", "map", "masks", "mask", "b", "y",
    "images", "image", "imgs", "img", "photos", "photo",
)  # fmt: skip
_PLAIN_LETTERS = frozenset({"a", "b", "x", "y"})  # say which is first, not which is the input

_SPLIT_WORDS = "|".join(_SPLIT_NAMES)
_ROLE_WORDS = "|".join(sorted({*_INPUT_NAMES, *_TARGET_NAMES}, key=len, reverse=True))
_SPLIT_THEN_ROLE = re.compile(rf"(?P<split>{_SPLIT_WORDS})?[-_ ]?(?P<role>{_ROLE_WORDS})")
_ROLE_THEN_SPLIT = re.compile(rf"(?P<role>{_ROLE_WORDS})[-_ ](?P<split>{_SPLIT_WORDS})")
_ROLE_TAIL = re.compile(rf"[-_. ](?:{_ROLE_WORDS})$")


@dataclass(frozen=True)
class Couple:
    """Two pictures that belong together; `first` is the left half or the first folder's."""

    first: PictureRef
    second: PictureRef
    name: str


@dataclass(kw_only=True)
class Found:
    """What a folder holds. `splits` has the key None where the folder itself does not say."""

    layout: Literal["sheets", "folders"]
    first_name: str
    second_name: str
    names_tell_input: bool = False  # the folders' names say that the first is the input
    splits: dict[Split | None, list[Couple]] = field(default_factory=dict)
    unmatched: list[Path] = field(default_factory=list)
    ambiguous: list[Path] = field(default_factory=list)
    outside: list[Path] = field(default_factory=list)  # pictures beside the pair folders

    @property
    def couples(self) -> list[Couple]:
        return [couple for couples in self.splits.values() for couple in couples]


@dataclass(frozen=True)
class FolderPair:
    """Two folders whose pictures belong together, by name or, where they are unmatched, as two sets."""

    first: Path
    second: Path
    split: Split | None
    prefix: str


@dataclass(frozen=True)
class _SheetFolder:
    files: tuple[Path, ...]
    folder: Path
    split: Split | None
    prefix: str


def find_layout(folder: Path, *, wanted: Literal["sheets", "folders"] | None = None) -> Found:
    """List `folder` once and say how its pairs are laid out; `wanted` overrides what the names suggest.

    Whether pictures found alone really are sheets is for the caller to see: it takes a look at their contents.
    """
    folder_pairs: list[FolderPair] = []
    sheet_folders: list[_SheetFolder] = []
    if wanted == "sheets":
        sheet_folders.extend(_all_sheets(folder, None, ""))
    else:
        _explore(folder, None, "", folder_pairs, sheet_folders)
    if folder_pairs:
        found = _match_folders(folder_pairs)
        found.outside = [path for sheets in sheet_folders for path in sheets.files]
        return found
    found = Found(layout="sheets", first_name="left", second_name="right")
    for sheets in sheet_folders:
        couples = found.splits.setdefault(sheets.split, [])
        stems = Counter(path.stem for path in sheets.files)
        for path in sheets.files:
            name = sheets.prefix + (path.stem if stems[path.stem] == 1 else path.name)
            couples.append(Couple(PictureRef(path, "left"), PictureRef(path, "right"), name))
    return found


def find_folders(folder: Path) -> list[FolderPair]:
    """The two folders of each split, whatever the pictures in them are named."""
    folder_pairs: list[FolderPair] = []
    _explore(folder, None, "", folder_pairs, [], matched=False)
    return folder_pairs


def _explore(
    folder: Path,
    split: Split | None,
    prefix: str,
    folder_pairs: list[FolderPair],
    sheet_folders: list[_SheetFolder],
    *,
    matched: bool = True,
) -> None:
    """Walk down to the folders that hold pairs; those that are not matched need not have names in common."""
    files, folders = _list(folder)
    pairs = _pairs_by_name(folders, split, prefix)
    pairs = pairs or _pair_by_contents(files, folders, split, prefix, matched=matched)
    if pairs:
        folder_pairs.extend(pairs)
        used = {path for pair in pairs for path in (pair.first, pair.second)}
        folders = [path for path in folders if path not in used and _split_of(path) is not None]
    if files:
        sheet_folders.append(_SheetFolder(tuple(files), folder, split, prefix))
    wrapper = not files and not pairs and len(folders) == 1  # an unpacked archive's own folder names nothing
    for path in folders:
        inner_split = _split_of(path)
        inner_prefix = prefix if inner_split or wrapper else f"{prefix}{path.name}/"
        _explore(path, inner_split or split, inner_prefix, folder_pairs, sheet_folders, matched=matched)


def _all_sheets(folder: Path, split: Split | None, prefix: str) -> Iterator[_SheetFolder]:
    files, folders = _list(folder)
    if files:
        yield _SheetFolder(tuple(files), folder, split, prefix)
    wrapper = not files and len(folders) == 1
    for path in folders:
        inner_split = _split_of(path)
        inner_prefix = prefix if inner_split or wrapper else f"{prefix}{path.name}/"
        yield from _all_sheets(path, inner_split or split, inner_prefix)


def _list(folder: Path) -> tuple[list[Path], list[Path]]:
    """The pictures and the folders in `folder`, by name; hidden ones and archive leftovers are passed over."""
    files: list[Path] = []
    folders: list[Path] = []
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(f"{folder} cannot be listed ({error.strerror}).", "Check its permissions.") from error
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            continue
        if entry.is_dir():
            folders.append(folder / entry.name)
        elif is_picture_name(entry.name):
            files.append(folder / entry.name)
    return files, folders


def list_pictures(folder: Path) -> Iterator[Path]:
    """Every picture below `folder`, in the order of the names."""
    files, folders = _list(folder)
    yield from files
    for path in folders:
        yield from list_pictures(path)


def _split_of(folder: Path) -> Split | None:
    return _SPLIT_NAMES.get(folder.name.lower())


def _pairs_by_name(folders: list[Path], split: Split | None, prefix: str) -> list[FolderPair]:
    """Pairs of folders whose names say what they hold, with the split where the name says that too."""
    by_split: dict[Split | None, dict[str, Path]] = {}
    for path in folders:
        name = path.name.lower()
        match = _SPLIT_THEN_ROLE.fullmatch(name) or _ROLE_THEN_SPLIT.fullmatch(name)
        if match and not _split_of(path):
            inner = _SPLIT_NAMES.get(match["split"] or "")
            by_split.setdefault(inner, {})[match["role"]] = path
    pairs: list[FolderPair] = []
    for inner, roles in by_split.items():
        chosen = _likeliest(set(roles))
        if chosen:
            first, second = roles[chosen[0]], roles[chosen[1]]
            pairs.extend(_with_inner_splits(first, second, inner or split, prefix))
    return pairs


def _likeliest(roles: set[str]) -> tuple[str, str] | None:
    """(first, second) among the names present; None unless there is one of each."""
    best: tuple[int, str, str] | None = None
    for first in roles.intersection(_INPUT_NAMES):
        for second in roles.intersection(_TARGET_NAMES) - {first}:
            if len(_PLAIN_LETTERS & {first, second}) == 1:
                continue  # "a" goes with "b", not with "images"
            rank = _INPUT_NAMES.index(first) + _TARGET_NAMES.index(second)
            if best is None or (rank, first, second) < best:
                best = (rank, first, second)
    return best[1:] if best else None


def _with_inner_splits(first: Path, second: Path, split: Split | None, prefix: str) -> list[FolderPair]:
    """lines/train beside colours/train: one pair of folders for each split."""
    inner_first = {_split_of(path): path for path in _list(first)[1] if _split_of(path)}
    inner_second = {_split_of(path): path for path in _list(second)[1] if _split_of(path)}
    both = [name for name in SPLITS if name in inner_first and name in inner_second]
    if split is not None or not both:
        return [FolderPair(first, second, split, prefix)]
    return [FolderPair(inner_first[name], inner_second[name], name, prefix) for name in both]


def _pair_by_contents(
    files: list[Path], folders: list[Path], split: Split | None, prefix: str, *, matched: bool
) -> list[FolderPair]:
    """Two folders of any names, nothing beside them, at least half of whose files have the same names if `matched`."""
    if files or len(folders) != 2 or any(_split_of(path) for path in folders):
        return []
    if not matched:
        alike = len({_role_of(path) for path in folders} - {None}) == 1  # trainA beside testA: one side is missing
        return [] if alike else _with_inner_splits(folders[0], folders[1], split, prefix)
    first, second = (set(_by_key(path)[0]) for path in folders)
    if not first or len(first & second) * 2 < max(len(first), len(second)):
        return []
    return [FolderPair(folders[0], folders[1], split, prefix)]


def _match_folders(folder_pairs: list[FolderPair]) -> Found:
    names, names_tell_input = side_names(folder_pairs)
    found = Found(layout="folders", first_name=names[0], second_name=names[1], names_tell_input=names_tell_input)
    for pair in folder_pairs:
        _match(pair, found)
    return found


def side_names(folder_pairs: list[FolderPair]) -> tuple[tuple[str, str], bool]:
    """What the two sides are called, and whether that says that the first is the input."""
    top = folder_pairs[0]
    first, second = (path.parent.name if _split_of(path) else path.name for path in (top.first, top.second))
    roles = {_role_of(pair.first) for pair in folder_pairs}
    return (first, second), None not in roles and not roles & _PLAIN_LETTERS


def _role_of(folder: Path) -> str | None:
    name = (folder.parent.name if _split_of(folder) else folder.name).lower()
    match = _SPLIT_THEN_ROLE.fullmatch(name) or _ROLE_THEN_SPLIT.fullmatch(name)
    return match["role"] if match else None


def _match(pair: FolderPair, found: Found) -> None:
    """Match the files of two folders by name, whatever their formats; then what is left by names like 7_a and 7_b."""
    first, first_twice = _by_key(pair.first)
    second, second_twice = _by_key(pair.second)
    found.ambiguous += first_twice + second_twice
    couples = found.splits.setdefault(pair.split, [])

    def couple(key: str, other_key: str) -> None:
        name, path = first.pop(key)
        couples.append(Couple(PictureRef(path), PictureRef(second.pop(other_key)[1]), pair.prefix + name))

    for key in first.keys() & second.keys():
        couple(key, key)
    bare_first, bare_second = _without_tails(first), _without_tails(second)
    for bare in bare_first.keys() & bare_second.keys():
        if len(bare_first[bare]) == len(bare_second[bare]) == 1:
            couple(bare_first[bare][0], bare_second[bare][0])
    couples.sort(key=lambda each: each.name)
    found.unmatched += [path for _, path in (*first.values(), *second.values())]


def _by_key(folder: Path) -> tuple[dict[str, tuple[str, Path]], list[Path]]:
    """(name, path) of the pictures below `folder` by a key, and the paths whose key was taken already.

    The name is the path from `folder` without the suffix. The key is the name without regard to case and to how
    accents are composed, which file systems disagree about.
    """
    pictures: dict[str, tuple[str, Path]] = {}
    twice: list[Path] = []

    def walk(inner: Path, prefix: str) -> None:
        files, folders = _list(inner)
        for path in files:
            name = prefix + path.stem
            key = unicodedata.normalize("NFC", name).casefold()
            if key in pictures:
                twice.append(path)
            else:
                pictures[key] = name, path
        for path in folders:
            walk(path, f"{prefix}{path.name}/")

    walk(folder, "")
    return pictures, twice


def _without_tails(pictures: Iterable[str]) -> dict[str, list[str]]:
    """Keys by what is left of them without a tail such as _a or -sketch."""
    bare: dict[str, list[str]] = {}
    for key in pictures:
        bare.setdefault(_ROLE_TAIL.sub("", key), []).append(key)
    return bare
