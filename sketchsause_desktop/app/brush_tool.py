"""Brush, eraser and hint brush: strokes, straight lines by Shift and a click, the size by Shift and a drag."""

import dataclasses
import math
from collections.abc import Callable

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.tools import Line, Modifier, Preview
from sketchsause_desktop.core.brush import MAX_BRUSH_SIZE, PenSample
from sketchsause_desktop.core.geometry import Point

_RING_CORNERS = 48


class BrushTool:
    """Paints with the brush in hand, or, for the pen's other end, always with the eraser."""

    def __init__(self, editor: Editor, slack: Callable[[], float], *, erases: bool = False) -> None:
        """`slack` is how far in document pixels a click may go before it is a drag."""
        self._editor, self._slack, self._erases = editor, slack, erases
        self._shift_at: PenSample | None = None  # where Shift and a press began
        self._old_size: float | None = None  # while the brush is being resized

    def press(self, sample: PenSample, modifiers: Modifier) -> None:
        if Modifier.SHIFT in modifiers:
            self._shift_at = sample
        else:
            self._editor.begin_stroke(sample, erase=self._erases)

    def move(self, sample: PenSample, _modifiers: Modifier) -> None:
        start = self._shift_at
        if start is None:
            self._editor.extend_stroke(sample)
            return
        if self._old_size is None and start.distance(sample) > self._slack():
            self._old_size = self._editor.brush.size
        if self._old_size is not None:
            size = min(max(round(self._old_size + sample.x - start.x), 1), MAX_BRUSH_SIZE)
            self._editor.set_brush(dataclasses.replace(self._editor.brush, size=float(size)))

    def release(self) -> None:
        start, is_resize = self._shift_at, self._old_size is not None
        self._shift_at = self._old_size = None
        if start is not None and not is_resize:
            self._draw_line_to(start)
        self._editor.end_stroke()

    def _draw_line_to(self, end: PenSample) -> None:
        """From where the last stroke ended, of one thickness; without one, a dot."""
        last = self._editor.current.last_point
        start = end if last is None else end._replace(x=last.x, y=last.y)
        if self._editor.begin_stroke(start, erase=self._erases) and last is not None:
            self._editor.extend_stroke(end)

    def cancel(self) -> None:
        if self._old_size is not None:
            self._editor.set_brush(dataclasses.replace(self._editor.brush, size=self._old_size))
        self._shift_at = self._old_size = None
        self._editor.cancel_stroke()

    def preview(self) -> Preview:
        """The outline of the brush that is being resized."""
        if self._old_size is None or self._shift_at is None:
            return ()
        radius, centre = self._editor.brush.size / 2, self._shift_at
        angles = (2 * math.pi * step / _RING_CORNERS for step in range(_RING_CORNERS))
        ring = tuple(
            Point(centre.x + radius * math.cos(angle), centre.y + radius * math.sin(angle)) for angle in angles
        )
        return (Line(points=ring, closed=True),)
