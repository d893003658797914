"""Line art out of a colour picture: dark lines and edges by a difference of Gaussians, in the manner of XDoG.

After Winnemoeller, Kyprianidis and Olsen, "XDoG: an extended difference-of-Gaussians compendium" (2012), with the
response taken relative to the surrounding brightness, so that lines inside dark hair and dark cloth are found too and
dark areas are not filled with ink.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.errors import UserError

Grey = NDArray[np.uint8]
Planes = NDArray[np.float32]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, kw_only=True)
class LineStyle:
    """How lines are drawn; the defaults give thin, soft, dark grey lines."""

    thickness: float = 0.6  # standard deviation of the fine Gaussian, pixels
    spread: float = 1.9  # coarse over fine Gaussian: how far an edge is seen
    strength: float = 1.0  # gain on the response
    threshold: float = 0.01  # relative darkness below which there is no line
    softness: float = 0.06  # relative darkness that gives half the ink
    ink: int = 40  # grey level of full ink, 0 to 255
    binary: bool = False  # black or white only
    grain: float = 0.0  # 0 to 1: paper grain showing through the line
    breaks: float = 0.0  # 0 to 1: share of places where the pen lifts
    seed: int = 0  # of grain and breaks

    @classmethod
    def random(cls, rng: np.random.Generator) -> "LineStyle":
        """A style out of the range that artists and line extractors give at 256 to 512 pixels."""
        kind = rng.uniform()
        style = cls(
            thickness=float(rng.uniform(0.36, 0.85)),
            spread=float(rng.uniform(1.6, 2.4)),
            strength=float(rng.uniform(0.7, 1.4)),
            threshold=float(rng.uniform(0.004, 0.025)),
            softness=float(rng.uniform(0.03, 0.12)),
            ink=int(rng.triangular(0, 40, 120)),
            seed=int(rng.integers(2**31)),
        )
        if kind < 0.1:
            return dataclasses.replace(style, binary=True, ink=0)
        if kind < 0.25:
            grain, breaks = float(rng.uniform(0.2, 0.7)), float(rng.uniform(0, 0.12))
            return dataclasses.replace(style, grain=grain, breaks=breaks, ink=int(rng.integers(40, 120)))
        if kind < 0.35:
            return dataclasses.replace(style, breaks=float(rng.uniform(0.05, 0.2)))
        return style


def style_of(wanted: Mapping[str, float]) -> LineStyle:
    """The steady style with some values of its own; UserError for a name that no style has."""
    plain = dataclasses.asdict(LineStyle())
    unknown = sorted(set(wanted) - set(plain))
    if unknown:
        raise UserError(f"There is no line setting named {unknown[0]}.", f"Choose one of: {', '.join(plain)}.")
    values: dict[str, Any] = {name: type(plain[name])(value) for name, value in wanted.items()}
    return LineStyle(**values)


def extract_lines(rgb: NDArray[np.uint8], style: LineStyle) -> Grey:
    """Line art of a colour picture (H, W, 3): 255 is paper, dark is line (H, W)."""
    planes = _planes(rgb)
    fine = _blur(planes, style.thickness)
    coarse = _blur(planes, style.thickness * style.spread)
    response = ((coarse - fine) / (coarse + np.float32(0.12))).max(axis=0)
    response *= np.float32(style.strength)
    response = np.maximum(response - np.float32(style.threshold), 0)
    # Saturating, so that faint folds show beside strong outlines, as in a drawing.
    amount = response / (response + np.float32(style.softness)) * np.float32(1 + style.softness)
    return draw_lines(np.minimum(amount, 1), style)


def draw_lines(amount: Planes, style: LineStyle) -> Grey:
    """Ink on paper: AMOUNT of ink (H, W) in [0, 1] with the style's pen and paper."""
    if style.grain or style.breaks:
        amount = amount * _wear(amount.shape, style)
    if style.binary:
        return np.where(amount > 0.35, style.ink, 255).astype(np.uint8)
    return (255.5 - amount * (255 - style.ink)).astype(np.uint8)


def restyle_lines(lines: Grey, style: LineStyle) -> Grey:
    """Exact line art with another pen: the style's grey level, grain, breaks and binary edge, its thickness kept."""
    return draw_lines((255 - lines.astype(np.float32)) / np.float32(255), style)


def _planes(rgb: NDArray[np.uint8]) -> Planes:
    """Luma and the darkest channel, (2, H, W) in [0, 1]: two that together see nearly every edge of colour."""
    values = rgb.astype(np.float32)
    planes = np.empty((2, *rgb.shape[:2]), np.float32)
    np.matmul(values, LUMA / 255, out=planes[0])
    np.minimum(np.minimum(values[..., 0], values[..., 1]), values[..., 2], out=planes[1])
    planes[1] /= 255
    return planes


def _blur(planes: Planes, sigma: float) -> Planes:
    """Separable Gaussian over the last two axes, the border repeated."""
    radius = max(1, int(2.5 * sigma + 0.5))
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    taps = (taps / taps.sum()).astype(np.float32)
    for axis in (1, 2):
        planes = _convolve(planes, taps, radius, axis)
    return planes


def _convolve(planes: Planes, taps: Planes, radius: int, axis: int) -> Planes:
    """Symmetric TAPS along one axis; each pair of taps is one multiplication."""
    border: list[tuple[int, int]] = [(0, 0)] * 3
    border[axis] = (radius, radius)
    padded = np.pad(planes, border, mode="edge")
    size = planes.shape[axis]
    pick: list[Any] = [slice(None)] * 3

    def shifted(offset: int) -> Planes:
        pick[axis] = slice(offset, offset + size)
        part: Planes = padded[tuple(pick)]
        return part

    result: Planes = shifted(radius) * taps[radius]
    pair = np.empty_like(result)
    for offset in range(radius):
        np.add(shifted(offset), shifted(2 * radius - offset), out=pair)
        pair *= taps[offset]
        result += pair
    return result


def _wear(shape: tuple[int, ...], style: LineStyle) -> Planes:
    """What is left of the ink, (H, W) in [0, 1]: grain pixel by pixel, breaks in blots a few pixels wide."""
    rng = np.random.default_rng(style.seed)
    left = np.ones(shape, np.float32)
    if style.grain:
        left -= style.grain * rng.random(shape, np.float32)
    if style.breaks:
        coarse = rng.random((shape[0] // 5 + 2, shape[1] // 5 + 2), np.float32)
        blots = np.asarray(Image.fromarray(coarse).resize((shape[1], shape[0]), Image.Resampling.BILINEAR))
        # A bilinear mean of uniform values falls below 0.5 - 0.35 (1 - 2b) at about the share b of places.
        left *= np.clip((blots - (0.15 + 0.7 * style.breaks)) / 0.1, 0, 1)
    return left
