"""Batches of unmatched pictures, as training.pairs_unpaired finds them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.spec import ModelSpec
from training.augment import augment_pair
from training.config import DataConfig
from training.dataset import Bad, Batch, Batches, PairSampler, Readable, Sample, collate, open_source
from training.pairs import Pair
from training.pictures import PictureRef


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
