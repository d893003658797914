"""What the Edit menu does with pieces of pictures; the system's clipboard itself is the window's business."""

from collections.abc import Callable

from models.errors import UserError
from sketchsause_desktop.app.colouring import lay_colours
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core import clipboard, layer_pixels
from sketchsause_desktop.core.clipboard import Clip
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layers import Group, Layer


class ClipCommands:
    """Copying gives a clip, or None where it was refused, of which the editor has told."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def copy(self) -> Clip | None:
        """What is selected of the active layer."""
        return self._taken(lambda document: (clipboard.copy_layer(document, self._layer().layer_id), None))

    def copy_merged(self) -> Clip | None:
        """What is seen where it is selected, without the paper and the hints."""
        return self._taken(lambda document: (clipboard.copy_merged(document), None))

    def cut(self) -> Clip | None:
        return self._taken(lambda document: clipboard.cut(document, self._editor.paintable_layer().layer_id))

    def _taken(self, take: Callable[[Document], tuple[Clip | None, Change | None]]) -> Clip | None:
        clip: Clip | None = None

        def action(document: Document) -> Change | None:
            nonlocal clip
            clip, change = take(document)
            if clip is None:
                raise UserError("There is nothing to copy.", "Choose a layer with something on it, or select more.")
            return change

        self._editor.do(action)
        return clip

    def _layer(self) -> Layer:
        layer = self._editor.active_layer
        if isinstance(layer, Group):
            raise UserError(f"“{layer.name}” is a group.", "Choose a layer in it, or copy merged.")
        return layer

    def paste(self, clip: Clip) -> None:
        """As a layer above the active one; an untouched empty drawing takes it as line art, on a canvas of its size."""
        if self._editor.current.is_untouched:
            self._open(_line_art(clip))
            return
        below = self._editor.active_layer.layer_id
        if self._editor.do(lambda document: clipboard.paste_as_layer(document, clip, below)):
            siblings = self._editor.document.siblings(below)
            place = next(place for place, node in enumerate(siblings) if node.layer_id == below)
            self._editor.set_active_layer(siblings[place + 1].layer_id)

    def paste_as_line_art(self, clip: Clip) -> None:
        if self._editor.current.is_untouched:
            self._open(_line_art(clip))
        else:
            self._editor.do(lambda document: clipboard.paste_as_line_art(document, clip))

    def paste_as_new(self, clip: Clip) -> None:
        """A drawing of its own in a tab of its own."""
        self._open(clipboard.as_document(clip))

    def _open(self, document: Document) -> None:
        self._editor.open(document, saved=False)

    def fill(self) -> None:
        """Cover what is selected with the foreground colour, on the active layer or under its lines."""
        colour = (*self._editor.colours.foreground, 255)
        lay_colours(
            self._editor,
            (colour[:3],),
            lambda document, layer: layer_pixels.fill(document, layer.layer_id, colour, "Fill"),
        )


def _line_art(clip: Clip) -> Document:
    document = Document.new(Size(clip.rect.width, clip.rect.height))
    document.line_art.tiles.write(document.rect, clip.pixels)
    return document
