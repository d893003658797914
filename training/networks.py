"""From a configuration to networks and optimisers that are ready to learn."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from models.checkpoint import load_arrays, read_header
from models.discriminator import Discriminator, build_discriminator
from models.errors import UserError
from models.locate import locate_model
from models.recompute import Generator
from models.registry import build
from models.spec import ModelSpec, Norm
from training.classes import Classes, classes_of
from training.config import TrainConfig
from training.cycle_steps import CycleNetworks, TwoWays
from training.rare_colours import weights_of
from training.steps import Networks
from training.vgg import VggFeatures, find_vgg

_STYLE = "style."  # of the palettes' layers, in a state dict
_LAST = "head."  # of the last layer; a U-Net's has no name of its own

Placed = TypeVar("Placed", bound=nn.Module)


def memory_format(norm: Norm, device: torch.device) -> torch.memory_format:
    """How a network's tensors lie in memory. Convolutions are quicker with channels last, but on a CPU instance norm
    loses more than they gain (tests/benchmarks/training_step.py)."""
    good = device.type == "cuda" or (device.type == "cpu" and norm != "instance")  # MPS has had faults with it
    return torch.channels_last if good else torch.contiguous_format


def make_networks(
    config: TrainConfig, device: torch.device, targets: Callable[[], Iterator[np.ndarray]], *, several: bool = False
) -> Networks:
    """`targets` gives some of the data's target pictures, uint8 (H, W, 3); `several` processes train together."""
    generator = _generator(config, device, several)
    networks = Networks(
        generator=generator,
        discriminator=None,
        generator_optimiser=_optimiser(config, generator, config.optimiser.rate),
        discriminator_optimiser=None,
        paint=generator,
    )
    if config.gan.loss != "none":
        channels = config.model.network_channels + 3
        networks.discriminator = _discriminator(config, channels, device, several)
        rate = config.optimiser.discriminator_rate
        networks.discriminator_optimiser = _optimiser(config, networks.discriminator, rate)
        networks.judge = networks.discriminator
    if config.loss.perceptual:
        networks.vgg = VggFeatures(*find_vgg(config.loss.vgg)).to(device)
    if config.loss.classes:
        classes = classes_of(config.model, targets(), config.loss.rare_classes)
        networks.classes = Classes(classes.colours.to(device), classes.weights.to(device))
    if config.loss.rare_colours:
        networks.colour_weights = weights_of(targets(), config.loss.rare_colours).to(device)
    return networks


def make_cycle_networks(config: TrainConfig, device: torch.device, *, several: bool = False) -> CycleNetworks:
    """Two generators, and a discriminator of each side's pictures."""
    generator = TwoWays(*(_generator(config, device, several) for _ in range(2)))
    judges = [_discriminator(config, config.model.output_channels, device, several) for _ in range(2)]
    both = Networks(
        generator=generator,
        discriminator=nn.ModuleList(judges),
        generator_optimiser=_optimiser(config, generator, config.optimiser.rate),
        discriminator_optimiser=_optimiser(config, nn.ModuleList(judges), config.optimiser.discriminator_rate),
        paint=generator,
    )
    there, back = (
        replace(both, generator=network, discriminator=judge, paint=network, judge=judge)
        for network, judge in zip((generator.there, generator.back), judges, strict=True)
    )
    return CycleNetworks(both=both, there=there, back=back)


def compile_networks(config: TrainConfig, networks: Networks) -> None:
    """Let torch.compile translate the passes; UserError where this machine cannot.

    A critic with a gradient penalty stays as it is: what is compiled has no second derivative.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.compile(lambda x: x * 2 + 1)(torch.ones(8))  # a machine without a compiler fails here, not later
            networks.paint = torch.compile(networks.generator)
            if networks.discriminator is not None and config.gan.loss != "wgan-gp":
                networks.judge = torch.compile(networks.discriminator)
    except Exception as error:  # many kinds, by what is missing
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(f"torch.compile does not work here: {reason}", "Set run.compile to false.") from error


def start_from(name: str, spec: ModelSpec, generator: nn.Module) -> None:
    """Fill the generator with the weights of a model; UserError where that has another shape."""
    path: Path = locate_model(name)
    arrays = {key: torch.from_numpy(array) for key, array in load_arrays(path).items()}
    try:
        fresh = generator.state_dict()
        # A network that had no palettes may learn about them: its new layers change nothing yet.
        arrays = {name: values for name, values in fresh.items() if name.startswith(_STYLE)} | arrays
        if read_header(path).spec.classes != spec.classes:  # its last layer begins anew
            arrays |= {name: values for name, values in fresh.items() if name.startswith(_LAST)}
        generator.load_state_dict(arrays)
    except RuntimeError as error:
        start = read_header(path).spec
        differing = [f.name for f in fields(spec) if getattr(spec, f.name) != getattr(start, f.name)]
        raise UserError(
            f"{path} cannot be the start of this training: its network has another shape ({', '.join(differing)}).",
            "Choose another model for run.start_from, or the same settings under [model].",
        ) from error


def restore_optimiser(optimiser: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Take up a saved state. Its moments are laid out in memory as this device's weights are: a fused step walks both
    as they lie."""
    optimiser.load_state_dict(state)
    for group in optimiser.param_groups:
        for parameter in group["params"]:
            moments = optimiser.state.get(parameter, {})
            for name, value in moments.items():
                if isinstance(value, torch.Tensor) and value.shape == parameter.shape and value.dim():
                    moments[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate


def _generator(config: TrainConfig, device: torch.device, several: bool) -> Generator:
    generator = _placed(build(config.model), device, memory_format(config.model.norm, device), several)
    generator.checkpointing = config.run.checkpointing
    return generator


def _discriminator(config: TrainConfig, channels: int, device: torch.device, several: bool) -> Discriminator:
    wanted = config.discriminator
    network = build_discriminator(
        wanted.kind,
        channels,
        wanted.base_width,
        wanted.layers,
        wanted.norm,
        spectral_norm=wanted.spectral_norm,
        scales=wanted.scales,
    )
    return _placed(network, device, memory_format(wanted.norm, device), several)


def _placed(network: Placed, device: torch.device, layout: torch.memory_format, several: bool) -> Placed:
    if several and device.type == "cuda":  # else each process would keep statistics of its own
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
    return network.to(device).to(memory_format=layout)


def _optimiser(config: TrainConfig, network: nn.Module, rate: float) -> torch.optim.Optimizer:
    kind = torch.optim.AdamW if config.optimiser.kind == "adamw" else torch.optim.Adam
    wanted = config.optimiser
    # Fused: one pass over the weights instead of a dozen.
    return kind(network.parameters(), lr=rate, betas=wanted.betas, weight_decay=wanted.weight_decay, fused=True)
