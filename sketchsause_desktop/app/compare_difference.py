"""Where two pictures differ, as a picture: black where they are the same, white where they are far apart."""

import numpy as np

GAINS = (1, 4, 16)
# Of matplotlib's "magma" (public domain, CC0), even to the eye from dark to bright.
_STOPS = ((0, 0, 4), (81, 18, 124), (183, 55, 121), (252, 137, 97), (252, 253, 191))


def ramp() -> np.ndarray:
    """uint8 (256, 3): the colour of each difference after it was multiplied."""
    places = np.linspace(0, 255, len(_STOPS))
    channels = [np.interp(np.arange(256), places, [stop[channel] for stop in _STOPS]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def difference(one: np.ndarray, other: np.ndarray, gain: int) -> np.ndarray:
    """uint8 (H, W, 3) of two such pictures: the largest of the channels' differences, times `gain`, as a colour.

    ValueError for pictures of two sizes.
    """
    if one.shape != other.shape:
        raise ValueError(f"pictures of {one.shape} and {other.shape} cannot be compared")
    apart = np.maximum(one, other) - np.minimum(one, other)  # in uint8
    largest = apart.max(axis=2).astype(np.uint16) * gain
    coloured: np.ndarray = ramp()[np.minimum(largest, 255)]
    return coloured
