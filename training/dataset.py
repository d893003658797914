"""Pairs -> batches in [-1, 1]. What a sample looks like depends on (seed, epoch, index) alone, so a run can resume."""

import atexit
import os
import signal
from abc import abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.conditioning import cleaned, network_input, palette_input, to_network
from models.errors import UserError
from models.spec import ModelSpec
from training.augment import augment_pair, fit_pair, guided, random_hints
from training.config import DataConfig
from training.pairs import Pair
from training.picture_cache import PictureSource, open_cache
from training.pictures import load_picture
from training.replay import Replay

_AHEAD = 2  # batches
_ENDLESS = 2**62
_MAX_BAD_SHARE = 0.05


@dataclass(frozen=True)
class Batch:
    """`condition` (B, network channels, H, W), `target` (B, 3, H, W), `lines` (B, 1 or 3, H, W) in [0, 1].

    `lines` is what a colour layer is multiplied by; the others lie in [-1, 1]. `palette` is (B, 8, 4), see ModelSpec,
    and None for networks that take none. Where `replayed` (B,) is true the target is nothing: what the model answered
    at the start is to take its place (training.tuning).
    """

    condition: Tensor
    target: Tensor
    lines: Tensor
    palette: Tensor | None = None
    replayed: Tensor | None = None

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What the generator is called with."""
        return (self.condition,) if self.palette is None else (self.condition, self.palette)

    def to(self, device: torch.device, layout: torch.memory_format = torch.contiguous_format) -> "Batch":
        tensors = (self.condition, self.target, self.lines)
        palette = None if self.palette is None else self.palette.to(device)
        condition, target, lines = (each.to(device, memory_format=layout) for each in tensors)
        replayed = None if self.replayed is None else self.replayed.to(device)
        return Batch(condition, target, lines, palette, replayed)

    def part(self, rows: slice) -> "Batch":
        palette = None if self.palette is None else self.palette[rows]
        replayed = None if self.replayed is None else self.replayed[rows]
        return Batch(self.condition[rows], self.target[rows], self.lines[rows], palette, replayed)


class Sample(NamedTuple):
    """uint8: `source` and `target` (H, W, 3), `hints` (H, W, 4), `palette` (at most 8, 3) or None."""

    source: np.ndarray
    target: np.ndarray
    hints: np.ndarray
    palette: np.ndarray | None = None
    is_replay: bool = False  # `target` is nothing

    @staticmethod
    def bare(source: np.ndarray, target: np.ndarray) -> "Sample":
        return Sample(source, target, np.zeros((*target.shape[:2], 4), np.uint8))


class PairSampler:
    """Batches of (epoch, index) in a shuffled order that depends on (seed, epoch) alone; the last short batch is left
    out. `position` counts batches since the start, over epochs."""

    def __init__(self, count: int, batch_size: int, seed: int, noun: str = "pairs") -> None:
        if count < batch_size:
            there = f"is 1 {noun.removesuffix('s')}" if count == 1 else f"are {count} {noun}"
            raise UserError(f"There {there}, fewer than the batch of {batch_size}.", "Lower run.batch_size.")
        self.batches_per_epoch = count // batch_size
        self.count, self.seed = count, seed
        self._batch_size = batch_size
        self._order: tuple[int, np.ndarray] = (-1, np.empty(0, np.int64))

    def batch(self, position: int) -> list[tuple[int, int]]:
        epoch, number = divmod(position, self.batches_per_epoch)
        if self._order[0] != epoch:
            self._order = (epoch, np.random.default_rng([self.seed, epoch]).permutation(self.count))
        chosen = self._order[1][number * self._batch_size : (number + 1) * self._batch_size]
        return [(epoch, int(index)) for index in chosen]


Bad = dict[int, str]  # pairs left out since they could not be read, and why


class Readable:
    """A source in which the next one stands for one that is damaged. `bad` are those that were found so far."""

    def __init__(self, source: PictureSource) -> None:
        self._source = source
        self.bad: Bad = {}

    def find(self, index: int, among: range) -> tuple[np.ndarray, np.ndarray]:
        for step in range(len(among)):
            candidate = among[(index - among.start + step) % len(among)]
            if candidate not in self.bad:
                try:
                    return self._source[candidate]
                except UserError as error:
                    self.bad[candidate] = str(error)
        raise UserError("No picture can be read.", "Run `sketchsause pairs check` on the folder.")


class Batches(torch.utils.data.Dataset[tuple[Batch, Bad]]):
    """Batches by their position, with what was found unreadable so far."""

    batches_per_epoch: int

    @abstractmethod
    def __getitem__(self, position: int) -> tuple[Batch, Bad]: ...


class PairBatches(Batches):
    """`may_be_bare` says of each pair whether it may come without hints and palette. Some samples are replayed."""

    def __init__(
        self,
        spec: ModelSpec,
        config: DataConfig,
        source: PictureSource,
        sampler: PairSampler,
        share: slice,
        may_be_bare: Sequence[bool],
        replay: Replay | None = None,
    ) -> None:
        self.spec, self.config, self.sampler = spec, config, sampler
        self._replay = replay
        self._may_be_bare = may_be_bare
        self.batches_per_epoch = sampler.batches_per_epoch
        self._readable, self._share = Readable(source), share

    def __getitem__(self, position: int) -> tuple[Batch, Bad]:
        chosen = self.sampler.batch(position)[self._share]
        return collate(self.spec, [self._sample(epoch, index) for epoch, index in chosen]), dict(self._readable.bad)

    def _sample(self, epoch: int, index: int) -> Sample:
        rng = np.random.default_rng([self.sampler.seed, 1, epoch, index])
        if self._replay is not None and rng.random() < self._replay.share:
            source, hints, palette = self._replay.sample(self.config, rng)
            return Sample(source, np.zeros_like(source), hints, palette, is_replay=True)
        pictures = self._readable.find(index, range(self.sampler.count))
        source, target = augment_pair(*pictures, self.config, rng)
        if not (self.spec.takes_hints or self.spec.palette):
            return Sample.bare(source, target)
        return Sample(source, *guided(source, target, self.config, rng, may_be_bare=self._may_be_bare[index]))


def _begin_worker(_worker: int) -> None:
    """Ctrl-C reaches every process of a terminal; only the trainer is to act on it.

    A worker ends without the destructors of its libraries: PyTorch's abort it now and then, and a worker that aborts
    raises in the trainer, which is just closing it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit.register(os._exit, 0)


class Loader:
    """Training batches by position, read ahead of the network by a thread or by processes.

    `bad` are those of the `count` pairs, or whatever `noun` says, that were left out, and why.
    """

    def __init__(self, batches: Batches, count: int, workers: int, noun: str = "pairs") -> None:
        self.batches_per_epoch = batches.batches_per_epoch
        self.bad: Bad = {}
        self._batches, self._count, self._workers, self._noun = batches, count, workers, noun

    def load(self, position: int) -> Batch:
        """The batch at `position`; UserError when many pairs are damaged."""
        return self._checked(self._batches[position])

    def stream(self, position: int) -> Iterator[Batch]:
        """The batches from `position` on, without end. Close it: it holds a thread or processes."""
        if self._workers:
            yield from self._from_processes(position)
        with ThreadPoolExecutor(1, thread_name_prefix="pairs") as thread:
            waiting = deque(thread.submit(self._batches.__getitem__, position + ahead) for ahead in range(_AHEAD))
            try:
                while True:
                    batch = self._checked(waiting.popleft().result())
                    position += 1
                    waiting.append(thread.submit(self._batches.__getitem__, position + _AHEAD - 1))
                    yield batch
            finally:
                for future in waiting:
                    future.cancel()

    def _from_processes(self, position: int) -> Iterator[Batch]:
        """By PyTorch's own loader, which keeps the order; its processes are started anew on every system alike."""
        loader = torch.utils.data.DataLoader(
            self._batches,
            batch_size=None,
            sampler=range(position, _ENDLESS),
            num_workers=self._workers,
            multiprocessing_context="spawn",
            worker_init_fn=_begin_worker,
            generator=torch.Generator(),  # else it would draw from the random numbers of the training
        )
        for answer in loader:
            yield self._checked(answer)

    def _checked(self, answer: tuple[Batch, Bad]) -> Batch:
        batch, bad = answer
        self.bad |= bad
        if len(self.bad) > max(1, _MAX_BAD_SHARE * self._count):
            raise UserError(
                f"{len(self.bad)} of {self._count} {self._noun} cannot be read, for one: "
                f"{next(iter(self.bad.values()))}",
                "Run `sketchsause pairs check` on the folder.",
            )
        return batch


class PairLoader(Loader):
    """`share` is this process's part of every batch."""

    def __init__(
        self,
        spec: ModelSpec,
        config: DataConfig,
        pairs: Sequence[Pair],
        batch_size: int,
        seed: int,
        *,
        share: slice = slice(None),
        cache_folder: Path | None = None,
        replay: Replay | None = None,
    ) -> None:
        sampler = PairSampler(len(pairs), batch_size, seed)
        may_be_bare = [not config.unhinted or fnmatch(pair.name, config.unhinted) for pair in pairs]
        source = open_source(pairs, config, cache_folder)
        batches = PairBatches(spec, config, source, sampler, share, may_be_bare, replay)
        super().__init__(batches, len(pairs), config.workers)


def open_source(pairs: Sequence[Pair], config: DataConfig, cache_folder: Path | None) -> PictureSource:
    kind = "none" if config.cache == "disk" and cache_folder is None else config.cache
    sharers = max(1, config.workers) * int(os.environ.get("LOCAL_WORLD_SIZE", "1"))  # torchrun's: on this machine
    return open_cache(pairs, config.load_size, kind, config.cache_gb, cache_folder or Path(), sharers=sharers)


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
            bare = Sample.bare(source, target)
            samples.append(bare._replace(hints=random_hints(target, _always(config), rng)) if hinted else bare)
        yield collate(spec, samples)


def _always(config: DataConfig) -> DataConfig:
    return DataConfig(no_hints=0.0, max_hints=config.max_hints)


def collate(spec: ModelSpec, samples: Sequence[Sample]) -> Batch:
    condition = np.stack([network_input(spec, cleaned(spec, each.source), each.hints) for each in samples])
    target = np.stack([to_network(each.target) for each in samples])
    lines = np.stack([network_input(spec, each.source)[: spec.input_channels] for each in samples])
    palette = torch.from_numpy(np.stack([palette_input(each.palette) for each in samples])) if spec.palette else None
    marks = [each.is_replay for each in samples]
    replayed = torch.tensor(marks) if any(marks) else None
    tensors = torch.from_numpy(condition), torch.from_numpy(target), (torch.from_numpy(lines) + 1) / 2
    return Batch(*tensors, palette, replayed)
