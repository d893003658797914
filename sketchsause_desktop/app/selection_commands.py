"""What the Select menu does; a step of the history each."""

from collections.abc import Callable

from models.errors import UserError
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layer_changes import select
from sketchsause_desktop.core.layers import Group
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.selection_edges import feathered, grown, shrunk


class SelectionCommands:
    """What would select nothing is refused: no selection means that tools may change everything."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def all(self) -> None:
        self._editor.set_selection(Selection.of_rect(self._editor.document.rect), "Select all")

    def none(self) -> None:
        self._editor.set_selection(None, "Deselect")

    def invert(self) -> None:
        self._change("Invert selection", lambda selection, canvas: selection.inverted(canvas))

    def feather(self, sigma: float) -> None:
        self._change("Feather selection", lambda selection, canvas: feathered(selection, sigma, canvas))

    def grow(self, radius: int) -> None:
        self._change("Grow selection", lambda selection, canvas: grown(selection, radius, canvas))

    def shrink(self, radius: int) -> None:
        self._change("Shrink selection", lambda selection, canvas: shrunk(selection, radius, canvas))

    def layer(self) -> None:
        """What the active layer covers."""

        def action(document: Document) -> Change | None:
            layer = self._editor.active_layer
            if isinstance(layer, Group):
                raise UserError(f"“{layer.name}” is a group.", "Choose a layer in it.")
            covered = layer.tiles.bounds().intersected(document.rect)
            selection = Selection.made(covered, lambda part: layer.tiles.read(part)[..., 3])
            return _chosen(document, selection, "Select layer")

        self._editor.do(action)

    def _change(self, name: str, change: Callable[[Selection, Rect], Selection]) -> None:
        self._editor.do(
            lambda document: _chosen(document, change(document.selection or Selection(), document.rect), name)
        )


def _chosen(document: Document, selection: Selection, name: str) -> Change | None:
    if selection.is_empty:
        raise UserError("Nothing would be selected.", "The selection stays as it was.")
    return select(document, selection, name)
