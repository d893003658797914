"""What one way of training is to the trainer, which keeps time, saves, shows and resumes for all of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from torch import nn

from training.dataset import Loader
from training.feed import Feed
from training.pairs import Pair
from training.steps import Networks, Parts
from training.watched import Watched


class Method(Protocol):
    """`networks` are all that learn. Where there are several generators, or discriminators, one module holds them."""

    networks: Networks

    @property
    def loader(self) -> Loader: ...

    def compile(self) -> None:
        """Let torch.compile translate the networks."""

    def step(self, feed: Feed, *, adversarial: bool) -> Parts:
        """Take batches and learn from them: one step of the generator, the discriminators' before or after it."""

    def state(self) -> dict[str, Any]:
        """What this process needs to resume beside the networks; tensors on the CPU."""

    def restore(self, state: dict[str, Any]) -> None: ...

    def state_bytes(self) -> int:
        """The size of all processes' `state`, at most."""

    def models(self, generator: nn.Module) -> Mapping[str, nn.Module]:
        """What is shipped of `networks.generator` or its average, by the ending of the file's name; "" comes first."""

    def watched(self, pairs: Sequence[Pair], *, held_out: bool) -> Watched:
        """What is shown and measured of `pairs`, which were not learned from if they are `held_out`."""

    def doubts(self) -> list[str]:
        """Sentences about data that work but may disappoint."""
