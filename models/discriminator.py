"""The discriminators: they judge (input, picture) pairs patch by patch, pixel by pixel, or at several scales.

All answer with a tuple of score maps without a sigmoid, one for each scale, and can be asked for their features.
Shape legend: B batch, K and C channels of input and picture, H and W pixels. Pictures are in [-1, 1].
"""

from abc import abstractmethod
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm as parametrise

from models.blocks import init_weights, make_norm
from models.errors import UserError
from models.spec import Norm

DiscriminatorKind = Literal["patch", "pixel", "multiscale"]


class Discriminator(nn.Module):
    @abstractmethod
    def forward(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, ...]:
        """Scores (B, 1, h, w) for `picture` (B, C, H, W) as an answer to `condition` (B, K, H, W), finest first.

        K is 0 for one that judges pictures by themselves.
        """

    @abstractmethod
    def features(self, condition: Tensor, picture: Tensor) -> list[Tensor]:
        """The activations of all layers but the last, finest first: what feature matching compares (pix2pixHD)."""


class _Stack(Discriminator):
    """One scale: convolutions one after the other, the last of which gives the scores."""

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        init_weights(self)

    def forward(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, ...]:
        return (self.layers(torch.cat([condition, picture], 1)),)

    def features(self, condition: Tensor, picture: Tensor) -> list[Tensor]:
        x, answers = torch.cat([condition, picture], 1), []
        for layer in self.layers[:-1]:
            x = layer(x)
            if isinstance(layer, nn.LeakyReLU):
                answers.append(x)
        return answers


class PatchDiscriminator(_Stack):
    """PatchGAN of pix2pix (Isola et al. 2017, https://arxiv.org/abs/1611.07004, section 6.1.2).

    in_channels -> w -> 2w -> 4w -> 8w -> 1 with 4x4 kernels and strides 2 2 2 1 1 at `layers=3`: a receptive field of
    70x70 pixels. No norm in the first and the last layer.
    """

    def __init__(self, in_channels: int = 6, base_width: int = 64, layers: int = 3, norm: Norm = "batch") -> None:
        blocks: list[nn.Module] = [nn.Conv2d(in_channels, base_width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        width = base_width
        for i in range(1, layers + 1):
            wider = base_width * min(2**i, 8)
            stride = 2 if i < layers else 1
            blocks += [nn.Conv2d(width, wider, 4, stride, padding=1, bias=norm != "batch"), make_norm(norm, wider)]
            blocks.append(nn.LeakyReLU(0.2))
            width = wider
        blocks.append(nn.Conv2d(width, 1, 4, stride=1, padding=1))
        super().__init__(blocks)


class PixelDiscriminator(_Stack):
    """PixelGAN of the same section: in_channels -> w -> 2w -> 1 with 1x1 kernels, so that it judges colours alone."""

    def __init__(self, in_channels: int = 6, base_width: int = 64, norm: Norm = "batch") -> None:
        wider = 2 * base_width
        super().__init__(
            [
                nn.Conv2d(in_channels, base_width, 1),
                nn.LeakyReLU(0.2),
                nn.Conv2d(base_width, wider, 1, bias=norm != "batch"),
                make_norm(norm, wider),
                nn.LeakyReLU(0.2),
                nn.Conv2d(wider, 1, 1),
            ]
        )


class MultiScaleDiscriminator(Discriminator):
    """A PatchGAN for the picture and for each halving of it (pix2pixHD, Wang et al. 2017).

    Paper: https://arxiv.org/abs/1711.11585, section 3.2. Halved by averaging 3x3 pixels, of which those outside the
    picture do not count.
    """

    def __init__(self, in_channels: int, base_width: int, layers: int, norm: Norm, scales: int = 3) -> None:
        super().__init__()
        self.scales = nn.ModuleList(PatchDiscriminator(in_channels, base_width, layers, norm) for _ in range(scales))

    def forward(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, ...]:
        return tuple(score for each, *pair in self._levels(condition, picture) for score in each(*pair))

    def features(self, condition: Tensor, picture: Tensor) -> list[Tensor]:
        return [x for each, *pair in self._levels(condition, picture) for x in each.features(*pair)]

    def _levels(self, condition: Tensor, picture: Tensor) -> list[tuple[PatchDiscriminator, Tensor, Tensor]]:
        levels = []
        for each in self.scales:
            assert isinstance(each, PatchDiscriminator)
            levels.append((each, condition, picture))
            condition, picture = (_halve(x) for x in (condition, picture))
        return levels


def _halve(x: Tensor) -> Tensor:
    if not x.shape[1]:
        return x[..., ::2, ::2]  # no condition: pooling refuses what has no channels
    return functional.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)


def build_discriminator(
    kind: DiscriminatorKind,
    in_channels: int,
    base_width: int = 64,
    layers: int = 3,
    norm: Norm = "batch",
    *,
    spectral_norm: bool = False,
    scales: int = 3,
) -> Discriminator:
    """`layers` is of the PatchGANs, `scales` of "multiscale" alone; UserError for a kind that is not known.

    With `spectral_norm` each kernel, as a matrix with a row for each output channel, is divided by its largest singular
    value ("Spectral Normalization for GANs", Miyato et al. 2018, https://arxiv.org/abs/1802.05957).
    """
    network: Discriminator
    if kind == "patch":
        network = PatchDiscriminator(in_channels, base_width, layers, norm)
    elif kind == "pixel":
        network = PixelDiscriminator(in_channels, base_width, norm)
    elif kind == "multiscale":
        network = MultiScaleDiscriminator(in_channels, base_width, layers, norm, scales)
    else:
        raise UserError(
            f"There is no discriminator {kind!r}.", f"Choose one of: {', '.join(get_args(DiscriminatorKind))}."
        )
    if spectral_norm:
        for layer in list(network.modules()):
            if isinstance(layer, nn.Conv2d):
                parametrise(layer)
    return network


def receptive_field(layers: int = 3) -> int:
    """Pixels on a side that one score of `PatchDiscriminator(layers=layers)` sees (70 for 3)."""
    field = 1
    for stride in reversed([2] * layers + [1, 1]):
        field = (field - 1) * stride + 4
    return field
