"""One discriminator step and one generator step, written out. Losses come back as named parts."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.spec import ModelSpec
from training.config import TrainConfig
from training.dataset import Batch
from training.losses import chroma_l1, discriminator_loss, generator_loss, gradient_penalty

Parts = dict[str, Tensor]


@dataclass
class Networks:
    generator: nn.Module
    discriminator: nn.Module | None
    generator_optimiser: torch.optim.Optimizer
    discriminator_optimiser: torch.optim.Optimizer | None


def finished(spec: ModelSpec, output: Tensor, lines: Tensor) -> Tensor:
    """The picture in [-1, 1]: a colour layer is multiplied by the lines in [0, 1], an image is taken as it is."""
    return (output + 1) * lines - 1 if spec.output == "colour_layer" else output


def discriminator_step(config: TrainConfig, networks: Networks, batch: Batch, noise: Tensor) -> Parts:
    """1. paint without gradients, 2. score real and painted, 3. step the discriminator."""
    assert networks.discriminator is not None
    assert networks.discriminator_optimiser is not None
    with torch.no_grad():
        fake = finished(config.model, networks.generator(batch.condition), batch.lines)
    (real_scores,) = networks.discriminator(batch.condition, batch.target)
    (fake_scores,) = networks.discriminator(batch.condition, fake)
    loss = discriminator_loss(config.gan.loss, real_scores, fake_scores)
    parts = {"d": loss.detach(), "d_real": real_scores.detach().mean(), "d_fake": fake_scores.detach().mean()}
    if config.gan.loss == "wgan-gp":
        penalty, norm = gradient_penalty(networks.discriminator, batch.condition, batch.target, fake, noise)
        loss = loss + config.gan.lambda_gp * penalty
        parts |= {"gp": penalty.detach(), "gradient_norm": norm}
    _update(networks.discriminator_optimiser, loss)
    return parts


def generator_step(config: TrainConfig, networks: Networks, batch: Batch, *, adversarial: bool) -> Parts:
    """1. paint, 2. compare with the target and ask the discriminator, 3. step the generator."""
    picture = finished(config.model, networks.generator(batch.condition), batch.lines)
    l1 = (picture - batch.target).abs().mean()
    parts = {"l1": l1.detach()}
    loss = config.loss.l1 * l1
    if config.loss.chroma:
        chroma = chroma_l1(picture, batch.target)
        parts["chroma"] = chroma.detach()
        loss = loss + config.loss.chroma * chroma
    if adversarial:
        assert networks.discriminator is not None
        networks.discriminator.requires_grad_(False)
        (scores,) = networks.discriminator(batch.condition, picture)
        deceived = generator_loss(config.gan.loss, scores, config.gan.generator_loss)
        networks.discriminator.requires_grad_(True)
        parts["g_adversarial"] = deceived.detach()
        loss = loss + config.gan.weight * deceived
    _update(networks.generator_optimiser, loss)
    parts["g"] = loss.detach()
    return parts


def _update(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step down the gradient; none where the loss is not a number, which would spoil every weight."""
    if not torch.isfinite(loss):
        return
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    optimiser.step()
