"""A few steps of a training that are thrown away: how long it will take, and how much memory and disk."""

import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from training.config import TrainConfig
from training.pace import PaceMeter
from training.pairs import Scan
from training.run_dir import EventLog, RunDir
from training.trainer import Trainer

STEPS = 10  # of each kind, the first of which are not counted
_FIRST = 2
_LONG_S = 10.0  # of one kind; large networks on a small machine are judged by fewer steps


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What was found. Without a critic, or when it begins at once, both paces are the same."""

    device: str
    parameters: int
    pairs: int
    steps_per_epoch: int
    seconds_a_step: float
    seconds_a_step_with_critic: float
    memory_mb: int
    device_mb: int
    disk_bytes: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def probe(config: TrainConfig, scan: Scan, device: str) -> Probe:
    """Train some steps in a folder that is removed again. UserError where the training would be refused."""
    config = replace(config, data=replace(config.data, workers=0))
    with tempfile.TemporaryDirectory(prefix="sketchsause-probe-") as name:
        folder = Path(name)
        trainer = Trainer(config, scan, RunDir(folder), EventLog(folder, None), device)
        pace = PaceMeter(trainer.device)
        has_critic = config.gan.loss != "none"
        trainer.networks.generator.train()
        with trainer.feed.opened():
            alone = _pace(trainer, adversarial=has_critic and config.gan.start_step == 0)
            both = _pace(trainer, adversarial=True) if has_critic and config.gan.start_step else alone
        spent = pace.report(1)
        return Probe(
            device=device,
            parameters=sum(p.numel() for p in trainer.networks.generator.parameters()),
            pairs=len(trainer.train_pairs),
            steps_per_epoch=trainer.loader.batches_per_epoch,
            seconds_a_step=alone,
            seconds_a_step_with_critic=both,
            memory_mb=spent.memory_mb,
            device_mb=spent.device_mb,
            disk_bytes=trainer.disk_bytes(),
        )


def _pace(trainer: Trainer, *, adversarial: bool) -> float:
    """Seconds a step."""
    begun = counted_from = time.monotonic()
    counted = 0
    for number in range(STEPS):
        parts = trainer.method.step(trainer.feed, adversarial=adversarial)
        _ = [float(value) for value in parts.values()]  # a graphics card is waited for
        now = time.monotonic()
        if number < _FIRST:
            counted_from = now
        else:
            counted += 1
        if now - begun > _LONG_S:
            break
    if not counted:
        return (time.monotonic() - begun) / (number + 1)
    return (time.monotonic() - counted_from) / counted
