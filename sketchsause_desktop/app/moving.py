"""Layers that the move tool shifts, from press to release: shown where they go, and one step of the history."""

from collections.abc import Sequence

from sketchsause_desktop.app.painting import movable
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layer_changes import bounds_of
from sketchsause_desktop.core.layer_pixels import move
from sketchsause_desktop.core.layers import Node

LIVE_PIXELS = 3_000_000  # of all layers together; more would lag behind the hand and is shown by its outline alone


class Moving:
    """A part that is selected moves without its selection, which follows at the end.

    Raises UserError when one of the layers may not be changed.
    """

    name = "Move"
    changes_more = True  # than pixels: the selection

    def __init__(self, document: Document, nodes: Sequence[Node]) -> None:
        self._document, self._selection = document, document.selection
        self._layers = movable(document, nodes)
        self._ids = [node.layer_id for node in nodes]
        self._before = [layer.tiles.snapshot() for layer in self._layers]
        limit = document.rect if self._selection is None else self._selection.bounds
        self.content = bounds_of(self._layers).intersected(limit)
        parts = [layer.tiles.bounds().intersected(limit) for layer in self._layers]
        self.is_live = sum(part.width * part.height for part in parts) <= LIVE_PIXELS
        self.by = (0, 0)  # px to the right and down
        self._shown = (0, 0)

    @property
    def place(self) -> Rect:
        """Where the content goes; it may reach beyond the canvas."""
        return self.content.moved(*self.by)

    def aim(self, dx: int, dy: int) -> Rect:
        """So far it goes, from where it was at first; returns what changed to be seen."""
        self.by = (dx, dy)
        return self._show() if self.is_live and self.by != self._shown else EMPTY_RECT

    def _show(self) -> Rect:
        changed = self.content.moved(*self._shown).united(self.place)
        self._restore()
        move(self._document, self._ids, *self.by)
        self._document.selection = self._selection
        self._shown = self.by
        return changed

    def _restore(self) -> None:
        for layer, tiles in zip(self._layers, self._before, strict=True):
            layer.tiles.restore(tiles)

    def end(self) -> tuple[Rect, Change | None]:
        """What changed now, and all of it as a step for the history; None when nothing moved."""
        changed = self.cancel().united(self.place)
        if self.by == (0, 0) or self.content.is_empty:
            return changed, None
        return changed, move(self._document, self._ids, *self.by)

    def cancel(self) -> Rect:
        """Everything back; returns what changed."""
        self._restore()
        return self.content.moved(*self._shown).united(self.content)
