"""How close an output is to the truth, in numbers that need no trained network. Pictures are floats in [0, 1].

Each function takes two pictures (H, W, C) and answers for that one pair; means over a set are means of these.
"""

from typing import Literal

import numpy as np

Border = Literal["reflect", "crop"]

WINDOW = 11
_SIGMA = 1.5
C1, C2 = 0.01**2, 0.03**2  # for a data range of 1

# sRGB under D65, IEC 61966-2-1; the white is the row sums, so that grey has no chroma.
_XYZ_FROM_RGB = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def unit_pictures(batch: object) -> np.ndarray:
    """A batch (N, C, H, W) in [-1, 1], tensor or array, as pictures (N, H, W, C) in [0, 1]: (x + 1) / 2."""
    if hasattr(batch, "detach"):
        batch = batch.detach().float().cpu().numpy()
    signed = np.asarray(batch, np.float64)  # (N, C, H, W)
    return np.clip((signed.transpose(0, 2, 3, 1) + 1) / 2, 0.0, 1.0)


def unit_picture(pixels: np.ndarray) -> np.ndarray:
    """uint8 (H, W, C) as floats in [0, 1]."""
    return pixels.astype(np.float64) / 255


def ssim(a: np.ndarray, b: np.ndarray, *, border: Border = "reflect") -> float:
    """Structural similarity (Wang et al. 2004), mean over the channels: Gaussian window of 11, sigma 1.5, range 1.

    `border="reflect"` mirrors the picture at its edge and counts every pixel, as torchmetrics does; "crop" leaves
    out the five pixels at each edge, as scikit-image does. Both keep the population covariance.
    """
    if a.shape != b.shape:
        raise ValueError(f"pictures of {a.shape} and {b.shape} cannot be compared")
    if min(a.shape[:2]) < WINDOW:
        raise ValueError(f"SSIM needs pictures of at least {WINDOW}x{WINDOW} pixels")
    a, b = a.astype(np.float64), b.astype(np.float64)
    if border == "reflect":
        half = WINDOW // 2
        padding = [(half, half), (half, half)] + [(0, 0)] * (a.ndim - 2)
        a, b = np.pad(a, padding, mode="reflect"), np.pad(b, padding, mode="reflect")
    mean_a, mean_b, square_a, square_b, product = (
        _blurred(_blurred(each, axis=0), axis=1) for each in (a, b, a * a, b * b, a * b)
    )
    variance_a, variance_b = square_a - mean_a**2, square_b - mean_b**2
    covariance = product - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return float((luminance * (2 * covariance + C2) / (variance_a + variance_b + C2)).mean())


def window() -> np.ndarray:
    """The weights of SSIM's Gaussian window along one axis, (11,) float64, of sum 1."""
    weights = np.exp(-((np.arange(WINDOW) - WINDOW // 2) ** 2) / (2 * _SIGMA**2))
    normed: np.ndarray = weights / weights.sum()
    return normed


def _blurred(picture: np.ndarray, axis: int) -> np.ndarray:
    """Gaussian mean along one axis, where the window lies wholly inside; the window's two sides are taken together."""
    half = WINDOW // 2
    weights = window()
    length = picture.shape[axis] - WINDOW + 1

    def shifted(offset: int) -> np.ndarray:
        part: np.ndarray = picture[(slice(None),) * axis + (slice(offset, offset + length),)]
        return part

    total: np.ndarray = shifted(half) * weights[half]
    both = np.empty_like(total)
    for offset in range(half):
        np.add(shifted(offset), shifted(WINDOW - 1 - offset), out=both)
        both *= weights[offset]
        total += both
    return total


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, range 1; infinite for equal pictures.

    Over a set, take the mean of the pictures' values, as is usual for pix2pix; the PSNR of the mean error is lower.
    """
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return float(-10 * np.log10(error)) if error > 0 else float("inf")


def mean_absolute_error(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.mean(np.abs(a.astype(np.float64) - b)))


def gram_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Mean squared difference of the pictures' raw RGB Gram matrices (3x3, divided by c*h*w), as in the description.

    It compares colour statistics only: where the colours are does not count.
    """
    return float(np.mean((_gram(a) - _gram(b)) ** 2))


def _gram(picture: np.ndarray) -> np.ndarray:
    pixels = picture.reshape(-1, picture.shape[-1]).astype(np.float64)  # (H*W, C)
    gram: np.ndarray = pixels.T @ pixels / pixels.size
    return gram


def colour_difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean CIEDE2000 of the pixels; about 1 can just be seen, 10 is another colour."""
    return float(np.mean(ciede2000(lab(a), lab(b))))


def lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB (..., 3) in [0, 1] as CIE L*a*b* under D65."""
    rgb = rgb.astype(np.float64)
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ _XYZ_FROM_RGB.T / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    lightness = 116 * f[..., 1] - 16
    return np.stack([lightness, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def ciede2000(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The colour difference of two L*a*b* arrays (..., 3), after Sharma, Wu and Dalal 2005; kL = kC = kH = 1."""
    l1, a1, b1 = np.moveaxis(first, -1, 0)
    l2, a2, b2 = np.moveaxis(second, -1, 0)
    mean_chroma7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - np.sqrt(mean_chroma7 / (mean_chroma7 + 25.0**7)))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)

    grey = c1 * c2 == 0
    turn = h2 - h1
    turn = np.where(turn > np.pi, turn - 2 * np.pi, np.where(turn < -np.pi, turn + 2 * np.pi, turn))
    turn = np.where(grey, 0.0, turn)
    hue_difference = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)

    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = (h1 + h2) / 2
    apart = np.abs(h1 - h2) > np.pi
    mean_h = np.where(apart, np.where(h1 + h2 < 2 * np.pi, mean_h + np.pi, mean_h - np.pi), mean_h)
    mean_h = np.where(grey, h1 + h2, mean_h)
    return _weighted(l2 - l1, c2 - c1, hue_difference, mean_l, mean_c, mean_h)


def _weighted(
    lightness: np.ndarray,
    chroma: np.ndarray,
    hue: np.ndarray,
    mean_l: np.ndarray,
    mean_c: np.ndarray,
    mean_h: np.ndarray,
) -> np.ndarray:
    """The differences, each by how well the eye tells it at the mean colour, and the turn of the blues."""
    t = (
        1
        - 0.17 * np.cos(mean_h - np.deg2rad(30))
        + 0.24 * np.cos(2 * mean_h)
        + 0.32 * np.cos(3 * mean_h + np.deg2rad(6))
        - 0.20 * np.cos(4 * mean_h - np.deg2rad(63))
    )
    middle = (mean_l - 50) ** 2
    lightness = lightness / (1 + 0.015 * middle / np.sqrt(20 + middle))
    chroma = chroma / (1 + 0.045 * mean_c)
    hue = hue / (1 + 0.015 * mean_c * t)
    blues = np.deg2rad(60 * np.exp(-(((np.rad2deg(mean_h) - 275) / 25) ** 2)))
    turn = -np.sin(blues) * 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    squared = lightness**2 + chroma**2 + hue**2 + turn * chroma * hue
    difference: np.ndarray = np.sqrt(np.maximum(squared, 0.0))
    return difference
