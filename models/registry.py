"""Architecture name -> network. Not to be mixed with the catalogue, which lists trained files on this machine."""

from collections.abc import Callable
from pathlib import Path

import torch

from models.checkpoint import load_arrays, read_header
from models.errors import UserError
from models.generator import ResUNetGenerator, UNetGenerator
from models.recompute import Generator
from models.resnet import ResnetGenerator
from models.spec import ModelSpec

ARCHITECTURES: dict[str, Callable[[ModelSpec], Generator]] = {
    "unet": UNetGenerator,
    "resunet": ResUNetGenerator,
    "resnet": ResnetGenerator,
}


def build(spec: ModelSpec) -> Generator:
    """The generator `spec` describes, with fresh weights. Input (B, spec.network_channels, H, W) in [-1, 1]."""
    return ARCHITECTURES[spec.architecture](spec)


def load(path: Path) -> Generator:
    """The generator in a model file, ready for use; UserError when its weights do not fit its description."""
    network = build(read_header(path).spec).eval()
    try:
        network.load_state_dict({name: torch.from_numpy(array) for name, array in load_arrays(path).items()})
    except RuntimeError as error:
        raise UserError(f"{path} does not fit the network it describes.", "Export the model again.") from error
    return network
