"""The two steps of CycleGAN, written out. A batch's `condition` holds pictures of side A, its `target` some of side B.

A batch comes in parts, as in training.steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.config import TrainConfig
from training.dataset import Batch
from training.engine import Engine
from training.steps import Networks, Parts, deception, discriminator_step, means_of

Painted = tuple[Tensor, Tensor]  # what was painted of A and of B


class TwoWays(nn.Module):
    """Two generators, A -> B and B -> A. Asked like any generator, it paints A -> B."""

    def __init__(self, there: nn.Module, back: nn.Module) -> None:
        super().__init__()
        self.there, self.back = there, back

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.there(x)
        return answer


@dataclass(frozen=True, kw_only=True)
class CycleNetworks:
    """`both` has all that learns, each kind in one module with one optimiser.

    `there` is A -> B with the discriminator of B, `back` is B -> A with that of A; they share those optimisers.
    """

    both: Networks
    there: Networks
    back: Networks


def cycle_generator_step(
    config: TrainConfig, networks: CycleNetworks, engine: Engine, batches: Sequence[Batch], *, adversarial: bool
) -> tuple[Parts, list[Painted]]:
    """For each part: 1. paint both ways, 2. and back again, 3. paint what is there already, 4. ask the discriminators.

    One step of both generators. Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks (Zhu et
    al. 2017, https://arxiv.org/abs/1703.10593), equation 3, with the identity loss of section 5.2. Returns what was
    painted, too, without gradients.
    """
    engine.begin(networks.both.generator_optimiser)
    told: list[Parts] = []
    pictures: list[Painted] = []
    for batch in batches:
        loss, parts, painted = _cycle_losses(config, networks, engine, batch)
        if adversarial:
            for way, real, fake in _ways(networks, batch, painted):
                deceived, more = deception(config, way, engine, _unconditioned(real), fake)
                loss = loss + deceived
                parts["g_adversarial"] = parts.get("g_adversarial", 0) + more["g_adversarial"] / 2
        engine.backward(loss)
        told.append(parts | {"g": loss.detach()})
        pictures.append((painted[0].detach(), painted[1].detach()))
    means = means_of(told)
    engine.update(networks.both.generator_optimiser, networks.both.generator, means["g"])
    return means, pictures


def _cycle_losses(
    config: TrainConfig, networks: CycleNetworks, engine: Engine, batch: Batch
) -> tuple[Tensor, Parts, Painted]:
    cycle = config.cycle
    a, b = batch.condition, batch.target
    with engine.forward():
        fake_b, fake_a = networks.there.paint(a), networks.back.paint(b)
        again_a, again_b = networks.back.paint(fake_b), networks.there.paint(fake_a)
    consistency = _l1(again_a, a) + _l1(again_b, b)
    parts = {"cycle": consistency.detach()}
    loss = cycle.weight * consistency
    if cycle.identity:
        with engine.forward():
            same_b, same_a = networks.there.paint(b), networks.back.paint(a)
        identity = _l1(same_b, b) + _l1(same_a, a)
        parts["identity"] = identity.detach()
        loss = loss + cycle.weight * cycle.identity * identity
    return loss, parts, (fake_b.float(), fake_a.float())


def painted_both_ways(networks: CycleNetworks, engine: Engine, batches: Sequence[Batch]) -> list[Painted]:
    with engine.forward(), torch.no_grad():
        return [
            (networks.there.paint(batch.condition).float(), networks.back.paint(batch.target).float())
            for batch in batches
        ]


def cycle_discriminator_step(
    config: TrainConfig,
    networks: CycleNetworks,
    engine: Engine,
    batches: Sequence[Batch],
    fakes: Sequence[Painted],
    noise: Sequence[Tensor],
) -> Parts:
    """A step of each discriminator. The parts are the means of the two; `d_a` and `d_b` are the losses of each."""
    in_b, in_a = (
        discriminator_step(
            config,
            way,
            engine,
            [_unconditioned(batch.target if side == 0 else batch.condition) for batch in batches],
            [pair[side] for pair in fakes],
            noise,
        )
        for side, way in enumerate((networks.there, networks.back))
    )
    return {name: (in_a[name] + in_b[name]) / 2 for name in in_a} | {"d_a": in_a["d"], "d_b": in_b["d"]}


def _ways(networks: CycleNetworks, batch: Batch, painted: Painted) -> list[tuple[Networks, Tensor, Tensor]]:
    """(networks, real pictures of the side that is painted, painted ones) for each way."""
    return [(networks.there, batch.target, painted[0]), (networks.back, batch.condition, painted[1])]


def _unconditioned(real: Tensor) -> Batch:
    """Pictures that are judged by themselves: the condition has no channels."""
    return Batch(real[:, :0], real, real[:, :0])


def _l1(a: Tensor, b: Tensor) -> Tensor:
    return (a.float() - b).abs().mean()
