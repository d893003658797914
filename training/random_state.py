"""The random numbers a training draws (dropout), saved and taken up again."""

from typing import Any

import torch


def random_state(device: torch.device) -> dict[str, torch.Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def restore_random_state(device: torch.device, states: Any, rank: int) -> None:
    """`states` has one for each process. With another number of processes, or on another device, the rest goes on as
    it was seeded; earlier versions kept the CPU's alone."""
    if isinstance(states, torch.Tensor):
        torch.set_rng_state(states)
        return
    if rank >= len(states):
        return
    state = states[rank]
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    elif device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"])
