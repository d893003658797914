"""Where each pixel of a changed canvas comes from. Works block by block, so that memory stays bounded.

Pixels are (height, width) or, premultiplied, (height, width, 4): layers and selections are treated alike.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sketchsause_desktop.core.blend import Pixels, is_opaque
from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.core.tiles import TILE, TileKey, Tiles, TileSnapshot, tile_rect, tiles_of

Raster: TypeAlias = NDArray[np.uint8]
BLOCK = 4 * TILE  # px; what is made at a time
Resampling = Image.Resampling
_AFFINE = Image.Transform.AFFINE
_REACH = {  # how far a filter looks from the place it makes, in pixels of the coarser picture
    Resampling.NEAREST: 1.0,
    Resampling.BOX: 0.5,
    Resampling.BILINEAR: 1.0,
    Resampling.HAMMING: 1.0,
    Resampling.BICUBIC: 2.0,
    Resampling.LANCZOS: 3.0,
}


class Transform(Protocol):
    """How the canvas changes."""

    @property
    def size(self) -> Size:
        """Of the canvas afterwards."""

    def source(self, target: Rect, /) -> Rect:
        """What must be known to make `target`; it may reach beyond the canvas, where all is transparent."""

    def made(self, target: Rect, known: Raster, /) -> Raster:
        """The pixels of `target` out of those of `source(target)`."""

    def placed(self, x: float, y: float, /) -> Point:
        """Where a place of the old canvas is on the new one."""

    @property
    def magnified(self) -> float:
        """How many times as long things become."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """All pixels moved by whole ones; what leaves the canvas is lost."""

    size: Size
    dx: int
    dy: int

    @property
    def magnified(self) -> float:
        return 1.0

    def source(self, target: Rect) -> Rect:
        return target.moved(-self.dx, -self.dy)

    def made(self, _target: Rect, known: Raster) -> Raster:
        return known

    def placed(self, x: float, y: float) -> Point:
        return Point(x + self.dx, y + self.dy)


@dataclass(frozen=True, kw_only=True)
class Flip:
    """Mirrored: left and right exchanged, or (`upside_down`) top and bottom."""

    size: Size
    upside_down: bool = False

    @property
    def magnified(self) -> float:
        return 1.0

    def source(self, target: Rect) -> Rect:
        if self.upside_down:
            return Rect(target.x, self.size.height - target.bottom, target.width, target.height)
        return Rect(self.size.width - target.right, target.y, target.width, target.height)

    def made(self, _target: Rect, known: Raster) -> Raster:
        return np.flip(known, axis=0 if self.upside_down else 1)

    def placed(self, x: float, y: float) -> Point:
        return Point(x, self.size.height - y) if self.upside_down else Point(self.size.width - x, y)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Turned clockwise by `quarters` (1 to 3) quarters of a circle."""

    size: Size
    quarters: int

    @property
    def magnified(self) -> float:
        return 1.0

    def source(self, target: Rect) -> Rect:
        width, height = self.size.width, self.size.height
        match self.quarters:
            case 1:
                return Rect(target.y, width - target.right, target.height, target.width)
            case 2:
                return Rect(width - target.right, height - target.bottom, target.width, target.height)
            case _:
                return Rect(height - target.bottom, target.x, target.height, target.width)

    def made(self, _target: Rect, known: Raster) -> Raster:
        return np.rot90(known, -self.quarters)

    def placed(self, x: float, y: float) -> Point:
        match self.quarters:
            case 1:
                return Point(self.size.width - y, x)
            case 2:
                return Point(self.size.width - x, self.size.height - y)
            case _:
                return Point(y, self.size.height - x)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The canvas of size `old` stretched to `size`; beyond its rim nothing is mixed in."""

    old: Size
    size: Size
    resampling: Resampling = Resampling.LANCZOS

    def source(self, target: Rect) -> Rect:
        left, top, right, bottom = self._box(target)
        x_reach, y_reach = (_REACH[self.resampling] * max(1.0, each) + 1 for each in self._factors)
        return Rect.from_edges(
            math.floor(left - x_reach),
            math.floor(top - y_reach),
            math.ceil(right + x_reach),
            math.ceil(bottom + y_reach),
        ).intersected(Rect.of_size(self.old))

    def made(self, target: Rect, known: Raster) -> Raster:
        source = self.source(target)
        left, top, right, bottom = self._box(target)
        box = (left - source.x, top - source.y, right - source.x, bottom - source.y)
        return _filtered(known, lambda image: image.resize((target.width, target.height), self.resampling, box))

    def placed(self, x: float, y: float) -> Point:
        across, down = self._factors
        return Point(x / across, y / down)

    @property
    def magnified(self) -> float:
        return math.sqrt(self.size.area / self.old.area)

    @property
    def _factors(self) -> tuple[float, float]:
        return self.old.width / self.size.width, self.old.height / self.size.height

    def _box(self, target: Rect) -> tuple[float, float, float, float]:
        """`target` in pixels of the old canvas."""
        x, y = self._factors
        return (
            target.x * x,
            target.y * y,
            min(target.right * x, self.old.width),
            min(target.bottom * y, self.old.height),
        )


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """Turned clockwise about the middle, on a canvas that holds all of it."""

    old: Size
    degrees: float

    @property
    def _cos_sin(self) -> tuple[float, float]:
        return math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))

    @property
    def size(self) -> Size:
        cos, sin = (abs(each) for each in self._cos_sin)
        width, height = self.old.width, self.old.height
        return Size(math.ceil(width * cos + height * sin - 1e-6), math.ceil(width * sin + height * cos - 1e-6))

    @property
    def magnified(self) -> float:
        return 1.0

    def source(self, target: Rect) -> Rect:
        corners = [self._back(x, y) for x in (target.x, target.right) for y in (target.y, target.bottom)]
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        return Rect.from_edges(math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))).grown(
            3
        )

    def made(self, target: Rect, known: Raster) -> Raster:
        source = self.source(target)
        cos, sin = self._cos_sin
        start = self._back(target.x, target.y)
        matrix = (cos, sin, start.x - source.x, -sin, cos, start.y - source.y)
        size = (target.width, target.height)
        return _filtered(known, lambda image: image.transform(size, _AFFINE, matrix, Resampling.BICUBIC))

    def placed(self, x: float, y: float) -> Point:
        cos, sin = self._cos_sin
        x, y = x - self.old.width / 2, y - self.old.height / 2
        return Point(cos * x - sin * y + self.size.width / 2, sin * x + cos * y + self.size.height / 2)

    def _back(self, x: float, y: float) -> Point:
        """The place in the old canvas of a place in the new one."""
        cos, sin = self._cos_sin
        x, y = x - self.size.width / 2, y - self.size.height / 2
        return Point(cos * x + sin * y + self.old.width / 2, cos * y - sin * x + self.old.height / 2)


def _filtered(pixels: Raster, change: Callable[[Image.Image], Image.Image]) -> Raster:
    """`change`, a filter of Pillow's, applied to premultiplied pixels or to coverage."""
    if pixels.ndim == 2 or is_opaque(pixels):
        mode = "L" if pixels.ndim == 2 else "RGBa"  # premultiplied: Pillow then leaves the channels alone
        size = (pixels.shape[1], pixels.shape[0])
        return np.array(change(Image.frombuffer(mode, size, np.ascontiguousarray(pixels), "raw", mode, 0, 1)))
    # Filters that sharpen overshoot. What alpha has above 255 its colours must lose too, or a bright rim appears.
    channels = [np.asarray(change(Image.fromarray(pixels[..., i].astype(np.float32)))) for i in range(4)]
    result = np.stack(channels, axis=-1)
    result *= 255 / np.maximum(result[..., 3:], 255)
    np.minimum(result, result[..., 3:], out=result)
    return cast(Raster, np.rint(np.maximum(result, 0)).astype(np.uint8))


def transformed(tiles: TileSnapshot, transform: Transform) -> TileSnapshot:
    """What a layer holds after the canvas has changed."""
    if isinstance(transform, Shift) and transform.dx % TILE == 0 and transform.dy % TILE == 0:
        return _moved(tiles, transform)
    stored = tiles.keys()
    result = Tiles()
    for target in Rect.of_size(transform.size).blocks(BLOCK):
        source = transform.source(target)
        if any(key in stored for key, _ in tiles_of(source)):
            result.write(target, transform.made(target, tiles.read(source)))
    return result.snapshot()


def _moved(tiles: TileSnapshot, shift: Shift) -> TileSnapshot:
    """By whole tiles, which are shared but for those that the new rim cuts."""
    canvas = Rect.of_size(shift.size)
    result = Tiles()
    whole: dict[TileKey, Pixels | None] = {}
    for (column, row), tile in tiles.items():
        key = (column + shift.dx // TILE, row + shift.dy // TILE)
        inside = tile_rect(key).intersected(canvas)
        if inside == tile_rect(key):
            whole[key] = tile
        elif not inside.is_empty:
            result.write(inside, tile[inside.slices(tile_rect(key))])
    result.replace(whole)
    return result.snapshot()
