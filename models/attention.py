"""Attention, and how a skip joins the decoder: self-attention, attention gates, learned fusion.

Shape legend: B batch, C channels, H and W pixels, N = H·W places.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.spec import ModelSpec

SHARE = 8  # queries, keys and values have an eighth of the channels


class SelfAttention(nn.Module):
    """The attention of SAGAN (Zhang et al. 2018, https://arxiv.org/abs/1805.08318, section 3).

    x + gamma · attention(x), gamma starting at 0, so that a network begins as it would without. Every place looks at
    every other: time grows with N². As in the paper the products are not scaled.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(1, channels // SHARE)
        self.query = nn.Conv2d(channels, inner, 1)
        self.key = nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, inner, 1)
        self.out = nn.Conv2d(inner, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        query, key, value = (each(x).flatten(2).mT[:, None] for each in (self.query, self.key, self.value))
        seen = functional.scaled_dot_product_attention(query, key, value, scale=1.0)  # (B, 1, N, C/8)
        seen = seen[:, 0].mT.reshape(batch, -1, height, width)
        answer: Tensor = x + self.gamma * self.out(seen)  # (B, C, H, W)
        return answer


class AttentionGate(nn.Module):
    """The additive gate of "Attention U-Net" (Oktay et al. 2018, https://arxiv.org/abs/1804.03999), section 3.1.

    Says for each place in (0, 1) how much of a skip is let through, from the skip and from the decoder's features.
    Differs: both are at the same resolution here, so that nothing is resampled, and the gate has no norm.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(1, channels // 2)
        self.of_skip = nn.Conv2d(channels, inner, 1, bias=False)
        self.of_decoder = nn.Conv2d(channels, inner, 1)
        self.score = nn.Conv2d(inner, 1, 1)

    def forward(self, decoder: Tensor, skip: Tensor) -> Tensor:
        mixed = torch.relu(self.of_skip(skip) + self.of_decoder(decoder))
        return torch.sigmoid(self.score(mixed))  # (B, 1, H, W)


class LearnedFusion(nn.Module):
    """The fusion of "Attentional Feature Fusion" (Dai et al. 2020, https://arxiv.org/abs/2009.14082), equation 4.

    m · decoder + (1 - m) · skip, with m in (0, 1) for each channel and place, from the sum of both. Differs: m comes
    from the paper's local branch alone, without norms. The global branch would make a tile's colours depend on where
    the tile is cut.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(1, channels // 4)
        self.narrow = nn.Conv2d(channels, inner, 1)
        self.widen = nn.Conv2d(inner, channels, 1)

    def forward(self, decoder: Tensor, skip: Tensor) -> Tensor:
        share = torch.sigmoid(self.widen(torch.relu(self.narrow(decoder + skip))))
        return share * decoder + (1 - share) * skip  # (B, C, H, W)


class Join(nn.Module):
    """Decoder features and the skip of the same level, both (B, C, H, W) -> the next layer's input.

    `channels` tells its width: 2C where they are concatenated, C where they are fused.
    """

    def __init__(self, channels: int, spec: ModelSpec) -> None:
        super().__init__()
        self.gate = AttentionGate(channels) if spec.attention_gates else None
        self.fuse = LearnedFusion(channels) if spec.fusion == "learned" else None
        self.channels = channels if self.fuse else 2 * channels

    def forward(self, decoder: Tensor, skip: Tensor) -> Tensor:
        if self.gate is not None:
            skip = skip * self.gate(decoder, skip)
        if self.fuse is not None:
            fused: Tensor = self.fuse(decoder, skip)
            return fused
        return torch.cat([decoder, skip], 1)


def attention_for(spec: ModelSpec, channels: int) -> nn.Module:
    """What stands where the picture is halved three times: self-attention, or nothing."""
    return SelfAttention(channels) if spec.self_attention else nn.Identity()
