"""The method for unpaired pictures: CycleGAN (Zhu et al. 2017, https://arxiv.org/abs/1703.10593).

Two generators, of which A -> B is shipped, and a discriminator for each side that judges pictures by themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.conditioning import to_pixels
from training.config import TrainConfig
from training.cycle_steps import (
    Painted,
    TwoWays,
    cycle_discriminator_step,
    cycle_generator_step,
    painted_both_ways,
)
from training.dataset import Batch, Loader, fixed_batches
from training.engine import Engine
from training.feed import Feed
from training.image_buffer import ImageBuffer
from training.networks import compile_networks, make_cycle_networks
from training.pairs import Pair
from training.report import grid, save_picture
from training.steps import Parts
from training.unpaired import UnpairedBatches, same_names, sides_of
from training.watched import AT_ONCE, Watched, painting

_UNMEASURED = "Nothing is measured: no pictures are set apart that go in pairs by their names."
_TAKEN_FOR_PAIRS = "The pictures set apart have the same names on both sides, so they are measured as pairs."


class CycleGan:
    def __init__(
        self, config: TrainConfig, pairs: Sequence[Pair], held_out: Sequence[Pair], engine: Engine, cache_folder: Path
    ) -> None:
        self.config, self.engine = config, engine
        self._measurable = same_names(held_out)
        share = engine.world.share_of(config.run.batch_size)
        batches = UnpairedBatches(
            config.model, config.data, pairs, config.run.batch_size, config.run.seed, share, cache_folder
        )
        self.loader = Loader(batches, sum(map(len, sides_of(pairs))), config.data.workers, noun="pictures")
        self.cycle = make_cycle_networks(config, engine.device, several=engine.world.size > 1)
        self.networks = self.cycle.both
        self.buffers = ImageBuffer(config.cycle.pool_size), ImageBuffer(config.cycle.pool_size)  # of B, of A

    def compile(self) -> None:
        for way in (self.cycle.there, self.cycle.back):
            compile_networks(self.config, way)

    def step(self, feed: Feed, *, adversarial: bool) -> Parts:
        batches = feed.next()
        parts, fakes = cycle_generator_step(self.config, self.cycle, self.engine, batches, adversarial=adversarial)
        if adversarial:
            for number in range(self.config.gan.critic_steps):
                if number:
                    batches = feed.next()
                    fakes = painted_both_ways(self.cycle, self.engine, batches)
                shown = self._exchanged(fakes, feed.position)
                noise = feed.noise(batches)
                parts |= cycle_discriminator_step(self.config, self.cycle, self.engine, batches, shown, noise)
        return parts

    def _exchanged(self, fakes: list[Painted], position: int) -> list[Painted]:
        """Chance hangs on the position and the process alone, so that nothing of it needs to be saved."""
        rng = np.random.default_rng([self.config.run.seed, 4, position, self.engine.world.rank])
        of_b, of_a = self.buffers
        return [(of_b.exchange(b, rng), of_a.exchange(a, rng)) for b, a in fakes]

    def state(self) -> dict[str, Any]:
        return {"buffers": [[picture.cpu() for picture in buffer.pictures] for buffer in self.buffers]}

    def restore(self, state: dict[str, Any]) -> None:
        for buffer, pictures in zip(self.buffers, state.get("buffers", ()), strict=False):
            buffer.pictures = [picture.to(self.engine.device) for picture in pictures]

    def state_bytes(self) -> int:
        picture = 4 * self.config.model.output_channels * self.config.data.crop_size**2  # float32
        return 2 * self.config.cycle.pool_size * picture * self.engine.world.size

    def models(self, generator: nn.Module) -> Mapping[str, nn.Module]:
        assert isinstance(generator, TwoWays)
        return {"": generator.there, "-back": generator.back}

    def watched(self, pairs: Sequence[Pair], *, held_out: bool) -> Watched:
        return CycleWatched(self.config, pairs, held_out and self._measurable and bool(pairs))

    def doubts(self) -> list[str]:
        return [_TAKEN_FOR_PAIRS if self._measurable else _UNMEASURED]


@dataclass(frozen=True)
class CycleWatched(Watched):
    def sample(self, network: nn.Module, path: Path) -> None:
        """Write a grid: A, A -> B, A -> B -> A; B, B -> A."""
        assert isinstance(network, TwoWays)
        pairs = self.pairs[: self.config.run.samples]
        with painting(network):
            batches = fixed_batches(self.config.model, self.config.data, pairs, AT_ONCE)
            rows = [row for batch in batches for row in _rows(network, batch)]
        save_picture(grid(rows, [[pair.name] for pair in pairs], ("A", "A to B", "back to A", "B", "B to A")), path)


def _rows(network: TwoWays, batch: Batch) -> list[list[np.ndarray]]:
    batch = batch.to(next(network.parameters()).device)
    a, b = batch.condition, batch.target
    fake_b = network.there(a)
    columns: tuple[Tensor, ...] = (a, fake_b, network.back(fake_b), b, network.back(b))
    return [[to_pixels(each) for each in row] for row in torch.stack(columns, 1).float().cpu().numpy()]
