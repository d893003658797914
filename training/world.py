"""The processes that train together, over PyTorch's own launcher: `torchrun --nproc-per-node N -m training train ...`.

Each works on its share of every batch; gradients are averaged before a step, so that all hold the same weights. Only
the first one writes. One process alone is a world of one, in which all of this does nothing.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed

from models.errors import UserError


@dataclass(frozen=True)
class World:
    """`rank` counts the processes of all machines from 0, `local_rank` those of this machine."""

    size: int = 1
    rank: int = 0
    local_rank: int = 0

    @property
    def writes(self) -> bool:
        return self.rank == 0

    def share_of(self, count: int) -> slice:
        """This process's part of `count` samples, which must divide by the number of processes."""
        each, rest = divmod(count, self.size)
        if rest or not each:
            raise UserError(
                f"A batch of {count} cannot be shared among {self.size} processes.",
                f"Set run.batch_size to a multiple of {self.size}.",
            )
        return slice(self.rank * each, (self.rank + 1) * each)

    def average_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace every gradient by its mean over the processes, in one message."""
        if self.size == 1:
            return
        gradients = [each.grad for each in parameters if each.grad is not None]
        flat = torch.cat([each.reshape(-1) for each in gradients])
        distributed.all_reduce(flat)
        flat /= self.size
        start = 0
        for gradient in gradients:
            gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()

    def mean(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        """Each value's mean over the processes, which must have the same names."""
        if self.size == 1 or not values:
            return values
        stacked = torch.stack([value.float().reshape(()) for value in values.values()])
        distributed.all_reduce(stacked)
        return dict(zip(values, (stacked / self.size).unbind(), strict=True))

    def any(self, flag: bool, device: torch.device) -> bool:
        """Whether the flag is set in any process."""
        if self.size == 1:
            return flag
        raised = torch.tensor(float(flag), device=device)
        distributed.all_reduce(raised, op=distributed.ReduceOp.MAX)
        return bool(raised)

    def only_first(self, action: Callable[[], object]) -> None:
        """What the first process does alone. Where it is refused, all are, instead of waiting for it in vain."""
        fault: UserError | None = None
        if self.writes:
            try:
                action()
            except UserError as error:
                fault = error
        if (fault := self.from_first(fault)) is not None:
            raise fault

    def from_first(self, value: Any) -> Any:
        """The first process's value, in every process."""
        if self.size == 1:
            return value
        box = [value]
        distributed.broadcast_object_list(box, src=0)
        return box[0]

    def gathered(self, value: Any) -> list[Any]:
        """The values of all processes, by rank."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        distributed.all_gather_object(values, value)
        return values


def join(device: str) -> World:
    """Join the processes that torchrun started, which say who they are by environment variables; alone without them."""
    names = ("WORLD_SIZE", "RANK", "LOCAL_RANK")
    if not all(name in os.environ for name in names) or os.environ["WORLD_SIZE"] == "1":
        return World()
    world = World(*(int(os.environ[name]) for name in names))
    if device == "mps":
        raise UserError("Several processes cannot share an MPS device.", "Add --device cpu, or train in one process.")
    if device == "cuda":
        if world.local_rank >= torch.cuda.device_count():
            raise UserError(
                f"This machine has {torch.cuda.device_count()} graphics cards for its processes.",
                "Lower --nproc-per-node.",
            )
        torch.cuda.set_device(world.local_rank)
    distributed.init_process_group("nccl" if device == "cuda" and distributed.is_nccl_available() else "gloo")
    return world


def leave(world: World, *, together: bool) -> None:
    """`together`: wait for the others first, so that none still speaks to one that has gone."""
    if world.size > 1:
        if together:
            distributed.barrier()
        distributed.destroy_process_group()
