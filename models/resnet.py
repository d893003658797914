"""The residual generator of Johnson et al., as CycleGAN uses it.

Shape legend: B batch, C channels, H and W pixels (multiples of `spec.size_multiple`). Values in [-1, 1].
"""

import torch
from torch import Tensor, nn

from models.blocks import init_weights, make_norm
from models.recompute import Generator
from models.spec import ModelSpec, Norm, Padding, Up


class ResnetGenerator(Generator):
    """The transformation network of Johnson et al. (2016, https://arxiv.org/abs/1603.08155).

    As in CycleGAN (Zhu et al. 2017, https://arxiv.org/abs/1703.10593, appendix 7.2): c7s1-w, `depth` halvings that
    double the width, `blocks` residual blocks, as many doublings, c7s1-3 and Tanh. Mirrored borders in the 7x7
    convolutions and the blocks, `spec.dropout` inside the blocks. 11.4 million parameters at base width 64, depth 2
    and 9 blocks.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        widths = [spec.base_width * 2**i for i in range(spec.depth + 1)]
        norm = spec.norm
        self.stem = ConvUnit(spec.network_channels, widths[0], norm, kernel=7)
        self.down = nn.ModuleList(
            ConvUnit(width, 2 * width, norm, kernel=3, stride=2, padding="zeros") for width in widths[:-1]
        )
        self.blocks = nn.ModuleList(ResnetBlock(widths[-1], norm, spec.dropout) for _ in range(spec.blocks))
        self.up = nn.ModuleList(UpUnit(2 * width, width, norm, spec.up) for width in reversed(widths[:-1]))
        self.head = nn.Conv2d(widths[0], spec.output_channels, 7, padding=3, padding_mode="reflect")
        init_weights(self)

    def seeing(self) -> list[nn.Module]:
        return [self.stem, self.down]

    def forward(self, x: Tensor) -> Tensor:
        x = self.run(self.stem, x)  # (B, w, H, W)
        for block in (*self.down, *self.blocks, *self.up):
            x = self.run(block, x)  # down to (B, w·2^depth, H/2^depth, W/2^depth) and up again
        return torch.tanh(self.run(self.head, x))  # (B, 3, H, W)


class ConvUnit(nn.Module):
    """Convolution, norm, ReLU."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm: Norm,
        *,
        kernel: int,
        stride: int = 1,
        padding: Padding = "reflect",
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel, stride, kernel // 2, bias=norm != "batch", padding_mode=padding
        )
        self.norm = make_norm(norm, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)))


class ResnetBlock(nn.Module):
    """x + conv(dropout(conv(x))) with norms; unlike models.blocks.ResidualBlock without a ReLU after the sum."""

    def __init__(self, channels: int, norm: Norm, dropout: float) -> None:
        super().__init__()
        bias = norm != "batch"
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=bias, padding_mode="reflect")
        self.norm1 = make_norm(norm, channels)
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=bias, padding_mode="reflect")
        self.norm2 = make_norm(norm, channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.dropout(torch.relu(self.norm1(self.conv1(x))))
        answer: Tensor = x + self.norm2(self.conv2(inner))
        return answer


class UpUnit(nn.Module):
    """Up-sampling convolution, norm, ReLU: doubles H and W. `up` as in models.blocks.UpBlock, with a 3x3 kernel."""

    def __init__(self, in_channels: int, out_channels: int, norm: Norm, up: Up) -> None:
        super().__init__()
        bias = norm != "batch"
        self.up: nn.Module
        if up == "transpose":
            self.up = nn.ConvTranspose2d(in_channels, out_channels, 3, stride=2, padding=1, output_padding=1, bias=bias)
        else:
            conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=bias)
            self.up = nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), conv)
        self.norm = make_norm(norm, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.up(x)))
