"""The discriminators: what a score sees, their scales and features, spectral norm."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.discriminator import (
    Discriminator,
    MultiScaleDiscriminator,
    PatchDiscriminator,
    build_discriminator,
    receptive_field,
)
from models.errors import UserError

EMPTY = torch.zeros(1, 3, 256, 256)


def _extent(network: Discriminator, row: int) -> list[int]:
    """Pixels on each side that one score depends on."""
    picture = torch.zeros(1, 3, 256, 256, requires_grad=True)
    (scores,) = network.eval()(EMPTY, picture)
    torch.autograd.backward(scores[0, 0, row, row])
    assert picture.grad is not None
    seen = picture.grad.abs().sum((0, 1)).nonzero()
    extent: list[int] = (seen.max(0).values - seen.min(0).values + 1).tolist()
    return extent


@pytest.mark.parametrize(("layers", "pixels"), [(1, 16), (2, 34), (3, 70)])
def test_what_a_score_of_a_patch_sees(layers: int, pixels: int) -> None:
    network = PatchDiscriminator(norm="none", base_width=4, layers=layers)
    assert _extent(network, 15) == [pixels, pixels] == [receptive_field(layers)] * 2


def test_a_score_of_the_pixel_discriminator_sees_one_pixel() -> None:
    network = build_discriminator("pixel", 6, 4, norm="none")
    assert _extent(network, 100) == [1, 1]
    (scores,) = network(EMPTY, EMPTY)
    assert scores.shape == (1, 1, 256, 256)
    channels = [(each.in_channels, each.out_channels) for each in network.modules() if isinstance(each, nn.Conv2d)]
    assert channels == [(6, 4), (4, 8), (8, 1)]


def test_three_scales_see_the_picture_halved() -> None:
    torch.manual_seed(0)
    network = build_discriminator("multiscale", 6, 4, norm="instance").eval()
    assert isinstance(network, MultiScaleDiscriminator)
    condition, picture = torch.randn(2, 3, 128, 96), torch.randn(2, 3, 128, 96)
    scores = network(condition, picture)
    assert [tuple(each.shape) for each in scores] == [(2, 1, 14, 10), (2, 1, 6, 4), (2, 1, 2, 1)]
    second = network.scales[1]
    assert isinstance(second, PatchDiscriminator)
    (single,) = second(_halved(condition), _halved(picture))
    assert torch.allclose(scores[1], single, atol=1e-5)


def _halved(x: Tensor) -> Tensor:
    """The mean of those of the 3x3 pixels around every second one that lie in the picture."""
    kernel = torch.ones(1, 1, 3, 3)
    flat = x.flatten(0, 1)[:, None]
    total = functional.conv2d(flat, kernel, stride=2, padding=1)
    count = functional.conv2d(torch.ones_like(flat), kernel, stride=2, padding=1)
    return (total / count).reshape(*x.shape[:2], *total.shape[2:])


KINDS: list[dict[str, Any]] = [{"kind": "patch"}, {"kind": "pixel"}, {"kind": "multiscale", "scales": 2}]


@pytest.mark.parametrize("arguments", KINDS, ids=lambda arguments: arguments["kind"])
def test_features_are_what_the_scores_are_made_of(arguments: dict[str, Any]) -> None:
    torch.manual_seed(0)
    network = build_discriminator(**arguments, in_channels=4, base_width=4, norm="instance")
    condition, picture = torch.randn(2, 1, 64, 64), torch.randn(2, 3, 64, 64)
    features, scores = network.features(condition, picture), network(condition, picture)
    lasts = [each[-1] for each in network.modules() if isinstance(each, nn.Sequential)]
    each_scale = len(features) // len(scores)
    assert each_scale == (2 if arguments["kind"] == "pixel" else 4)
    for number, (last, score) in enumerate(zip(lasts, scores, strict=True), 1):
        assert torch.allclose(last(features[number * each_scale - 1]), score, atol=1e-6)


@pytest.mark.parametrize("arguments", KINDS, ids=lambda arguments: arguments["kind"])
def test_spectral_norm_makes_the_largest_singular_value_one(arguments: dict[str, Any]) -> None:
    torch.manual_seed(0)
    network = build_discriminator(**arguments, in_channels=6, base_width=4, norm="none", spectral_norm=True).train()
    picture = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        for _ in range(60):  # a power iteration for each forward pass
            network(picture, picture)
    network.eval()
    kernels = [each.weight for each in network.modules() if isinstance(each, nn.Conv2d)]
    assert len(kernels) == {"patch": 5, "pixel": 3, "multiscale": 10}[arguments["kind"]]
    for kernel in kernels:
        assert torch.linalg.svdvals(kernel.flatten(1))[0].item() == pytest.approx(1, abs=0.01)
    torch.autograd.backward([each.mean() for each in network(picture, picture)])
    assert all(each.grad is not None for each in network.parameters())


def test_the_patch_discriminator_built_is_the_one_known() -> None:
    built, known = build_discriminator("patch", 6, 8, 2, "instance"), PatchDiscriminator(6, 8, 2, "instance")
    assert built.state_dict().keys() == known.state_dict().keys()
    assert "layers.0.weight" in built.state_dict()  # the name in the states of earlier runs


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(UserError, match=r"no discriminator 'judge'.*patch, pixel, multiscale"):
        build_discriminator("judge", 6)  # type: ignore[arg-type]
