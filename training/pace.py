"""How fast a training goes and what it takes."""

import time

import torch

from models.memory import process_memory
from training.events import Pace


class PaceMeter:
    """Counts from `begin`, or from the last report."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.begin(0)

    def begin(self, step: int) -> None:
        self._step, self._at = step, time.monotonic()

    def report(self, step: int) -> Pace:
        elapsed_s = max(time.monotonic() - self._at, 1e-6)
        on_card = torch.cuda.max_memory_allocated(self._device) if self._device.type == "cuda" else 0
        pace = Pace(
            step=step,
            steps_per_s=(step - self._step) / elapsed_s,
            memory_mb=process_memory() // 2**20,
            device_mb=on_card // 2**20,
        )
        self.begin(step)
        return pace
