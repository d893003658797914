"""Changes of a pair that make more of it: the same geometry for both pictures, colour for the input alone. numpy."""

import colorsys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image, ImageEnhance

from models.conditioning import dominant_colours, luminance
from models.hint_spread import LINE
from models.spec import PALETTE_COLOURS
from training.config import DataConfig

_CARELESS = 0.3  # share of the hints
_SMALLEST_REGION = 30  # pixels
_MOST_REGIONS = 16
_SHADING = 40  # steps of 255 that a region's colours lie from their middle
_ITS_OWN = 0.6  # share of a region that must be so
_UNDER_LINES = 3.0  # pixels that a region's colour reaches under its lines
_LIGHT = 0.6  # natural logarithm, at full strength
_TINT = 40.0  # steps of 255
_PALE = 24  # steps of 255 below white in which paper becomes colour
_SLIPS = 0.1  # share of the dabs that go over a line


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


def guided(
    source: np.ndarray, target: np.ndarray, config: DataConfig, rng: np.random.Generator, *, may_be_bare: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """The target, uint8 (H, W, 3), with the hints (H, W, 4) and the palette (K, 3) or None that lead to it.

    A pair that may be bare comes with or without either, or with regions in other colours, as hinted. Any other has a
    palette, or hints where none are wanted: its colours would otherwise come out of nowhere, and a network that sees a
    hint would learn that the rest of the drawing is then anybody's guess.
    """
    if may_be_bare and rng.random() < config.recoloured:
        return *recoloured(source, target, rng), None
    if config.uneven:
        lit = unevenly_lit(target, config.uneven, rng)
        hints = random_hints(lit, config, rng)
        target = lit if hints[..., 3].any() else target
    else:
        hints = random_hints(target, config, rng)
    if rng.random() < config.palettes or not (may_be_bare or not config.palettes):
        return target, hints, random_palette(target, rng)
    if not may_be_bare and not hints[..., 3].any():
        hints = random_hints(target, replace(config, no_hints=0.0), rng)
    return target, hints, None


def recoloured(source: np.ndarray, target: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Some closed regions between the lines of `source` in another colour, and the dabs that ask for it.

    uint8: the new target (H, W, 3), whose other regions and shading stay, and the hints (H, W, 4).
    """
    from scipy import ndimage

    regions, _ = ndimage.label(luminance(source) >= LINE)
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    large = np.flatnonzero(sizes >= _SMALLEST_REGION)
    hints = np.zeros((*target.shape[:2], 4), np.uint8)
    if not len(large):
        return target, hints
    distance, nearest = ndimage.distance_transform_edt(regions == 0, return_indices=True)
    reaching = np.where(distance <= _UNDER_LINES, regions[tuple(nearest)], 0)
    count = int(np.exp(rng.uniform(0, np.log(_MOST_REGIONS + 1))))
    changed = target.astype(np.int16)
    for region in rng.choice(large, min(count, len(large)), replace=False):
        colour = np.array([round(255 * each) for each in colorsys.hsv_to_rgb(*rng.uniform((0, 0, 0.2), 1))])
        middle = np.median(target[regions == region], axis=0)
        near = np.abs(target - middle).max(axis=2) < _SHADING
        own = near & (regions == region)
        if own.sum() < _ITS_OWN * sizes[region]:
            continue  # the lines are open: several things lie in it
        changed[(near | (regions == 0)) & (reaching == region)] += (colour - middle).astype(np.int16)
        rows, columns = np.nonzero(own)
        for place in rng.integers(0, len(rows), int(rng.integers(1, 4))):
            inside = disc(rows[place], columns[place], float(rng.uniform(1.5, 7)), target.shape[:2])
            hints[inside & (own | (rng.random() < _SLIPS))] = (*colour, 255)
    return np.clip(changed, 0, 255).astype(np.uint8), hints


def unevenly_lit(target: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Light and tint that wander softly over a drawing, as in painted ones; white paper stays white.

    uint8 (H, W, 3) -> the same. Flat colours teach that a region is known by one dab; here only the dabs tell.
    """
    height, width = target.shape[:2]
    cells = int(rng.integers(2, 7))
    waves = rng.normal(0, 1, (4, cells, cells)).astype(np.float32)
    light, *tints = (
        np.asarray(Image.fromarray(wave).resize((width, height), Image.Resampling.BICUBIC)) for wave in waves
    )
    reach = strength * rng.random()
    changed = target * np.exp(_LIGHT * reach * light)[..., None] + _TINT * reach * np.stack(tints, axis=-1)
    inked = np.clip((255.0 - target.min(axis=-1, keepdims=True)) / _PALE, 0, 1)
    answer: np.ndarray = np.clip(np.rint(target + inked * (changed - target)), 0, 255).astype(np.uint8)
    return answer


def disc(row: float, column: float, radius: float, shape: tuple[int, ...]) -> np.ndarray:
    """bool (H, W): the pixels no farther than `radius` from a place."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    inside: np.ndarray = (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
    return inside


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
