"""What one does with the colours that the network has laid: as in `layer_actions`, done at once, one step each."""

import numpy as np

from models.errors import UserError
from sketchsause_desktop.core import layer_actions, layer_pixels
from sketchsause_desktop.core.blend import Pixels, put, scaled
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.history import Change, Together
from sketchsause_desktop.core.layers import Blend, Layer, Node, Role
from sketchsause_desktop.core.tiles import TileSnapshot

APPLIED = "Applied colours"


def apply_colours(document: Document, *, as_new: bool = False) -> Change | None:
    """Lay the network's colours, as strong as they are shown, on the ordinary layer right above them.

    Without such a layer, or with `as_new`, one is made. With a selection only what is selected is laid; the rest of the
    drawing goes on being coloured. UserError where there are no colours yet.
    """
    source = document.topmost(Role.AI_COLOUR)
    if source is None or not len(source.tiles):
        raise UserError("There are no colours to apply yet.", "Colour the drawing with F9, or switch Live on.")
    place = layer_actions.place_above(document, source.layer_id)
    above = document.siblings(source.layer_id)[place.index : place.index + 1]
    target = None if as_new else next((node for node in above if _is_applied(node)), None)
    colours, strength = source.tiles.snapshot(), source.opacity
    name = "Apply as new layer" if as_new else "Apply colours"
    if isinstance(target, Layer):
        return _lay(document, target, colours, strength, name)
    layer = Layer(name=APPLIED, role=Role.PAINT)
    made = layer_actions.add(document, layer, place, name)
    laid = _lay(document, layer, colours, strength, name)
    if laid is None:
        made.undo(document)
        return None
    return Together(name=name, changes=(made, laid))


def seen_inside_selection(document: Document, rect: Rect, roles: frozenset[Role]) -> Pixels:
    """As `Document.composite`, with the network's colours only as far as the selection goes; everywhere without one."""
    coloured = document.composite(rect, roles)
    if document.selection is None or Role.AI_COLOUR not in roles:
        return coloured
    return put(document.composite(rect, roles - {Role.AI_COLOUR}), coloured, document.selection.coverage(rect))


def _is_applied(node: Node) -> bool:
    """A layer that colours were applied to before, and that still shows them as they are."""
    return (
        isinstance(node, Layer)
        and node.role is Role.PAINT
        and node.name.startswith(APPLIED)
        and node.visible
        and not node.locked
        and not node.alpha_locked
        and (node.blend, node.opacity) == (Blend.NORMAL, 1.0)
    )


def _lay(document: Document, layer: Layer, colours: TileSnapshot, strength: float, name: str) -> Change | None:
    share = np.uint8(round(strength * 255))

    def faded(part: Rect) -> Pixels:
        pixels = colours.read(part)
        return pixels if share == 255 else scaled(pixels, np.full_like(pixels, share))

    limit = None if document.selection is None else document.selection.coverage
    return layer_pixels.paint(document, layer.layer_id, colours.bounds(), faded, name, limit)
