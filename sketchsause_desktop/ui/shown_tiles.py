"""Display tiles for each way of looking at the drawing in front: overlay, own paint, result."""

from typing import TypeAlias

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.core.result_actions import seen_inside_selection
from sketchsause_desktop.ui.display_colours import to_screen
from sketchsause_desktop.ui.display_tiles import DisplayTiles

Roles: TypeAlias = frozenset[Role]


class ShownTiles:
    """Made when first asked for; `clear` them when another drawing comes to the front."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._tiles: dict[Roles, DisplayTiles] = {}
        self.only_selected = False  # the network's colours show only where something is selected

    def of(self, roles: Roles) -> DisplayTiles:
        if roles not in self._tiles:
            document = self._editor.document

            def compose(box: Rect) -> Pixels:
                if self.only_selected:
                    return seen_inside_selection(document, box, roles)
                return document.composite(box, roles)

            self._tiles[roles] = DisplayTiles(document.size, compose, to_screen(document.metadata.icc))
        return self._tiles[roles]

    def clear(self) -> None:
        self._tiles.clear()

    def change(self, box_doc: Rect) -> None:
        """As `DisplayTiles.change`, for all."""
        for tiles in self._tiles.values():
            tiles.change(box_doc)

    def outdate(self, box_doc: Rect, changed: Roles) -> None:
        """As `DisplayTiles.outdate`, for those that show one of `changed`."""
        for roles, tiles in self._tiles.items():
            if roles & changed:
                tiles.outdate(box_doc)
