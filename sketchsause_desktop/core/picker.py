"""The eyedropper."""

from typing import TypeAlias

import numpy as np

from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.sampling import Sample

PickedColour: TypeAlias = tuple[int, int, int, int]  # RGBA with straight alpha

PICK_SIDES = (1, 3, 5)  # px


def picked(sample: Sample, canvas: Rect, column: int, row: int, side: int = 1) -> PickedColour | None:
    """The mean colour of the square of `side` pixels round one, as far as it lies on the canvas.

    Transparent pixels have no part in the colour, only in alpha. None if the pixel itself is not on the canvas.
    """
    if side not in PICK_SIDES:
        raise ValueError(f"a square of {side} pixels is none of {PICK_SIDES}")
    if not canvas.contains(Rect(column, row, 1, 1)):
        return None
    square = Rect(column - side // 2, row - side // 2, side, side).intersected(canvas)
    pixels = sample(square).reshape(-1, 4)
    mean = pixels.mean(axis=0)
    if mean[3] == 0:
        return 0, 0, 0, 0
    red, green, blue = np.rint(mean[:3] * 255 / mean[3]).astype(int).tolist()
    return red, green, blue, int(np.rint(mean[3]))
