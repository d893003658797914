"""The editor: the open drawings and what is done to the one in front. The window paints what its signals name.

All of it belongs to the GUI thread. Points and rectangles are in document pixels.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.changes import look_of, rect_of
from sketchsause_desktop.app.drawing import UNTITLED, Drawing
from sketchsause_desktop.app.moving import Moving
from sketchsause_desktop.app.painting import Painting, paintable
from sketchsause_desktop.app.threads import require_own_thread
from sketchsause_desktop.app.toolbox import Toolbox
from sketchsause_desktop.app.tools import BRUSHES, Tool
from sketchsause_desktop.core import clipboard, layer_pixels
from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.clipboard import Clip
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import EMPTY_RECT, Point, Rect, Size
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layer_changes import select as select_in
from sketchsause_desktop.core.layers import Layer, Node, Role
from sketchsause_desktop.core.requests import InferenceResult
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.tiles import TileSnapshot

START_SIZE = Size(1024, 1024)  # of the empty drawing at the start
_STROKES = {Tool.ERASER: "Eraser", Tool.HINT: "Hint"}

__all__ = ["Editor", "Tool"]


class Editor(Toolbox):
    """There is always at least one drawing: an empty one at the start, and after the last one was closed.

    Actions of `core` are done by `do`, which records them and tells what changed; a UserError of theirs becomes
    `refused`.
    """

    drawings_changed = Signal()  # opened, closed, moved, or another title or mark of one
    document_replaced = Signal()  # another drawing is in front, or its size changed: build the view anew
    region_changed = Signal(object)  # Rect: the user's own pixels changed here; repaint at once
    result_changed = Signal(object)  # Rect: the AI colours changed here; repaint in slices of a few milliseconds
    layers_changed = Signal()  # the list of layers, or properties of one
    active_layer_changed = Signal()  # the active layer, or which are chosen with it
    selection_changed = Signal()
    history_changed = Signal()  # ask can_undo, can_redo, undo_text, redo_text, is_modified
    coloured_under_lines = Signal(str)  # a fill meant for line art went to the layer of this name
    refused = Signal(object)  # UserError: what was asked for cannot be done, and what to do instead

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current = Drawing(Document.new(START_SIZE), parent=self)
        self._drawings = [self._current]
        self._current.changed.connect(self.drawings_changed)
        self._painting: Painting | Moving | None = None
        self._look = look_of(self.document)
        self._colour_strength = 1.0

    # Drawings

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """In the order of their tabs."""
        return tuple(self._drawings)

    @property
    def current(self) -> Drawing:
        return self._current

    @property
    def document(self) -> Document:
        return self._current.document

    @property
    def title(self) -> str:
        return self._current.title

    @property
    def is_modified(self) -> bool:
        """Of the drawing in front: whether something would be lost."""
        return self.is_drawing or self._current.is_modified

    def new(self, size: Size) -> None:
        """An empty drawing in front; it takes the place of one that was never touched."""
        self.open(Document.new(size))

    def open_pixels(self, pixels: Pixels, title: str) -> None:
        """A picture as line art, in front."""
        self.open(Document.from_line_art(pixels), title)

    def open(
        self,
        document: Document,
        title: str = UNTITLED,
        *,
        path: Path | None = None,
        saved: bool = True,
        in_front: bool = True,
    ) -> Drawing:
        """Put a drawing in front, in a tab of its own or in place of one that was never touched.

        With `in_front` off it gets the last tab, and what is being done to the present one goes on.
        """
        require_own_thread(self)
        self._fade_colours(document)
        drawing = Drawing(document, title, path=path, saved=saved, parent=self)
        drawing.changed.connect(self.drawings_changed)
        if not in_front:
            self._drawings.append(drawing)
            self.drawings_changed.emit()
            return drawing
        self.end_stroke()
        place = self._drawings.index(self._current)
        taken = self._current if self._current.is_untouched else None
        self._drawings.insert(place + 1, drawing)
        if taken is not None:
            self._drawings.remove(taken)
            taken.deleteLater()
        self._bring(drawing)
        return drawing

    def set_current(self, drawing: Drawing) -> None:
        """Raises ValueError for one that is not open."""
        if self._drawings.index(drawing) != self._drawings.index(self._current):
            self.end_stroke()
            self._bring(drawing)

    def close_drawing(self, drawing: Drawing) -> None:
        """Ask about `is_modified` before. The last one leaves an empty drawing of its size."""
        self.end_stroke()
        place = self._drawings.index(drawing)
        self._drawings.remove(drawing)
        if not self._drawings:
            size = drawing.document.size
            empty = Drawing(Document.new(Size(size.width, size.height)), parent=self)
            self._fade_colours(empty.document)
            empty.changed.connect(self.drawings_changed)
            self._drawings.append(empty)
        drawing.deleteLater()
        if drawing is self._current:
            self._bring(self._drawings[min(place, len(self._drawings) - 1)])
        else:
            self.drawings_changed.emit()

    def move_drawing(self, drawing: Drawing, place: int) -> None:
        """Give it another place among the tabs."""
        self._drawings.remove(drawing)
        self._drawings.insert(place, drawing)
        self.drawings_changed.emit()

    def _bring(self, drawing: Drawing) -> None:
        self._current = drawing
        self._look = look_of(self.document)
        self.drawings_changed.emit()
        self.document_replaced.emit()
        for signal in (self.layers_changed, self.active_layer_changed, self.selection_changed, self.history_changed):
            signal.emit()

    def mark_saved(self) -> None:
        self._current.mark_saved()
        self.history_changed.emit()

    # Changes

    def do(self, action: Callable[[Document], Change | None]) -> bool:
        """Do something of `core` to the drawing in front, as one step of its history; False when nothing came of it.

        `editor.do(lambda document: layer_actions.remove(document, layer_id))`
        """
        self.end_stroke()
        try:
            change = action(self.document)
        except UserError as error:
            self.refused.emit(error)
            return False
        self.apply(change)
        return change is not None

    def apply(self, change: Change | None) -> None:
        """Record what has just been done to the document, and tell what changed; None = nothing."""
        require_own_thread(self)
        if change is not None:
            self._current.history.push(change)
            self._tell(rect_of(change, self.document))

    def _tell(self, rect: Rect) -> None:
        """Tell of all that is different since the last time; `rect` is where pixels may be."""
        before, self._look = self._look, look_of(self.document)
        if rect.contains(self.document.rect):  # it may lie otherwise in the same size
            self._current.reshaped_at = self.document.revision + 1
        is_reshaped = self._look.size != before.size
        visible = rect.intersected(self.document.rect)
        if visible.is_empty or is_reshaped:
            self.document.touch()
        if self._look.layers != before.layers:
            was_gone = self._replace_active_layer()
            self.layers_changed.emit()
            if was_gone:
                self.active_layer_changed.emit()
        if self._look.selection is not before.selection:
            self.selection_changed.emit()
        if is_reshaped:
            self.document_replaced.emit()
        else:
            self._tell_region(rect)
        self._tell_history()

    def _tell_region(self, rect: Rect) -> None:
        visible = rect.intersected(self.document.rect)
        if not visible.is_empty:
            self.document.touch()
            self.region_changed.emit(visible)

    def _tell_history(self) -> None:
        self._current.changed.emit()
        self.history_changed.emit()

    # Layers and selection

    @property
    def active_layer(self) -> Node:
        """The layer or group that tools work on."""
        return self.document.node(self._current.active_layer_id)

    @property
    def chosen_layers(self) -> list[Node]:
        """As `Drawing.chosen_layers`, of the drawing in front."""
        return self._current.chosen_layers

    def set_active_layer(self, layer_id: int, also: Iterable[int] = ()) -> None:
        """Not a step of the history; `also` are chosen with it. Raises StopIteration when there is no such layer."""
        node, others = self.document.node(layer_id), frozenset(also) - {layer_id}
        current = self._current
        if node.layer_id != current.active_layer_id:  # else a panel only shows what is: a stroke goes on
            self.end_stroke()
        elif others == current.also_chosen:
            return
        current.active_layer_id, current.also_chosen = node.layer_id, others
        self.active_layer_changed.emit()

    def _replace_active_layer(self) -> bool:
        """By the uppermost, when it is gone; whether it was."""
        there = [node.layer_id for node in self.document.nodes()]
        if self._current.active_layer_id in there:
            return False
        self._current.active_layer_id, self._current.also_chosen = there[-1], frozenset()
        return True

    def paintable_layer(self) -> Layer:
        """The active layer, if tools may change its pixels; else UserError says what to do."""
        return paintable(self.document, self._current.active_layer_id)

    @property
    def selection(self) -> Selection | None:
        return self.document.selection

    def set_selection(self, selection: Selection | None, name: str = "Select") -> None:
        """One step of the history; None or an empty selection lifts the limit."""
        self.do(lambda document: select_in(document, selection, name))

    # Strokes

    def set_tool(self, tool: Tool) -> None:
        """Ends a stroke in progress first."""
        if tool is not self.tool:
            self.end_stroke()
            super().set_tool(tool)

    @property
    def is_drawing(self) -> bool:
        return self._painting is not None

    def begin_stroke(self, sample: PenSample, *, erase: bool = False) -> bool:
        """Pen down with the brush in hand; False without one, and, with `refused`, where nothing can be painted.

        `erase` is the pen's eraser end: it erases whatever tool is in hand.
        """
        require_own_thread(self)
        self.end_stroke()
        if not erase and self.tool not in BRUSHES:
            return False
        owner = Tool.ERASER if erase else self.tool
        try:
            self._painting = Painting(
                self.document, self._current.active_layer_id, self.preset_of(owner), _STROKES.get(owner, "Brush")
            )
        except UserError as error:
            self.refused.emit(error)
            return False
        if self._painting.changes_more:
            self._tell(EMPTY_RECT)
        self.extend_stroke(sample)
        return True

    def extend_stroke(self, sample: PenSample) -> None:
        """The pen moved; does nothing when no stroke is in progress."""
        if isinstance(self._painting, Painting):
            self._tell_region(self._painting.move(sample))
            self._current.last_point = Point(sample.x, sample.y)

    @property
    def moving(self) -> Moving | None:
        """What the move tool has taken up."""
        return self._painting if isinstance(self._painting, Moving) else None

    def begin_move(self) -> bool:
        """Take up all that is chosen, or what is selected of it; False, with `refused`, where that cannot be.

        From then on it is as with a stroke: `end_stroke` makes it one undo step, `cancel_stroke` takes it back.
        """
        require_own_thread(self)
        self.end_stroke()
        try:
            self._painting = Moving(self.document, self.chosen_layers)
        except UserError as error:
            self.refused.emit(error)
        return self.moving is not None

    def move_by(self, dx: int, dy: int) -> None:
        """Document pixels from where it was at first; does nothing when nothing was taken up."""
        if self.moving is not None:
            self._tell_region(self.moving.aim(dx, dy))

    def end_stroke(self) -> None:
        """Pen up: the stroke becomes one undo step."""
        if self._painting is None:
            return
        painting, self._painting = self._painting, None
        rect, change = painting.end()
        self._tell_region(rect)
        if change is not None:
            self._current.history.push(change)
        self._after_stroke(painting)

    def cancel_stroke(self) -> None:
        """Take back the stroke in progress as if it had never begun (Escape, a second finger)."""
        if self._painting is None:
            return
        painting, self._painting = self._painting, None
        self._tell_region(painting.cancel())
        self._after_stroke(painting)

    def _after_stroke(self, painting: Painting | Moving) -> None:
        if painting.changes_more:
            self._tell(EMPTY_RECT)
        else:
            self._tell_history()

    # History

    @property
    def can_undo(self) -> bool:
        return self.is_drawing or bool(self._current.history.undo_name)

    @property
    def can_redo(self) -> bool:
        return not self.is_drawing and bool(self._current.history.redo_name)

    @property
    def undo_text(self) -> str:
        """What undo would take back, such as "Brush"; "" when there is nothing."""
        return self._painting.name if self._painting is not None else self._current.history.undo_name

    @property
    def redo_text(self) -> str:
        return "" if self.is_drawing else self._current.history.redo_name

    def undo(self) -> None:
        """Takes back the stroke in progress, if there is one, else the last step."""
        if self.is_drawing:
            self.cancel_stroke()
        elif self.can_undo:
            self._tell(self._current.history.undo(self.document))

    def redo(self) -> None:
        if self.can_redo:
            self._tell(self._current.history.redo(self.document))

    def go_to(self, count: int) -> None:
        """Undo or redo until just the first `count` of `current.history.entries` are done."""
        self.end_stroke()
        if count != len(self._current.history):
            self._tell(self._current.history.go_to(self.document, count))

    # What the Edit menu does

    def paste(self, pixels: Pixels) -> None:
        """Lay a picture on the line art, in the middle, made smaller if it does not fit; one undo step.

        Its paper does not hide the lines below it. In an untouched empty drawing it gets a canvas of its own size.
        """
        self.end_stroke()
        if self._current.is_untouched and self._current.is_empty:
            self.open(Document.from_line_art(pixels), saved=False)
            return
        canvas = self.document.size
        pasted = clipboard.fitted(premultiplied(pixels), canvas)
        height, width = pasted.shape[:2]
        place = Rect((canvas.width - width) // 2, (canvas.height - height) // 2, width, height)
        self.do(lambda document: clipboard.paste_as_line_art(document, Clip(rect=place, pixels=pasted)))

    def clear(self) -> None:
        """Empty what is selected of the active layer; all of it without a selection."""
        self.do(lambda document: layer_pixels.clear(document, self.paintable_layer().layer_id))

    def export_pixels(self) -> Pixels:
        """The merged picture, (H, W, 3): paper, AI colour, paint and lines, without hints.

        For a large drawing do the same elsewhere: `document.snapshot().merged()` may run on any thread.
        """
        return self.document.snapshot().merged()

    # Results

    @property
    def colour_strength(self) -> float:
        """That of the drawing in front."""
        layer = self.document.topmost(Role.AI_COLOUR)
        return self._colour_strength if layer is None else layer.opacity

    def set_colour_strength(self, strength: float) -> None:
        """How strongly the AI colours show and are exported, from 0 to 1; outside the history. Repaints everything."""
        self._colour_strength = strength
        layers = self.document.with_role(Role.AI_COLOUR)
        if any(layer.opacity != strength for layer in layers):
            for layer in layers:
                layer.opacity = strength
            self._look = look_of(self.document)
            self.result_changed.emit(self.document.rect)
            self.layers_changed.emit()

    def _fade_colours(self, document: Document) -> None:
        """Of a drawing that has none yet; what was saved keeps its own strength."""
        for layer in document.with_role(Role.AI_COLOUR):
            if not len(layer.tiles):
                layer.opacity = self._colour_strength

    def show_result(self, result: InferenceResult) -> bool:
        """Put the colours into the AI layer, outside the history; False when they belong to another drawing.

        Those of a canvas that was cut, scaled or turned meanwhile do so too.
        """
        require_own_thread(self)
        if result.document_id != self.document.document_id or result.revision < self._current.reshaped_at:
            return False
        layer = self.document.topmost(Role.AI_COLOUR)
        if layer is None:  # its user took it away
            return False
        layer.tiles.adopt(result.tiles, result.window, self.document.rect)
        self.result_changed.emit(result.window.intersected(self.document.rect))
        return True

    def show_colours(self, tiles: TileSnapshot) -> None:
        """Put earlier colours back into the AI layer, outside the history."""
        layer = self.document.topmost(Role.AI_COLOUR)
        if layer is not None:
            self.result_changed.emit(layer.tiles.restore(tiles).intersected(self.document.rect))

    def clear_result(self) -> None:
        """Take the AI colours away."""
        changed = (
            layer.tiles.replace(dict.fromkeys(layer.tiles.keys())) for layer in self.document.with_role(Role.AI_COLOUR)
        )
        rect = Rect.union_of(changed).intersected(self.document.rect)
        if not rect.is_empty:
            self.result_changed.emit(rect)
