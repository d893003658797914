"""The formulas of https://www.w3.org/TR/compositing-1/ for floats and straight colours, as they stand there.

Two differ as Krita does: its weights of luminosity have a digit more, and addition is a mode like the others.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.layers import Blend

Floats = NDArray[np.float64]  # (..., 4), premultiplied, 0 to 1


def blended(blend: Blend, below: Floats, above: Floats) -> Floats:
    ab, as_ = below[..., 3:], above[..., 3:]
    cb, cs = _straight(below), _straight(above)
    mixed = _set_luminosity(cs, cb) if blend is Blend.COLOUR else _SEPARABLE[blend](cb, cs)
    colour = (1 - as_) * below[..., :3] + as_ * ((1 - ab) * cs + ab * mixed)
    return np.concatenate([colour, as_ + ab - as_ * ab], axis=-1)


def _straight(pixels: Floats) -> Floats:
    return pixels[..., :3] / np.where(pixels[..., 3:] == 0, 1, pixels[..., 3:])


_SEPARABLE: dict[Blend, Callable[[Floats, Floats], Floats]] = {
    Blend.NORMAL: lambda _b, s: s,
    Blend.MULTIPLY: lambda b, s: b * s,
    Blend.SCREEN: lambda b, s: b + s - b * s,
    Blend.OVERLAY: lambda b, s: np.where(b <= 0.5, 2 * b * s, 1 - 2 * (1 - b) * (1 - s)),
    Blend.ADD: lambda b, s: np.minimum(1, b + s),
    Blend.DARKEN: np.minimum,
    Blend.LIGHTEN: np.maximum,
}


def _luminosity(colour: Floats) -> Floats:
    result: Floats = (colour * np.array([0.299, 0.587, 0.114])).sum(-1, keepdims=True)
    return result


def _set_luminosity(colour: Floats, of: Floats) -> Floats:
    colour = colour + _luminosity(of) - _luminosity(colour)
    level, low, high = _luminosity(colour), colour.min(-1, keepdims=True), colour.max(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        colour = np.where(low < 0, level + (colour - level) * level / (level - low), colour)
        result: Floats = np.where(high > 1, level + (colour - level) * (1 - level) / (high - level), colour)
    return result
