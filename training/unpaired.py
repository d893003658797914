"""Two sets of unmatched pictures: finding them, and batches of them. The trainer takes them for pairs made by chance.

A `Scan` of layout "unpaired" has as many pairs as the larger side has pictures; the smaller side's come again. Only
which pictures there are counts: in training every epoch puts them together anew.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from models.errors import UserError
from models.spec import ModelSpec
from training.augment import augment_pair
from training.config import DataConfig
from training.dataset import Bad, Batch, Batches, PairSampler, Readable, Sample, collate, open_source
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


class UnpairedBatches(Batches):
    """`condition` holds pictures of the input's side and `target` some of the other. Each side is gone through in an
    order of its own, the smaller one more often; an epoch is once through the larger."""

    def __init__(
        self, spec: ModelSpec, config: DataConfig, pairs: Sequence[Pair], batch_size: int, seed: int, share: slice,
        cache_folder: Path | None,
    ) -> None:  # fmt: skip
        inputs, targets = sides_of(pairs)
        alone = [Pair(picture, picture, picture.path.stem) for picture in (*inputs, *targets)]
        self._readable = Readable(open_source(alone, config, cache_folder))
        self._spec, self._config, self._seed, self._rows = spec, config, seed, range(batch_size)[share]
        self._sides = range(len(inputs)), range(len(inputs), len(alone))
        # Of another seed, else sets of the same size would meet in the same couples in every epoch.
        self._samplers = [
            PairSampler(len(side), batch_size, seed + number, noun="pictures on a side")
            for number, side in enumerate(self._sides)
        ]
        self.batches_per_epoch = max(sampler.batches_per_epoch for sampler in self._samplers)

    def __getitem__(self, position: int) -> tuple[Batch, Bad]:
        orders = [sampler.batch(position) for sampler in self._samplers]
        samples = []
        for row in self._rows:
            first, second = (
                self._readable.find(side[order[row][1]], side)[0]
                for side, order in zip(self._sides, orders, strict=True)
            )
            rng = np.random.default_rng([self._seed, 3, position, row])
            source, target = augment_pair(first, second, self._config, rng)
            samples.append(Sample.bare(source, target))
        return collate(self._spec, samples), dict(self._readable.bad)


def sides_of(pairs: Sequence[Pair]) -> tuple[list[PictureRef], list[PictureRef]]:
    """The pictures of either side, each once."""
    return list(dict.fromkeys(pair.input for pair in pairs)), list(dict.fromkeys(pair.target for pair in pairs))


def same_names(pairs: Sequence[Pair]) -> bool:
    """Whether there are pictures, and all have a partner of their name: then they can be measured."""
    return bool(pairs) and all(pair.input.path.stem == pair.target.path.stem for pair in pairs)
