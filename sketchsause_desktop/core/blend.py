"""The arithmetic of premultiplied 8-bit pixels; rounded to the nearest, exact where a factor is 0 or 255.

All four channels of a pixel are worked on as one contiguous row of bytes: a factor per pixel is first spread over its
four bytes by one multiplication, since numpy is several times slower at broadcasting along an axis of length four.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]

_WORD = np.dtype("<u4")  # a pixel as one number: alpha in the highest byte
_SPREAD = np.uint32(0x01010101)
_SPREAD_TO_PAIRS = np.uint64(0x0100_0100_0100_0100)  # a byte into the upper half of four numbers of 16 bits
_ALPHA_SHIFT = np.uint32(24)
_ALPHA = np.uint32(0xFF000000)
_WHITE = np.uint32(0xFFFFFFFF)


def as_words(pixels: Pixels) -> NDArray[np.uint32]:
    """(h, w, 4) bytes as (h, w) numbers, sharing the memory."""
    return pixels.view(_WORD)[..., 0]


def scaled(pixels: Pixels, factors: Pixels) -> Pixels:
    """pixels * factors / 255, both of the same shape."""
    product = np.multiply(pixels, factors, dtype=np.uint16)
    product += 128
    product += product >> 8
    product >>= 8
    return product.astype(np.uint8)


def inverse_alpha(pixels: Pixels) -> Pixels:
    """255 - alpha in each of the four channels."""
    words = (np.uint32(255) - (as_words(pixels) >> _ALPHA_SHIFT)) * _SPREAD
    return words[..., np.newaxis].view(np.uint8)


def spread(coverage: NDArray[np.uint8]) -> Pixels:
    """(h, w) as the four equal channels of (h, w, 4)."""
    words = coverage.astype(np.uint32) * _SPREAD
    return words[..., np.newaxis].view(np.uint8)


def alphas(pixels: Pixels) -> Pixels:
    """alpha in each of the four channels."""
    words = (as_words(pixels) >> _ALPHA_SHIFT) * _SPREAD
    return words[..., np.newaxis].view(np.uint8)


def over(below: Pixels, above: Pixels) -> Pixels:
    """`above` laid over `below`; right on transparent ground too."""
    result = scaled(below, inverse_alpha(above))
    result += above
    return result


def multiplied(below: Pixels, above: Pixels) -> Pixels:
    """`above` multiplied onto `below`, which must be opaque: below * (1 - alpha + above)."""
    return scaled(below, above + inverse_alpha(above))


def multiplied_anywhere(below: Pixels, above: Pixels) -> Pixels:
    """`above` multiplied onto `below`, transparent or not; where one of them is transparent the other stays."""
    ground, ground_above = inverse_alpha(below), inverse_alpha(above)
    product = scaled(below + ground, above + ground_above)
    ground = scaled(ground, ground_above)
    return product - np.minimum(product, ground)


def faded(pixels: Pixels, opacity: float) -> Pixels:
    """The pixels at `opacity` (0 to 1)."""
    return scaled(pixels, np.full_like(pixels, round(opacity * 255)))


def mixed(below: Pixels, above: Pixels, opacity: float) -> Pixels:
    """`above` in place of `below` at `opacity` (0 to 1); opaque where both are."""
    level = np.uint8(round(opacity * 255))
    return scaled(below, np.full_like(below, 255 - level)) + scaled(above, np.full_like(above, level))


def put(below: Pixels, above: Pixels, coverage: NDArray[np.uint8]) -> Pixels:
    """`above` in place of `below` as far as `coverage`, (h, w), says."""
    return scaled(below, spread(~coverage)) + scaled(above, spread(coverage))


def is_opaque(pixels: Pixels) -> bool:
    words = as_words(pixels)
    return bool(words[0, 0] >= _ALPHA and (words >= _ALPHA).all())


def is_white(pixels: Pixels) -> bool:
    words = as_words(pixels)
    return bool(words[0, 0] == _WHITE and (words == _WHITE).all())


def is_transparent(pixels: Pixels) -> bool:
    words = as_words(pixels)
    return bool(words[0, 0] == 0 and not words.any())


def premultiplied(pixels: Pixels) -> Pixels:
    """A new (h, w, 4) array out of (h, w) grey, (h, w, 3) colour or (h, w, 4) colour with straight alpha."""
    height, width = pixels.shape[:2]
    result = np.empty((height, width, 4), np.uint8)
    if pixels.ndim == 2:
        result[..., :3] = pixels[..., np.newaxis]
        result[..., 3] = 255
        return result
    if pixels.shape[2] not in (3, 4):
        raise ValueError(f"a picture of shape {pixels.shape} is neither grey nor RGB nor RGBA")
    result[..., :3] = pixels[..., :3]
    result[..., 3] = 255
    if pixels.shape[2] == 3:
        return result
    alpha = np.ascontiguousarray(pixels[..., 3]).astype(np.uint32)
    factors = alpha * np.uint32(0x00010101) | _ALPHA
    result[..., 3] = pixels[..., 3]
    return scaled(result, factors[..., np.newaxis].view(np.uint8))


def straight(pixels: Pixels) -> Pixels:
    """A new (h, w, 4) array with the colours divided by alpha; premultiplying it gives the same bytes again."""
    result = np.ascontiguousarray(pixels).copy()
    words = as_words(result)
    translucent = ((result[..., 3] + np.uint8(1)) & np.uint8(0xFE)).astype(bool)  # neither 0 nor 255: often few
    mixed_words = words[translucent]
    if len(mixed_words):
        alpha = mixed_words >> _ALPHA_SHIFT
        places = (alpha.astype(np.uint64) * _SPREAD_TO_PAIRS).view("<u2").reshape(-1, 4)
        places |= mixed_words[:, np.newaxis].view(np.uint8)
        divided = _DIVIDED.take(places).view(_WORD)[:, 0]
        words[translucent] = (divided & ~_ALPHA) | (mixed_words & _ALPHA)
    return result


def _divided() -> Pixels:
    """colour * 255 / alpha, rounded, at alpha * 256 + colour."""
    alpha, colour = np.mgrid[:256, :256].astype(np.uint32)
    divided: Pixels = np.minimum((colour * 255 + alpha // 2) // np.maximum(alpha, 1), 255).astype(np.uint8)
    return divided.ravel()


_DIVIDED = _divided()
