"""The pictures that are looked at and measured while a training runs."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.conditioning import to_pixels
from training import metrics
from training.config import TrainConfig
from training.dataset import fixed_batches
from training.pairs import Pair
from training.report import grid, save_picture
from training.steps import finished

AT_ONCE = 8  # pictures


@dataclass(frozen=True)
class Watched:
    """Pairs to validate with, or some of the training's where there are none. Nothing is measured on the latter."""

    config: TrainConfig
    pairs: Sequence[Pair]
    measurable: bool

    def sample(self, network: nn.Module, path: Path) -> None:
        """Write a grid: input, painted, with hints where the model takes them, truth."""
        pairs = self.pairs[: self.config.run.samples]
        rows = [list(row) for row in self._paint(network, pairs, hinted=False)]
        if self.config.model.takes_hints:
            for row, hinted in zip(rows, self._paint(network, pairs, hinted=True), strict=True):
                row.insert(2, hinted[1])
        save_picture(grid(rows, [[pair.name] for pair in pairs]), path)

    def measure(self, network: nn.Module) -> dict[str, float]:
        measures = {}
        kinds = (("", False), ("_hinted", True)) if self.config.model.takes_hints else (("", False),)
        for suffix, hinted in kinds:
            painted = self._paint(network, self.pairs, hinted=hinted)
            answers = [(metrics.unit_picture(b), metrics.unit_picture(c)) for _, b, c in painted]
            measures[f"psnr{suffix}"] = float(np.mean([metrics.psnr(*each) for each in answers]))
            measures[f"ssim{suffix}"] = float(np.mean([metrics.ssim(*each) for each in answers]))
        return measures

    def _paint(
        self, network: nn.Module, pairs: Sequence[Pair], *, hinted: bool
    ) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """(input, painted, target) as uint8 (H, W, 3) for each pair."""
        answers = []
        device = next(network.parameters()).device
        with painting(network):
            for batch in fixed_batches(self.config.model, self.config.data, pairs, AT_ONCE, hinted):
                batch = batch.to(device)
                painted = finished(self.config.model, network(*batch.inputs), batch.lines)
                inputs = (batch.lines * 2 - 1).expand(-1, 3, -1, -1)
                for row in zip(inputs, painted, batch.target, strict=True):
                    first, second, third = (to_pixels(each.float().cpu().numpy()) for each in row)
                    answers.append((first, second, third))
        return answers


@contextlib.contextmanager
def painting(network: nn.Module) -> Iterator[None]:
    """The network as it is used: without gradients, without dropout."""
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(was_training)
