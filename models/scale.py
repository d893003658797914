"""Pictures seen enlarged or reduced, so that things in them are as large as those a network was trained on.

The picture goes through in windows of its own pixels, each made as large as the network's tile and its answer put back:
what is painted has the picture's size, and no more of it is in memory than without.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from models.errors import UserError

LEAST, MOST = 1 / 16, 16.0  # beyond these a window is too large for the memory, or has too few pixels to be a picture
_ALIKE = 1.1  # scales that differ less are the same to a network that learned with a zoom
_OWN_SIZE = "Choose a number from 1/16 to 16; 1 is the picture's own size."


def checked_scale(scale: float) -> float:
    """Raises UserError for one at which no picture can be seen."""
    if not LEAST <= scale <= MOST:
        raise UserError(f"A scale of {scale:g} is not possible.", _OWN_SIZE)
    return scale


def scale_between(picture: float, model: float) -> float:
    """At what scale a picture of so many metres a pixel is seen by a model that learned on `model` metres a pixel.

    Finer pictures are reduced as far as can be. One that is too coarse shows nothing of what the model knows, however
    much it is enlarged: it is seen as it is.
    """
    scale = picture / model
    if 1 / _ALIKE < scale < _ALIKE or scale > MOST:
        return 1.0
    return max(scale, LEAST)


@dataclass(frozen=True)
class Lens:
    """How tiles of `seen` pixels, as the network takes them, lie on a picture: `tile` pixels of it each."""

    seen: int
    tile: int
    overlap: int  # pixels of the picture

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The (width, height) at which so much of the picture is seen."""
        across, down = (max(1, round(side * self.seen / self.tile)) for side in (width, height))
        return across, down


def lens(tile: int, overlap: int, scale: float) -> Lens:
    """`tile` and `overlap` are what the network would be given at scale 1."""
    if scale == 1:
        return Lens(tile, tile, overlap)
    own = max(2, round(tile / scale))
    return Lens(tile, own, min(round(overlap * own / tile), own - 1))


def resized(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8 (H, W, 3) at `size` (width, height): every pixel counts in a reduction, and an enlargement is smooth."""
    if pixels.shape[1::-1] == size:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
