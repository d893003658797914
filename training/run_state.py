"""A state that a run has saved, made into a model file: what the training would have exported at that step."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

from models.checkpoint import save
from models.errors import UserError
from training.config import TrainConfig, load_config
from training.run_files import CONFIG

SUFFIX = ".pt"


def model_of_state(state: Path, target: Path) -> None:
    """Write the model of `state`, a file in a run's checkpoints, to `target`. UserError where there is none in it."""
    stored = state.parent.parent / CONFIG
    if not stored.is_file():
        raise UserError(
            f"{state} is no state of a training of ours.", f"It belongs into a run's folder, with {CONFIG}."
        )
    config = load_config(str(stored))
    saved = _read(state)
    weights = saved.get("average") or saved.get("generator")
    if not isinstance(weights, dict) or not isinstance(saved.get("step"), int):
        raise UserError(f"{state} holds no generator.", "Choose another state.")
    arrays = {name: tensor.numpy() for name, tensor in _shown(config, weights).items()}
    save(target, config.model, arrays, {"preset": config.preset, "steps": str(saved["step"])}, half=True)


def _shown(config: TrainConfig, weights: dict[str, Any]) -> dict[str, Any]:
    """Of two generators, the one that goes from A to B."""
    if config.method != "cyclegan":
        return weights
    start = "there."
    return {name.removeprefix(start): each for name, each in weights.items() if name.startswith(start)}


def _read(path: Path) -> dict[str, Any]:
    import torch

    try:
        saved = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.", "Check the disk it lies on.") from error
    except (RuntimeError, ValueError, LookupError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is damaged.", "Choose another state of this training.") from error
    if not isinstance(saved, dict):
        raise UserError(f"{path} is no state of a training of ours.", "Choose another file.")
    return saved
