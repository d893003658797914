"""Pictures of 16 bits a channel: what they are in memory, and the way to and from 8."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]  # (H, W, 3) RGB or (H, W, 4) RGBA
DeepPixels: TypeAlias = NDArray[np.uint16]  # the same, 0 to 65535
AnyPixels: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]

_STEP = 257  # of 16 bits in one of 8; 255 * 257 = 65535


def shallow(pixels: AnyPixels) -> Pixels:
    """Rounded to 8 bits."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    rounded: Pixels = ((pixels.astype(np.uint32) + _STEP // 2) // _STEP).astype(np.uint8)
    return rounded


def deepened(pixels: AnyPixels) -> DeepPixels:
    """At 16 bits; 255 becomes 65535."""
    return pixels.astype(np.uint16, copy=False) if pixels.dtype == np.uint16 else pixels * np.uint16(_STEP)


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turned as the EXIF orientation, 1 to 8, asks for; anything else is taken for 1."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
