"""Trainings small enough for tests: a few pairs made here, networks of a few thousand weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from training.config import TrainConfig, config_from_dict
from training.pairs import scan
from training.run_dir import EventLog, RunDir
from training.trainer import Trainer

TINY: dict[str, Any] = {
    "model": {"architecture": "unet", "base_width": 4, "depth": 3, "norm": "instance", "dropout": 0.5},
    "data": {"load_size": 36, "crop_size": 32, "direction": "AtoB"},
    "discriminator": {"base_width": 4, "layers": 1, "norm": "instance"},
    "gan": {"loss": "bce"},
    "optimiser": {"rate": 2e-3, "discriminator_rate": 2e-3},
    "schedule": {"epochs": 2, "decay_epochs": 2},
    "run": {"batch_size": 2, "log_every": 2, "save_every": 4, "sample_every": 100, "measure_every": 8, "ema": 0.9},
}


def tiny_config(method: str = "pix2pix", **sections: dict[str, Any]) -> TrainConfig:
    wanted = {name: {**TINY.get(name, {}), **sections.get(name, {})} for name in {*TINY, *sections}}
    return config_from_dict({"method": method, **wanted})


def squares(folder: Path) -> Path:
    """Twelve pairs: a dark square on paper, and the same square in red on green."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 10), ("val", 2)):
        for number in range(count):
            lines = np.full((40, 40, 3), 255, np.uint8)
            colours = np.full((40, 40, 3), (40, 160, 60), np.uint8)
            x, y = rng.integers(2, 20, 2)
            lines[y : y + 16, x : x + 16] = 0
            colours[y : y + 16, x : x + 16] = (220, 30, 30)
            for side, picture in (("A", lines), ("B", colours)):
                target = folder / split / side
                target.mkdir(parents=True, exist_ok=True)
                Image.fromarray(picture).save(target / f"{number}.png")
    return folder


def tiny_trainer(config: TrainConfig, data: Path, folder: Path, *, resume: bool = False) -> Trainer:
    run = RunDir(folder)
    run.open(config, resume=resume)
    return Trainer(config, scan(data, direction="AtoB"), run, EventLog(folder, None))


def events_of(folder: Path, kind: str | None = None) -> list[dict[str, Any]]:
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if kind in (None, event["event"])]
