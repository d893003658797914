"""The generators: the U-Net of pix2pix and a residual U-Net that is lighter on a CPU.

Shape legend: B batch, C channels, H and W pixels (multiples of `spec.size_multiple`). Values in [-1, 1].
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from models.blocks import ConvNorm, Down, ResidualBlock, UpBlock, init_weights
from models.spec import ModelSpec, Norm

_DROPOUT_BLOCKS = 3  # "dropout 0.5 in the first three" decoder blocks


class UNetGenerator(nn.Module):
    """U-Net of "Image-to-Image Translation with Conditional Adversarial Networks" (Isola et al. 2017).

    Paper: https://arxiv.org/abs/1611.07004, section 6.1.1. Encoder widths C64-C128-C256-C512-C512-... (`base_width`
    times 1, 2, 4, 8, 8, ...), `depth` halvings, skips by concatenation, Tanh at the end; no norm in the first and the
    innermost block. 54.4 million parameters at base width 64 and depth 8.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        widths = [spec.base_width * min(2**i, 8) for i in range(spec.depth)]
        bias = spec.norm != "batch"
        self.down = nn.ModuleList()
        for i, width in enumerate(widths):
            previous = spec.network_channels if i == 0 else widths[i - 1]
            norm: Norm = "none" if i in (0, spec.depth - 1) else spec.norm
            self.down.append(Down(previous, width, norm, activate=i > 0, bias=bias))
        self.up = nn.ModuleList()
        for number, i in enumerate(reversed(range(spec.depth))):
            inputs = widths[i] if number == 0 else 2 * widths[i]
            if i == 0:
                self.up.append(UpBlock(inputs, spec.output_channels, "none", spec.up, 0.0, bias=True))
            else:
                dropout = spec.dropout if number < _DROPOUT_BLOCKS else 0.0
                self.up.append(UpBlock(inputs, widths[i - 1], spec.norm, spec.up, dropout, bias=bias))
        init_weights(self)

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for block in self.down:
            x = block(x)  # (B, width_i, H/2^(i+1), W/2^(i+1))
            skips.append(x)
        x = self.up[0](skips.pop())  # (B, width, H/2^(depth-1), W/2^(depth-1))
        for block in self.up[1:]:
            x = block(torch.cat([x, skips.pop()], 1))
        return torch.tanh(x)  # (B, 3, H, W)


class ResUNetGenerator(nn.Module):
    """A U-Net of residual blocks for small budgets of training and of time.

    Differs from pix2pix's: the first halving is a space-to-depth (Shi et al. 2016, https://arxiv.org/abs/1609.05158,
    backwards), every level has a residual block (He et al. 2015), the skips pass through a 3x3 convolution after the
    concatenation, and the last step is depth-to-space, so that no layer works at full resolution. Widths: `base_width`
    times 1, 2, 4, 8, 12, 12, ... from the second halving on. No dropout.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        factors = [1, 2, 4, 8] + [12] * max(0, spec.depth - 4)
        widths = [spec.base_width * factor for factor in factors[: spec.depth]]
        norm = spec.norm
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), ConvNorm(4 * spec.network_channels, widths[0], norm))
        self.encoder = nn.ModuleList(ResidualBlock(width, norm) for width in widths[:-1])
        self.down = nn.ModuleList(ConvNorm(width, wider, norm, stride=2) for width, wider in pairwise(widths))
        self.middle = nn.Sequential(*(ResidualBlock(widths[-1], norm) for _ in range(3)))
        self.narrow = nn.ModuleList()
        self.fuse = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for width, wider in reversed(list(pairwise(widths))):
            self.narrow.append(nn.Sequential(nn.Conv2d(wider, width, 1), nn.Upsample(scale_factor=2, mode="nearest")))
            self.fuse.append(ConvNorm(2 * width, width, norm))
            self.decoder.append(ResidualBlock(width, norm))
        self.head = nn.Sequential(nn.Conv2d(widths[0], 4 * spec.output_channels, 3, padding=1), nn.PixelShuffle(2))
        self._init()

    def _init(self) -> None:
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
            if isinstance(layer, ResidualBlock) and isinstance(layer.norm2, nn.BatchNorm2d | nn.InstanceNorm2d):
                nn.init.constant_(layer.norm2.weight, 0.2)  # near the identity at the start
        assert isinstance(self.head[0], nn.Conv2d)
        nn.init.normal_(self.head[0].weight, 0.0, 0.01)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (B, w, H/2, W/2)
        skips: list[Tensor] = []
        for block, down in zip(self.encoder, self.down, strict=True):
            x = block(x)
            skips.append(x)
            x = down(x)  # (B, next width, half of H, half of W)
        x = self.middle(x)
        for narrow, fuse, block in zip(self.narrow, self.fuse, self.decoder, strict=True):
            x = block(fuse(torch.cat([narrow(x), skips.pop()], 1)))
        return torch.tanh(self.head(x))  # (B, 3, H, W)
