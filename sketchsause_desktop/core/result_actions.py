"""What one does with the colours that the network has laid: as in `layer_actions`, done at once, one step each."""

from collections.abc import Iterator, Sequence

from models.errors import UserError
from sketchsause_desktop.core import layer_actions, layer_pixels
from sketchsause_desktop.core.blend import Pixels, alphas, is_transparent, put, scaled
from sketchsause_desktop.core.compositing import composite_on_paper
from sketchsause_desktop.core.document import RESULT, Document
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.history import Change, Together
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role, leaves_of

APPLIED = "Applied colours"


def apply_colours(document: Document, *, as_new: bool = False) -> Change | None:
    """Lay the network's colours as they look on the ordinary layer right above them.

    Where they are faded, what shines through is laid with them: the picture stays as it is, now and when the colours
    below change. Without such a layer, or with `as_new`, one is made. With a selection only what is selected is laid;
    the rest of the drawing goes on being coloured. UserError where there are no colours to be seen.
    """
    source = document.topmost(Role.AI_COLOUR)
    if source is None or not len(source.tiles):
        raise UserError("There are no colours to apply yet.", "Colour the drawing with F9, or switch Live on.")
    if document.is_hidden(source.layer_id) or round(source.opacity * 100) == 0:
        raise UserError("The colours cannot be seen.", "Show their layer, or raise Strength in the AI panel.")
    place = layer_actions.place_above(document, source.layer_id)
    above = document.siblings(source.layer_id)[place.index : place.index + 1]
    target = None if as_new else next((node for node in above if _is_applied(node)), None)
    name = "Apply as new layer" if as_new else "Apply colours"
    if isinstance(target, Layer):
        return _lay(document, target, source, name)
    layer = Layer(name=APPLIED, role=Role.PAINT)
    made = layer_actions.add(document, layer, place, name)
    laid = _lay(document, layer, source, name)
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


def _lay(document: Document, layer: Layer, source: Layer, name: str) -> Change | None:
    colours, seen = source.tiles.snapshot(), list(_up_to(document.layers, source))
    is_plain = source.opacity == 1 and source.blend is Blend.NORMAL

    def looks(part: Rect) -> Pixels:
        pixels = colours.read(part)
        if is_plain or is_transparent(pixels):
            return pixels
        return scaled(composite_on_paper(seen, part, RESULT), alphas(pixels))

    limit = None if document.selection is None else document.selection.coverage
    return layer_pixels.paint(document, layer.layer_id, colours.bounds(), looks, name, limit)


def _up_to(nodes: Sequence[Node], last: Layer) -> Iterator[Node]:
    """What lies below `last`, and itself. Groups round it are taken apart: what lies in them is faded once more."""
    for node in nodes:
        if isinstance(node, Group) and any(inner is last for inner in leaves_of([node])):
            yield from _up_to(node.layers, last)
            return
        yield node
        if node is last:
            return
