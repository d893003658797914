"""The training that teaches a model a few pages of one's own without forgetting the rest."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.checkpoint import read_header
from models.errors import UserError
from sketchsause_desktop.app.training_spec import TrainingSpec
from training.config import load_config
from training.pairs_split import split_counts

PRESET = "lineart-tune"
STEPS = 400  # at most: held-out pages end it earlier
FEWEST = 3  # pairs: one to learn from, one to watch, one that is kept for the end
_LARGEST_BATCH = 8


def tuning_spec(*, data: Path, pages: int, base: Path, run: Path, title: str) -> TrainingSpec:
    """Teach the model in the file `base` the `pages` in the folder `data`. UserError where that cannot be done."""
    if pages < FEWEST:
        raise UserError(f"{pages} of the {FEWEST} pages that it takes are there.", "Correct and add some more.")
    spec = read_header(base).spec
    if spec.task != "lineart":
        raise UserError(f"{spec.title or base.stem} does not colour line art.", "Begin with a model that does.")
    data_config = load_config(PRESET).data
    held_out = data_config.val_share, data_config.test_share
    learned, _watched, _kept = split_counts(pages, (1 - sum(held_out), *held_out))
    batch = min(_LARGEST_BATCH, learned)
    settings = {
        "run.start_from": str(base),
        "run.batch_size": str(batch),
        "schedule.epochs": str(max(1, round(STEPS / (learned // batch)))),
        **_shape(asdict(spec)),
        "model.title": title,
    }
    return TrainingSpec(preset=PRESET, data=data, run=run, settings=settings, title=title)


def _shape(fields: Mapping[str, Any]) -> dict[str, str]:
    """What the preset says otherwise than the model, as settings."""
    usual = asdict(load_config(PRESET).model)
    return {f"model.{name}": _toml(value) for name, value in fields.items() if usual[name] != value}


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value)) if isinstance(value, tuple) else str(value)
