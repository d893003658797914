"""Small paired data sets for the tests: drawings of coloured shapes and their outlines, made from a number."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

PAPER = (255, 255, 255)


def drawing(number: int, size: tuple[int, int] = (96, 96)) -> tuple[np.ndarray, np.ndarray]:
    """(line art, coloured): black outlines on white, and the same outlines round colours."""
    random = np.random.default_rng(number)
    width, height = size
    lines, colours = Image.new("RGB", size, PAPER), Image.new("RGB", size, PAPER)
    for _ in range(4):
        x, y = random.uniform(0.1, 0.6, 2) * size
        box = (x, y, x + width * random.uniform(0.2, 0.4), y + height * random.uniform(0.2, 0.4))
        fill = tuple(int(value) for value in random.integers(0, 256, 3))
        ImageDraw.Draw(lines).ellipse(box, outline=(0, 0, 0), fill=PAPER, width=2)
        ImageDraw.Draw(colours).ellipse(box, outline=(0, 0, 0), fill=fill, width=2)
    return np.asarray(lines), np.asarray(colours)


def aerial(number: int, size: tuple[int, int] = (96, 96)) -> tuple[np.ndarray, np.ndarray]:
    """(photograph, map): noise over grounds, and the same grounds in pale flat colours."""
    random = np.random.default_rng(number)
    ground = np.zeros((size[1], size[0]), bool)
    row, column = random.integers(10, 50, 2)
    ground[row : row + 40, column : column + 30] = True
    base = np.where(ground[..., None], (60, 90, 60), (120, 115, 110))
    photograph = np.clip(
        base + random.normal(0, 25, (*ground.shape, 1)) + random.normal(0, 6, (*ground.shape, 3)), 0, 255
    )
    drawn = np.where(ground[..., None], (203, 230, 163), (240, 237, 229))
    return photograph.astype(np.uint8), drawn.astype(np.uint8)


def save(pixels: np.ndarray, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def save_sheet(left: np.ndarray, right: np.ndarray, path: Path) -> Path:
    return save(np.concatenate([left, right], axis=1), path)


def sketch_sheets(folder: Path, count: int, *, sketch_half: str = "right", first: int = 0) -> None:
    """`count` side-by-side sheets of drawings."""
    for number in range(first, first + count):
        lines, colours = drawing(number)
        halves = (colours, lines) if sketch_half == "right" else (lines, colours)
        save_sheet(*halves, folder / f"{number}.png")


def two_folders(folder: Path, count: int, names: tuple[str, str] = ("lines", "colours"), first: int = 0) -> None:
    """Line art in the first folder, coloured pictures in the second."""
    for number in range(first, first + count):
        lines, colours = drawing(number)
        save(lines, folder / names[0] / f"{number}.png")
        save(colours, folder / names[1] / f"{number}.png")
