"""Pairs that look the same, found by a perceptual hash of their lines and small pictures of their colours."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bits = NDArray[np.uint8]

_SIDE = 16  # the hash has this many bits squared
_NEAR = 6  # hashes that differ in so few bits belong to one drawing
_COLOUR = 6.0  # mean difference of colour, of 255, below which two pictures look alike


def line_hash(lines: Image.Image) -> Bits:
    """Difference hash: whether each cell is darker than its right neighbour; packed bits."""
    small = lines.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX)
    cells = np.asarray(small, np.int16)
    return np.packbits(cells[:, 1:] > cells[:, :-1])


def find_duplicates(folder: Path, form: str = "png") -> list[str]:
    """Which pairs ("train/000012") repeat an earlier one. Train comes before val, so val repeats nothing of it."""
    names, hashes, colours = [], [], []
    for name, lines, colour in _pairs(folder, form):
        names.append(name)
        with Image.open(lines) as picture:
            hashes.append(line_hash(picture))
        with Image.open(colour) as picture:
            small = picture.convert("RGB").resize((8, 8), Image.Resampling.BOX)
            colours.append(np.asarray(small, np.int16).reshape(-1))
    if not names:
        return []
    every, shades = np.array(hashes), np.array(colours)
    kept = np.ones(len(names), np.bool_)
    for index in range(1, len(names)):
        apart = np.bitwise_count(every[:index] ^ every[index]).sum(1)
        near = np.flatnonzero((apart <= _NEAR) & kept[:index])
        if near.size and (np.abs(shades[near] - shades[index]).mean(1) < _COLOUR).any():
            kept[index] = False
    return [name for name, keep in zip(names, kept, strict=True) if not keep]


def remove(folder: Path, names: list[str], form: str = "png") -> None:
    """Delete both pictures of each pair."""
    for name in names:
        split, index = name.split("/")
        for part in ("lines", "colours"):
            (folder / split / part / f"{index}.{form}").unlink(missing_ok=True)


def _pairs(folder: Path, form: str) -> Iterator[tuple[str, Path, Path]]:
    for split in ("train", "val"):
        for lines in sorted((folder / split / "lines").glob(f"*.{form}")):
            colour = folder / split / "colours" / lines.name
            if colour.is_file():
                yield f"{split}/{lines.stem}", lines, colour
