"""What makes flats of the AI colours: worked out on a thread of its own while painting goes on."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject

from models.errors import UserError
from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.core import layer_actions
from sketchsause_desktop.core.document import Document, DocumentSnapshot
from sketchsause_desktop.core.flats import flats_layer, separated_group
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layers import LayerSnapshot, Node, Role

Make: TypeAlias = Callable[[DocumentSnapshot, tuple[LayerSnapshot, ...], tuple[LayerSnapshot, ...]], Node]

_NOTICE = "flats"


class FlatsCommands(QObject):
    """Whoever made this object calls `finish` before it goes."""

    def __init__(self, editor: Editor, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor, self._notices = editor, notices
        self._background = Background("flats", self)

    def make_flats(self) -> None:
        """A layer with a plain colour for each region, right above the AI colours."""
        self._start("Flats", flats_layer)

    def separate(self) -> None:
        """A group of flats, shade and light in the same place, which looks as the AI colours do."""
        self._start("Flats and shade", separated_group)

    def wait(self) -> None:
        """As `Background.wait`."""
        self._background.wait()

    def finish(self) -> None:
        """Join the thread after the job in hand."""
        self._background.finish()

    def _start(self, name: str, make: Make) -> None:
        if self._background.is_busy:
            return
        document = self._editor.document
        colours = document.seen(Role.AI_COLOUR)
        if not colours:
            error = UserError("There are no AI colours to see.", "Colour the drawing first (F9), or show their layer.")
            self._notices.report(_NOTICE, error)
            return
        lines, drawing = document.seen(Role.LINE_ART), document.snapshot()
        self._notices.post(_NOTICE, f"{name}: being made. You can go on painting.")
        made: list[Node] = []
        self._background.run(
            lambda: made.append(make(drawing, colours, lines)), partial(self._on_made, name, drawing, made)
        )

    def _on_made(self, name: str, drawing: DocumentSnapshot, made: list[Node], error: Exception | None) -> None:
        self._notices.withdraw(_NOTICE)
        document = self._editor.document
        if error is not None:
            self._notices.report(_NOTICE, error)
        elif document.document_id != drawing.document_id or drawing.revision < self._editor.current.reshaped_at:
            self._notices.post(
                _NOTICE,
                f"{name}: not kept, for the drawing was closed, left, turned or resized meanwhile.",
                "Choose the command again when it is in front.",
                Level.WARNING,
            )
        else:
            self._editor.do(partial(_added, node=made[0], name=name))


def _added(document: Document, node: Node, name: str) -> Change:
    """Above the AI colours; at the bottom if their layer is gone."""
    below = document.topmost(Role.AI_COLOUR)
    place = Place(index=0) if below is None else layer_actions.place_above(document, below.layer_id)
    return layer_actions.add(document, node, place, name)
