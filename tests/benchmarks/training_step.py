"""A training step of the trainer against a straightforward pix2pix step in eager torch, in one run, on the CPU.

    python tests/benchmarks/training_step.py [--rounds 8] [--width 64] [--threads 2]

The reference: NCHW, three discriminator passes, gradients of the discriminator's weights in the generator's step, two
plain Adam optimisers. The other rows change one thing each; the last is the trainer's own step. The rows take turns,
and each has the median of its rounds, so that a busy machine is as bad for one as for the other.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from models.discriminator import PatchDiscriminator
from models.registry import build
from training.config import TrainConfig, load_config
from training.dataset import Batch
from training.engine import Engine
from training.networks import make_networks, memory_format
from training.steps import discriminator_step, generator_step, painted


@dataclass(frozen=True)
class Variant:
    """A plain pix2pix step, with what the trainer does differently switched on one by one."""

    channels_last: bool = False
    fused: bool = False
    frozen_critic: bool = False  # no gradients for the discriminator's weights in the generator's step
    one_pass: bool = False  # real and painted judged together


def plain_step(config: TrainConfig, variant: Variant) -> Callable[[], None]:
    torch.manual_seed(0)
    layout = torch.channels_last if variant.channels_last else torch.contiguous_format
    generator: nn.Module = build(config.model).to(memory_format=layout)
    critic: nn.Module = PatchDiscriminator(6, config.discriminator.base_width, 3, "instance").to(memory_format=layout)
    g_adam, d_adam = (
        torch.optim.Adam(each.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=variant.fused)
        for each in (generator, critic)
    )
    real_a, real_b = (each.to(memory_format=layout) for each in pictures(config))

    def score(picture: torch.Tensor, label: float) -> torch.Tensor:
        (scores,) = critic(real_a, picture)
        return functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, label))

    def critics_loss(fake: torch.Tensor) -> torch.Tensor:
        if not variant.one_pass:
            return 0.5 * (score(fake.detach(), 0.0) + score(real_b, 1.0))
        (scores,) = critic(real_a.repeat(2, 1, 1, 1), torch.cat([fake.detach(), real_b]))
        fakes, reals = scores.chunk(2)
        losses = [
            functional.binary_cross_entropy_with_logits(each, torch.full_like(each, label))
            for each, label in ((fakes, 0.0), (reals, 1.0))
        ]
        return 0.5 * (losses[0] + losses[1])

    def step() -> None:
        fake = generator(real_a)
        d_adam.zero_grad()
        torch.autograd.backward(critics_loss(fake))
        d_adam.step()
        critic.requires_grad_(not variant.frozen_critic)
        g_adam.zero_grad()
        torch.autograd.backward(score(fake, 1.0) + 100 * functional.l1_loss(fake, real_b))
        g_adam.step()
        critic.requires_grad_(True)

    return step


def trainers_step(config: TrainConfig) -> Callable[[], None]:
    torch.manual_seed(0)
    device = torch.device("cpu")
    networks = make_networks(config, device, lambda: iter(()))
    engine = Engine(device=device)
    real_a, real_b = pictures(config)
    batch = Batch(real_a, real_b, torch.ones_like(real_a[:, :1])).to(device, memory_format(config.model.norm, device))
    noise = [torch.zeros(real_a.shape[0], 1, 1, 1)]

    def step() -> None:
        answers = [painted(config, networks, engine, batch)]
        discriminator_step(config, networks, engine, [batch], [each.picture for each in answers], noise)
        generator_step(config, networks, engine, [batch], answers, adversarial=True)

    return step


def pictures(config: TrainConfig) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    shape = (config.run.batch_size, 3, config.data.crop_size, config.data.crop_size)
    first, second = (torch.from_numpy(rng.random(shape, np.float32) * 2 - 1) for _ in range(2))
    return first, second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    widths = {"model.base_width": str(args.width), "discriminator.base_width": str(args.width)}
    config = load_config("anime", widths)
    rows = {
        "straightforward": plain_step(config, Variant()),
        "channels last": plain_step(config, Variant(channels_last=True)),
        "fused Adam": plain_step(config, Variant(fused=True)),
        "critic's weights at rest in G's step": plain_step(config, Variant(frozen_critic=True)),
        "real and painted in one pass": plain_step(config, Variant(one_pass=True)),
        "the last three": plain_step(config, Variant(fused=True, frozen_critic=True, one_pass=True)),
        "the trainer": trainers_step(config),
    }
    times: dict[str, list[float]] = {name: [] for name in rows}
    for number in range(args.rounds + 1):
        for name, step in rows.items():
            started = time.perf_counter()
            step()
            if number:  # the first round warms up
                times[name].append(time.perf_counter() - started)
    reference = statistics.median(times["straightforward"])
    print(f"base width {args.width}, batch 1, 256 x 256, float32, {args.threads} threads, N {args.rounds} rounds")
    for name, each in times.items():
        median = statistics.median(each)
        print(f"{name:40} {median * 1000:7.0f} ms  best {min(each) * 1000:6.0f} ms  {median / reference:5.2f} x")


if __name__ == "__main__":
    main()
