"""Pictures that are too large to be whole in memory: read by rows, painted, and handed on in bands from the top.

The result is that of `models.predictor.Predictor.predict`, but for rounding.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
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

Masks = list[np.ndarray]  # where lines are, as `line_masks` has it
Adjust = Callable[[np.ndarray, np.ndarray, np.ndarray | None], np.ndarray]  # colour, lines, hints -> colour

_BLOCK = 2048  # pixels along a row that are worked on at once
_ROWS = 512  # of a band
_KEPT = 2  # bands: the one that is painted, and the one below it
_WORKERS = 2  # that work on blocks: numpy lets go of the interpreter only now and then


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
    picture = _Recent(picture)
    colours = _tiled if predictor.is_tiled(wishes.tile) else _whole
    if colours is _whole and wishes.scale != 1:
        raise no_scale()
    top, lefts = 0, range(0, picture.shape[1], _BLOCK)
    with ThreadPoolExecutor(_WORKERS, "finish") as workers:
        for colour in colours(predictor, picture, wishes):
            rows = picture.rows(top, top + len(colour))
            parts = workers.map(partial(_finished, predictor, rows, colour), lefts)
            yield np.concatenate(list(parts), axis=1)
            top += len(colour)


def _finished(predictor: Predictor, rows: np.ndarray, colour: np.ndarray, left: int) -> np.ndarray:
    """A block of the finished picture; memory for what is made on the way is at hand from the block before."""
    block = np.s_[:, left : left + _BLOCK]
    deep, alpha = split_alpha(rows[block])
    lines = lines_of(deep, predictor.spec.input_channels) if predictor.is_layer else None
    return Prediction(partial(np.asarray, colour[block]), lines, alpha, is_deep=deep.dtype == np.uint16).picture


class _Recent:
    """Keeps the bands that were read last, since reading means decoding and each band is asked for twice."""

    def __init__(self, picture: Rows) -> None:
        self.shape = picture.shape
        self._picture = picture
        self._bands: dict[tuple[int, int], np.ndarray] = {}

    def rows(self, top: int, bottom: int) -> np.ndarray:
        if (top, bottom) not in self._bands:
            while len(self._bands) >= _KEPT:
                del self._bands[next(iter(self._bands))]
            self._bands[top, bottom] = self._picture.rows(top, bottom)
        return self._bands[top, bottom]


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
    """Colours enlarged under the lines in blocks, each as it is in the whole.

    A block's colours follow from one pixel round it at every halved size, so the lines of a band are kept until the
    bands above and below it are done, and each pixel is looked at once.
    """
    height, width, _ = picture.shape
    factor = max(height, width) / max(colour.shape[:2])
    coarsest = 1
    while 2 * coarsest <= factor:
        coarsest *= 2
    rows, columns = (-(-each // coarsest) * coarsest for each in (_ROWS, _BLOCK))
    across, down = colour.shape[1] / width, colour.shape[0] / height

    def masks_of(rgb: np.ndarray, left: int) -> Masks:
        return line_masks(luminance(rgb[:, left : left + columns]), factor)

    def block(masks: Masks, top: int, left: int) -> np.ndarray:
        """`masks` are those of the band from `top` on, with their rims above and below."""
        bottom, right = top + len(masks[0]), min(left + columns, width)
        parts = [masks[0][:, left:right]]
        for level, mask in enumerate(masks[1:], 1):
            parts.append(mask[:, max((left >> level) - 1, 0) : (left + columns >> level) + 1])
        box = (left * across, top * down, right * across, bottom * down)
        return enlarged(colour, lightness, parts, box, (min(left, 1), min(top, 1)))[..., :3]

    with ThreadPoolExecutor(_WORKERS, "enlarge") as workers:
        lefts = range(0, width, columns)

        def bands() -> Iterator[Masks]:
            for top, bottom in _bands_of(height, rows):
                parts = workers.map(partial(masks_of, _rgb(picture, top, bottom)), lefts)
                yield [np.concatenate(level, axis=1) for level in zip(*parts, strict=True)]

        for top, masks in zip(range(0, height, rows), _with_rims(bands()), strict=True):
            yield np.concatenate(list(workers.map(partial(block, masks, top), lefts)), axis=1)


def _with_rims(bands: Iterator[Masks]) -> Iterator[Masks]:
    """Each band with a row of its neighbours above and below, but at the full size."""
    above: Masks | None = None
    for here, below in pairwise(chain(bands, [None])):
        assert here is not None
        yield [here[0], *(_joined(level, above, here, below) for level in range(1, len(here)))]
        above = here


def _joined(level: int, above: Masks | None, here: Masks, below: Masks | None) -> np.ndarray:
    parts = [above[level][-1:]] if above else []
    parts += [here[level], *([below[level][:1]] if below else [])]
    return np.concatenate(parts)
