"""What the generators and the discriminator share: norms, down and up blocks, residual blocks.

Shape legend: B batch, C channels, H and W pixels.
"""

import torch
from torch import Tensor, nn

from models.spec import Norm, Padding, Up


def make_norm(kind: Norm, channels: int) -> nn.Module:
    """A normalisation layer with learned scale and shift; `none` gives the identity.

    Instance norm keeps no running statistics: it is the same in training and in use (Ulyanov et al. 2016,
    https://arxiv.org/abs/1607.08022). Batch norm uses its running statistics in use (Ioffe & Szegedy 2015,
    https://arxiv.org/abs/1502.03167).
    """
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    return nn.Identity()


def init_weights(module: nn.Module, std: float = 0.02) -> None:
    """The initialisation of pix2pix (section 6.2): convolutions N(0, 0.02), norm scales N(1, 0.02), biases zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, std)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d | nn.InstanceNorm2d):
            nn.init.normal_(layer.weight, 1.0, std)
            nn.init.zeros_(layer.bias)


class Down(nn.Module):
    """LeakyReLU 0.2 (except first), Conv 4x4 stride 2, norm: halves H and W."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm: Norm,
        *,
        activate: bool,
        bias: bool,
        padding: Padding = "zeros",
    ) -> None:
        super().__init__()
        self.activation = nn.LeakyReLU(0.2) if activate else nn.Identity()
        self.conv = nn.Conv2d(in_channels, out_channels, 4, stride=2, padding=1, bias=bias, padding_mode=padding)
        self.norm = make_norm(norm, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.norm(self.conv(self.activation(x)))  # (B, C_out, H/2, W/2)
        return out


class UpBlock(nn.Module):
    """Activation (ReLU unless told), up-sampling convolution, norm, dropout: doubles H and W.

    `transpose` is the ConvTranspose 4x4 stride 2 of pix2pix. `resize` enlarges by nearest neighbours and convolves
    3x3, which avoids checkerboards (Odena et al. 2016, https://distill.pub/2016/deconv-checkerboard).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm: Norm,
        up: Up,
        dropout: float,
        *,
        bias: bool,
        activation: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.activation = activation or nn.ReLU()
        self.up: nn.Module
        if up == "transpose":
            self.up = nn.ConvTranspose2d(in_channels, out_channels, 4, stride=2, padding=1, bias=bias)
        else:
            conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=bias)
            self.up = nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), conv)
        self.norm = make_norm(norm, out_channels)
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.dropout(self.norm(self.up(self.activation(x))))  # (B, C_out, 2H, 2W)
        return out


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with norm and a skip around them (He et al. 2015, https://arxiv.org/abs/1512.03385)."""

    def __init__(self, channels: int, norm: Norm) -> None:
        super().__init__()
        bias = norm != "batch"
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=bias)
        self.norm1 = make_norm(norm, channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=bias)
        self.norm2 = make_norm(norm, channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(x + self.norm2(self.conv2(inner)))  # (B, C, H, W)


class ConvNorm(nn.Module):
    """Convolution, norm, ReLU; `stride=2` halves H and W with a 2x2 kernel, else 3x3."""

    def __init__(self, in_channels: int, out_channels: int, norm: Norm, *, stride: int = 1) -> None:
        super().__init__()
        kernel, padding = (3, 1) if stride == 1 else (2, 0)
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, padding, bias=norm != "batch")
        self.norm = make_norm(norm, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)))
