"""The editor: the open document and the tool in hand. The window calls it and paints what its signals name.

All of it belongs to the GUI thread. Points and rectangles are in document pixels.
"""

import enum

from PySide6.QtCore import QObject, Signal

from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Point, Size
from sketchsause_desktop.core.requests import InferenceResult
from sketchsause_desktop.core.tiles import Pixels


class Tool(enum.Enum):
    BRUSH = "brush"
    ERASER = "eraser"
    HAND = "hand"


class Editor(QObject):
    """Holds one document at a time. There is always one: an empty drawing at the start."""

    document_replaced = Signal()  # another document is open: fit the view, repaint everything
    region_changed = Signal(object)  # Rect: the user's own pixels changed here; repaint at once
    result_changed = Signal(object)  # Rect: the AI colours changed here; repaint in slices of a few milliseconds
    history_changed = Signal()  # ask can_undo, can_redo, undo_text, redo_text, is_modified
    tool_changed = Signal(object)  # Tool
    brush_changed = Signal(object)  # Brush: that of the tool in hand

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    # The document

    @property
    def document(self) -> Document:
        raise NotImplementedError

    @property
    def title(self) -> str:
        """The drawing's name without marks, such as "portrait" or "Untitled"."""
        raise NotImplementedError

    @property
    def is_modified(self) -> bool:
        """Whether something would be lost; undoing back to the saved state makes it False again."""
        raise NotImplementedError

    def new(self, size: Size) -> None:
        raise NotImplementedError

    def open_pixels(self, pixels: Pixels, title: str) -> None:
        """Open a picture as line art in place of the document; ask about `is_modified` before."""
        raise NotImplementedError

    def paste(self, pixels: Pixels) -> None:
        """Lay a picture on the line art, in the middle, made smaller if it does not fit; one undo step."""
        raise NotImplementedError

    def clear(self) -> None:
        """Empty the active layer; one undo step."""
        raise NotImplementedError

    def export_pixels(self) -> Pixels:
        """The merged picture, (H, W, 3): paper, AI colour, paint and lines, without hints."""
        raise NotImplementedError

    def mark_saved(self) -> None:
        raise NotImplementedError

    # Tools and strokes

    @property
    def tool(self) -> Tool:
        raise NotImplementedError

    def set_tool(self, tool: Tool) -> None:
        """Ends a stroke in progress first."""
        raise NotImplementedError

    @property
    def brush(self) -> Brush:
        """The brush of the tool in hand: brush and eraser keep their own; the hand has the brush's."""
        raise NotImplementedError

    def set_brush(self, brush: Brush) -> None:
        """Change the brush of the tool in hand; a stroke in progress goes on with what it began with."""
        raise NotImplementedError

    @property
    def is_drawing(self) -> bool:
        raise NotImplementedError

    def begin_stroke(self, point: Point, pressure: float = 1.0, erase: bool = False) -> None:
        """Pen down. `erase` is the pen's eraser end: it erases whatever tool is in hand. Does nothing with the hand."""
        raise NotImplementedError

    def extend_stroke(self, point: Point, pressure: float = 1.0) -> None:
        """The pen moved; does nothing when no stroke is in progress. `pressure` runs from 0 to 1, already repaired."""
        raise NotImplementedError

    def end_stroke(self) -> None:
        """Pen up: the stroke becomes one undo step."""
        raise NotImplementedError

    def cancel_stroke(self) -> None:
        """Take back the stroke in progress as if it had never begun (Escape, a second finger)."""
        raise NotImplementedError

    # History

    @property
    def can_undo(self) -> bool:
        raise NotImplementedError

    @property
    def can_redo(self) -> bool:
        raise NotImplementedError

    @property
    def undo_text(self) -> str:
        """What undo would take back, such as "Brush"; "" when there is nothing."""
        raise NotImplementedError

    @property
    def redo_text(self) -> str:
        raise NotImplementedError

    def undo(self) -> None:
        """Takes back the stroke in progress, if there is one, else the last step."""
        raise NotImplementedError

    def redo(self) -> None:
        raise NotImplementedError

    # Results

    def set_colour_strength(self, strength: float) -> None:
        """How strongly the AI colours show and are exported, from 0 to 1; outside the history. Repaints everything."""
        raise NotImplementedError

    def show_result(self, result: InferenceResult) -> bool:
        """Put the colours into the AI layer, outside the history; False when they belong to another document."""
        raise NotImplementedError
