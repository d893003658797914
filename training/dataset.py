"""Pairs -> batches in [-1, 1]. What a sample looks like depends on (seed, epoch, index) alone, so a run can resume."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.conditioning import cleaned, network_input, to_network
from models.errors import UserError
from models.spec import ModelSpec
from training.augment import augment_pair, fit_pair, random_hints
from training.config import DataConfig
from training.pairs import Pair
from training.pictures import load_picture

_CACHE_BYTES = 6_000_000_000
_MAX_BAD_SHARE = 0.05


@dataclass(frozen=True)
class Batch:
    """`condition` (B, network channels, H, W), `target` (B, 3, H, W), `lines` (B, 1 or 3, H, W) in [0, 1].

    `lines` is what a colour layer is multiplied by; the others lie in [-1, 1].
    """

    condition: Tensor
    target: Tensor
    lines: Tensor

    def to(self, device: torch.device) -> "Batch":
        return Batch(*(each.to(device, non_blocking=True) for each in (self.condition, self.target, self.lines)))


class PictureCache:
    """Decoded pairs, the least recently used dropped beyond a budget of bytes."""

    def __init__(self, pairs: Sequence[Pair], budget: int = _CACHE_BYTES) -> None:
        self._pairs = pairs
        self._budget = budget
        self._bytes = 0
        self._kept: OrderedDict[int, tuple[np.ndarray, np.ndarray]] = OrderedDict()

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        pair = self._pairs[index]
        pictures = load_picture(pair.input), load_picture(pair.target)
        self._kept[index] = pictures
        self._bytes += pictures[0].nbytes + pictures[1].nbytes
        while self._bytes > self._budget and len(self._kept) > 1:
            _, (first, second) = self._kept.popitem(last=False)
            self._bytes -= first.nbytes + second.nbytes
        return pictures


class PairSampler:
    """Batches of (epoch, index) in a shuffled order that depends on (seed, epoch) alone; the last short batch is left
    out. `position` counts batches since the start, over epochs."""

    def __init__(self, count: int, batch_size: int, seed: int) -> None:
        if count < batch_size:
            raise UserError(f"There are {count} pairs, fewer than the batch of {batch_size}.", "Lower run.batch_size.")
        self.batches_per_epoch = count // batch_size
        self._count, self._batch_size, self._seed = count, batch_size, seed
        self._order: tuple[int, np.ndarray] = (-1, np.empty(0, np.int64))

    def batch(self, position: int) -> list[tuple[int, int]]:
        epoch, number = divmod(position, self.batches_per_epoch)
        if self._order[0] != epoch:
            self._order = (epoch, np.random.default_rng([self._seed, epoch]).permutation(self._count))
        chosen = self._order[1][number * self._batch_size : (number + 1) * self._batch_size]
        return [(epoch, int(index)) for index in chosen]


class PairLoader:
    """Training batches by position, and fixed batches for validation and samples."""

    def __init__(self, spec: ModelSpec, config: DataConfig, pairs: Sequence[Pair], batch_size: int, seed: int) -> None:
        self.spec, self.config, self.seed = spec, config, seed
        self.pairs = pairs
        self.sampler = PairSampler(len(pairs), batch_size, seed)
        self.bad: dict[int, str] = {}  # pairs left out since they could not be read, and why
        self._cache = PictureCache(pairs)

    def load(self, position: int) -> Batch:
        """The batch at `position`. A damaged pair is replaced by another of the set; UserError when they are many."""
        return collate(self.spec, [self._sample(epoch, index) for epoch, index in self.sampler.batch(position)])

    def _sample(self, epoch: int, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.seed, 1, epoch, index])
        source, target = augment_pair(*self._readable(index), self.config, rng)
        return source, target, random_hints(target, self.config, rng)

    def _readable(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        for step in range(len(self.pairs)):
            candidate = (index + step) % len(self.pairs)
            if candidate in self.bad:
                continue
            try:
                return self._cache[candidate]
            except UserError as error:
                self.bad[candidate] = str(error)
                if len(self.bad) > _MAX_BAD_SHARE * len(self.pairs):
                    raise UserError(
                        f"{len(self.bad)} of {len(self.pairs)} pairs cannot be read, for one: {error}",
                        "Run `sketchsause pairs check` on the folder.",
                    ) from error
        raise UserError("No pair can be read.", "Run `sketchsause pairs check` on the folder.")


def readable(pairs: Sequence[Pair], most: int) -> tuple[list[Pair], list[str]]:
    """The first pairs that can be read, `most` at most, and why others before them cannot."""
    good: list[Pair] = []
    reasons: list[str] = []
    for pair in pairs:
        if len(good) == most:
            break
        try:
            load_picture(pair.input)
            load_picture(pair.target)
        except UserError as error:
            reasons.append(str(error))
        else:
            good.append(pair)
    return good, reasons


def fixed_batches(
    spec: ModelSpec, config: DataConfig, pairs: Sequence[Pair], batch_size: int, hinted: bool = False
) -> Iterator[Batch]:
    """Every pair once, resized, not augmented; without hints, or with the same hints each time."""
    for start in range(0, len(pairs), batch_size):
        samples = []
        for number, pair in enumerate(pairs[start : start + batch_size], start):
            source, target = fit_pair(load_picture(pair.input), load_picture(pair.target), config.crop_size)
            rng = np.random.default_rng([7, number])
            blank = np.zeros((*target.shape[:2], 4), np.uint8)
            samples.append((source, target, random_hints(target, _always(config), rng) if hinted else blank))
        yield collate(spec, samples)


def _always(config: DataConfig) -> DataConfig:
    return DataConfig(no_hints=0.0, max_hints=config.max_hints)


def collate(spec: ModelSpec, samples: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Batch:
    """Samples are uint8: input (H, W, 3), target (H, W, 3), hints (H, W, 4)."""
    condition = np.stack([network_input(spec, cleaned(spec, source), hints) for source, _, hints in samples])
    target = np.stack([to_network(target) for _, target, _ in samples])
    lines = np.stack([network_input(spec, source)[: spec.input_channels] for source, _, _ in samples])
    return Batch(torch.from_numpy(condition), torch.from_numpy(target), (torch.from_numpy(lines) + 1) / 2)
