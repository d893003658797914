"""The stamps of a brush's tip: how much each dab covers of each pixel."""

import functools
import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sketchsause_desktop.core.brush import SMALLEST_DAB, Brush, Coverage, Texture
from sketchsause_desktop.core.geometry import Rect

_SMALL = 40.0  # px; up to this size many dabs are made in one go, larger ones one by one
_AT_ONCE = 64  # how many
_SIZE_STEPS = 16  # a large dab's diameter is rounded to 1/16 px
_PHASE_STEPS = 8  # and its place to 1/8 px, so that its stamp can be used again
_CACHED_SIZE = 320.0  # px; larger stamps are made anew, since few of them fall in a second
_TURNS = 180  # a textured tip is turned in steps of 2 degrees
_LARGE_TIP = 64.0  # px; the place of a larger textured dab is rounded to whole pixels, of a smaller one to 1/4 px


class Dab(NamedTuple):
    """One touch of the tip; the centre in document pixels."""

    x: float
    y: float
    size: float
    opacity: float
    flow: float = 1.0
    angle: float = 0.0  # degrees, clockwise
    way: float = 0.0  # the distance that the stroke has come


class Stamp(NamedTuple):
    """A dab's coverage and the pixels that it is for."""

    rect: Rect
    coverage: Coverage


def stamps(dabs: Iterable[Dab], brush: Brush) -> Iterator[Stamp]:
    """One for each dab, in their order."""
    if brush.tip is None:
        return round_stamps(dabs, brush.hardness)
    return tip_stamps(dabs, brush.tip.texture)


def round_stamps(dabs: Iterable[Dab], hardness: float) -> Iterator[Stamp]:
    """The stamps of a round tip, made as they are asked for."""
    small: list[Dab] = []
    for dab in map(_drawable, dabs):
        if dab.size <= _SMALL:
            small.append(dab)
            if len(small) < _AT_ONCE:
                continue
        yield from _small_stamps(small, hardness)
        small = []
        if dab.size > _SMALL:
            yield _large_stamp(dab, hardness)
    yield from _small_stamps(small, hardness)


def _drawable(dab: Dab) -> Dab:
    """A dab too thin to be drawn becomes a larger one with the same ink."""
    if dab.size >= SMALLEST_DAB:
        return dab
    return dab._replace(size=SMALLEST_DAB, opacity=dab.opacity * (max(dab.size, 0.0) / SMALLEST_DAB) ** 2)


def _small_stamps(dabs: list[Dab], hardness: float) -> Iterator[Stamp]:
    """Calling numpy costs more than the pixels of a small dab, so all are reckoned together."""
    if not dabs:
        return
    x, y, size, opacity = np.array([dab[:4] for dab in dabs], np.float32).T[:, :, np.newaxis]  # each (N, 1)
    reach = math.ceil(float(size.max()) / 2 + 0.5)
    column, row = np.floor(x), np.floor(y)
    side = 2 * reach + 1
    centres = np.arange(side, dtype=np.float32) + np.float32(0.5 - reach)
    dx, dy = centres - (x - column), centres - (y - row)  # (N, K)
    distance = np.sqrt((dx * dx)[:, np.newaxis, :] + (dy * dy)[:, :, np.newaxis])  # (N, K, K)
    coverage = _coverage(distance, size[..., np.newaxis] / 2, hardness)
    coverage *= opacity[..., np.newaxis] * 255
    stamps = np.rint(coverage).astype(np.uint8)
    for left, top, stamp in zip(column[:, 0].tolist(), row[:, 0].tolist(), stamps, strict=True):
        yield Stamp(Rect(int(left) - reach, int(top) - reach, side, side), stamp)


def _large_stamp(dab: Dab, hardness: float) -> Stamp:
    column, x_steps = divmod(round(dab.x * _PHASE_STEPS), _PHASE_STEPS)
    row, y_steps = divmod(round(dab.y * _PHASE_STEPS), _PHASE_STEPS)
    make = _cached_disc if dab.size <= _CACHED_SIZE else _disc
    disc, reach = make(round(dab.size * _SIZE_STEPS), hardness, x_steps, y_steps)
    return Stamp(Rect(column - reach, row - reach, 2 * reach + 1, 2 * reach + 1), _fainter(disc, dab.opacity))


def _fainter(coverage: Coverage, opacity: float) -> Coverage:
    level = round(opacity * 255)
    if level == 255:
        return coverage
    return ((coverage * np.uint16(level) + np.uint16(127)) // np.uint16(255)).astype(np.uint8)


def _disc(size_steps: int, hardness: float, x_steps: int, y_steps: int) -> tuple[Coverage, int]:
    """Coverage of a disc, and how many pixels it reaches left of and above the pixel that holds its centre."""
    radius = size_steps / _SIZE_STEPS / 2
    reach = math.ceil(radius + 0.5)
    centres = np.arange(2 * reach + 1, dtype=np.float32) + np.float32(0.5 - reach)
    dx = centres - np.float32(x_steps / _PHASE_STEPS)
    dy = centres - np.float32(y_steps / _PHASE_STEPS)
    distance = np.sqrt(dx * dx + (dy * dy)[:, np.newaxis])
    coverage = _coverage(distance, np.float32(radius), hardness)
    stamp = np.rint(coverage * 255).astype(np.uint8)
    stamp.flags.writeable = False
    return stamp, reach


_cached_disc = functools.lru_cache(maxsize=128)(_disc)  # at most 14 MB


def _coverage(
    distance: NDArray[np.float32], radius: NDArray[np.float32] | np.float32, hardness: float
) -> NDArray[np.float32]:
    """How much of a pixel the tip covers (0 to 1), from the distance of the two centres.

    Anti-aliasing takes half a pixel on both sides of the rim; softness widens the slope inwards.
    """
    slope = radius * np.float32(1 - hardness) + 1
    coverage: NDArray[np.float32] = np.clip((radius + np.float32(0.5) - distance) / slope, 0, 1)
    if hardness < 1:
        smooth = coverage * coverage * (3 - 2 * coverage)
        coverage += (smooth - coverage) * np.float32(1 - hardness)
    return coverage


def tip_stamps(dabs: Iterable[Dab], texture: Texture) -> Iterator[Stamp]:
    """The stamps of a textured tip: the picture scaled, turned and moved."""
    for dab in map(_drawable, dabs):
        size_steps = _rounded_size(dab.size)
        phases = 1 if dab.size > _LARGE_TIP else 4
        column, x_steps = divmod(round(dab.x * phases), phases)
        row, y_steps = divmod(round(dab.y * phases), phases)
        make = _cached_picture if dab.size <= _CACHED_SIZE else _picture
        turn = round(dab.angle * _TURNS / 360) % _TURNS
        picture, reach = make(texture, size_steps, turn, x_steps / phases, y_steps / phases)
        rect = Rect(column - reach, row - reach, 2 * reach + 1, 2 * reach + 1)
        yield Stamp(rect, _fainter(picture, dab.opacity))


def _rounded_size(size: float) -> int:
    """In sixteenths of a pixel; coarser for larger ones, so that a stamp can be used again while pressure wavers."""
    coarseness = 1 << max(0, math.frexp(size)[1] - 5)
    return max(1, round(size * _SIZE_STEPS / coarseness)) * coarseness


def _picture(texture: Texture, size_steps: int, turn: int, x_phase: float, y_phase: float) -> tuple[Coverage, int]:
    """As `_disc`: coverage of the tip, and how many pixels it reaches left of and above that of its centre."""
    size = size_steps / _SIZE_STEPS
    longer = max(texture.width, texture.height)
    level = _levels(texture)[min(max(0, round(math.log2(longer / size))), longer.bit_length() - 1)]
    scale_x, scale_y = texture.width / (level.width - 2), texture.height / (level.height - 2)
    reach = math.ceil(size * math.hypot(texture.width, texture.height) / longer / 2 + 1)
    angle = math.radians(turn * 360 / _TURNS)
    across, down = math.cos(angle) * longer / size, math.sin(angle) * longer / size  # stamp -> texture
    x, y = reach + x_phase, reach + y_phase  # of the centre in the stamp
    matrix = (
        across / scale_x,
        down / scale_x,
        level.width / 2 - (across * x + down * y) / scale_x,
        -down / scale_y,
        across / scale_y,
        level.height / 2 - (across * y - down * x) / scale_y,
    )
    side = 2 * reach + 1
    turned = level.transform((side, side), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    return np.asarray(turned), reach


_cached_picture = functools.lru_cache(maxsize=128)(_picture)  # at most 27 MB


@functools.lru_cache(maxsize=16)
def _levels(texture: Texture) -> list[Image.Image]:
    """The picture at full size, half of it, and so on to one pixel; each with a transparent rim, so that edges fade."""
    picture = Image.fromarray(texture.array)
    pictures = []
    for halvings in range(max(picture.size).bit_length()):
        size = (max(1, picture.width >> halvings), max(1, picture.height >> halvings))
        framed = Image.new("L", (size[0] + 2, size[1] + 2))
        framed.paste(picture.resize(size, Image.Resampling.BOX), (1, 1))
        pictures.append(framed)
    return pictures
