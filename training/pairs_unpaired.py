"""Finding two sets of unmatched pictures; the trainer takes them for pairs made by chance.

A `Scan` of layout "unpaired" has as many pairs as the larger side has pictures; the smaller side's come again. Only
which pictures there are counts: in training every epoch puts them together anew. Never imports torch.
"""

from collections.abc import Iterable
from pathlib import Path

from models.errors import UserError
from training.pairs import Direction, Pair, Scan
from training.pairs_layout import SPLITS, FolderPair, Split, find_folders, list_pictures, side_names
from training.pictures import PictureRef

_HINT = "Give a folder that holds two, such as trainA and trainB."


def scan_unpaired(folder: Path, *, direction: Direction | None = None, seed: int = 0) -> Scan:
    """The two sides of each split that the folders' names tell; without any, all is learned from.

    UserError where a side is missing or empty, and for side-by-side sheets.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder.", _HINT)
    found = find_folders(folder)
    if not found:
        raise UserError(f"{folder} holds no two folders of pictures; sheets are not for unpaired training.", _HINT)
    swapped = direction == "BtoA"
    names, tell_input = side_names(found)
    told_by = "as asked" if direction else "by the names" if tell_input else "by convention"
    splits: dict[str, list[Pair]] = {split: _by_chance(found, split, swapped=swapped) for split in SPLITS}
    if not splits["train"]:
        raise UserError(f"{folder} holds no pictures to learn from.", _HINT)
    return Scan(
        folder=folder,
        layout="unpaired",
        input_name=names[swapped],
        target_name=names[not swapped],
        input_half=None,
        direction="BtoA" if swapped else "AtoB",
        direction_told_by=told_by,
        given_splits=any(each.split in ("val", "test") for each in found),
        seed=seed,
        splits=splits,
        findings=[],
        sizes={},
        unreadable={},
    )


def _by_chance(found: Iterable[FolderPair], split: Split, *, swapped: bool) -> list[Pair]:
    """The pictures of a split, put side by side in the order of their names."""
    sides: tuple[list[Path], list[Path]] = [], []
    for folders in found:
        if (folders.split or "train") != split:
            continue
        for side, folder in zip(sides, (folders.first, folders.second), strict=True):
            pictures = list(list_pictures(folder))
            if not pictures:
                raise UserError(f"{folder} holds no pictures.", "Put some in: both sides are needed.")
            side += pictures
    inputs, targets = reversed(sides) if swapped else sides
    couples = ((inputs[i % len(inputs)], targets[i % len(targets)]) for i in range(max(map(len, sides))))
    return [Pair(PictureRef(a), PictureRef(b), f"{a.stem} / {b.stem}") for a, b in couples]
