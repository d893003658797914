"""A stroke on a layer of the open drawing, from pen down to pen up, and which layers tools may change."""

from collections.abc import Sequence

from models.errors import UserError
from sketchsause_desktop.core import layer_actions
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.brush_presets import BrushPreset
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.history import Change, TileChange, Together
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layer_pixels import require_movable, require_unlocked
from sketchsause_desktop.core.layers import Group, Layer, Node, Role, leaves_of
from sketchsause_desktop.core.pointer_path import PointerPath
from sketchsause_desktop.core.stroke import Stroke


def paintable(document: Document, layer_id: int) -> Layer:
    """The layer, if tools may change its pixels; else UserError says what to do."""
    node = document.node(layer_id)
    if isinstance(node, Group):
        raise UserError(f"“{node.name}” is a group.", "Choose a layer in it to work on.")
    _require_free(document, node)
    _require_shown(document, node)
    return node


def movable(document: Document, nodes: Sequence[Node]) -> list[Layer]:
    """The layers of these and in these groups, if the move tool may shift them; else UserError says what to do.

    What is hidden in a group moves with it.
    """
    layers = list(leaves_of(nodes))
    for layer in layers:
        _require_free(document, layer)
        require_movable(document, layer)
    for node in nodes:
        _require_shown(document, node)
    return layers


def _require_free(document: Document, layer: Layer) -> None:
    if layer.role is Role.AI_COLOUR and layer.locked:
        raise UserError(
            f"“{layer.name}” holds what the model colours.", "Choose another layer, or add one to paint on (Ins)."
        )
    require_unlocked(document, layer)


def _require_shown(document: Document, node: Node) -> None:
    if document.is_hidden(node.layer_id):
        raise UserError(f"“{node.name}” is hidden.", "Show it, and the groups it is in, or choose another layer.")


def hints_layer(document: Document) -> tuple[Layer, Change | None]:
    """The uppermost hints layer, made now when there is none: then with the step that made it.

    Raises UserError when it cannot be painted on.
    """
    there = document.topmost(Role.HINTS)
    if there is not None:
        return paintable(document, there.layer_id), None
    layer = Layer(name="Hints", role=Role.HINTS)
    return layer, layer_actions.add(document, layer, Place(index=len(document.layers)))


class Painting:
    """A stroke in progress. The selection and a locked alpha limit it.

    With a preset for hints it goes to the uppermost hints layer, which is made if there is none; that belongs to the
    same step of the history. Raises UserError when the layer cannot be painted on.
    """

    def __init__(self, document: Document, layer_id: int, preset: BrushPreset, name: str) -> None:
        self._document, self._name = document, name
        self._made: Change | None = None  # the hints layer, if it was made for this stroke
        self.layer = self._hints() if preset.for_hints else paintable(document, layer_id)
        self._path = PointerPath(preset.stabiliser, smooths=preset.smooths)
        limit = document.selection.coverage if document.selection is not None else None
        self._stroke = Stroke(
            self.layer.tiles, preset.brush, document.rect, limit=limit, keeps_alpha=self.layer.alpha_locked
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def changes_more(self) -> bool:
        """Than pixels: a layer was made."""
        return self._made is not None

    def _hints(self) -> Layer:
        layer, self._made = hints_layer(self._document)
        return layer

    def move(self, sample: PenSample) -> Rect:
        """The pen came down or moved; returns what changed."""
        return self._stroke.draw(self._path.move(sample))

    def end(self) -> tuple[Rect, Change | None]:
        """Pen up: what changed now, and the whole stroke as a step for the history."""
        rect = self._stroke.draw(self._path.lift()).united(self._stroke.finish())
        change = TileChange.of(self._name, self.layer, self._stroke.before)
        if self._made is not None and change is not None:
            return rect, Together(name=self._name, changes=(self._made, change))
        if self._made is not None:
            self._made.undo(self._document)
        return rect, change

    def cancel(self) -> Rect:
        rect = self._stroke.cancel()
        if self._made is not None:
            rect = rect.united(self._made.undo(self._document))
        return rect if not rect.is_empty else EMPTY_RECT
