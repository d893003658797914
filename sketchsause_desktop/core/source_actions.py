"""The picture that a map is made of: as in `layer_actions`, done at once, one step each."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sketchsause_desktop.core import layer_actions
from sketchsause_desktop.core.blend import is_opaque
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.history import Change, done_together
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layer_changes import Properties
from sketchsause_desktop.core.layers import Blend, Layer, Role
from sketchsause_desktop.core.tiles import tiles_of

SOURCE, MAP = "Source", "AI map"
_GIVEN = {"Line art": SOURCE, "AI colour": MAP}  # names that nobody chose and that would be wrong for a map


def make_source(document: Document, layer_id: int) -> Change | None:
    """Make a layer the source of a map: shown as it is, under the AI layer, which the map will cover it with.

    Line art that was the only one leaves an empty layer of that role, since every drawing has one.
    """
    actions: list[Callable[[Document], Change | None]] = [partial(_as_source, layer_id=layer_id)]
    actions += [_with_line_art, partial(_under_result, layer_id=layer_id), _with_result_named]
    return done_together(document, "Layer role", actions)


def _as_source(document: Document, layer_id: int) -> Change | None:
    before = Properties.of(document.layer(layer_id))
    name = _GIVEN.get(before.name, before.name)
    return layer_actions.change_properties(
        document, layer_id, replace(before, name=name, role=Role.SOURCE, blend=Blend.NORMAL), "Layer role"
    )


def _with_line_art(document: Document) -> Change | None:
    if document.topmost(Role.LINE_ART) is not None:
        return None
    blank = Document.new(document.size).line_art
    return layer_actions.add(document, blank, Place(index=len(document.layers)))


def _under_result(document: Document, layer_id: int) -> Change | None:
    """Right below the AI layer, unless it lies deeper already."""
    result = document.topmost(Role.AI_COLOUR)
    order = [layer.layer_id for layer in document.leaves()]
    if result is None or order.index(layer_id) < order.index(result.layer_id):
        return None
    above = layer_actions.place_above(document, result.layer_id)
    return layer_actions.move(document, [layer_id], replace(above, index=above.index - 1))


def _with_result_named(document: Document) -> Change | None:
    result = document.topmost(Role.AI_COLOUR)
    if result is None:
        return None
    return layer_actions.rename(document, result.layer_id, _GIVEN.get(result.name, result.name))


def source_candidate(document: Document) -> Layer | None:
    """The lowest visible layer of lines or paint that covers the whole canvas: an opened photograph, for one."""
    drawn = (layer for layer in document.leaves() if layer.role in (Role.LINE_ART, Role.PAINT))
    seen = (layer for layer in drawn if not document.is_hidden(layer.layer_id))
    return next((layer for layer in seen if _covers(layer, document)), None)


def _covers(layer: Layer, document: Document) -> bool:
    return all(is_opaque(layer.tiles.read(part)) for _key, part in tiles_of(document.rect))


def has_source(document: Document) -> bool:
    return any(len(layer.tiles) for layer in document.with_role(Role.SOURCE))
