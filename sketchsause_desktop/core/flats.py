"""Flats: one plain colour for each region of the line art, as comic artists lay them; and what is left over as shade.

The result is taken apart into layers that make it again: flats, what is darker than they are (multiplied over them) and
what is lighter (added on top). One layer alone cannot: multiplying never makes a colour lighter.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.compositing import composite_on_paper
from sketchsause_desktop.core.document import DocumentSnapshot
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Blend, Group, Layer, LayerSnapshot, Role
from sketchsause_desktop.core.line_regions import fine_labels, grey_of, is_line, line_regions
from sketchsause_desktop.core.regions import Labels
from sketchsause_desktop.core.tiles import Tiles, TileSnapshot

REGION_SIDE = 2048  # px of the longer side at which regions are found; smaller ones than a pixel there are lost
_AT_ONCE = 1 << 13  # regions that are counted at the same time: 2 kB of memory each


class Separated(NamedTuple):
    """Pictures (H, W, 3): `flats * shade / 255 + light` is the result, to one step of 255."""

    flats: Pixels
    shade: Pixels
    light: Pixels


def flat_colours(colour: Pixels, lines: Pixels) -> Pixels:
    """`colour` (H, W, 3) with the median of its pixels in each region of `lines` (H, W, 3).

    Regions go under the lines up to their middle; gaps in the lines count as closed.
    """
    grey = grey_of(lines)
    labels = fine_labels(line_regions(grey, REGION_SIDE), grey)
    seen = np.where(is_line(grey), 0, labels)  # what lies under the lines was never looked at by anybody
    flat: Pixels = _medians(colour, seen, int(labels.max(initial=0)))[labels]
    return flat


def separated(colour: Pixels, lines: Pixels) -> Separated:
    flats = flat_colours(colour, lines)
    shade, light = np.empty_like(colour), np.empty_like(colour)
    for top in range(0, len(colour), 256):  # keeps the memory small
        rows = np.s_[top : top + 256]
        flat = flats[rows].astype(np.uint16)
        darker = np.minimum(colour[rows], flat)
        shade[rows] = np.where(flat > 0, (darker * np.uint32(255) + flat // 2) // np.maximum(flat, 1), 255)
        light[rows] = colour[rows] - darker
    return Separated(flats, shade, light)


def flats_layer(
    drawing: DocumentSnapshot, colours: tuple[LayerSnapshot, ...], lines: tuple[LayerSnapshot, ...]
) -> Layer:
    """A new layer out of what is seen of a drawing's AI colours and line art. Any thread may call it."""
    return _layer("Flats", flat_colours(*_seen(drawing, colours, lines)))


def separated_group(
    drawing: DocumentSnapshot, colours: tuple[LayerSnapshot, ...], lines: tuple[LayerSnapshot, ...]
) -> Group:
    """As `flats_layer`: a group of flats, shade and light that looks like the colours."""
    parts = separated(*_seen(drawing, colours, lines))
    layers = [_layer("Flats", parts.flats), _layer("Shade", parts.shade, Blend.MULTIPLY)]
    light = _layer("Light", _on_nothing(parts.light), Blend.ADD)
    return Group(name="Flats and shade", layers=[*layers, light])


def _seen(
    drawing: DocumentSnapshot, colours: tuple[LayerSnapshot, ...], lines: tuple[LayerSnapshot, ...]
) -> tuple[Pixels, Pixels]:
    canvas = Rect.of_size(drawing.size)
    colour, line_art = (np.ascontiguousarray(composite_on_paper(each, canvas)[..., :3]) for each in (colours, lines))
    return colour, line_art


def _on_nothing(light: Pixels) -> Pixels:
    """Transparent where nothing is lighter, so that the layer is small."""
    return np.dstack([light, np.where(light.any(axis=2), np.uint8(255), np.uint8(0))])


def _layer(name: str, pixels: Pixels, blend: Blend = Blend.NORMAL) -> Layer:
    canvas = Rect(0, 0, pixels.shape[1], pixels.shape[0])
    tiles = Tiles.of(TileSnapshot.cut(canvas, premultiplied(pixels)))
    return Layer(name=name, role=Role.PAINT, blend=blend, tiles=tiles)


def _medians(colour: Pixels, labels: Labels, count: int) -> Pixels:
    """The middle value of each channel for the labels 0 to `count`; white where there is no pixel."""
    medians = np.full((count + 1, 3), 255, np.uint8)
    numbers, values = labels.ravel(), colour.reshape(-1, 3)
    for first in range(0, count + 1, _AT_ONCE):
        some = slice(first, min(first + _AT_ONCE, count + 1))
        if count < _AT_ONCE:
            medians[some] = _medians_of(values, numbers, count + 1)
        else:  # hatching and screen tones have a region for each dot
            which = np.flatnonzero((numbers >= some.start) & (numbers < some.stop))
            medians[some] = _medians_of(values[which], numbers[which] - first, some.stop - first)
    return medians


def _medians_of(values: Pixels, numbers: NDArray[np.int32], count: int) -> Pixels:
    """`values` (N, 3), each of the group that its number, below `count`, tells: uint8 (count, 3)."""
    medians = np.full((count, 3), 255, np.uint8)
    base = numbers * 256
    for channel in range(3):
        bins = np.bincount(base + values[:, channel], minlength=256 * count).reshape(count, 256)
        upto = bins.cumsum(axis=1)
        found = upto[:, -1] > 0
        medians[found, channel] = (upto * 2 >= upto[:, -1:]).argmax(axis=1)[found]
    return medians
