"""Make the pictures of the brushes in resources/brushes/: tips and paper; run it after changing one here."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BRUSHES = Path(__file__).resolve().parents[1] / "resources" / "brushes"


def paper(side: int, finest: float, coarsest: float, seed: int) -> NDArray[np.uint8]:
    """Noise between two wavelengths (px), the same at opposite sides, so that it tiles; every level equally often."""
    noise = np.random.default_rng(seed).standard_normal((side, side))
    frequency = np.hypot(np.fft.fftfreq(side)[:, np.newaxis], np.fft.rfftfreq(side))
    band = np.exp(-((frequency * finest) ** 2)) - np.exp(-((frequency * coarsest) ** 2))
    height = np.fft.irfft2(np.fft.rfft2(noise) * band, (side, side))
    rank = np.round(height, 9).ravel().argsort(kind="stable").argsort(kind="stable").reshape(side, side)
    return (rank * 256 // side**2).astype(np.uint8)


def bristles(width: int, height: int, count: int, seed: int) -> NDArray[np.uint8]:
    """The hairs of a flat brush on the way to the right: short strokes side by side, some with little paint."""
    random = np.random.default_rng(seed)
    across, down = np.arange(width) + 0.5, np.arange(height)[:, np.newaxis] + 0.5
    covered = np.zeros((height, width))
    for y in (np.arange(count) + random.uniform(0.2, 0.8, count)) * (height - 16) / count + 8:
        radius, ink = random.uniform(2.0, 5.0), random.uniform(0.3, 1.0)
        x, half = width / 2 + random.uniform(-6, 6), random.uniform(8.0, 14.0)
        distance = np.hypot(np.maximum(np.abs(across - x) - half, 0), down - y)
        covered = np.maximum(covered, ink * np.clip((radius + 1 - distance) / 2, 0, 1))
    levels: NDArray[np.uint8] = np.rint(covered * 255).astype(np.uint8)
    return levels


def chisel(width: int, height: int, corner: float) -> NDArray[np.uint8]:
    """A rectangle with round corners: the felt of a marker."""
    across = np.abs(np.arange(width) + 0.5 - width / 2) - (width / 2 - corner - 1)
    down = np.abs(np.arange(height) + 0.5 - height / 2) - (height / 2 - corner - 1)
    distance = np.hypot(np.maximum(across, 0), np.maximum(down, 0)[:, np.newaxis])
    covered: NDArray[np.uint8] = np.rint(np.clip(corner + 0.5 - distance, 0, 1) * 255).astype(np.uint8)
    return covered


def pictures() -> dict[str, NDArray[np.uint8]]:
    return {
        "paper": paper(256, finest=3.0, coarsest=9.0, seed=1),
        "bristles": bristles(56, 224, count=46, seed=2),
        "chisel": chisel(72, 192, corner=14.0),
    }


def main() -> None:
    for name, picture in pictures().items():
        Image.fromarray(picture).save(BRUSHES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
