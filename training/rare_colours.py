"""Weights that make rare colours count: roads and water on a map, the small coloured parts of a drawing on white.

Colorful Image Colorization (Zhang, Isola & Efros 2016, https://arxiv.org/abs/1603.08511, section 2.2): a colour's
weight is the inverse of its frequency, mixed with the uniform one, and scaled so that the mean over the data is 1.
Theirs counts 313 bins of a*b*; ours 16 x 16 x 16 bins of RGB, since white roads on grey ground differ in lightness.
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

_BINS = 16  # a channel
_MOST = 8.0  # times the mean weight: a colour that hardly occurs is noise


def colour_counts(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """How often each bin occurs in uint8 pictures (H, W, 3): int64 (4096,)."""
    counts = np.zeros(_BINS**3, np.int64)
    for picture in pictures:
        red, green, blue = (picture[..., channel].astype(np.int64) // (256 // _BINS) for channel in range(3))
        counts += np.bincount(((red * _BINS + green) * _BINS + blue).ravel(), minlength=_BINS**3)
    return counts


def colour_weights(counts: np.ndarray, strength: float) -> np.ndarray:
    """float32 (4096,). `strength` 0 gives every colour the weight 1, 1 the full inverse frequency (up to a limit)."""
    shares = counts / max(1, counts.sum())
    uniform = 1 / max(1, int(np.count_nonzero(counts)))
    weights = 1 / np.maximum(strength * shares + (1 - strength) * uniform, 1e-12)
    limited = np.minimum(_scaled(weights, shares), _MOST)
    return _scaled(limited, shares).astype(np.float32)


def _scaled(weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """So that their mean over the data is 1."""
    return weights / max(float((weights * shares).sum()), 1e-12)


def pixel_weights(weights: Tensor, target: Tensor) -> Tensor:
    """The weight of each pixel, (B, 1, H, W), by the bin of its colour in `target` (B, 3, H, W) in [-1, 1]."""
    levels = ((target + 1) * 127.5).round().clamp(0, 255).long() // (256 // _BINS)
    red, green, blue = levels.unbind(1)
    return weights[(red * _BINS + green) * _BINS + blue][:, None]


def weights_of(pictures: Iterable[np.ndarray], strength: float) -> Tensor:
    return torch.from_numpy(colour_weights(colour_counts(pictures), strength))
