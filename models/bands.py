"""Pictures that are too large to be whole in memory: read by rows, painted, and handed on in bands from the top.

The result is that of `models.predictor.Predictor.predict`, but for rounding.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from PIL import Image

from models.conditioning import cleaned, level_of, luminance, palette_input, whitened
from models.errors import UserError
from models.predictor import (
    Guide,
    Prediction,
    Predictor,
    ShrinkingHints,
    lines_of,
    no_scale,
    shallow,
    split_alpha,
)
from models.tiling import Box, blended_bands
from models.upsample import enlarged, line_masks

Adjust = Callable[[np.ndarray, np.ndarray, np.ndarray | None], np.ndarray]  # colour, lines, hints -> colour

_BLOCK = 2048  # pixels along a row that are enlarged at once
_ROWS = 512  # of a band
_WORKERS = 2  # that enlarge blocks: numpy lets go of the interpreter only now and then
_GUARD = 2  # coarsest pixels round a block that its own colours depend on


class Rows(Protocol):
    """A picture that is read by rows: `shape` is (height, width, channels), the rows uint8 or uint16."""

    @property
    def shape(self) -> tuple[int, int, int]: ...
    def rows(self, top: int, bottom: int) -> np.ndarray: ...


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What `Predictor.predict` takes beside the picture. `adjust` sees a picture that is seen whole at that size."""

    hints: Rows | None = None
    palette: Sequence[Sequence[int]] = ()
    working_size: int | None = None
    tile: int | None = None
    overlap: int | None = None
    scale: float = 1.0
    adjust: Adjust | None = None


def painted_bands(predictor: Predictor, picture: Rows, wishes: Wishes) -> Iterator[np.ndarray]:
    """The finished picture from the top: (rows, width, 3 or 4), as deep as it was. UserError where the hints differ."""
    if wishes.hints is not None and wishes.hints.shape != (*picture.shape[:2], 4):
        raise UserError("The hints have another size than the picture.", "Give hints of the picture's size.")
    colours = _tiled if predictor.is_tiled(wishes.tile) else _whole
    if colours is _whole and wishes.scale != 1:
        raise no_scale()
    top = 0
    for colour in colours(predictor, picture, wishes):
        deep, alpha = split_alpha(picture.rows(top, top + len(colour)))
        lines = lines_of(deep, predictor.spec.input_channels) if predictor.is_layer else None
        yield Prediction(colour, lines, alpha, is_deep=deep.dtype == np.uint16).picture
        top += len(colour)


def _rgb(picture: Rows, top: int, bottom: int) -> np.ndarray:
    return shallow(split_alpha(picture.rows(top, bottom))[0])


def _bands_of(height: int, rows: int) -> Iterator[tuple[int, int]]:
    for top in range(0, height, rows):
        yield top, min(top + rows, height)


# ----------------------------------------------------------------------------------------- at its own scale, in tiles


def _tiled(predictor: Predictor, picture: Rows, wishes: Wishes) -> Iterator[np.ndarray]:
    lens = predictor.lens(wishes.tile, wishes.overlap, wishes.scale)
    height, width, _ = picture.shape
    clean = _cleaning(predictor, picture)
    palette = palette_input(wishes.palette) if predictor.spec.palette else None
    seen: tuple[slice, np.ndarray, np.ndarray | None] = (slice(0, 0), np.empty(0), None)  # rows of the tiles in hand

    def paint(box: Box) -> np.ndarray:
        nonlocal seen
        rows, columns = box
        if seen[0] != rows:
            bottom = min(rows.stop, height)
            hints = None if wishes.hints is None else wishes.hints.rows(rows.start, bottom)
            seen = (rows, clean(_rgb(picture, rows.start, bottom)), hints)
        _, rgb, hints = seen
        part = np.s_[:, columns]
        return predictor.seen_through(lens, rgb[part], Guide(None if hints is None else hints[part], palette))

    return blended_bands(height, width, lens.tile, lens.overlap, paint)


def _cleaning(predictor: Predictor, picture: Rows) -> Callable[[np.ndarray], np.ndarray]:
    """`cleaned` for bands, which looks at the whole picture first where it has to."""
    if predictor.spec.task != "lineart":
        return partial(cleaned, predictor.spec)
    counts = np.zeros(256, np.int64)
    for top, bottom in _bands_of(picture.shape[0], _ROWS):
        counts += np.bincount(luminance(_rgb(picture, top, bottom)).ravel(), minlength=256)
    return partial(whitened, white=level_of(counts))


# --------------------------------------------------------------------------------------------- seen whole, made small


def _whole(predictor: Predictor, picture: Rows, wishes: Wishes) -> Iterator[np.ndarray]:
    height, width, _ = picture.shape
    size = predictor.small_size(width, height, wishes.working_size)
    small, hints = cleaned(predictor.spec, _shrunk(picture, size)), None
    if wishes.hints is not None:
        shrinking = ShrinkingHints((height, width), size)
        for top, bottom in _bands_of(height, _ROWS):
            shrinking.add(top, wishes.hints.rows(top, bottom))
        hints = shrinking.small()
    palette = palette_input(wishes.palette) if predictor.spec.palette else None
    colour = predictor.pass_through(small, Guide(hints, palette))
    if wishes.adjust:
        colour = wishes.adjust(colour, small, hints)
    if predictor.is_layer:
        return _under_lines(picture, colour, luminance(small))
    return _enlarged(colour, height, width)


def _shrunk(picture: Rows, size: tuple[int, int]) -> np.ndarray:
    """What Pillow's box filter makes of the whole, a few small rows at a time."""
    height, width, _ = picture.shape
    each = height / size[1]
    at_once = max(1, int(_ROWS / each))
    bands = []
    for first in range(0, size[1], at_once):
        last = min(first + at_once, size[1])
        top, bottom = max(int(first * each) - 1, 0), min(int(last * each) + 2, height)
        box = (0, first * each - top, width, min(last * each, height) - top)
        band = Image.fromarray(_rgb(picture, top, bottom))
        bands.append(np.asarray(band.resize((size[0], last - first), Image.Resampling.BOX, box)))
    return np.concatenate(bands)


def _enlarged(colour: np.ndarray, height: int, width: int) -> Iterator[np.ndarray]:
    small, each = Image.fromarray(colour), colour.shape[0] / height
    for top, bottom in _bands_of(height, _ROWS):
        box = (0, top * each, colour.shape[1], min(bottom * each, colour.shape[0]))
        yield np.asarray(small.resize((width, bottom - top), Image.Resampling.BILINEAR, box))


def _under_lines(picture: Rows, colour: np.ndarray, lightness: np.ndarray) -> Iterator[np.ndarray]:
    """Colours enlarged under the lines in blocks, each with as much round it as its own colours depend on."""
    height, width, _ = picture.shape
    factor = max(height, width) / max(colour.shape[:2])
    coarsest = 1
    while 2 * coarsest <= factor:
        coarsest *= 2
    rows, columns, guard = (-(-each // coarsest) * coarsest for each in (_ROWS, _BLOCK, _GUARD * coarsest))

    def block(rgb: np.ndarray, top: int, left: int) -> np.ndarray:
        """`rgb` begins at `top` of the picture; the columns from `left` on, with the guard at both sides."""
        start, end = max(left - guard, 0), min(left + columns + guard, width)
        masks = line_masks(luminance(rgb[:, start:end]), factor)
        across, down = colour.shape[1] / width, colour.shape[0] / height
        box = (start * across, top * down, end * across, (top + len(rgb)) * down)
        return enlarged(colour, lightness, masks, box)[:, left - start :][:, :columns, :3]

    with ThreadPoolExecutor(_WORKERS, "enlarge") as workers:
        for top, bottom in _bands_of(height, rows):
            start = max(top - guard, 0)
            rgb = _rgb(picture, start, min(bottom + guard, height))
            parts = workers.map(partial(block, rgb, start), range(0, width, columns))
            yield np.concatenate([part[top - start : bottom - start] for part in parts], axis=1)
