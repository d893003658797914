"""Pictures of few colours, such as maps: each pixel is one of a handful of classes, and rare ones count.

A network that is asked for a colour answers, where it is not sure, with the mean or the median of what might be there:
a road that is likely here is drawn as no road. Asked for shares, it can say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.conditioning import CLASS_CONTRAST, class_colours
from models.spec import ModelSpec

_MOST = 10.0  # times the mean weight: a class that hardly occurs is noise


@dataclass(frozen=True)
class Classes:
    """`colours` (K, 3) in [-1, 1]; `weights` (K,): how much a pixel of each counts, with a mean of 1 over the data."""

    colours: Tensor
    weights: Tensor

    def labels(self, target: Tensor) -> Tensor:
        """The nearest class of each pixel of (B, 3, H, W) in [-1, 1]: int64 (B, H, W)."""
        distances = [(target - colour[:, None, None]).square().sum(1) for colour in self.colours]
        return torch.stack(distances).argmin(0)


def classes_of(spec: ModelSpec, targets: Iterable[np.ndarray], rare: float) -> Classes:
    """`targets` are uint8 (H, W, 3). `rare` 0 lets every pixel count the same, 1 every class."""
    colours = torch.from_numpy(class_colours(spec))
    even = Classes(colours, torch.ones(len(colours)))
    counts = torch.ones(len(colours))  # one each, so that none is without
    for target in targets:
        pixels = torch.from_numpy(np.array(target)).permute(2, 0, 1)[None].float() / 127.5 - 1
        counts += torch.bincount(even.labels(pixels).flatten(), minlength=len(colours))
    shares = counts / counts.sum()
    weights = shares**-rare
    weights = (weights / (weights * shares).sum()).clamp(max=_MOST)
    return Classes(colours, weights / (weights * shares).sum())


def class_loss(classes: Classes | None, output: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of the shares that `output` (B, K, H, W) in [-1, 1] gives, and the target's classes, weighted."""
    assert classes is not None
    labels = classes.labels(target)
    each = functional.cross_entropy(CLASS_CONTRAST * output.float(), labels, reduction="none")
    return (each * classes.weights[labels]).mean()
