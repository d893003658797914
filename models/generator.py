"""The generators: the U-Net of pix2pix and a residual U-Net that is lighter on a CPU.

Shape legend: B batch, C channels, H and W pixels (multiples of `spec.size_multiple`). Values in [-1, 1].
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.attention import Join, attention_for
from models.blocks import ConvNorm, Down, ResidualBlock, UpBlock, init_weights
from models.recompute import Generator
from models.spec import ModelSpec, Norm
from models.style import Styling

_DROPOUT_BLOCKS = 3  # "dropout 0.5 in the first three" decoder blocks
_EIGHTH = 2  # index of the encoder level at H/8, where self-attention stands


class UNetGenerator(Generator):
    """U-Net of "Image-to-Image Translation with Conditional Adversarial Networks" (Isola et al. 2017).

    Paper: https://arxiv.org/abs/1611.07004, section 6.1.1. Encoder widths C64-C128-C256-C512-C512-... (`base_width`
    times 1, 2, 4, 8, 8, ...), `depth` halvings, skips by concatenation, Tanh at the end; no norm in the first and the
    innermost block. 54.4 million parameters at base width 64 and depth 8.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.widths = [spec.base_width * min(2**i, 8) for i in range(spec.depth)]
        self.leaky_skips = spec.skip == "leaky"
        self.down = nn.ModuleList(self._down(i, spec) for i in range(spec.depth))
        self.attention = attention_for(spec, self.widths[min(_EIGHTH, spec.depth - 1)])
        self.join = nn.ModuleList(Join(width, spec) for width in reversed(self.widths[:-1]))
        self.up = nn.ModuleList(self._up(number, spec) for number in range(spec.depth))
        init_weights(self)
        self.style = Styling(list(reversed(self.widths[:-1])) if spec.palette else [])

    def _down(self, i: int, spec: ModelSpec) -> Down:
        innermost = i == spec.depth - 1
        norm: Norm = "none" if i == 0 or innermost else spec.norm
        bias = spec.norm != "batch" or (self.leaky_skips and norm == "none")
        previous = self.widths[i - 1] if i else spec.network_channels
        padding = "zeros" if innermost else spec.padding
        return Down(previous, self.widths[i], norm, activate=i > 0, bias=bias, padding=padding)

    def _up(self, number: int, spec: ModelSpec) -> UpBlock:
        i = spec.depth - 1 - number  # the encoder level it mirrors
        activation: nn.Module = nn.Identity() if self.leaky_skips else nn.ReLU()
        inputs = self.widths[i]
        if number == 0:
            activation = nn.LeakyReLU(0.2) if spec.bottleneck == "leaky" else nn.ReLU()
        else:
            join = self.join[number - 1]
            assert isinstance(join, Join)
            inputs = join.channels
        if i == 0:
            return UpBlock(inputs, spec.output_channels, "none", spec.up, 0.0, bias=True, activation=activation)
        dropout = spec.dropout if number < _DROPOUT_BLOCKS else 0.0
        bias = spec.norm != "batch"
        return UpBlock(inputs, self.widths[i - 1], spec.norm, spec.up, dropout, bias=bias, activation=activation)

    def seeing(self) -> list[nn.Module]:
        return [self.down, self.attention]

    def forward(self, x: Tensor, palette: Tensor | None = None) -> Tensor:
        skips: list[Tensor] = []
        for i, block in enumerate(self.down):
            x = self.run(block, x)  # (B, width_i, H/2^(i+1), W/2^(i+1))
            if i == _EIGHTH:
                x = self.run(self.attention, x)
            skips.append(x)
        x = self.run(self.up[0], skips.pop())  # (B, width, H/2^(depth-1), W/2^(depth-1))
        style = self.style.of(palette)
        for level, (block, join) in enumerate(zip(self.up[1:], self.join, strict=True)):
            skip = skips.pop()
            x = self.style(level, x, style)
            if self.leaky_skips:
                x, skip = torch.relu(x), functional.leaky_relu(skip, 0.2)
            x = self.run(block, self.run(join, x, skip))
        return torch.tanh(x)  # (B, 3, H, W)


class ResUNetGenerator(Generator):
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
        self.attention = attention_for(spec, widths[min(_EIGHTH, spec.depth - 1)])
        self.narrow = nn.ModuleList()
        self.join = nn.ModuleList()
        self.fuse = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for width, wider in reversed(list(pairwise(widths))):
            self.narrow.append(nn.Sequential(nn.Conv2d(wider, width, 1), nn.Upsample(scale_factor=2, mode="nearest")))
            join = Join(width, spec)
            self.join.append(join)
            self.fuse.append(ConvNorm(join.channels, width, norm))
            self.decoder.append(ResidualBlock(width, norm))
        self.style = Styling(list(reversed(widths)) if spec.palette else [])
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
        self.style.reset()
        assert isinstance(self.head[0], nn.Conv2d)
        nn.init.normal_(self.head[0].weight, 0.0, 0.01)

    def seeing(self) -> list[nn.Module]:
        return [self.stem, self.encoder, self.down, self.attention]

    def forward(self, x: Tensor, palette: Tensor | None = None) -> Tensor:
        x = self.run(self.stem, x)  # (B, w, H/2, W/2)
        skips: list[Tensor] = []
        for level, (block, down) in enumerate(zip(self.encoder, self.down, strict=True), 1):
            x = self.run(block, x)
            skips.append(x)
            x = self.run(down, x)  # (B, next width, half of H, half of W)
            if level == _EIGHTH:
                x = self.run(self.attention, x)
        style = self.style.of(palette)
        x = self.style(0, self.run(self.middle, x), style)
        levels = zip(self.narrow, self.join, self.fuse, self.decoder, strict=True)
        for level, (narrow, join, fuse, block) in enumerate(levels, 1):
            x = self.run(join, self.run(narrow, x), skips.pop())
            x = self.style(level, self.run(block, self.run(fuse, x)), style)
        return torch.tanh(self.head(x))  # (B, 3, H, W)
