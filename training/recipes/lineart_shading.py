"""Light and shade on flat colour: each area gets a shadow on the side away from the light, now and then a highlight."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]
Share = NDArray[np.float32]


def shade(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A flat RGBA drawing with cel or soft shading; what is transparent stays so."""
    pixels = np.asarray(picture)
    turn = rng.uniform(0.15, 0.85) * np.pi  # the light comes from above
    depth = rng.uniform(0.012, 0.045) * max(picture.size)
    soft = depth * rng.uniform(0.4, 1.0) if rng.uniform() < 0.5 else 0.7
    strength = rng.uniform(0.1, 0.36)
    tint = np.clip(1 - strength * np.array([0.85, 1.1, 1.05]) * rng.uniform(0.85, 1.15, 3), 0, 1).astype(np.float32)
    shadow = _rim(pixels, depth, turn, soft)[..., None]
    colour = pixels[..., :3].astype(np.float32)
    colour *= 1 - shadow * (1 - tint)
    if rng.uniform() < 0.4:
        light = _rim(pixels, depth * 0.5, turn + np.pi, soft * 0.5 + 0.5)[..., None] * rng.uniform(0.1, 0.4)
        colour += (255 - colour) * light
    if rng.uniform() < 0.5:
        fall = np.linspace(1.0, rng.uniform(0.8, 1.0), pixels.shape[0], dtype=np.float32)
        colour *= fall[:, None, None]
    shaded = np.dstack([np.clip(colour + 0.5, 0, 255).astype(np.uint8), pixels[..., 3]])
    return Image.fromarray(shaded)


def _rim(pixels: Pixels, depth: float, turn: float, soft: float) -> Share:
    """How much of each pixel (H, W) lies within DEPTH of another colour in the direction TURN."""
    across, down = round(depth * np.cos(turn)), round(depth * np.sin(turn))
    height, width = pixels.shape[:2]
    rows = np.clip(np.arange(height) + down, 0, height - 1)
    columns = np.clip(np.arange(width) + across, 0, width - 1)
    beyond = pixels[rows[:, None], columns[None, :]].astype(np.int16)
    other = np.abs(beyond - pixels).max(-1) > 24
    mask = Image.fromarray(other.astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(soft))
    return np.asarray(mask, np.float32) / np.float32(255)
