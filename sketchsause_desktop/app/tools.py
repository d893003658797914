"""What a tool is: its name, what it does with the pointer, and what is drawn over the picture meanwhile."""

import enum
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Point


class Tool(enum.Enum):
    BRUSH = "brush"
    ERASER = "eraser"
    HINT = "hint"
    FILL = "fill"
    GRADIENT = "gradient"
    PICKER = "picker"
    RECT_SELECT = "rect_select"
    ELLIPSE_SELECT = "ellipse_select"
    LASSO = "lasso"
    WAND = "wand"
    LOCK = "lock"  # a region to a colour of a character
    MOVE = "move"
    HAND = "hand"


BRUSHES = frozenset({Tool.BRUSH, Tool.ERASER, Tool.HINT})  # each has a brush of its own
SELECTING = frozenset({Tool.RECT_SELECT, Tool.ELLIPSE_SELECT, Tool.LASSO, Tool.WAND})


class Modifier(enum.Flag):
    """The keys that are held; `CONTROL` is Command on a Mac."""

    NONE = 0
    SHIFT = enum.auto()
    CONTROL = enum.auto()
    ALT = enum.auto()


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line through `points` in document pixels, drawn over the picture and never into it."""

    points: tuple[Point, ...]
    closed: bool = False


Preview: TypeAlias = tuple[Line, ...]


class ToolHandler(Protocol):
    """What a tool does with one drag: `press`, any number of `move`, then `release` or `cancel`.

    Samples are in document pixels and may lie off the canvas.
    """

    def press(self, sample: PenSample, modifiers: Modifier, /) -> None: ...
    def move(self, sample: PenSample, modifiers: Modifier, /) -> None: ...
    def release(self) -> None: ...

    def cancel(self) -> None:
        """Take everything back as if the drag had never begun (Escape)."""

    def preview(self) -> Preview:
        """What to draw over the picture now; nothing when no drag is in progress."""


class ClickTool:
    """The part of a handler that acts when it is pressed, and for which dragging means nothing."""

    def move(self, sample: PenSample, modifiers: Modifier, /) -> None:
        pass

    def release(self) -> None:
        pass

    def cancel(self) -> None:
        pass

    def preview(self) -> Preview:
        return ()
