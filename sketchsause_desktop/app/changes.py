"""What an action changed of a document, to be told by signals."""

from typing import NamedTuple

from sketchsause_desktop.core.character_locks import CastChange
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect, Size
from sketchsause_desktop.core.history import Change, TileChange, Together
from sketchsause_desktop.core.layer_changes import ListChange, Properties, PropertyChange, SelectionChange, bounds_of
from sketchsause_desktop.core.layers import Group
from sketchsause_desktop.core.selection import Selection


class Look(NamedTuple):
    """All of a document but its pixels, to see afterwards what an action changed."""

    size: Size
    selection: Selection | None
    layers: tuple[tuple[int, int, Properties], ...]  # id, how many layers a group holds, properties


def look_of(document: Document) -> Look:
    layers = tuple(
        (node.layer_id, len(node.layers) if isinstance(node, Group) else 0, Properties.of(node))
        for node in document.nodes()
    )
    return Look(document.size, document.selection, layers)


def rect_of(change: Change, document: Document) -> Rect:
    """Where pixels may have changed."""
    if isinstance(change, TileChange | ListChange):
        return change.rect
    if isinstance(change, SelectionChange | CastChange):
        return EMPTY_RECT
    if isinstance(change, PropertyChange):
        same = change.before.looks_like(change.after)
        return EMPTY_RECT if same else bounds_of([document.node(change.layer_id)])
    if isinstance(change, Together):
        return Rect.union_of(rect_of(each, document) for each in change.changes)
    return document.rect
