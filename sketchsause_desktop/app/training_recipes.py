"""How long and how carefully: a recipe becomes settings, and a measured pace becomes minutes and gigabytes."""

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from training.config import TrainConfig
from training.schema import as_toml

_QUICK_S = 600.0
_QUICK_STEPS = 300  # while nobody knows how fast this machine is
_STEPS = {"standard": 4000, "best": 20_000}
_CRITIC_FROM = 0.6  # of all steps, where the preset lets the critic join in late
_OVERHEAD = 1.1  # samples, measures and saving
_FINE_TUNING = 0.3  # of the preset's rate: what was learned is not to be lost
_START_S = 15.0  # until the first step


class Recipe(enum.Enum):
    QUICK = "quick"
    STANDARD = "standard"
    BEST = "best"
    ADVANCED = "advanced"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """As `training.probe` found it."""

    device: str
    pairs: int
    steps_per_epoch: int
    seconds_a_step: float
    seconds_a_step_with_critic: float
    memory_mb: int
    device_mb: int
    disk_bytes: int
    parameters: int

    @staticmethod
    def from_result(result: Mapping[str, Any]) -> "Pace":
        return Pace(**{name: result[name] for name in Pace.__dataclass_fields__})


@dataclass(frozen=True, kw_only=True)
class Estimate:
    seconds: float  # in all
    seconds_an_epoch: float
    steps: int
    epochs: int
    memory_bytes: int
    device_bytes: int
    disk_bytes: int


def recipe_settings(config: TrainConfig, recipe: Recipe, pace: Pace | None, pairs: int) -> dict[str, str]:
    """What the recipe wants of `config`, as --set takes it; ADVANCED begins as STANDARD."""
    batch = min(config.run.batch_size, pairs) if pairs else config.run.batch_size
    per_epoch = pace.steps_per_epoch if pace else max(1, pairs // batch)
    late = config.gan.loss != "none" and config.gan.start_step > 0
    if recipe is Recipe.QUICK:
        steps = _QUICK_STEPS if pace is None else int(_QUICK_S / _OVERHEAD / _mean_step(pace, late=late))
    else:
        steps = _STEPS["best" if recipe is Recipe.BEST else "standard"]
    per_epoch = max(1, per_epoch // (config.gan.critic_steps if config.gan.loss != "none" else 1))
    epochs = max(1, round(steps / per_epoch))
    steps = epochs * per_epoch
    decaying = epochs // 2 if config.schedule.kind == "linear" and config.schedule.decay_epochs else 0
    wanted: dict[str, object] = {
        "schedule.epochs": epochs - decaying,
        "schedule.decay_epochs": decaying,
        "schedule.warmup_steps": min(config.schedule.warmup_steps, steps // 10),
        "run.cadence": "steps",
        "run.sample_every": max(1, steps // 20),
        "run.measure_every": max(1, steps // 10),
        "run.save_every": max(1, steps // 10),
        "run.log_every": max(1, min(25, steps // 100)),
        "run.best": "none" if recipe is Recipe.QUICK or config.method == "cyclegan" else "psnr",
    }
    if batch < config.run.batch_size:
        wanted |= {"run.batch_size": batch, "run.accumulate": 1}
    if late:
        wanted["gan.start_step"] = round(_CRITIC_FROM * steps)
    if config.run.start_from:
        wanted["optimiser.rate"] = float(f"{_FINE_TUNING * config.optimiser.rate:.2g}")
        wanted["optimiser.discriminator_rate"] = float(f"{_FINE_TUNING * config.optimiser.discriminator_rate:.2g}")
    return {key: as_toml(value) for key, value in wanted.items()}


def estimate(config: TrainConfig, pace: Pace) -> Estimate:
    """What the training will take. A step takes as long as it took when it was measured."""
    epochs = config.schedule.epochs + config.schedule.decay_epochs
    has_critic = config.gan.loss != "none"
    batches = epochs * pace.steps_per_epoch
    alone = min(config.gan.start_step, batches) if has_critic else batches
    both = (batches - alone) // config.gan.critic_steps
    seconds = _OVERHEAD * (alone * pace.seconds_a_step + both * pace.seconds_a_step_with_critic)
    steps = max(1, alone + both)
    return Estimate(
        seconds=seconds + _START_S,
        seconds_an_epoch=seconds / max(1, epochs),
        steps=steps,
        epochs=epochs,
        memory_bytes=pace.memory_mb * 2**20,
        device_bytes=pace.device_mb * 2**20,
        disk_bytes=pace.disk_bytes,
    )


def _mean_step(pace: Pace, *, late: bool) -> float:
    alone = _CRITIC_FROM if late else 0.0
    mean = alone * pace.seconds_a_step + (1 - alone) * pace.seconds_a_step_with_critic
    return mean if math.isfinite(mean) and mean > 0 else 1.0
