"""Overlapping tiles of a picture, blended band by band, so that the whole of it never has to be in memory."""

import math
from collections.abc import Callable, Iterator

import numpy as np

Box = tuple[slice, slice]  # rows, columns


def tile_boxes(height: int, width: int, tile: int, overlap: int) -> Iterator[tuple[int, int]]:
    """(top, left) of tiles that cover the picture and share at least `overlap` pixels with each neighbour."""
    for top in starts(height, tile, overlap):
        for left in starts(width, tile, overlap):
            yield top, left


def starts(length: int, tile: int, overlap: int) -> list[int]:
    """Where tiles begin along one side."""
    if length <= tile:
        return [0]
    count = math.ceil((length - overlap) / (tile - overlap))
    return [round(i * (length - tile) / (count - 1)) for i in range(count)]


def blended_bands(
    height: int, width: int, tile: int, overlap: int, paint: Callable[[Box], np.ndarray]
) -> Iterator[np.ndarray]:
    """The picture from the top in bands (rows, width, 3), uint8, each as soon as no further tile reaches into it.

    `paint` answers a box with uint8 (h, w, 3). Tiles weigh less towards their rims.
    """
    tops, lefts = starts(height, tile, overlap), starts(width, tile, overlap)
    rows, columns = min(tile, height), min(tile, width)
    window = blend_window(rows, columns, overlap)[..., None]
    down, across = np.zeros(rows, np.float32), np.zeros(width, np.float32)
    for left in lefts:
        across[left : left + columns] += ramp(columns, overlap)
    total = np.zeros((rows, width, 3), np.float32)
    for top, following in zip(tops, [*tops[1:], height], strict=True):
        for left in lefts:
            total[:, left : left + columns] += paint(np.s_[top : top + rows, left : left + columns]) * window
        down += ramp(rows, overlap)
        done = following - top
        band = total[:done] / np.outer(down[:done], across)[..., None]
        yield np.rint(band, out=band).astype(np.uint8)
        for each in (total, down):
            each[: rows - done] = each[done:].copy()
            each[rows - done :] = 0


def blend_window(height: int, width: int, overlap: int) -> np.ndarray:
    """Weights (H, W) that rise from near 0 at the rim to 1 over `overlap` pixels, along a raised cosine."""
    return np.outer(ramp(height, overlap), ramp(width, overlap)).astype(np.float32)


def ramp(length: int, overlap: int) -> np.ndarray:
    distance = np.minimum(np.arange(length), np.arange(length)[::-1]) + 0.5
    rising: np.ndarray = 0.5 - 0.5 * np.cos(np.pi * np.clip(distance / max(overlap, 1), 0, 1)) + 1e-4
    return rising
