"""What all generators can: gradient checkpointing, and parts that hold still while the others learn."""

import contextlib
from collections.abc import Iterable, Sequence
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


class Generator(nn.Module):
    """What all generators share. `checkpointing` is a matter of training, not of the model: less memory, more time.

    Block by block, after "Training Deep Nets with Sublinear Memory Cost" (Chen et al. 2016,
    https://arxiv.org/abs/1604.06174).
    """

    checkpointing: bool = False
    still: Sequence[nn.Module] = ()  # parts that are never in training mode

    def seeing(self) -> list[nn.Module]:
        """The parts that look at the picture; the others paint. Each network says so for itself."""
        raise NotImplementedError  # not abstract: mixed into an nn.Module, it has no metaclass of its own

    def hold_still(self, parts: Iterable[nn.Module]) -> None:
        """Leave these parts as they are: neither their weights learn nor do their norms count."""
        self.still = [*self.still, *parts]
        for part in self.still:
            part.requires_grad_(False).eval()

    def keep_statistics(self) -> None:
        """Batch norms take and keep their running statistics from now on; their scales and shifts learn."""
        norms = [layer for layer in self.modules() if isinstance(layer, _BatchNorm)]
        self.still = [*self.still, *norms]
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        for part in self.still:
            part.eval()
        return self

    def run(self, block: nn.Module, *inputs: Tensor) -> Tensor:
        """`block(*inputs)`; dropout is replayed and batch norm counts a batch once."""
        if not (self.checkpointing and self.training):
            answer: Tensor = block(*inputs)
            return answer
        replay = _Replay(block, inputs[0].device)
        recomputed: Tensor = checkpoint(block, *inputs, use_reentrant=False, context_fn=lambda: (replay.first, replay))
        return recomputed


class _Replay:
    """The second time a block is reckoned, its running statistics stay as the first time left them, and dropout drops
    the same; of MPS's random numbers PyTorch's own checkpointing knows nothing. Entered for each backward pass.
    """

    def __init__(self, block: nn.Module, device: torch.device) -> None:
        self.first = contextlib.nullcontext()
        self._norms = [layer for layer in block.modules() if isinstance(layer, _BatchNorm)]
        self._kept: list[tuple[float | None, Tensor | None]] = []
        self._random = torch.mps.get_rng_state() if device.type == "mps" else None  # before the first time
        self._present: Tensor | None = None

    def __enter__(self) -> None:
        self._kept = [(norm.momentum, norm.num_batches_tracked) for norm in self._norms]
        for norm in self._norms:
            norm.momentum = 0.0
            norm.num_batches_tracked = None if norm.num_batches_tracked is None else norm.num_batches_tracked.clone()
        if self._random is not None:
            self._present = torch.mps.get_rng_state()
            torch.mps.set_rng_state(self._random)

    def __exit__(self, *_: object) -> None:
        for norm, (momentum, count) in zip(self._norms, self._kept, strict=True):
            norm.momentum, norm.num_batches_tracked = momentum, count
        if self._present is not None:
            torch.mps.set_rng_state(self._present)
