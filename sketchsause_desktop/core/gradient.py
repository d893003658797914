"""Gradients: premultiplied pixels, dithered so that wide slopes show no bands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.geometry import Point, Rect

_STEPS = 4096  # colours looked up; with 256 levels and dithering more cannot be seen
_NO_WAY = 1e-3  # px; shorter ones have no direction
_BAND = 32  # rows at a time, so that they stay in the cache
_LANES = np.uint64(0x0001_0001_0001_0001)  # spreads a 16-bit number over the four channels of a pixel

_Places: TypeAlias = NDArray[np.floating]  # (height, width): 0 = the gradient's beginning, 1 = its end


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A colour with straight alpha at a place from 0 to 1."""

    place: float
    colour: tuple[int, int, int, int]

    def __post_init__(self) -> None:
        if not 0 <= self.place <= 1:
            raise ValueError(f"a stop at {self.place} is outside 0..1")
        if not all(0 <= channel <= 255 for channel in self.colour):
            raise ValueError(f"the colour {self.colour} is outside 0..255")


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """Stops in ascending order; two at one place are a hard edge. Before the first and after the last it goes on."""

    stops: tuple[Stop, ...]

    def __post_init__(self) -> None:
        places = [stop.place for stop in self.stops]
        if not places or places != sorted(places):
            raise ValueError(f"the places of the stops {places} must ascend")

    @staticmethod
    def between(first: tuple[int, int, int, int], last: tuple[int, int, int, int]) -> "Gradient":
        return Gradient(stops=(Stop(place=0, colour=first), Stop(place=1, colour=last)))


def linear_gradient(gradient: Gradient, start: Point, end: Point, rect: Rect) -> Pixels:
    """The pixels of `rect`, (height, width, 4); what lies on the far side of `end` has the last colour."""
    along = end - start
    length = along.x**2 + along.y**2

    def places(part: Rect) -> _Places:
        if length < _NO_WAY**2:
            return np.ones((part.height, part.width), np.float32)
        columns, rows = _centres(part, start)
        return (columns * (along.x / length)).astype(np.float32) + (rows * (along.y / length)).astype(np.float32)

    return _coloured(gradient, places, rect)


def radial_gradient(gradient: Gradient, centre: Point, radius: float, rect: Rect) -> Pixels:
    """The pixels of `rect`, (height, width, 4); what lies outside the circle has the last colour."""

    def places(part: Rect) -> _Places:
        if radius < _NO_WAY:
            return np.ones((part.height, part.width), np.float32)
        columns, rows = _centres(part, centre)
        return np.sqrt(((columns / radius) ** 2).astype(np.float32) + ((rows / radius) ** 2).astype(np.float32))

    return _coloured(gradient, places, rect)


def _centres(rect: Rect, origin: Point) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """How far right of `origin` the columns are and, one below the other, how far below it the rows."""
    columns = np.arange(rect.x, rect.right) + (0.5 - origin.x)
    rows = np.arange(rect.y, rect.bottom) + (0.5 - origin.y)
    return columns, rows[:, np.newaxis]


def _coloured(gradient: Gradient, places: Callable[[Rect], _Places], rect: Rect) -> Pixels:
    table = _table(gradient)
    result = np.empty((rect.height, rect.width, 4), np.uint8)
    for band in rect.bands(_BAND):
        steps = np.clip(np.rint(places(band) * np.float32(_STEPS - 1)), 0, _STEPS - 1).astype(np.intp)
        lanes = table.take(steps)
        lanes += _noise(band) * _LANES  # at most 255 of 256: whole levels stay, and no channel passes alpha
        lanes >>= np.uint64(8)  # what comes down from the next channel is cut off with the higher byte
        result[band.slices(rect)] = lanes.view(np.dtype("<u2")).reshape(*steps.shape, 4)
    return result


def _table(gradient: Gradient) -> NDArray[np.uint64]:
    """The premultiplied colour of each step, four channels of 8 + 8 bits in one number."""
    colours = np.array([stop.colour for stop in gradient.stops], np.float64)
    colours[:, :3] *= colours[:, 3:] / 255
    places = np.array([stop.place for stop in gradient.stops])
    steps = np.linspace(0, 1, _STEPS)
    channels = np.stack([np.interp(steps, places, channel) for channel in colours.T], axis=-1)
    fixed: NDArray[np.uint16] = np.rint(channels * 256).astype("<u2")
    return fixed.view(np.dtype("<u8"))[:, 0]


def _noise(rect: Rect) -> NDArray[np.uint64]:
    """0 to 255 for each pixel of the canvas, neighbours far apart.

    Interleaved gradient noise: Jimenez 2014, "Next Generation Post Processing in Call of Duty: Advanced Warfare".
    """
    columns = np.arange(rect.x, rect.right) * 0.06711056 % 1
    rows = np.arange(rect.y, rect.bottom) * 0.00583715 % 1
    noise = columns.astype(np.float32) + rows.astype(np.float32)[:, np.newaxis]
    noise -= np.floor(noise)
    noise *= np.float32(52.9829189)
    noise -= np.floor(noise)
    noise *= 256
    return noise.astype(np.uint64)
