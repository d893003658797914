"""How a step is reckoned, apart from what is reckoned: precision, parts of a batch, several processes."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from training.config import Precision
from training.world import World

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(kw_only=True)
class Engine:
    """Runs forward passes in the wanted precision, and turns losses into updates that are equal in all processes.

    fp16 needs its losses scaled, so that small gradients are not lost (Micikevicius et al. 2017,
    https://arxiv.org/abs/1710.03740); bf16 and float32 do not.
    """

    device: torch.device
    precision: Precision = "float32"
    parts: int = 1  # of a batch
    world: World = field(default_factory=World)
    scaler: torch.amp.GradScaler = field(init=False)

    def __post_init__(self) -> None:
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.precision == "fp16")

    @contextlib.contextmanager
    def forward(self) -> Iterator[None]:
        """What is reckoned inside is reckoned in the wanted precision."""
        kind = _TYPES.get(self.precision)
        with torch.autocast(self.device.type, dtype=kind, enabled=kind is not None):
            yield

    def begin(self, optimiser: torch.optim.Optimizer) -> None:
        """Forget the last step's gradients: now, not after it, since memory that is given back and taken again between
        two steps costs a CPU an eighth of the step (tests/benchmarks/training_step.py)."""
        optimiser.zero_grad(set_to_none=True)

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of one part's loss to those of the batch."""
        scaled: Tensor = self.scaler.scale(loss / self.parts)
        torch.autograd.backward(scaled)

    def update(self, optimiser: torch.optim.Optimizer, network: nn.Module, loss: Tensor) -> None:
        """One step down the gradient; none where the loss or a gradient is no number, which would spoil every weight.

        In fp16 a gradient that overflows is no fault: the scaler leaves the step out and scales the next one less.
        """
        spoilt = not bool(torch.isfinite(loss))
        if self.precision != "fp16" and not spoilt:
            gradients = [each.grad for each in network.parameters() if each.grad is not None]
            spoilt = not bool(torch.isfinite(nn.utils.get_total_norm(gradients)))
        if not self.world.any(spoilt, self.device):
            self.world.average_gradients(network.parameters())
            self.scaler.step(optimiser)
            self.scaler.update()
