"""Image-to-Image Translation with Conditional Adversarial Networks (Isola et al. 2017, https://arxiv.org/abs/1611.07004).

The method for pairs: the generator learns from the pixel losses and from a discriminator that sees input and answer.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from models.errors import UserError
from training.config import TrainConfig
from training.dataset import Batch, PairLoader
from training.engine import Engine
from training.feed import Feed
from training.networks import compile_networks, make_networks
from training.pairs import Pair
from training.pictures import load_picture
from training.replay import open_replay
from training.steps import Painted, Parts, discriminator_step, generator_step, painted
from training.tuning import Teacher
from training.watched import Watched

_COUNTED_PICTURES = 256  # for the rareness of colours


class Pix2Pix:
    def __init__(self, config: TrainConfig, pairs: Sequence[Pair], engine: Engine, cache_folder: Path) -> None:
        self.config, self.engine = config, engine
        self._pairs = pairs
        self.loader = PairLoader(
            config.model,
            config.data,
            pairs,
            config.run.batch_size,
            config.run.seed,
            share=engine.world.share_of(config.run.batch_size),
            cache_folder=cache_folder,
            replay=open_replay(config.tune),
        )
        self.networks = make_networks(config, engine.device, self._some_targets, several=engine.world.size > 1)
        self._teacher = Teacher(config, engine.device) if config.tune.replay else None

    def _some_targets(self) -> Iterator[np.ndarray]:
        every = max(1, len(self._pairs) // _COUNTED_PICTURES)
        for pair in self._pairs[::every]:
            with contextlib.suppress(UserError):
                yield load_picture(pair.target)

    def compile(self) -> None:
        compile_networks(self.config, self.networks)

    def step(self, feed: Feed, *, adversarial: bool) -> Parts:
        batches = self._next(feed)
        answers: list[Painted] | None = None
        parts: Parts = {}
        if adversarial:
            for number in range(self.config.gan.critic_steps):
                batches = self._next(feed) if number else batches
                answers = self._paint_for_critic(batches, is_last=number == self.config.gan.critic_steps - 1)
                noise = feed.noise(batches)
                fakes = [each.picture for each in answers]
                parts |= discriminator_step(self.config, self.networks, self.engine, batches, fakes, noise)
        reused = answers if answers and answers[0].picture.requires_grad else None
        return parts | generator_step(self.config, self.networks, self.engine, batches, reused, adversarial=adversarial)

    def _next(self, feed: Feed) -> list[Batch]:
        batches = feed.next()
        return batches if self._teacher is None else [self._teacher.answered(batch) for batch in batches]

    def _paint_for_critic(self, batches: list[Batch], *, is_last: bool) -> list[Painted]:
        """Pictures for the discriminator. The generator learns from the last ones, so they are painted once; unless
        the batch comes in parts, whose activations shall not lie in memory together."""
        with torch.set_grad_enabled(is_last and len(batches) == 1):
            return [painted(self.config, self.networks, self.engine, batch) for batch in batches]

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        pass

    def state_bytes(self) -> int:
        return 0

    def models(self, generator: nn.Module) -> Mapping[str, nn.Module]:
        return {"": generator}

    def watched(self, pairs: Sequence[Pair], *, held_out: bool) -> Watched:
        return Watched(self.config, pairs, held_out and bool(pairs))

    def doubts(self) -> list[str]:
        return []
