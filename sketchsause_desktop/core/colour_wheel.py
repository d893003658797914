"""What a colour wheel shows: a ring of hues, and for one hue a square of colours.

Hues in degrees; `across` and `up` from 0 to 1, from the square's lower left corner.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.colours import (
    Colour,
    Values,
    clipped_to_srgb,
    colour_of,
    hsv_of_srgb,
    oklab_of_oklch,
    oklch_of_srgb,
    srgb_of_hsv,
    srgb_of_oklab,
    srgb_of_oklch,
    values_of,
)

RING_SHARE = 0.17  # of the outer radius is the ring's width
GAP_SHARE = 0.05  # between the ring and the square's corners

_MORE_CHROMA = 0.4  # than any colour of a screen has
_RING_LIGHTNESS, _RING_CHROMA = 0.76, 0.115  # all hues can show that much
_GREY = 1e-3  # saturation; below it a colour has no hue of its own


class WheelPlace(NamedTuple):
    hue: float
    across: float
    up: float


@dataclass(frozen=True, kw_only=True)
class WheelSpace:
    """`square` gives sRGB (..., 3) for a hue and arrays of places, `place` the way back.

    By rounding errors the values may lie outside 0 to 1.
    """

    title: str
    ring: Callable[[Values], Values]
    square: Callable[[float, Values, Values], Values]
    place: Callable[[Colour], WheelPlace]

    def colour(self, place: WheelPlace) -> Colour:
        return colour_of(self.square(place.hue, np.array(place.across), np.array(place.up)))

    def place_near(self, colour: Colour, before: WheelPlace) -> WheelPlace:
        """Where a colour is; what it does not tell, such as the hue of a grey, stays as it was."""
        if colour == self.colour(before):
            return before
        place = self.place(colour)
        if max(colour) == 0:
            return WheelPlace(before.hue, before.across, 0.0)
        if place.across < _GREY:
            return WheelPlace(before.hue, 0.0, place.up)
        return place


def _stacked(*parts: Values | float) -> Values:
    return np.stack(np.broadcast_arrays(*(np.asarray(part, np.float64) for part in parts)), axis=-1)


def _place_in_hsv(colour: Colour) -> WheelPlace:
    return WheelPlace(*hsv_of_srgb(values_of(colour)).tolist())


def _most_chroma(lightness: Values, hue: Values | float) -> Values:
    most: Values = clipped_to_srgb(_stacked(lightness, _MORE_CHROMA, hue))[..., 1]
    return most


def _oklch_square(hue: float, across: Values, up: Values) -> Values:
    levels, level = np.unique(up, return_inverse=True)
    chroma = _most_chroma(levels, hue)[level].reshape(up.shape) * across
    return srgb_of_oklab(oklab_of_oklch(_stacked(up, chroma, hue)))


def _place_in_oklch(colour: Colour) -> WheelPlace:
    lightness, chroma, hue = oklch_of_srgb(values_of(colour))
    most = float(_most_chroma(lightness, hue))
    grey = chroma < _GREY or most < _GREY
    return WheelPlace(float(hue), 0.0 if grey else min(float(chroma) / most, 1.0), min(float(lightness), 1.0))


HSV = WheelSpace(
    title="HSV",
    ring=lambda hues: srgb_of_hsv(_stacked(hues, 1.0, 1.0)),
    square=lambda hue, across, up: srgb_of_hsv(_stacked(hue, across, up)),
    place=_place_in_hsv,
)
# Upwards lies lightness as the eye sees it, to the right as much chroma as there is for it.
OKLCH = WheelSpace(
    title="OKLCH",
    ring=lambda hues: srgb_of_oklch(_stacked(_RING_LIGHTNESS, _RING_CHROMA, hues)),
    square=_oklch_square,
    place=_place_in_oklch,
)


def ring_picture(space: WheelSpace, side: int) -> Pixels:
    """(side, side, 4) with straight alpha: the ring, transparent within and without. Hue 0 is to the right."""
    x, y = _from_centre(side)
    hues = np.degrees(np.arctan2(-y, x)) % 360
    table = space.ring(np.arange(720) / 2)
    outer = side / 2
    inner = outer * (1 - RING_SHARE)
    distance = np.hypot(x, y)
    alpha = np.clip(outer - distance, 0, 1) * np.clip(distance - inner, 0, 1)
    picture = np.empty((side, side, 4), np.uint8)
    picture[..., :3] = np.rint(table[(hues * 2).astype(np.intp) % 720] * 255)
    picture[..., 3] = np.rint(alpha * 255)
    return picture


def square_picture(space: WheelSpace, hue: float, side: int) -> Pixels:
    """(side, side, 3)"""
    steps = (np.arange(side) + 0.5) / side
    across, up = np.meshgrid(steps, steps[::-1])
    picture: Pixels = np.rint(np.clip(space.square(hue, across, up), 0, 1) * 255).astype(np.uint8)
    return picture


def _from_centre(side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    steps = np.arange(side) + 0.5 - side / 2
    x, y = np.meshgrid(steps, steps)
    return x, y
