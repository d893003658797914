"""Changes of a pair that make more of it: the same geometry for both pictures, colour for the input alone. numpy."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image, ImageEnhance

from models.conditioning import dominant_colours
from models.spec import PALETTE_COLOURS
from training.config import DataConfig

_CARELESS = 0.3  # share of the hints


def augment_pair(
    source: np.ndarray, target: np.ndarray, config: DataConfig, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Resize to `load_size`, one random crop of `crop_size` for both, flip, turn; jitter of the input.

    uint8 (H, W, 3) each."""
    size, crop = config.load_size, config.crop_size
    side = round(crop * (1 - config.zoom * rng.random()))
    left, top = (int(rng.integers(0, size - side + 1)) for _ in range(2))
    flip = config.flip and rng.random() < 0.5
    pair = [_cut(picture, size, (left, top, side), crop) for picture in (source, target)]
    if flip:
        pair = [picture[:, ::-1] for picture in pair]
    if config.quarter_turns:
        turns = int(rng.integers(0, 4))
        pair = [np.rot90(picture, turns) for picture in pair]
    if config.jitter:
        pair[0] = _jitter(pair[0], config.jitter, rng)
    return np.ascontiguousarray(pair[0]), np.ascontiguousarray(pair[1])


def fit_pair(source: np.ndarray, target: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Both pictures resized to size x size, as they are measured."""
    box = (0, 0, size)
    return _cut(source, size, box, size), _cut(target, size, box, size)


def _cut(picture: np.ndarray, size: int, box: tuple[int, int, int], crop: int) -> np.ndarray:
    """The square box (left, top, side), in pixels of the picture resized to size x size, resized to crop x crop."""
    height, width = picture.shape[:2]
    left, top, side = box
    if (width, height) == (size, size) and side == crop:
        return picture[top : top + side, left : left + side]
    x, y = width / size, height / size
    area = (left * x, top * y, (left + side) * x, (top + side) * y)
    return np.asarray(Image.fromarray(picture).resize((crop, crop), Image.Resampling.BICUBIC, box=area))


def _jitter(picture: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Brightness, contrast and saturation by a factor in 1 +- strength each."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(float(rng.uniform(1 - strength, 1 + strength)))
    return np.asarray(image)


def random_guide(
    target: np.ndarray, config: DataConfig, rng: np.random.Generator, *, may_be_bare: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """Hints, uint8 (H, W, 4), and a palette, uint8 (K, 3) or None, out of the target: both, one or, if it may, none."""
    hints = random_hints(target, config, rng)
    palette = random_palette(target, rng) if config.palettes and rng.random() < config.palettes else None
    if not may_be_bare and palette is None and not hints[..., 3].any():
        hints = random_hints(target, replace(config, no_hints=0.0), rng)
    return hints, palette


def random_palette(target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Some of the target's dominant colours, hardly changed, as an artist picks them: uint8 (1 to 8, 3)."""
    colours = dominant_colours(target, int(rng.integers(2, PALETTE_COLOURS + 1)))
    kept = rng.random(len(colours)) < rng.uniform(0.6, 1.0)
    kept[0] |= not kept.any()
    near = colours[kept] + rng.normal(0, 4, (int(kept.sum()), 3))
    return np.clip(np.rint(near), 0, 255).astype(np.uint8)


def random_hints(target: np.ndarray, config: DataConfig, rng: np.random.Generator) -> np.ndarray:
    """Dabs and short strokes in the target's own colours, uint8 (H, W, 4): what an artist might hint.

    The number is drawn so that few are as likely as many. Each has the colour of what it covers: the median, so that a
    line under it does not darken it, or now and then the mean, which is what a careless picker gives.
    """
    height, width = target.shape[:2]
    hints = np.zeros((height, width, 4), np.uint8)
    if rng.random() < config.no_hints or not config.max_hints:
        return hints
    count = int(np.exp(rng.uniform(0, np.log(config.max_hints + 1))))
    for _ in range(count):
        x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        radius = float(rng.uniform(1.5, 7))
        steps = int(rng.integers(0, 12)) if rng.random() < 0.3 else 0
        angle = float(rng.uniform(0, 2 * np.pi))
        middle = np.mean if rng.random() < _CARELESS else np.median
        for step in range(steps + 1):
            _dab(hints, target, x + np.cos(angle) * step * radius, y + np.sin(angle) * step * radius, radius, middle)
    return hints


def _dab(
    hints: np.ndarray, target: np.ndarray, x: float, y: float, radius: float, middle: Callable[..., np.ndarray]
) -> None:
    height, width = target.shape[:2]
    left, right = max(0, int(x - radius)), min(width, int(x + radius) + 2)
    top, bottom = max(0, int(y - radius)), min(height, int(y + radius) + 2)
    if left >= right or top >= bottom:
        return
    ys, xs = np.mgrid[top:bottom, left:right]
    inside = (xs - x) ** 2 + (ys - y) ** 2 <= radius**2
    if inside.any():
        area = np.s_[top:bottom, left:right]
        hints[area][inside] = (*middle(target[area][inside], axis=0).astype(np.uint8), 255)
