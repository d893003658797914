"""What the network sees where there is no picture, so that nodata does not colour what lies beside it."""

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.pictures import Pixels


def filled(pixels: Pixels, valid: NDArray[np.bool_]) -> Pixels:
    """(H, W, 3) with each pixel that is not `valid` (H, W) in the colour of the nearest one that is.

    One valid pixel there must be. What stood in the others plays no part.
    """
    if valid.all():
        return pixels
    from scipy.ndimage import distance_transform_edt

    rows, columns = distance_transform_edt(~valid, return_distances=False, return_indices=True)
    nearest: Pixels = pixels[rows, columns]
    return nearest
