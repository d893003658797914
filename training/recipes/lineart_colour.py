"""Plausible colours by role, and how painted regions are given new ones with their shading kept."""

import colorsys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Role = Literal["skin", "hair", "clothes", "eyes", "other", "keep"]
Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]

# Mid tones; weights beside them. Fair and light skin is the most usual in line art, every other tone has its share.
SKIN: tuple[tuple[Colour, float], ...] = (
    ((253, 236, 224), 6),
    ((254, 228, 210), 7),
    ((251, 218, 194), 6),
    ((243, 203, 172), 4),
    ((232, 184, 148), 2),
    ((214, 160, 120), 1.2),
    ((186, 130, 92), 1.1),
    ((150, 98, 66), 1),
    ((112, 72, 50), 0.8),
    ((84, 54, 40), 0.5),
)
HAIR: tuple[tuple[Colour, float], ...] = (
    ((34, 30, 34), 3),
    ((48, 44, 62), 2),
    ((62, 42, 34), 3),
    ((92, 60, 42), 4),
    ((126, 84, 54), 3),
    ((166, 118, 74), 2.5),
    ((226, 188, 114), 3),
    ((246, 220, 142), 3),
    ((246, 230, 180), 1.5),
    ((206, 106, 56), 1.5),
    ((168, 58, 44), 1.5),
    ((232, 226, 226), 1.5),
    ((176, 176, 190), 1),
    ((244, 162, 184), 2.2),
    ((250, 198, 212), 1.2),
    ((146, 96, 176), 1.8),
    ((188, 160, 222), 1),
    ((70, 88, 164), 1.8),
    ((120, 172, 226), 1.5),
    ((96, 200, 200), 1.5),
    ((74, 150, 110), 1),
    ((150, 206, 120), 0.7),
    ((214, 60, 90), 0.8),
)
EYES: tuple[Colour, ...] = (
    (92, 60, 42),
    (140, 92, 50),
    (66, 110, 190),
    (90, 170, 220),
    (70, 150, 90),
    (190, 60, 70),
    (150, 80, 180),
    (220, 160, 50),
    (90, 90, 110),
    (60, 180, 180),
    (230, 110, 150),
)


# The house palette: what a drawing looks like when nobody asked for anything. One colour for each role, since the mean
# answer to "any hair, any cloth" is mud; light ones, since strands of hair and folds lie close and their lines darken
# what is under them.
HOUSE: dict[Role, Colour] = {
    "skin": (254, 232, 216),
    "hair": (222, 176, 128),
    "eyes": (84, 156, 190),
    "clothes": (148, 178, 228),
}
_in_house: ContextVar[bool] = ContextVar("in_house", default=False)


@contextmanager
def house_palette(wanted: bool) -> Iterator[None]:
    """While it lasts, `pick` answers with the house palette, and drawings without roles keep their own colours."""
    token = _in_house.set(wanted)
    try:
        yield
    finally:
        _in_house.reset(token)


def in_house() -> bool:
    return _in_house.get()


def pick(role: Role, rng: np.random.Generator) -> Colour:
    """A plausible mid tone for a role, slightly different each time."""
    if in_house() and role in HOUSE:
        return _jitter(HOUSE[role], rng, 4)
    if role == "skin":
        return _jitter(_weighted(SKIN, rng), rng, 5)
    if role == "hair":
        return _jitter(_weighted(HAIR, rng), rng, 12)
    if role == "eyes":
        return _jitter(EYES[int(rng.integers(len(EYES)))], rng, 15)
    return pick_clothes(rng)


def pick_clothes(rng: np.random.Generator) -> Colour:
    """Cloth: white, black, grey and navy often; else any hue, muted more often than not."""
    kind = rng.uniform()
    if kind < 0.2:
        return _jitter((244, 242, 242), rng, 8)
    if kind < 0.34:
        return _jitter((46, 44, 52), rng, 14)
    if kind < 0.42:
        return _jitter((150, 150, 158), rng, 25)
    if kind < 0.5:
        return _jitter((52, 62, 104), rng, 14)
    hue = rng.uniform() if rng.uniform() < 0.65 else float(rng.choice([0.0, 0.98, 0.6, 0.08, 0.92]))
    value = rng.uniform(0.4, 1.0)
    saturation = rng.beta(2, 2) * (0.95 if rng.uniform() < 0.4 else 0.65)
    return _rgb(hue + rng.normal(0, 0.015), saturation, value)


def pick_any(rng: np.random.Generator) -> Colour:
    """Any colour that is not mud: for things, animals and backgrounds."""
    return _rgb(rng.uniform(), rng.beta(2, 2), rng.uniform(0.35, 1.0))


def shifted(colour: Colour, rng: np.random.Generator, hue: float = 0.05) -> Colour:
    """The same kind of colour: hue, saturation and value moved a little."""
    h, s, v = colorsys.rgb_to_hsv(*(c / 255 for c in colour))
    return _rgb(h + rng.normal(0, hue), s * rng.uniform(0.7, 1.25), v * rng.uniform(0.85, 1.12))


def to_hex(colour: Colour) -> str:
    """ "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def from_hex(key: str) -> Colour:
    """The colour of "#rrggbb"."""
    return int(key[1:3], 16), int(key[3:5], 16), int(key[5:7], 16)


def _weighted(table: tuple[tuple[Colour, float], ...], rng: np.random.Generator) -> Colour:
    weights = np.array([weight for _, weight in table])
    return table[int(rng.choice(len(table), p=weights / weights.sum()))][0]


def _jitter(colour: Colour, rng: np.random.Generator, sigma: float) -> Colour:
    common = rng.normal(0, sigma)
    red, green, blue = (int(np.clip(c + common + rng.normal(0, sigma / 3), 0, 255)) for c in colour)
    return red, green, blue


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    parts = colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))
    red, green, blue = (round(255 * part) for part in parts)
    return red, green, blue


@dataclass(frozen=True)
class Region:
    """Pixels of one material in a painted drawing."""

    role: Role
    index: NDArray[np.intp]  # flat pixel indices
    luma: Pixels  # of those pixels
    middle: float  # median luma
    mean: tuple[float, float, float]  # mean colour

    @classmethod
    def of(cls, role: Role, rgb: Pixels, mask: NDArray[np.bool_]) -> "Region":
        """The region of MASK (H, W) in a picture (H, W, 3)."""
        index = np.flatnonzero(mask)
        colours = rgb.reshape(-1, 3)[index]
        luma = (colours.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)
        middle = float(np.median(luma)) if luma.size else 128.0
        near = colours[np.abs(luma.astype(np.float32) - middle) < 24]
        mean = near.mean(axis=0) if near.size else np.array([middle] * 3)
        return cls(role, index, luma, middle, (float(mean[0]), float(mean[1]), float(mean[2])))


def shade_table(region: Region, target: Colour, warmth: float) -> NDArray[np.float32]:
    """New colour for each luma of the region, (256, 3): shadows scale the target, lights go towards white.

    WARMTH tints the shadows: above 0 towards red (skin), below 0 towards blue.
    """
    luma = np.arange(256, dtype=np.float32)
    middle = max(region.middle, 12.0)
    dark = np.minimum(luma / middle, 1.0)[:, None]
    light = np.clip((luma - middle) / max(255.0 - middle, 1.0), 0, 1)[:, None]
    tint = np.array([1 - 0.35 * warmth, 1.0, 1 + 0.35 * warmth], np.float32)
    table = np.array(target, np.float32) * dark**tint
    lit: NDArray[np.float32] = table + (255 - table) * light * 0.85
    return lit


def reachable(region: Region, target: Colour) -> Colour:
    """The target, darkened where the region is too dark to be painted that light without blotches."""
    luma = 0.299 * target[0] + 0.587 * target[1] + 0.114 * target[2]
    share = min(1.0, (3.2 * region.middle + 35) / max(luma, 1.0))
    red, green, blue = (round(c * share) for c in target)
    return red, green, blue


def repaint(rgb: Pixels, region: Region, target: Colour, rng: np.random.Generator) -> Colour:
    """Give a region another colour in place; shading, ink and a part of its own colour variation stay.

    Returns the colour it got.
    """
    target = reachable(region, target)
    if not region.index.size:
        return target
    warmth = rng.uniform(0.3, 1.0) if region.role in ("skin", "hair") else rng.uniform(-0.8, 0.8)
    flat = rgb.reshape(-1, 3)
    old = flat[region.index].astype(np.float32)
    scale = region.luma.astype(np.float32)[:, None] / max(region.middle, 12.0)
    variation = old - np.array(region.mean, np.float32) * scale
    variation -= variation.mean(axis=1, keepdims=True)
    new = shade_table(region, target, warmth)[region.luma] + 0.5 * np.clip(variation, -60, 60)
    flat[region.index] = np.clip(new + 0.5, 0, 255).astype(np.uint8)
    return target
