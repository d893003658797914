"""Palettes inside a network: a few colours become a style vector, which moves the statistics of the features.

Shape legend: B batch, K colours of a palette, C channels, H and W pixels.
"""

import torch
from torch import Tensor, nn

from models.spec import PALETTE_CHANNELS

STYLE_WIDTH = 64


class PaletteStyle(nn.Module):
    """A palette (B, K, 4), colours in [-1, 1] and 1 where there is one, as a style vector (B, 64, 1, 1).

    The same whatever the order of the colours ("Deep Sets", Zaheer et al. 2017, https://arxiv.org/abs/1703.06114), and
    zero for an empty palette, so that a network without one paints as if it had never heard of palettes. Convolutions
    of one pixel rather than linear layers: their weights keep their names in an ONNX graph.
    """

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Sequential(
            nn.Conv2d(PALETTE_CHANNELS, STYLE_WIDTH, 1), nn.ReLU(), nn.Conv2d(STYLE_WIDTH, STYLE_WIDTH, 1), nn.ReLU()
        )
        self.mix = nn.Conv2d(STYLE_WIDTH, STYLE_WIDTH, 1)

    def forward(self, palette: Tensor) -> Tensor:
        colours = palette.transpose(1, 2).unsqueeze(3)  # (B, 4, K, 1)
        present = colours[:, 3:]  # (B, 1, K, 1)
        count = present.sum(dim=2, keepdim=True)  # (B, 1, 1, 1)
        mean = (self.embed(colours) * present).sum(dim=2, keepdim=True) / count.clamp(min=1.0)  # (B, 64, 1, 1)
        style: Tensor = torch.tanh(self.mix(mean)) * count.clamp(max=1.0)
        return style


class AdaIN(nn.Module):
    """Adaptive instance normalisation (Huang & Belongie 2017, https://arxiv.org/abs/1703.06868).

    Each channel of (B, C, H, W) gets another mean and deviation. What the style says is relative to what they are:
    a style of zero changes nothing, and neither does a layer that has not learned yet.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.shift = nn.Conv2d(STYLE_WIDTH, channels, 1, bias=False)
        self.scale = nn.Conv2d(STYLE_WIDTH, channels, 1, bias=False)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        mean = x.mean(dim=(2, 3), keepdim=True)  # (B, C, 1, 1)
        deviation = ((x - mean).square().mean(dim=(2, 3), keepdim=True) + 1e-5).sqrt()
        answer: Tensor = x + (x - mean) * self.scale(style) + deviation * self.shift(style)
        return answer


class Styling(nn.Module):
    """The style of a network's levels, one AdaIN for each of `widths` channels; without any, it does nothing."""

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        self.palette = PaletteStyle() if widths else None
        self.levels = nn.ModuleList(AdaIN(width) for width in widths)
        self.reset()

    def reset(self) -> None:
        """As if no palette had ever been seen: the levels do nothing. To be called after weights were initialised."""
        for weights in self.levels.parameters():
            nn.init.zeros_(weights)

    def of(self, palette: Tensor | None) -> Tensor | None:
        """The style (B, 64, 1, 1) of a palette (B, K, 4); None for None."""
        if self.palette is None or palette is None:
            return None
        style: Tensor = self.palette(palette)
        return style

    def forward(self, level: int, x: Tensor, style: Tensor | None) -> Tensor:
        if style is None:
            return x
        styled: Tensor = self.levels[level](x, style)
        return styled
