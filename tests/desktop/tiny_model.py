"""A model file small enough for a test: the real format, the real network, random weights."""

from pathlib import Path
from typing import Any

from models.checkpoint import save
from models.spec import ModelSpec

TINY: dict[str, Any] = {
    "architecture": "unet",
    "task": "lineart",
    "title": "A tiny colourer",
    "base_width": 4,
    "depth": 3,
    "working_size": 64,
}


def write_tiny_model(path: Path, **fields: Any) -> Path:
    import torch

    from models.registry import build

    torch.manual_seed(0)
    spec = ModelSpec(**{**TINY, **fields})
    arrays = {name: tensor.numpy() for name, tensor in build(spec).state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, spec, arrays, {"steps": "0"})
    return path
