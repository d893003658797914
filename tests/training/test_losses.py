"""Each loss against its formula, written independently."""

import math

import pytest
import torch

from models.discriminator import PatchDiscriminator
from training.config import Adversarial
from training.losses import chroma_l1, discriminator_loss, generator_loss, gradient_penalty

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
    assert discriminator_loss(kind, REAL, FAKE).item() == pytest.approx(discriminator, rel=1e-5)
    assert generator_loss(kind, FAKE).item() == pytest.approx(generator, rel=1e-5)


def test_the_descriptions_generator_loss_vanishes() -> None:
    for score, gradient in ((0.0, 0.5), (5.0, 0.0067), (20.0, 0.0)):
        scores = torch.tensor([score], requires_grad=True)
        torch.autograd.backward(generator_loss("wgan-gp", scores, "bce"))
        assert scores.grad is not None
        assert abs(scores.grad.item()) == pytest.approx(gradient, abs=1e-3)


def test_the_penalty_of_a_linear_critic_is_known() -> None:
    weight = torch.full((1, 3, 4, 4), 0.5)

    def critic(condition: torch.Tensor, picture: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return ((picture * weight).sum((1, 2, 3), keepdim=True),)

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
