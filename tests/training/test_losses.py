"""Each loss against its formula, written independently."""

import math

import numpy as np
import pytest
import torch

from models.discriminator import PatchDiscriminator
from training.config import Adversarial
from training.losses import (
    chroma_l1,
    discriminator_loss,
    feature_matching,
    generator_loss,
    gradient_penalty,
    ssim_loss,
    total_variation,
    weighted_l1,
)
from training.metrics import ssim, unit_pictures
from training.rare_colours import colour_counts, colour_weights, pixel_weights

REAL, FAKE = torch.tensor([2.0, -0.5]), torch.tensor([0.3, -3.0])


def _log_sigmoid(x: float) -> float:
    return -math.log1p(math.exp(-x))


@pytest.mark.parametrize(
    ("kind", "discriminator", "generator"),
    [
        (
            "bce",
            -0.5 * (_log_sigmoid(2) + _log_sigmoid(-0.5)) / 2 - 0.5 * (_log_sigmoid(-0.3) + _log_sigmoid(3)) / 2,
            -(_log_sigmoid(0.3) + _log_sigmoid(-3)) / 2,
        ),
        ("lsgan", 0.5 * (1 + 2.25) / 2 + 0.5 * (0.09 + 9) / 2, (0.49 + 16) / 2),
        ("hinge", (0 + 1.5) / 2 + (1.3 + 0) / 2, -(0.3 - 3) / 2),
        ("wgan-gp", (0.3 - 3) / 2 - (2 - 0.5) / 2, -(0.3 - 3) / 2),
    ],
)
def test_adversarial_losses(kind: Adversarial, discriminator: float, generator: float) -> None:
    assert discriminator_loss(kind, [REAL], [FAKE]).item() == pytest.approx(discriminator, rel=1e-5)
    assert generator_loss(kind, [FAKE]).item() == pytest.approx(generator, rel=1e-5)


@pytest.mark.parametrize("kind", ["bce", "lsgan", "hinge", "wgan-gp"])
def test_every_scale_counts_the_same(kind: Adversarial) -> None:
    """However many scores it has: a large map of sure scores does not drown a small one of unsure ones."""
    large, small = torch.full((1, 1, 30, 30), 2.0), torch.full((1, 1, 3, 3), -1.0)
    both = discriminator_loss(kind, [large, small], [small, large])
    alone = [discriminator_loss(kind, [a], [b]) for a, b in ((large, small), (small, large))]
    assert both.item() == pytest.approx(float(sum(alone)) / 2)
    assert generator_loss(kind, [large, small]).item() == pytest.approx(
        float(generator_loss(kind, [large]) + generator_loss(kind, [small])) / 2
    )


def test_the_descriptions_generator_loss_vanishes() -> None:
    for score, gradient in ((0.0, 0.5), (5.0, 0.0067), (20.0, 0.0)):
        scores = torch.tensor([score], requires_grad=True)
        torch.autograd.backward(generator_loss("wgan-gp", [scores], "bce"))
        assert scores.grad is not None
        assert abs(scores.grad.item()) == pytest.approx(gradient, abs=1e-3)


def test_the_penalty_of_a_linear_critic_is_known() -> None:
    weight = torch.full((1, 3, 4, 4), 0.5)

    def critic(condition: torch.Tensor, picture: torch.Tensor) -> list[torch.Tensor]:
        return [(picture * weight).sum((1, 2, 3), keepdim=True)]

    real, fake = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    penalty, norm = gradient_penalty(critic, real, real, fake, torch.rand(2, 1, 1, 1))
    expected = 0.5 * math.sqrt(48)
    assert norm.item() == pytest.approx(expected, rel=1e-5)
    assert penalty.item() == pytest.approx((expected - 1) ** 2, rel=1e-5)


def test_the_penalty_reaches_the_critics_weights() -> None:
    critic = PatchDiscriminator(6, base_width=4, norm="instance")
    picture = torch.randn(2, 3, 64, 64)
    penalty, _ = gradient_penalty(critic, picture, picture, -picture, torch.rand(2, 1, 1, 1))
    torch.autograd.backward(penalty)
    kernels = [each.weight for each in critic.layers if isinstance(each, torch.nn.Conv2d)]
    assert all(kernel.grad is not None and kernel.grad.abs().sum() > 0 for kernel in kernels)


def test_chroma_is_blind_to_grey() -> None:
    grey = torch.rand(1, 1, 4, 4).expand(1, 3, 4, 4)
    assert chroma_l1(grey, grey * 0.3 - 0.2).item() == pytest.approx(0, abs=1e-6)
    red, blue = torch.zeros(1, 3, 1, 1), torch.zeros(1, 3, 1, 1)
    red[:, 0], blue[:, 2] = 1, 1
    difference = chroma_l1(red, blue).item()
    # Cb and Cr of red and blue after BT.601: (-0.169, 0.5) and (0.5, -0.081)
    assert difference == pytest.approx(0.5 * (0.6687 + 0.5813), abs=1e-3)


def test_ssim_loss_is_one_minus_the_measured_similarity() -> None:
    generator = torch.Generator().manual_seed(0)
    wanted = torch.rand(2, 3, 24, 30, generator=generator) * 2 - 1
    painted = (wanted + 0.3 * torch.randn(wanted.shape, generator=generator)).clamp(-1, 1)
    pairs = zip(unit_pictures(painted), unit_pictures(wanted), strict=True)
    measured = np.mean([ssim(*pair, border="crop") for pair in pairs])
    assert ssim_loss(painted, wanted).item() == pytest.approx(1 - measured, abs=1e-5)
    assert ssim_loss(wanted, wanted).item() == pytest.approx(0, abs=1e-5)
    with pytest.raises(ValueError, match="at least 11x11"):
        ssim_loss(wanted[..., :10], wanted[..., :10])


def test_ssim_loss_leads_to_the_wanted_picture() -> None:
    wanted = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
    painted = torch.zeros_like(wanted, requires_grad=True)
    optimiser = torch.optim.Adam([painted], lr=0.05)
    first = ssim_loss(painted, wanted).item()
    for _ in range(100):
        optimiser.zero_grad()
        ssim_loss(painted, wanted).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert torch.isfinite(painted).all()
    assert ssim_loss(painted, wanted).item() < 0.1 * first


def test_total_variation_of_a_slope_and_an_edge() -> None:
    slope = torch.arange(5.0).expand(1, 1, 4, 5) * 0.25
    assert total_variation(slope).item() == pytest.approx(0.25)
    edge = torch.zeros(1, 1, 4, 4)
    edge[..., 2:, :] = 1
    assert total_variation(edge).item() == pytest.approx(4 / 12)


def test_features_are_matched_layer_by_layer() -> None:
    real = [torch.zeros(1, 2, 4, 4, requires_grad=True), torch.zeros(1, 8, 1, 1)]
    fake = [torch.full((1, 2, 4, 4), 0.5, requires_grad=True), torch.full((1, 8, 1, 1), -2.0)]
    loss = feature_matching(real, fake)
    assert loss.item() == pytest.approx((0.5 + 2) / 2)
    torch.autograd.backward(loss)
    assert real[0].grad is None  # only the painted picture learns
    assert fake[0].grad is not None


def test_a_weighted_pixel_counts_by_its_weight() -> None:
    a, b = torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)
    b[..., 0, 0] = 1
    weights = torch.ones(1, 1, 2, 2)
    weights[..., 0, 0] = 3
    assert weighted_l1(a, b).item() == pytest.approx(0.25)
    assert weighted_l1(a, b, weights).item() == pytest.approx(0.75)


def test_a_rare_colour_weighs_more_and_the_mean_stays_one() -> None:
    picture = np.full((10, 10, 3), 230, np.uint8)
    picture[0, :5] = (40, 90, 200)  # one in twenty
    counts = colour_counts([picture])
    target = torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
    for strength, ratio in ((0.0, 1.0), (0.5, (0.5 * 0.95 + 0.25) / (0.5 * 0.05 + 0.25))):
        weights = pixel_weights(torch.from_numpy(colour_weights(counts, strength)), target)
        assert weights.shape == (1, 1, 10, 10)
        assert weights.mean().item() == pytest.approx(1, rel=1e-5)
        assert (weights[0, 0, 0, 0] / weights[0, 0, 5, 5]).item() == pytest.approx(ratio, rel=1e-4)
    full = pixel_weights(torch.from_numpy(colour_weights(counts, 1.0)), target)
    assert full[0, 0, 0, 0] / full[0, 0, 5, 5] > 10  # of 19, had it no limit
