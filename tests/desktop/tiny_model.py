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
    network = build(spec)
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            torch.nn.init.kaiming_normal_(layer.weight)  # pix2pix's small weights would paint everything alike
    arrays = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, spec, arrays, {"steps": "0"})
    return path
