"""Where the colours of the fill tools go: never into the lines, which the network would take for ink."""

from collections.abc import Callable, Collection
from functools import partial

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.painting import paintable
from sketchsause_desktop.app.toolbox import Rgb
from sketchsause_desktop.core import layer_actions
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.history import Change, TileChange, Together
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layers import Layer, Role

INKS: tuple[Rgb, ...] = ((0, 0, 0), (255, 255, 255))  # what may be meant for the lines themselves

Lay = Callable[[Document, Layer], TileChange | None]  # puts colours on the layer


def lay_colours(editor: Editor, colours: Collection[Rgb], lay: Lay) -> None:
    """`lay` on the active layer, as one step.

    With other colours than black and white it is not done to line art but to the ordinary layer right under it, which
    is made when there is none; `coloured_under_lines` tells its name. The active layer stays.
    """
    target = partial(_target, layer_id=editor.current.active_layer_id, is_ink=all(each in INKS for each in colours))
    names: list[str] = []

    def act(document: Document) -> Change | None:
        layer, place = target(document)
        if layer.layer_id != editor.current.active_layer_id:
            names.append(layer.name)
        return lay(document, layer) if place is None else _on_new(document, layer, place, lay)

    if editor.do(act) and names:
        editor.coloured_under_lines.emit(names[0])


def _target(document: Document, layer_id: int, is_ink: bool) -> tuple[Layer, Place | None]:
    """The layer, and where it goes if it is a new one. Raises UserError for one that cannot be painted on."""
    active = paintable(document, layer_id)
    if active.role is not Role.LINE_ART or is_ink:
        return active, None
    siblings, above = document.siblings(layer_id), layer_actions.place_above(document, layer_id)
    index = above.index - 1
    while index > 0 and _has_role(siblings[index - 1], Role.LINE_ART):  # below all lines that lie on each other
        index -= 1
    if index > 0 and _has_role(siblings[index - 1], Role.PAINT):
        return paintable(document, siblings[index - 1].layer_id), None
    return Layer(name="Colours", role=Role.PAINT), Place(group_id=above.group_id, index=index)


def _has_role(node: object, role: Role) -> bool:
    return isinstance(node, Layer) and node.role is role


def _on_new(document: Document, layer: Layer, place: Place, lay: Lay) -> Change | None:
    made = layer_actions.add(document, layer, place)
    change = lay(document, layer)
    if change is None:
        made.undo(document)
        return None
    return Together(name=change.name, changes=(made, change))
