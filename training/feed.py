"""The batches of a training as its steps take them: this process's share, in parts, on the device."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from training.config import TrainConfig
from training.dataset import Batch, Loader
from training.engine import Engine
from training.networks import memory_format


class Feed:
    """`position` counts the batches that were taken. `warn` is told of pictures that had to be left out."""

    def __init__(self, config: TrainConfig, loader: Loader, engine: Engine, warn: Callable[[str], None]) -> None:
        self.config, self.loader, self.engine = config, loader, engine
        self.position = 0
        self._warn = warn
        self._layout = memory_format(config.model.norm, engine.device)
        self._batches: Iterator[Batch] = iter(())
        self._told_bad: set[object] = set()

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Reads ahead from `position` on."""
        with contextlib.closing(self.loader.stream(self.position)) as self._batches:  # type: ignore[type-var]
            yield

    def next(self) -> list[Batch]:
        """The parts of the next batch, as far as they are this process's."""
        batch = next(self._batches).to(self.engine.device, self._layout)
        self.position += 1
        if self.position % self.loader.batches_per_epoch == 0 or self.engine.world.size == 1:
            self._tell_bad()
        rows = batch.target.shape[0] // self.config.run.accumulate
        return [batch.part(slice(at, at + rows)) for at in range(0, batch.target.shape[0], rows)]

    def _tell_bad(self) -> None:
        """Name the pictures that were left out; of several processes each has found its own."""
        for process in self.engine.world.gathered(dict(self.loader.bad)):
            for index, reason in process.items():
                if index not in self._told_bad:
                    self._told_bad.add(index)
                    self._warn(f"Left out: {reason}")

    def noise(self, batches: list[Batch]) -> list[Tensor]:
        """Where between real and painted the penalty looks, (B, 1, 1, 1) for each part; it hangs on the position alone,
        so that it is the same however many processes share the batch."""
        count = self.config.run.batch_size
        numbers = np.random.default_rng([self.config.run.seed, 2, self.position]).random(count, np.float32)
        mine = torch.from_numpy(numbers[self.engine.world.share_of(count)]).to(self.engine.device)
        return list(mine[:, None, None, None].chunk(len(batches)))
