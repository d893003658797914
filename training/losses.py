"""The losses, each a small function under its paper's title. Scores are the discriminator's raw outputs.

A discriminator answers with one score map (B, 1, h, w) for each of its scales; a loss is the mean over the scales.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from training.config import Adversarial, GeneratorLoss
from training.metrics import C1, C2, WINDOW, window

Scores = Sequence[Tensor]


def discriminator_loss(kind: Adversarial, real: Scores, fake: Scores) -> Tensor:
    """What the discriminator minimises, from the scores of real and generated pictures."""
    return _mean([_discriminator_loss(kind, *scale) for scale in zip(real, fake, strict=True)])


def _discriminator_loss(kind: Adversarial, real: Tensor, fake: Tensor) -> Tensor:
    if kind == "bce":  # Isola et al. 2017, section 3.3: the objective is halved while optimising D
        return 0.5 * (_bce(real, 1.0) + _bce(fake, 0.0))
    if kind == "lsgan":  # Mao et al. 2017, https://arxiv.org/abs/1611.04076
        return 0.5 * ((real - 1).square().mean() + fake.square().mean())
    if kind == "hinge":  # Lim & Ye 2017, https://arxiv.org/abs/1705.02894
        return functional.relu(1 - real).mean() + functional.relu(1 + fake).mean()
    if kind == "wgan-gp":  # Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, without its penalty
        return fake.mean() - real.mean()
    raise ValueError(f"no discriminator loss for {kind}")


def generator_loss(kind: Adversarial, fake: Scores, variant: GeneratorLoss = "auto") -> Tensor:
    """What the generator minimises, from the scores of its pictures."""
    return _mean([_generator_loss("bce" if variant == "bce" else kind, scores) for scores in fake])


def _generator_loss(kind: Adversarial, fake: Tensor) -> Tensor:
    if kind == "bce":
        return _bce(fake, 1.0)
    if kind == "lsgan":
        return (fake - 1).square().mean()
    if kind in ("hinge", "wgan-gp"):
        return -fake.mean()
    raise ValueError(f"no generator loss for {kind}")


def gradient_penalty(
    critic: Callable[[Tensor, Tensor], Scores], condition: Tensor, real: Tensor, fake: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor]:
    """Improved Training of Wasserstein GANs: ((|grad| - 1)^2).mean() at random points between real and fake.

    `noise` (B, 1, 1, 1) in [0, 1] says where between. The critic's value is the mean of its score maps. Reckoned in
    float32 whatever the precision of the rest. Returns (penalty, mean gradient norm).
    """
    with torch.autocast(real.device.type, enabled=False):
        between = (noise * real.float() + (1 - noise) * fake.detach().float()).requires_grad_(True)
        scores = _mean([each.mean(dim=(1, 2, 3)) for each in critic(condition.float(), between)])  # (B,)
        (gradient,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    norms = gradient.flatten(1).norm(2, dim=1)  # (B,)
    return (norms - 1).square().mean(), norms.mean().detach()


def weighted_l1(a: Tensor, b: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean absolute difference of (B, C, H, W); `weights` (B, 1, H, W) have a mean near 1 over the data."""
    difference = (a - b).abs()
    return difference.mean() if weights is None else (difference * weights).mean()


def chroma_l1(a: Tensor, b: Tensor) -> Tensor:
    """L1 between the colour differences Cb and Cr (ITU-R BT.601) of two batches of RGB in [-1, 1]."""
    red, green, blue = (a - b).unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return 0.5 * (((blue - luma) / 1.772).abs().mean() + ((red - luma) / 1.402).abs().mean())


def ssim_loss(a: Tensor, b: Tensor) -> Tensor:
    """Loss Functions for Image Restoration with Neural Networks: 1 - SSIM of two batches (B, C, H, W) in [-1, 1].

    Zhao et al. 2017, https://arxiv.org/abs/1511.08861. The similarity is that of `training.metrics.ssim` with its
    border left out: Gaussian windows of 11 pixels, sigma 1.5. Smaller pictures are a ValueError.
    """
    if min(a.shape[2:]) < WINDOW:
        raise ValueError(f"SSIM needs pictures of at least {WINDOW}x{WINDOW} pixels")
    a, b = (a.float() + 1) / 2, (b.float() + 1) / 2
    means = _windowed(torch.cat([a, b, a * a, b * b, a * b], dim=1)).chunk(5, dim=1)
    mean_a, mean_b, square_a, square_b, product = means
    variances = square_a - mean_a.square() + square_b - mean_b.square()
    covariance = product - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + C1) / (mean_a.square() + mean_b.square() + C1)
    return 1 - (luminance * (2 * covariance + C2) / (variances + C2)).mean()


def _windowed(planes: Tensor) -> Tensor:
    """The Gaussian mean round each pixel whose window lies wholly inside."""
    count = planes.shape[1]
    weights = torch.from_numpy(window()).to(planes)  # (11,)
    across = functional.conv2d(planes, weights.expand(count, 1, 1, -1), groups=count)
    return functional.conv2d(across, weights[:, None].expand(count, 1, -1, -1), groups=count)


def total_variation(picture: Tensor) -> Tensor:
    """Mean absolute difference of neighbours, along rows plus along columns (Rudin, Osher & Fatemi 1992, anisotropic).

    https://doi.org/10.1016/0167-2789(92)90242-F
    """
    across = (picture[..., :, 1:] - picture[..., :, :-1]).abs().mean()
    down = (picture[..., 1:, :] - picture[..., :-1, :]).abs().mean()
    return across + down


def feature_matching(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """High-Resolution Image Synthesis with Conditional GANs: L1 between the discriminator's features, mean of layers.

    Wang et al. 2018, https://arxiv.org/abs/1711.11585, section 3.2. `real` is not learned through.
    """
    return _mean([(theirs - ours.detach()).abs().mean() for ours, theirs in zip(real, fake, strict=True)])


def _bce(scores: Tensor, label: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, label))


def _mean(values: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(values)).mean(0)
