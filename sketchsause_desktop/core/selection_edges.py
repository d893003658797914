"""Selections with other edges: softened, grown, shrunk. Beyond the canvas a selection goes on as it ends at the rim."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageFilter

from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.tiles import TILE

_BLOCK = 4 * TILE  # px; what is worked on at a time, with its margin


def feathered(selection: Selection, sigma: float, canvas: Rect) -> Selection:
    """Softened by a Gaussian of standard deviation `sigma` in pixels (three box filters, as Pillow does it)."""
    blur = ImageFilter.GaussianBlur(sigma)
    margin = math.ceil(3 * sigma) + 3
    return _filtered(selection, canvas, margin, lambda block: np.asarray(Image.fromarray(block).filter(blur)))


def grown(selection: Selection, radius: int, canvas: Rect) -> Selection:
    """Larger by `radius` pixels on all sides; corners become round."""
    return _filtered(selection, canvas, radius, lambda block: _most_around(block, radius))


def shrunk(selection: Selection, radius: int, canvas: Rect) -> Selection:
    """Smaller by `radius` pixels on all sides but along the rim of the canvas."""
    return _filtered(selection, canvas, radius, lambda block: ~_most_around(~block, radius))


def _most_around(block: Coverage, radius: int) -> Coverage:
    """The highest value within `radius` of each pixel (a grey dilation by a disc); right but for a margin of `radius`.

    For each half width of the disc: the highest value so near in the row, then the same of all rows where the disc is
    just so wide.
    """
    result = block.copy()
    in_row = block.copy()
    done = radius + 1  # the rows of the disc from here outwards have been taken
    for half in range(radius + 1):
        if half:
            np.maximum(in_row[:, half:], block[:, :-half], out=in_row[:, half:])
            np.maximum(in_row[:, :-half], block[:, half:], out=in_row[:, :-half])
        reach = math.isqrt(radius * radius - half * half)
        narrower = math.isqrt(radius * radius - (half + 1) ** 2) if half < radius else -1
        for away in range(narrower + 1, min(reach + 1, done)):
            kept = slice(None, -away) if away else slice(None)
            np.maximum(result[away:], in_row[kept], out=result[away:])
            np.maximum(result[kept], in_row[away:], out=result[kept])
        done = narrower + 1
    return result


def _filtered(selection: Selection, canvas: Rect, margin: int, change: Callable[[Coverage], Coverage]) -> Selection:
    """`change` applied to blocks that know `margin` pixels around them."""

    def blocks() -> Iterator[tuple[Rect, Coverage]]:
        area = selection.bounds.grown(margin).intersected(canvas)
        for block in area.blocks(max(_BLOCK, math.ceil(2 * margin / TILE) * TILE)):
            around = block.grown(margin)
            known = around.intersected(canvas)
            if not selection.touches(known):
                continue
            padding = (
                (known.y - around.y, around.bottom - known.bottom),
                (known.x - around.x, around.right - known.right),
            )
            changed = change(np.pad(selection.coverage(known), padding, mode="edge"))
            yield block, changed[block.slices(around)]

    return Selection.of_blocks(blocks())
