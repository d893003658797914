"""Architecture name -> network. Not to be mixed with the catalogue, which lists trained files on this machine."""

from collections.abc import Callable

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
