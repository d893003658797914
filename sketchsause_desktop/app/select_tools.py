"""Rectangle, ellipse, lasso and magic wand, and moving what they selected.

Held when the drag begins, Shift adds, Alt subtracts, both intersect; Shift held later makes a square or a circle.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

from PySide6.QtCore import QTimer

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.fill_tools import pixel_at, sample_of
from sketchsause_desktop.app.tool_options import SelectMode
from sketchsause_desktop.app.tools import ClickTool, Line, Modifier, Preview
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.fill import flood, similar_everywhere
from sketchsause_desktop.core.geometry import Point, Rect
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.selection_edges import feathered
from sketchsause_desktop.core.selection_shapes import ellipse, polygon

_CORNERS = 64  # of the line that stands for an ellipse
_BOTH = Modifier.SHIFT | Modifier.ALT


def mode_of(editor: Editor, modifiers: Modifier) -> SelectMode:
    keys = modifiers & _BOTH
    by_keys = {_BOTH: SelectMode.INTERSECT, Modifier.SHIFT: SelectMode.ADD, Modifier.ALT: SelectMode.SUBTRACT}
    return by_keys.get(keys, editor.options.select.mode)


def select(editor: Editor, found: Selection, mode: SelectMode) -> None:
    """Feather it and join it to what is selected; one step of the history."""
    sigma = editor.options.select.feather
    if sigma and not found.is_empty:
        found = feathered(found, sigma, editor.document.rect)
    before = editor.selection
    if mode is SelectMode.ADD and before is not None:
        found = before.united(found)
    elif mode is SelectMode.SUBTRACT:
        everything = before or Selection.of_rect(editor.document.rect)
        found = everything.without(found)
    elif mode is SelectMode.INTERSECT and before is not None:
        found = before.intersected(found)
    editor.set_selection(found)


class _ShapeTool(ABC):
    """A shape drawn by a drag; a click without one selects nothing, which lifts the limit."""

    def __init__(self, editor: Editor, slack: Callable[[], float]) -> None:
        self._editor, self._slack = editor, slack
        self._mode = SelectMode.REPLACE
        self._is_down = self._is_drag = False
        self._held = Modifier.NONE  # when the drag began

    def press(self, sample: PenSample, modifiers: Modifier) -> None:
        self._mode, self._held = mode_of(self._editor, modifiers), modifiers
        self._is_down, self._is_drag = True, False
        self._begin(Point(sample.x, sample.y))

    def move(self, sample: PenSample, modifiers: Modifier) -> None:
        if self._is_down:
            self._is_drag |= self._extend(Point(sample.x, sample.y), modifiers & ~self._held) > self._slack()

    def release(self) -> None:
        if not self._is_down:
            return
        self._is_down = False
        if self._is_drag:
            select(self._editor, self._selection(), self._mode)
        elif self._mode is SelectMode.REPLACE and self._editor.selection is not None:
            self._editor.set_selection(None, "Deselect")

    def cancel(self) -> None:
        self._is_down = False

    def preview(self) -> Preview:
        return (self._outline(),) if self._is_down and self._is_drag else ()

    @abstractmethod
    def _begin(self, point: Point) -> None: ...

    @abstractmethod
    def _extend(self, point: Point, modifiers: Modifier, /) -> float:
        """How far the drag went from its beginning."""

    @abstractmethod
    def _selection(self) -> Selection: ...

    @abstractmethod
    def _outline(self) -> Line: ...


class RectangleTool(_ShapeTool):
    def _begin(self, point: Point) -> None:
        self._start = self._end = point

    def _extend(self, point: Point, modifiers: Modifier) -> float:
        dx, dy = point.x - self._start.x, point.y - self._start.y
        if Modifier.SHIFT in modifiers:
            side = max(abs(dx), abs(dy))
            dx, dy = math.copysign(side, dx), math.copysign(side, dy)
        self._end = Point(self._start.x + dx, self._start.y + dy)
        return self._start.distance(self._end)

    @property
    def _rect(self) -> Rect:
        x = sorted((round(self._start.x), round(self._end.x)))
        y = sorted((round(self._start.y), round(self._end.y)))
        return Rect.from_edges(x[0], y[0], x[1], y[1])

    def _selection(self) -> Selection:
        inside = self._rect.intersected(self._editor.document.rect)
        return Selection() if inside.is_empty else Selection.of_rect(inside)

    def _outline(self) -> Line:
        return outline_of(self._rect)


def outline_of(rect: Rect) -> Line:
    corners = ((rect.x, rect.y), (rect.right, rect.y), (rect.right, rect.bottom), (rect.x, rect.bottom))
    return Line(points=tuple(Point(x, y) for x, y in corners), closed=True)


class EllipseTool(RectangleTool):
    def _selection(self) -> Selection:
        return ellipse(self._rect, self._editor.document.rect)

    def _outline(self) -> Line:
        rect = self._rect
        angles = (2 * math.pi * step / _CORNERS for step in range(_CORNERS))
        points = tuple(
            Point(
                rect.x + rect.width / 2 * (1 + math.cos(angle)),
                rect.y + rect.height / 2 * (1 + math.sin(angle)),
            )
            for angle in angles
        )
        return Line(points=points, closed=True)


class LassoTool(_ShapeTool):
    def _begin(self, point: Point) -> None:
        self._points = [point]

    def _extend(self, point: Point, _modifiers: Modifier) -> float:
        self._points.append(point)
        return self._points[0].distance(point)

    def _selection(self) -> Selection:
        return polygon(self._points, self._editor.document.rect)

    def _outline(self) -> Line:
        return Line(points=tuple(self._points), closed=True)


class WandTool(ClickTool):
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def press(self, sample: PenSample, modifiers: Modifier) -> None:
        options = self._editor.options.wand
        search = similar_everywhere if options.everywhere else flood
        canvas = self._editor.document.rect
        area = search(sample_of(self._editor, options.source), canvas, pixel_at(sample), options.region)
        found = Selection() if area.rect.is_empty else Selection.of_coverage(area.rect, area.coverage)
        select(self._editor, found, mode_of(self._editor, modifiers))


class MoveTool:
    """Shifts what is chosen, layers and groups, or what is selected of it; Shift holds it to one direction.

    What is too large to be shifted at once is shown by its outline until the drag ends.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._start: PenSample | None = None
        self._by = (0, 0)
        # Of the events that wait only the last one counts.
        self._soon = QTimer(editor, singleShot=True, interval=0)
        self._soon.timeout.connect(self._show)

    def press(self, sample: PenSample, _modifiers: Modifier) -> None:
        self._start, self._by = sample if self._editor.begin_move() else None, (0, 0)

    def move(self, sample: PenSample, modifiers: Modifier) -> None:
        if self._start is None:
            return
        dx, dy = round(sample.x - self._start.x), round(sample.y - self._start.y)
        if Modifier.SHIFT in modifiers:
            dx, dy = (dx, 0) if abs(dx) >= abs(dy) else (0, dy)
        self._by = (dx, dy)
        self._soon.start()

    def _show(self) -> None:
        if self._start is not None:
            self._editor.move_by(*self._by)

    def release(self) -> None:
        self._show()
        self._stop()
        if self._editor.moving is not None:
            self._editor.end_stroke()

    def cancel(self) -> None:
        self._stop()
        if self._editor.moving is not None:
            self._editor.cancel_stroke()

    def _stop(self) -> None:
        self._soon.stop()
        self._start = None

    def preview(self) -> Preview:
        """Of a selection, too: the dashes round it follow at the end."""
        moving = self._editor.moving
        if self._start is None or moving is None or moving.content.is_empty or self._by == (0, 0):
            return ()
        if moving.is_live and self._editor.selection is None:
            return ()
        return (outline_of(moving.content.moved(*self._by)),)
