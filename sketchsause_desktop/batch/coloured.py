"""Whether a page is coloured already, so that a batch can leave it alone.

Colour is what fills areas: coloured pencil lines are lines, and the tint of old paper is paper.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from sketchsause_desktop.core.pictures import Picture, Pixels

_SIDE = 256  # pixels of the longer side that is looked at
_LINE = 5  # pixels of that; what is narrower is a line
_CHROMA = 20  # of 255: how far the channels are apart where there is colour; JPEG and scanners stay below
_SHARE = 0.005  # of the page; the palest of the 36 pairs we look at has twice as much, their sketches have nothing
_DARKER_THAN_PAPER = 0.6  # of the page's pixels are darker than what is taken for paper
_MOST_CAST = 60  # of 255: a bright colour further from grey is no paper


def is_coloured(picture: Picture) -> bool:
    """By the share of the page that lies in areas of colour; what is transparent counts as white paper."""
    small = _small(picture.pixels)
    chroma = np.ptp(_without_cast(small), axis=2).clip(0, 255).astype(np.uint8)
    areas = np.asarray(Image.fromarray(chroma).filter(ImageFilter.MinFilter(_LINE)))
    return float((areas > _CHROMA).mean()) > _SHARE


def _small(pixels: Pixels) -> NDArray[np.float32]:
    """(H, W, 3), 0 to 255, on white; every pixel counts, so that screens become grey."""
    image = Image.fromarray(pixels)
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=None)
    small = np.asarray(image, np.float32)
    if small.shape[2] == 3:
        return small
    alpha = small[..., 3:] / 255
    return np.asarray(small[..., :3] * alpha + 255 * (1 - alpha), np.float32)


def _without_cast(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """The page as on white paper: divided by the colour of its bright part, where that may be paper."""
    brightness = small.mean(axis=2)
    bright = small[brightness >= np.quantile(brightness, _DARKER_THAN_PAPER)]
    paper = np.median(bright, axis=0)
    if np.ptp(paper) > _MOST_CAST or paper.min() < 1:
        return small
    return np.asarray(small / paper * paper.max(), np.float32)
