"""Fill, gradient and colour picker; and what tools look at."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from sketchsause_desktop.app.colouring import lay_colours
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.tool_options import GradientShape, Source
from sketchsause_desktop.app.toolbox import Rgb
from sketchsause_desktop.app.tools import ClickTool, Line, Modifier, Preview
from sketchsause_desktop.core.blend import Pixels, scaled, spread
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.document import SHOWN, Document
from sketchsause_desktop.core.fill import Area, flood
from sketchsause_desktop.core.geometry import Point, Rect
from sketchsause_desktop.core.gradient import Gradient, linear_gradient, radial_gradient
from sketchsause_desktop.core.history import TileChange
from sketchsause_desktop.core.layer_pixels import paint
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.picker import picked
from sketchsause_desktop.core.sampling import Limit, Sample

_TURN = math.pi / 4  # what Shift holds a direction to


def sample_of(editor: Editor, source: Source) -> Sample:
    """What a tool looks at; a group has no pixels of its own, so the picture stands for it."""
    layer = editor.active_layer
    if source is Source.LAYER and isinstance(layer, Layer):
        return layer.tiles.read
    roles = frozenset({Role.LINE_ART}) if source is Source.LINE_ART else SHOWN
    return partial(editor.document.composite, roles=roles)


def limit_of(document: Document) -> Limit | None:
    return document.selection.coverage if document.selection is not None else None


def pixel_at(sample: PenSample) -> tuple[int, int]:
    """Column and row."""
    return math.floor(sample.x), math.floor(sample.y)


class FillTool(ClickTool):
    """Fills the region that is touched with the foreground colour, on the active layer or under its lines."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def press(self, sample: PenSample, _modifiers: Modifier) -> None:
        lay_colours(self._editor, (self._editor.colours.foreground,), partial(self._fill, pixel_at(sample)))

    def _fill(self, seed: tuple[int, int], document: Document, layer: Layer) -> TileChange | None:
        options = self._editor.options.fill
        area = flood(sample_of(self._editor, options.source), document.rect, seed, options.region, limit_of(document))
        colour = self._editor.colours.foreground
        return paint(document, layer.layer_id, area.rect, partial(_inked, area, colour), "Fill")


def _inked(area: Area, colour: Rgb, part: Rect) -> Pixels:
    coverage = np.ascontiguousarray(area.coverage[part.slices(area.rect)])
    ink: Pixels = np.full((*coverage.shape, 4), (*colour, 255), np.uint8)
    return scaled(ink, spread(coverage))


class GradientTool:
    """From where the drag begins to where it ends, over the selection or the whole canvas; Shift holds the angle."""

    def __init__(self, editor: Editor, slack: Callable[[], float]) -> None:
        self._editor, self._slack = editor, slack
        self._start: Point | None = None
        self._end = Point(0.0, 0.0)

    def press(self, sample: PenSample, _modifiers: Modifier) -> None:
        self._start = self._end = Point(sample.x, sample.y)

    def move(self, sample: PenSample, modifiers: Modifier) -> None:
        if self._start is not None:
            end = Point(sample.x, sample.y)
            self._end = _turned(self._start, end) if Modifier.SHIFT in modifiers else end

    def release(self) -> None:
        start, self._start = self._start, None
        if start is not None and start.distance(self._end) > self._slack():
            lay_colours(self._editor, self._colours(), partial(self._lay, start, self._end))

    def _colours(self) -> tuple[Rgb, ...]:
        colours = self._editor.colours
        is_one = self._editor.options.gradient.to_transparent
        return (colours.foreground,) if is_one else (colours.foreground, colours.background)

    def _lay(self, start: Point, end: Point, document: Document, layer: Layer) -> TileChange | None:
        options = self._editor.options.gradient
        gradient = self._gradient()

        def made(part: Rect) -> Pixels:
            if options.shape is GradientShape.RADIAL:
                return radial_gradient(gradient, start, start.distance(end), part)
            return linear_gradient(gradient, start, end, part)

        area = document.rect if document.selection is None else document.selection.bounds
        return paint(document, layer.layer_id, area, made, "Gradient", limit_of(document))

    def _gradient(self) -> Gradient:
        colours, options = self._editor.colours, self._editor.options.gradient
        first = (*colours.foreground, 255)
        last = (*colours.foreground, 0) if options.to_transparent else (*colours.background, 255)
        return Gradient.between(last, first) if options.reverse else Gradient.between(first, last)

    def cancel(self) -> None:
        self._start = None

    def preview(self) -> Preview:
        return () if self._start is None else (Line(points=(self._start, self._end)),)


def _turned(start: Point, end: Point) -> Point:
    """As far from `start`, in the nearest direction of eight."""
    angle = round(math.atan2(end.y - start.y, end.x - start.x) / _TURN) * _TURN
    length = start.distance(end)
    return Point(start.x + length * math.cos(angle), start.y + length * math.sin(angle))


class PickerTool(ClickTool):
    """Takes the colour under the pointer as the foreground colour; with Alt as the background colour."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._before = editor.colours

    def press(self, sample: PenSample, modifiers: Modifier) -> None:
        self._before = self._editor.colours
        self.move(sample, modifiers)

    def move(self, sample: PenSample, modifiers: Modifier) -> None:
        options, column_row = self._editor.options.picker, pixel_at(sample)
        colour = picked(sample_of(self._editor, options.source), self._editor.document.rect, *column_row, options.side)
        if colour is None or colour[3] == 0:
            return
        if Modifier.ALT in modifiers:
            self._editor.set_background(colour[:3])
        else:
            self._editor.set_foreground(colour[:3])

    def cancel(self) -> None:
        self._editor.set_colours(self._before)
