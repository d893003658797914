"""Gradient checkpointing: activations are computed again in the backward pass instead of being kept."""

import contextlib

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class Generator(nn.Module):
    """What all generators share. `checkpointing` is a matter of training, not of the model: less memory, more time.

    Block by block, after "Training Deep Nets with Sublinear Memory Cost" (Chen et al. 2016,
    https://arxiv.org/abs/1604.06174).
    """

    checkpointing: bool = False

    def run(self, block: nn.Module, *inputs: Tensor) -> Tensor:
        """`block(*inputs)`; dropout is replayed and batch norm counts a batch once."""
        if not (self.checkpointing and self.training):
            answer: Tensor = block(*inputs)
            return answer
        contexts = (contextlib.nullcontext(), _FrozenStatistics(block))
        recomputed: Tensor = checkpoint(block, *inputs, use_reentrant=False, context_fn=lambda: contexts)
        return recomputed


class _FrozenStatistics:
    """While a block is computed again, its running statistics stay as the first time left them."""

    def __init__(self, block: nn.Module) -> None:
        self._norms = [layer for layer in block.modules() if isinstance(layer, nn.BatchNorm2d)]
        self._kept: list[tuple[float | None, Tensor | None]] = []

    def __enter__(self) -> None:
        self._kept = [(norm.momentum, norm.num_batches_tracked) for norm in self._norms]
        for norm in self._norms:
            norm.momentum, norm.num_batches_tracked = 0.0, None

    def __exit__(self, *_: object) -> None:
        for norm, (momentum, count) in zip(self._norms, self._kept, strict=True):
            norm.momentum, norm.num_batches_tracked = momentum, count
