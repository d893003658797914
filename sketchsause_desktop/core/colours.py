"""Colour spaces. Arrays are float64 (..., 3); sRGB from 0 to 1, hues in degrees from 0 up to 360.

OKLab and OKLCH: Björn Ottosson 2020, https://bottosson.github.io/posts/oklab/. L runs from 0 to 1, chroma of sRGB
colours up to 0.33. CIE L*a*b* here has the white D50, as in Photoshop and in printing; L* from 0 to 100.
"""

import re
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import UserError

Colour: TypeAlias = tuple[int, int, int]  # sRGB, 0 to 255
Values: TypeAlias = NDArray[np.float64]

_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_GAMUT_STEPS = 24  # halvings of the chroma: finer than a 16-bit channel
_ROUNDING = 1e-7  # how far outside 0 to 1 a channel may be and still count as inside

# Ottosson's matrices: linear sRGB -> cone responses; their cube roots -> OKLab.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_CONES = np.linalg.inv(_TO_CONES)
_FROM_OKLAB = np.linalg.inv(_TO_OKLAB)

# Linear sRGB (IEC 61966-2-1, white D65) -> XYZ under D50, adapted after Bradford; http://www.brucelindbloom.com
_TO_XYZ_D50 = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
_FROM_XYZ_D50 = np.linalg.inv(_TO_XYZ_D50)
_D50 = _TO_XYZ_D50.sum(axis=1)
_LAB_BEND = 6 / 29


def colour_of_hex(text: str) -> Colour:
    """#rgb or #rrggbb, with or without the #."""
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise UserError(f"“{text[:20]}” is not a colour.", "Write it as #rrggbb or #rgb, such as #ff8800.")
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def hex_of_colour(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def values_of(colours: ArrayLike) -> Values:
    """0 to 255 as 0 to 1."""
    return np.asarray(colours, np.float64) / 255


def colour_of(rgb: ArrayLike) -> Colour:
    """The nearest 8-bit colour; channels outside 0 to 1 are cut off."""
    red, green, blue = np.rint(np.clip(np.asarray(rgb, np.float64), 0, 1) * 255).astype(int).tolist()
    return red, green, blue


def linear_of_srgb(rgb: ArrayLike) -> Values:
    rgb = np.asarray(rgb, np.float64)
    size = np.abs(rgb)
    linear: Values = np.copysign(np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4), rgb)
    return linear


def srgb_of_linear(linear: ArrayLike) -> Values:
    linear = np.asarray(linear, np.float64)
    size = np.abs(linear)
    rgb: Values = np.copysign(np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055), linear)
    return rgb


def oklab_of_srgb(rgb: ArrayLike) -> Values:
    result: Values = np.cbrt(linear_of_srgb(rgb) @ _TO_CONES.T) @ _TO_OKLAB.T
    return result


def srgb_of_oklab(lab: ArrayLike) -> Values:
    """May lie outside 0 to 1: `clipped_to_srgb` brings colours inside first."""
    return srgb_of_linear((np.asarray(lab, np.float64) @ _FROM_OKLAB.T) ** 3 @ _FROM_CONES.T)


def oklch_of_oklab(lab: ArrayLike) -> Values:
    lightness, a, b = np.moveaxis(np.asarray(lab, np.float64), -1, 0)
    return np.stack([lightness, np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360], axis=-1)


def oklab_of_oklch(lch: ArrayLike) -> Values:
    lightness, chroma, hue = np.moveaxis(np.asarray(lch, np.float64), -1, 0)
    return np.stack([lightness, chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))], axis=-1)


def oklch_of_srgb(rgb: ArrayLike) -> Values:
    return oklch_of_oklab(oklab_of_srgb(rgb))


def srgb_of_oklch(lch: ArrayLike) -> Values:
    """The colour itself, or of the same lightness and hue the one with the most chroma that a screen can show."""
    return np.clip(srgb_of_oklab(oklab_of_oklch(clipped_to_srgb(lch))), 0, 1)


def clipped_to_srgb(lch: ArrayLike) -> Values:
    """OKLCH with the chroma reduced, where need be, until the colour can be shown."""
    lch = np.asarray(lch, np.float64).copy()
    lch[..., 0] = np.clip(lch[..., 0], 0, 1)
    lch[..., 1] = np.maximum(lch[..., 1], 0)
    inside, outside = np.zeros_like(lch[..., 1]), lch[..., 1].copy()
    inside = np.where(_is_shown(lch), outside, inside)
    for _ in range(_GAMUT_STEPS):
        lch[..., 1] = (inside + outside) / 2
        shown = _is_shown(lch)
        inside, outside = np.where(shown, lch[..., 1], inside), np.where(shown, outside, lch[..., 1])
    lch[..., 1] = inside
    return lch


def _is_shown(lch: Values) -> NDArray[np.bool_]:
    linear = (oklab_of_oklch(lch) @ _FROM_OKLAB.T) ** 3 @ _FROM_CONES.T
    return np.asarray(((linear >= -_ROUNDING) & (linear <= 1 + _ROUNDING)).all(axis=-1))


def hsv_of_srgb(rgb: ArrayLike) -> Values:
    """Hue, saturation and value (0 to 1); the hue of greys is 0."""
    rgb = np.asarray(rgb, np.float64)
    red, green, blue = np.moveaxis(rgb, -1, 0)
    value = rgb.max(axis=-1)
    spread = value - rgb.min(axis=-1)
    divisor = np.where(spread > 0, spread, 1)
    sector = np.select(
        [value == red, value == green],
        [(green - blue) / divisor, 2 + (blue - red) / divisor],
        4 + (red - green) / divisor,
    )
    hue = np.where(spread > 0, sector * 60 % 360, 0)
    return np.stack([hue, spread / np.where(value > 0, value, 1), value], axis=-1)


def srgb_of_hsv(hsv: ArrayLike) -> Values:
    hue, saturation, value = np.moveaxis(np.asarray(hsv, np.float64), -1, 0)
    sector = (np.array([5.0, 3.0, 1.0]) + hue[..., np.newaxis] / 60) % 6
    depth = np.clip(np.minimum(sector, 4 - sector), 0, 1)
    result: Values = value[..., np.newaxis] * (1 - saturation[..., np.newaxis] * depth)
    return result


def lab_of_srgb(rgb: ArrayLike) -> Values:
    """CIE L*a*b* under D50."""
    share = linear_of_srgb(rgb) @ _TO_XYZ_D50.T / _D50
    bent = np.where(share > _LAB_BEND**3, np.cbrt(share), share / (3 * _LAB_BEND**2) + 4 / 29)
    x, y, z = np.moveaxis(bent, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def srgb_of_lab(lab: ArrayLike) -> Values:
    """May lie outside 0 to 1."""
    lightness, a, b = np.moveaxis(np.asarray(lab, np.float64), -1, 0)
    y = (lightness + 16) / 116
    bent = np.stack([y + a / 500, y, y - b / 200], axis=-1)
    share = np.where(bent > _LAB_BEND, bent**3, 3 * _LAB_BEND**2 * (bent - 4 / 29))
    return srgb_of_linear(share * _D50 @ _FROM_XYZ_D50.T)


def ciede2000(one: ArrayLike, other: ArrayLike) -> Values:
    """How different two colours look, both in L*a*b*: about 1 is just noticed.

    Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula", https://doi.org/10.1002/col.20070; the numbers
    in the comments are those of its equations.
    """
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2  # (3)
    stretch = 1 + 0.5 * (1 - _seventh(chroma))  # (4)
    lightness_1, chroma_1, hue_1 = _stretched(one, stretch)
    lightness_2, chroma_2, hue_2 = _stretched(other, stretch)
    grey = chroma_1 * chroma_2 == 0
    turn = np.where(grey, 0, (hue_2 - hue_1 + 180) % 360 - 180)  # (10), and half a circle has either sign
    turn = np.where((turn == -180) & (hue_2 > hue_1), 180, turn)
    d_lightness, d_chroma = lightness_2 - lightness_1, chroma_2 - chroma_1  # (8), (9)
    d_hue = 2 * np.sqrt(chroma_1 * chroma_2) * np.sin(np.radians(turn / 2))  # (11)
    lightness, chroma = (lightness_1 + lightness_2) / 2, (chroma_1 + chroma_2) / 2  # (12), (13)
    hue = np.where(grey, hue_1 + hue_2, _mean_hue(hue_1, hue_2))  # (14)
    weight = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )  # (15)
    off_middle = (lightness - 50) ** 2
    l_part = d_lightness / (1 + 0.015 * off_middle / np.sqrt(20 + off_middle))  # (18)
    c_part = d_chroma / (1 + 0.045 * chroma)  # (19)
    h_part = d_hue / (1 + 0.015 * chroma * weight)  # (20)
    turned = 60 * np.exp(-(((hue - 275) / 25) ** 2))  # twice (16)
    rotation = -np.sin(np.radians(turned)) * 2 * _seventh(chroma)  # (17), (21)
    difference: Values = np.sqrt(l_part**2 + c_part**2 + h_part**2 + rotation * c_part * h_part)  # (22)
    return difference


def _seventh(chroma: Values) -> Values:
    power = chroma**7
    root: Values = np.sqrt(power / (power + 25.0**7))
    return root


def _stretched(lab: Values, stretch: Values) -> tuple[Values, Values, Values]:
    """Lightness, chroma and hue with a* stretched: (5) to (7)."""
    a, b = lab[..., 1] * stretch, lab[..., 2]
    return lab[..., 0], np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _mean_hue(one: Values, other: Values) -> Values:
    total = one + other
    far = np.abs(one - other) > 180
    mean: Values = np.where(far, np.where(total < 360, total + 360, total - 360), total) / 2
    return mean
