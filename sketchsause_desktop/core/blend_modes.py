"""How two premultiplied pictures meet: the modes of W3C Compositing and Blending, https://www.w3.org/TR/compositing-1/.

With b and s the pixels below and above, ab and as their alphas and B the mode, that text has
``co = as (1 - ab) s + ab (1 - as) b + as ab B(b, s)``. Written for premultiplied b and s, each separable mode is one
formula for all four channels (alpha, put in as a colour, yields as + ab - as ab), rounded once. Where one of the two is
transparent the other stays. `ADD` is plus-lighter, OpenRaster's svg:plus.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels, alphas, multiplied_anywhere, over, scaled
from sketchsause_desktop.core.layers import Blend

_RED, _GREEN, _BLUE = np.float32(0.3), np.float32(0.59), np.float32(0.11)  # the luminosity of that text


def blended(blend: Blend, below: Pixels, above: Pixels) -> Pixels:
    """`above` on `below`: a new array; right on transparent ground too."""
    return _MODES[blend](below, above)


def _screen(below: Pixels, above: Pixels) -> Pixels:
    return above + scaled(below, ~above)


def _add(below: Pixels, above: Pixels) -> Pixels:
    return above + np.minimum(below, ~above)


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
    """Multiply where the ground is dark, screen where it is light."""
    b, s = below.astype(np.int32), above.astype(np.int32)
    ab, as_ = alphas(below).astype(np.int32), alphas(above).astype(np.int32)
    total = s * (255 - ab) + b * (255 - as_)
    total += np.where(2 * b <= ab, 2 * s * b, as_ * ab - 2 * (ab - b) * (as_ - s))
    return ((total + 127) // 255).astype(np.uint8)


def _colour(below: Pixels, above: Pixels) -> Pixels:
    """Hue and saturation of what is above, luminosity of what is below."""
    b, s = (pixels[..., :3].astype(np.float32) for pixels in (below, above))
    ab, as_ = (pixels[..., 3:].astype(np.float32) for pixels in (below, above))
    both = as_ * ab
    mixed = s * ab  # the colour above, scaled so that `both` is its white
    mixed += _luminosity(b) * as_ - _luminosity(mixed)
    mixed = _clipped(mixed, both)
    result = over(below, above)
    colour = (s * (255 - ab) + b * (255 - as_) + mixed) / 255
    result[..., :3] = np.minimum(np.rint(colour).astype(np.uint8), result[..., 3:])
    return result


def _luminosity(colour: NDArray[np.float32]) -> NDArray[np.float32]:
    red, green, blue = (colour[..., i : i + 1] for i in range(3))
    result: NDArray[np.float32] = red * _RED + green * _GREEN + blue * _BLUE  # a matrix product depends on the shape
    return result


def _clipped(colour: NDArray[np.float32], white: NDArray[np.float32]) -> NDArray[np.float32]:
    """ClipColor of that text: pulled towards its own luminosity until all channels lie between 0 and `white`."""
    luminosity = _luminosity(colour)
    lowest, highest = colour.min(-1, keepdims=True), colour.max(-1, keepdims=True)
    tiny = np.float32(1e-6)
    pull = np.where(lowest < 0, luminosity / np.maximum(luminosity - lowest, tiny), np.float32(1))
    colour = luminosity + (colour - luminosity) * pull
    highest = luminosity + (highest - luminosity) * pull
    pull = np.where(highest > white, (white - luminosity) / np.maximum(highest - luminosity, tiny), np.float32(1))
    return np.clip(luminosity + (colour - luminosity) * pull, 0, white)


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
