"""The editor: the open document and the tool in hand. The window calls it and paints what its signals name.

All of it belongs to the GUI thread. Points and rectangles are in document pixels.
"""

import dataclasses
import enum

from PySide6.QtCore import QObject, Signal

from sketchsause_desktop.app.threads import require_own_thread
from sketchsause_desktop.core.blend import Pixels, multiplied_anywhere, premultiplied
from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.clipboard import fitted
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.core.history import History, TileChange
from sketchsause_desktop.core.layers import Layer
from sketchsause_desktop.core.requests import InferenceResult
from sketchsause_desktop.core.stroke import Stroke
from sketchsause_desktop.core.tiles import TileSnapshot

_NEVER = -1  # no state of a history
START_SIZE = Size(1024, 1024)  # of the empty drawing at the start


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
        self._document = Document.new(START_SIZE)
        self._title = "Untitled"
        self._history = History()
        self._saved_state = self._history.state
        self._tool = Tool.BRUSH
        self._brushes = {Tool.BRUSH: Brush(), Tool.ERASER: Brush(size=30.0, erases=True)}
        self._stroke: Stroke | None = None
        self._stroke_name = ""
        self._colour_strength = 1.0

    # The document

    @property
    def document(self) -> Document:
        return self._document

    @property
    def active_layer(self) -> Layer:
        """The layer that tools work on."""
        return self._document.line_art

    @property
    def title(self) -> str:
        """The drawing's name without marks, such as "portrait" or "Untitled"."""
        return self._title

    @property
    def is_modified(self) -> bool:
        """Whether something would be lost; undoing back to the saved state makes it False again."""
        return self.is_drawing or self._history.state != self._saved_state

    def new(self, size: Size) -> None:
        self._open(Document.new(size), "Untitled")

    def open_pixels(self, pixels: Pixels, title: str) -> None:
        """Open a picture as line art in place of the document; ask about `is_modified` before."""
        self._open(Document.from_line_art(pixels), title)

    def _open(self, document: Document, title: str, saved: bool = True) -> None:
        require_own_thread(self)
        self._stroke = None  # it belongs to the document that goes
        document.ai_colour.opacity = self._colour_strength
        self._document, self._title = document, title
        self._history = History()
        self._saved_state = self._history.state if saved else _NEVER
        self.document_replaced.emit()
        self.history_changed.emit()

    def paste(self, pixels: Pixels) -> None:
        """Lay a picture on the line art, in the middle, made smaller if it does not fit; one undo step.

        Its paper does not hide the lines below it. In an untouched empty drawing it gets a canvas of its own size.
        """
        self.end_stroke()
        if self._document.revision == 0 and not len(self.active_layer.tiles):
            self._open(Document.from_line_art(pixels), "Untitled", saved=False)
            return
        pasted = fitted(premultiplied(pixels), self._document.size)
        size = Size(pasted.shape[1], pasted.shape[0])
        canvas = self._document.size
        rect = Rect((canvas.width - size.width) // 2, (canvas.height - size.height) // 2, size.width, size.height)
        layer = self.active_layer
        before = layer.tiles.snapshot()
        layer.tiles.write(rect, multiplied_anywhere(layer.tiles.read(rect), pasted))
        self._record("Paste", layer, before)

    def clear(self) -> None:
        """Empty the active layer; one undo step."""
        self.end_stroke()
        layer = self.active_layer
        before = layer.tiles.snapshot()
        layer.tiles.replace(dict.fromkeys(layer.tiles.keys()))
        self._record("Clear", layer, before)

    def _record(self, name: str, layer: Layer, before: TileSnapshot) -> None:
        """Make one undo step of what happened to `layer` since `before`, and tell of it."""
        change = TileChange.of(name, layer, before)
        if change is None:
            return
        self._history.push(change)
        self._tell_changed(change.rect)
        self.history_changed.emit()

    def _tell_changed(self, rect: Rect) -> None:
        visible = rect.intersected(self._document.rect)
        if not visible.is_empty:
            self._document.touch()
            self.region_changed.emit(visible)

    def export_pixels(self) -> Pixels:
        """The merged picture, (H, W, 3): paper, AI colour, paint and lines, without hints.

        For a large drawing do the same elsewhere: `document.snapshot().merged()` may run on any thread.
        """
        return self._document.snapshot().merged()

    def mark_saved(self) -> None:
        self._saved_state = self._history.state
        self.history_changed.emit()

    # Tools and strokes

    @property
    def tool(self) -> Tool:
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Ends a stroke in progress first."""
        if tool is self._tool:
            return
        self.end_stroke()
        before = self.brush
        self._tool = tool
        self.tool_changed.emit(tool)
        if self.brush != before:
            self.brush_changed.emit(self.brush)

    @property
    def brush(self) -> Brush:
        """The brush of the tool in hand: brush and eraser keep their own; the hand has the brush's."""
        return self._brushes[self._brush_owner]

    @property
    def _brush_owner(self) -> Tool:
        return Tool.ERASER if self._tool is Tool.ERASER else Tool.BRUSH

    def set_brush(self, brush: Brush) -> None:
        """Change the brush of the tool in hand; a stroke in progress goes on with what it began with."""
        brush = dataclasses.replace(brush, erases=self._brush_owner is Tool.ERASER)
        if brush != self.brush:
            self._brushes[self._brush_owner] = brush
            self.brush_changed.emit(brush)

    @property
    def is_drawing(self) -> bool:
        return self._stroke is not None

    def begin_stroke(self, point: Point, pressure: float = 1.0, erase: bool = False) -> None:
        """Pen down. `erase` is the pen's eraser end: it erases whatever tool is in hand. Does nothing with the hand."""
        require_own_thread(self)
        self.end_stroke()
        if self._tool is Tool.HAND and not erase:
            return
        brush = self._brushes[Tool.ERASER if erase or self._tool is Tool.ERASER else Tool.BRUSH]
        self._stroke = Stroke(self.active_layer.tiles, brush, self._document.rect)
        self._stroke_name = "Eraser" if brush.erases else "Brush"
        self._tell_changed(self._stroke.begin(point, pressure))

    def extend_stroke(self, point: Point, pressure: float = 1.0) -> None:
        """The pen moved; does nothing when no stroke is in progress. `pressure` runs from 0 to 1, already repaired."""
        if self._stroke is not None:
            self._tell_changed(self._stroke.extend(point, pressure))

    def end_stroke(self) -> None:
        """Pen up: the stroke becomes one undo step."""
        if self._stroke is None:
            return
        stroke, self._stroke = self._stroke, None
        change = TileChange.of(self._stroke_name, self.active_layer, stroke.before)
        if change is not None:
            self._history.push(change)
        self.history_changed.emit()

    def cancel_stroke(self) -> None:
        """Take back the stroke in progress as if it had never begun (Escape, a second finger)."""
        if self._stroke is None:
            return
        stroke, self._stroke = self._stroke, None
        self._tell_changed(stroke.cancel())
        self.history_changed.emit()

    # History

    @property
    def can_undo(self) -> bool:
        return self.is_drawing or bool(self._history.undo_name)

    @property
    def can_redo(self) -> bool:
        return not self.is_drawing and bool(self._history.redo_name)

    @property
    def undo_text(self) -> str:
        """What undo would take back, such as "Brush"; "" when there is nothing."""
        return self._stroke_name if self.is_drawing else self._history.undo_name

    @property
    def redo_text(self) -> str:
        return "" if self.is_drawing else self._history.redo_name

    def undo(self) -> None:
        """Takes back the stroke in progress, if there is one, else the last step."""
        if self.is_drawing:
            self.cancel_stroke()
        elif self.can_undo:
            self._tell_changed(self._history.undo(self._document))
            self.history_changed.emit()

    def redo(self) -> None:
        if self.can_redo:
            self._tell_changed(self._history.redo(self._document))
            self.history_changed.emit()

    # Results

    def set_colour_strength(self, strength: float) -> None:
        """How strongly the AI colours show and are exported, from 0 to 1; outside the history. Repaints everything."""
        if strength != self._colour_strength:
            self._colour_strength = self._document.ai_colour.opacity = strength
            self.result_changed.emit(self._document.rect)

    def show_result(self, result: InferenceResult) -> bool:
        """Put the colours into the AI layer, outside the history; False when they belong to another document."""
        require_own_thread(self)
        if result.document_id != self._document.document_id:
            return False
        self._document.ai_colour.tiles.adopt(result.tiles, result.window, self._document.rect)
        self.result_changed.emit(result.window.intersected(self._document.rect))
        return True

    def clear_result(self) -> None:
        """Take the AI colours away."""
        tiles = self._document.ai_colour.tiles
        rect = tiles.replace(dict.fromkeys(tiles.keys())).intersected(self._document.rect)
        if not rect.is_empty:
            self.result_changed.emit(rect)
