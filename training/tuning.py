"""Learning something new without forgetting: parts that hold still, and answers of the model as it was at the start.

After "Learning without Forgetting" (Li & Hoiem 2016, https://arxiv.org/abs/1606.09282): the old answers are targets on
pictures for which nobody has others.
"""

from dataclasses import replace

import torch
from torch import nn

from models.recompute import Generator
from models.registry import build
from training.config import TrainConfig, TuneConfig
from training.dataset import Batch
from training.networks import start_from
from training.steps import finished


def hold_still(generator: nn.Module, tune: TuneConfig) -> None:
    """Whatever shall not learn; before the optimiser is asked for its first step."""
    assert isinstance(generator, Generator)
    if tune.freeze == "encoder":
        generator.hold_still(generator.seeing())
    if tune.keep_norms:
        generator.keep_statistics()


class Teacher:
    """The model at the start. `answered` puts its answers into a batch where they are asked for."""

    def __init__(self, config: TrainConfig, device: torch.device) -> None:
        network = build(config.model).requires_grad_(False)
        start_from(config.run.start_from, config.model, network)
        self._config, self._network = config, network.to(device).eval()

    @torch.no_grad()
    def answered(self, batch: Batch) -> Batch:
        if batch.replayed is None or not bool(batch.replayed.any()):
            return batch
        rows = batch.replayed
        asked = [each[rows] for each in batch.inputs]
        picture = finished(self._config.model, self._network(*asked), batch.lines[rows])
        target = batch.target.clone()
        target[rows] = picture.to(target.dtype)
        return replace(batch, target=target, replayed=None)
