"""How two premultiplied pictures meet: the modes of W3C Compositing and Blending, https://www.w3.org/TR/compositing-1/.

With b and s the pixels below and above, ab and as their alphas and B the mode, that text has
``co = as (1 - ab) s + ab (1 - as) b + as ab B(b, s)``. Written for premultiplied b and s, each separable mode is one
formula for all four channels (alpha, put in as a colour, yields as + ab - as ab), rounded once. Where one of the two is
transparent the other stays.

`ADD` has B(b, s) = min(1, b + s), as in Krita. OpenRaster's svg:plus, the plus-lighter of that text, and GIMP sum the
premultiplied colours; the two part where a translucent layer adds up to more than white.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels, alphas, multiplied_anywhere, over, scaled
from sketchsause_desktop.core.layers import Blend

_RED, _GREEN, _BLUE = np.float32(0.299), np.float32(0.587), np.float32(0.114)  # as in Krita; that text rounds them
Plane = NDArray[np.float32]  # (h, w)


def blended(blend: Blend, below: Pixels, above: Pixels) -> Pixels:
    """`above` on `below`: a new array; right on transparent ground too."""
    return _MODES[blend](below, above)


def _screen(below: Pixels, above: Pixels) -> Pixels:
    return above + scaled(below, ~above)


def _add(below: Pixels, above: Pixels) -> Pixels:
    # s (1 - ab) + b (1 - as) + min(as ab, s ab + b as) = s + b - max(0, b as + s ab - as ab)
    one, other = _crossed(below, above)
    room = np.multiply(alphas(below), alphas(above), dtype=np.uint16) - other
    return _sum_without(below, above, one - np.minimum(one, room))


def _darken(below: Pixels, above: Pixels) -> Pixels:
    # s (1 - ab) + b (1 - as) + min(b as, s ab) = s + b - max(b as, s ab)
    return _sum_without(below, above, np.maximum(*_crossed(below, above)))


def _lighten(below: Pixels, above: Pixels) -> Pixels:
    return _sum_without(below, above, np.minimum(*_crossed(below, above)))


def _crossed(below: Pixels, above: Pixels) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """b as and s ab, in units of 1/255²."""
    one = np.multiply(below, alphas(above), dtype=np.uint16)
    return one, np.multiply(above, alphas(below), dtype=np.uint16)


def _sum_without(below: Pixels, above: Pixels, product: NDArray[np.uint16]) -> Pixels:
    """s + b - product, which fits in a byte though s + b may not: bytes that overflow come back."""
    product += 128
    product += product >> 8
    product >>= 8
    return above + below - product.astype(np.uint8)


def _overlay(below: Pixels, above: Pixels) -> Pixels:
    """Multiply where the ground is dark, screen where it is light.

    Written out, both are s + b less a product: p = s ab + b as - 2 s b where it is dark, as ab - p where it is light.
    Both lie between 0 and 255², so that what overflows on the way comes back.
    """
    ab = alphas(below)
    one, other = _crossed(below, above)
    dark = one + other - (np.multiply(below, above, dtype=np.uint16) << 1)
    light = np.multiply(ab, alphas(above), dtype=np.uint16) - dark
    return _sum_without(below, above, np.where(below > ab >> 1, light, dark))


def _colour(below: Pixels, above: Pixels) -> Pixels:
    """Hue and saturation of what is above, luminosity of what is below."""
    *b, ab = np.moveaxis(below, -1, 0).astype(np.float32)  # each (h, w)
    *s, as_ = np.moveaxis(above, -1, 0).astype(np.float32)
    mixed = [colour * ab for colour in s]  # the colour above, scaled so that as ab is its white
    shift = _luminosity(b) * as_ - _luminosity(mixed)
    mixed = _clipped([colour + shift for colour in mixed], as_ * ab)
    result = over(below, above)
    for i in range(3):
        colour = np.rint((s[i] * (255 - ab) + b[i] * (255 - as_) + mixed[i]) * np.float32(1 / 255))
        result[..., i] = np.minimum(colour.astype(np.uint8), result[..., 3])
    return result


def _luminosity(colour: Sequence[Plane]) -> Plane:
    result: Plane = colour[0] * _RED + colour[1] * _GREEN + colour[2] * _BLUE
    return result


def _clipped(colour: Sequence[Plane], white: Plane) -> list[Plane]:
    """ClipColor of that text: pulled towards its own luminosity until all channels lie between 0 and `white`."""
    luminosity = _luminosity(colour)
    lowest = np.minimum(np.minimum(colour[0], colour[1]), colour[2])
    highest = np.maximum(np.maximum(colour[0], colour[1]), colour[2])
    tiny = np.float32(1e-6)
    pull = np.minimum(1, luminosity / np.maximum(luminosity - lowest, tiny))
    pull = np.minimum(pull, (white - luminosity) / np.maximum(highest - luminosity, tiny))
    return [np.clip(luminosity + (channel - luminosity) * pull, 0, white) for channel in colour]


_MODES: dict[Blend, Callable[[Pixels, Pixels], Pixels]] = {
    Blend.NORMAL: over,
    Blend.MULTIPLY: multiplied_anywhere,
    Blend.SCREEN: _screen,
    Blend.OVERLAY: _overlay,
    Blend.ADD: _add,
    Blend.DARKEN: _darken,
    Blend.LIGHTEN: _lighten,
    Blend.COLOUR: _colour,
}
