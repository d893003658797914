"""The PatchGAN discriminator: it judges overlapping patches of (input, picture) pairs, not the whole picture."""

import torch
from torch import Tensor, nn

from models.blocks import init_weights, make_norm
from models.spec import Norm


class PatchDiscriminator(nn.Module):
    """PatchGAN of pix2pix (Isola et al. 2017, https://arxiv.org/abs/1611.07004, section 6.1.2).

    in_channels -> w -> 2w -> 4w -> 8w -> 1 with 4x4 kernels and strides 2 2 2 1 1 at `layers=3`: a receptive field of
    70x70 pixels. No norm in the first and the last layer. The output is a map of scores without a sigmoid.
    """

    def __init__(self, in_channels: int = 6, base_width: int = 64, layers: int = 3, norm: Norm = "batch") -> None:
        super().__init__()
        blocks: list[nn.Module] = [nn.Conv2d(in_channels, base_width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        width = base_width
        for i in range(1, layers + 1):
            wider = base_width * min(2**i, 8)
            stride = 2 if i < layers else 1
            blocks += [nn.Conv2d(width, wider, 4, stride, padding=1, bias=norm != "batch"), make_norm(norm, wider)]
            blocks.append(nn.LeakyReLU(0.2))
            width = wider
        blocks.append(nn.Conv2d(width, 1, 4, stride=1, padding=1))
        self.layers = nn.Sequential(*blocks)
        init_weights(self)

    def forward(self, condition: Tensor, picture: Tensor) -> tuple[Tensor, ...]:
        """Scores (B, 1, h, w) for `picture` (B, C, H, W) as an answer to `condition` (B, K, H, W), both in [-1, 1]."""
        scores: Tensor = self.layers(torch.cat([condition, picture], 1))
        return (scores,)

    def features(self, condition: Tensor, picture: Tensor) -> list[Tensor]:
        x = torch.cat([condition, picture], 1)
        features = []
        for layer in self.layers:
            x = layer(x)
            if isinstance(layer, nn.LeakyReLU):
                features.append(x)
        return features


def build_discriminator(
    kind: str, in_channels: int, base_width: int, layers: int, norm: Norm, *, spectral_norm: bool, scales: int
) -> nn.Module:
    assert kind == "patch"
    return PatchDiscriminator(in_channels, base_width, layers, norm)


def receptive_field(layers: int = 3) -> int:
    """Pixels on a side that one score of `PatchDiscriminator(layers=layers)` sees (70 for 3)."""
    field = 1
    for stride in reversed([2] * layers + [1, 1]):
        field = (field - 1) * stride + 4
    return field
