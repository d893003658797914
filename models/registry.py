"""Architecture name -> network. Not to be mixed with the catalogue, which lists trained files on this machine."""

from collections.abc import Callable

from torch import nn

from models.generator import ResUNetGenerator, UNetGenerator
from models.spec import ModelSpec

ARCHITECTURES: dict[str, Callable[[ModelSpec], nn.Module]] = {
    "unet": UNetGenerator,
    "resunet": ResUNetGenerator,
}


def build(spec: ModelSpec) -> nn.Module:
    """The generator `spec` describes, with fresh weights. Input (B, spec.network_channels, H, W) in [-1, 1]."""
    return ARCHITECTURES[spec.architecture](spec)
