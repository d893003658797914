"""The losses, each a small function under its paper's title. Scores are the discriminator's raw outputs."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from training.config import Adversarial, GeneratorLoss


def discriminator_loss(kind: Adversarial, real: Tensor, fake: Tensor) -> Tensor:
    """What the discriminator minimises, from the scores of real and generated pictures."""
    if kind == "bce":  # Isola et al. 2017, section 3.3: the objective is halved while optimising D
        return 0.5 * (_bce(real, 1.0) + _bce(fake, 0.0))
    if kind == "lsgan":  # Mao et al. 2017, https://arxiv.org/abs/1611.04076
        return 0.5 * ((real - 1).square().mean() + fake.square().mean())
    if kind == "hinge":  # Lim & Ye 2017, https://arxiv.org/abs/1705.02894
        return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()
    if kind == "wgan-gp":  # Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, without its penalty
        return fake.mean() - real.mean()
    raise ValueError(f"no discriminator loss for {kind}")


def generator_loss(kind: Adversarial, fake: Tensor, variant: GeneratorLoss = "auto") -> Tensor:
    """What the generator minimises, from the scores of its pictures."""
    if kind == "bce" or variant == "bce":
        return _bce(fake, 1.0)
    if kind == "lsgan":
        return (fake - 1).square().mean()
    if kind in ("hinge", "wgan-gp"):
        return -fake.mean()
    raise ValueError(f"no generator loss for {kind}")


def gradient_penalty(
    critic: Callable[[Tensor, Tensor], tuple[Tensor, ...]], condition: Tensor, real: Tensor, fake: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor]:
    """Improved Training of Wasserstein GANs: ((|grad| - 1)^2).mean() at random points between real and fake.

    `noise` (B, 1, 1, 1) in [0, 1] says where between. Computed in float32. Returns (penalty, mean gradient norm).
    """
    with torch.autocast(real.device.type, enabled=False):
        between = (noise * real.float() + (1 - noise) * fake.detach().float()).requires_grad_(True)
        scores = critic(condition.float(), between)
        score = torch.stack([each.mean(dim=(1, 2, 3)) for each in scores]).mean(0)  # (B,), each scale counts the same
        (gradient,) = torch.autograd.grad(score.sum(), between, create_graph=True)
    norms = gradient.flatten(1).norm(2, dim=1)  # (B,)
    return (norms - 1).square().mean(), norms.mean().detach()


def chroma_l1(a: Tensor, b: Tensor) -> Tensor:
    """L1 between the colour differences Cb and Cr (ITU-R BT.601) of two batches of RGB in [-1, 1]."""
    red, green, blue = (a - b).unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return 0.5 * (((blue - luma) / 1.772).abs().mean() + ((red - luma) / 1.402).abs().mean())


def _bce(scores: Tensor, label: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, label))
