"""The painted pictures that a discriminator is shown again."""

import numpy as np
import torch
from torch import Tensor


class ImageBuffer:
    """Learning from Simulated and Unsupervised Images through Adversarial Training: a history of painted pictures.

    Shrivastava et al. 2017, https://arxiv.org/abs/1612.07828, section 2.3, as CycleGAN uses it: once there are `size`
    pictures, a new one is shown itself or, as often, takes the place of an older one that is shown instead.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.pictures: list[Tensor] = []  # (C, H, W) each

    def exchange(self, pictures: Tensor, rng: np.random.Generator) -> Tensor:
        """(B, C, H, W) to show in the place of `pictures`, without their gradients."""
        return torch.stack([self._exchanged(picture, rng) for picture in pictures.detach()])

    def _exchanged(self, picture: Tensor, rng: np.random.Generator) -> Tensor:
        if not self.size or not bool(torch.isfinite(picture).all()):  # a step of no numbers shall not come again
            return picture
        if len(self.pictures) < self.size:
            self.pictures.append(picture)
            return picture
        if rng.random() < 0.5:
            return picture
        place = int(rng.integers(self.size))
        older, self.pictures[place] = self.pictures[place], picture
        return older
