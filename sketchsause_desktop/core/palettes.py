"""Palettes: named colours in an order, and the colours that a picture is made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.conditioning import dominant_colours
from sketchsause_desktop.core.blend import Pixels, straight
from sketchsause_desktop.core.colours import Colour, Values, colour_of, hex_of_colour, oklab_of_srgb, srgb_of_oklab

MAX_SWATCHES = 10_000

_SAMPLED = 1_000_000  # pixels looked at in a picture
_SEEN = 128  # alpha; fainter pixels are ignored
_BITS = 5  # of each channel tell whether two pixels count as the same colour
_ROUNDS = 20
_ALIKE = 1e-3  # distance in OKLab of two colours that nobody can tell apart


@dataclass(frozen=True, kw_only=True)
class Swatch:
    colour: Colour
    name: str = ""

    @property
    def title(self) -> str:
        return self.name or hex_of_colour(self.colour)


@dataclass(frozen=True, kw_only=True)
class Palette:
    name: str
    swatches: tuple[Swatch, ...] = ()
    columns: int = 0  # how many stand in a row; 0 = as many as there is room for


def palette_of_picture(name: str, pixels: Pixels, count: int) -> Palette:
    """At most `count` colours of a premultiplied picture (height, width, 4), the one that covers most first.

    k-means in OKLab over a histogram (Lloyd 1982, https://doi.org/10.1109/TIT.1982.1056489), begun with the colours
    that cover most and are furthest apart: the same picture always gives the same palette.
    """
    if count < 1:
        raise ValueError(f"a palette of {count} colours")
    colours, shares = _histogram(pixels)
    if not len(shares):
        return Palette(name=name)
    points = oklab_of_srgb(colours)
    centres = _first_centres(points, shares, count)
    nearest = np.zeros(len(points), np.intp)
    for _ in range(_ROUNDS):
        nearest = _squared_distances(points, centres).argmin(axis=1)
        weight = np.bincount(nearest, shares, len(centres))
        sums = [np.bincount(nearest, shares * channel, len(centres)) for channel in points.T]
        moved = np.where(
            weight[:, np.newaxis] > 0, np.stack(sums, axis=1) / np.maximum(weight, 1)[:, np.newaxis], centres
        )
        if np.array_equal(moved, centres):
            break
        centres = moved
    weight = np.bincount(nearest, shares, len(centres))
    order = np.argsort(-weight, kind="stable")
    found = [colour_of(srgb_of_oklab(centres[index])) for index in order if weight[index] > 0]
    return Palette(name=name, swatches=tuple(Swatch(colour=colour) for colour in dict.fromkeys(found)))


def reference_colours(pixels: Pixels, count: int) -> tuple[Colour, ...]:
    """At most `count` colours of a picture as the networks learned to see them, the commonest first.

    `pixels` is (H, W), (H, W, 3) or straight RGBA. What is transparent counts as white paper, which is no colour unless
    there is nothing else.
    """
    rgb = pixels
    if pixels.ndim == 2:
        rgb = pixels[..., np.newaxis].repeat(3, axis=2)
    elif pixels.shape[2] == 4:
        rgb = pixels[..., :3].copy()
        rgb[pixels[..., 3] < _SEEN] = 255
    found = dominant_colours(rgb, count)
    return tuple(dict.fromkeys((int(red), int(green), int(blue)) for red, green, blue in found))


def _histogram(pixels: Pixels) -> tuple[Values, NDArray[np.float64]]:
    """Colours (N, 3) from 0 to 1, each the mean of pixels that are nearly the same, and how many these are."""
    height, width = pixels.shape[:2]
    step = max(1, int(np.ceil(np.sqrt(height * width / _SAMPLED))))
    seen = pixels[::step, ::step].reshape(-1, 1, 4)
    seen = straight(seen[seen[:, 0, 3] >= _SEEN])[:, 0, :3]
    red, green, blue = (seen >> (8 - _BITS)).astype(np.intp).T
    kind = (red << 2 * _BITS) | (green << _BITS) | blue
    counts = np.bincount(kind, minlength=1 << 3 * _BITS).astype(np.float64)
    used = np.flatnonzero(counts)
    sums = [np.bincount(kind, channel, 1 << 3 * _BITS)[used] for channel in seen.T]
    return np.stack(sums, axis=1) / counts[used, np.newaxis] / 255, counts[used]


def _first_centres(points: Values, shares: NDArray[np.float64], count: int) -> Values:
    """Shares count by their roots, so that small things of another colour, such as eyes, get a place."""
    chosen = [int(shares.argmax())]
    distance = _squared_distances(points, points[chosen])[:, 0]
    while len(chosen) < count and distance.max() > _ALIKE**2:
        chosen.append(int((np.sqrt(shares) * distance).argmax()))
        distance = np.minimum(distance, _squared_distances(points, points[chosen[-1:]])[:, 0])
    return points[chosen]


def _squared_distances(points: Values, centres: Values) -> Values:
    """(points, centres)"""
    squared: Values = ((points[:, np.newaxis] - centres) ** 2).sum(axis=2)
    return squared
