"""Steps of the history that change the list of layers, what layers are like, and what is selected."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from numpy.typing import NDArray

from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role, leaves_of
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.tiles import TileSnapshot


def bounds_of(nodes: Iterable[Node]) -> Rect:
    """Round whole tiles; what lies outside looks the same with these layers and without."""
    return Rect.union_of(layer.tiles.bounds() for layer in leaves_of(nodes))


@dataclass(frozen=True, kw_only=True)
class Properties:
    """All of a layer or a group but its pixels and its place. `opacity` runs from 0 to 1."""

    name: str
    visible: bool
    opacity: float
    blend: Blend
    locked: bool
    role: Role = Role.PAINT  # of a layer only
    alpha_locked: bool = False  # of a layer only
    pass_through: bool = False  # of a group only

    def __post_init__(self) -> None:
        if not 0 <= self.opacity <= 1:
            raise ValueError(f"opacity {self.opacity} is outside 0..1")

    @staticmethod
    def of(node: Node) -> "Properties":
        common = Properties(
            name=node.name, visible=node.visible, opacity=node.opacity, blend=node.blend, locked=node.locked
        )
        if isinstance(node, Group):
            return dataclasses.replace(common, pass_through=node.pass_through)
        return dataclasses.replace(common, role=node.role, alpha_locked=node.alpha_locked)

    def give_to(self, node: Node) -> None:
        node.name, node.visible, node.opacity = self.name, self.visible, self.opacity
        node.blend, node.locked = self.blend, self.locked
        if isinstance(node, Group):
            node.pass_through = self.pass_through
        else:
            node.role, node.alpha_locked = self.role, self.alpha_locked

    def looks_like(self, other: "Properties") -> bool:
        """Whether the picture is the same with either."""
        return self == dataclasses.replace(other, name=self.name, locked=self.locked, alpha_locked=self.alpha_locked)


@dataclass(frozen=True, kw_only=True, eq=False)
class PropertyChange:
    """Other properties of one layer or group. Steps in a row with the same `token` (not None) become one."""

    name: str
    layer_id: int
    before: Properties
    after: Properties
    token: object = None

    def undo(self, document: Document) -> Rect:
        return self._exchange(document, self.after, self.before)

    def redo(self, document: Document) -> Rect:
        return self._exchange(document, self.before, self.after)

    def _exchange(self, document: Document, old: Properties, new: Properties) -> Rect:
        node = document.node(self.layer_id)
        # Only what this step changed: the strength of the AI colours is set outside the history.
        changed = {name: value for name, value in vars(new).items() if value != vars(old)[name]}
        dataclasses.replace(Properties.of(node), **changed).give_to(node)
        return EMPTY_RECT if old.looks_like(new) else bounds_of([node])

    def held(self) -> Iterator[NDArray[Any]]:
        return iter(())

    def joined_to(self, earlier: Change) -> "PropertyChange | None":
        if not isinstance(earlier, PropertyChange) or self.token is None:
            return None
        if (earlier.token, earlier.layer_id) != (self.token, self.layer_id):
            return None
        return dataclasses.replace(self, before=earlier.before)


Lists: TypeAlias = tuple[tuple[Group | None, tuple[Node, ...]], ...]  # what each group holds; None = the document


def lists_of(document: Document) -> Lists:
    groups = (node for node in document.nodes() if isinstance(node, Group))
    return ((None, tuple(document.layers)), *((group, tuple(group.layers)) for group in groups))


@dataclass(frozen=True, kw_only=True, eq=False)
class ListChange:
    """Layers and groups that came, went or moved."""

    name: str
    before: Lists
    after: Lists
    rect: Rect  # where pixels may have changed
    pixels: tuple[TileSnapshot, ...]  # of the layers that came or went, as they were then

    @staticmethod
    def of(name: str, document: Document, before: Lists, rect: Rect) -> "ListChange":
        """What happened to the lists since `before`."""
        was = {layer.layer_id: layer for layer in _leaves(before)}
        now = {layer.layer_id: layer for layer in document.leaves()}
        came_or_went = [layer for key, layer in (was | now).items() if key not in was or key not in now]
        return ListChange(
            name=name,
            before=before,
            after=lists_of(document),
            rect=rect,
            pixels=tuple(layer.tiles.snapshot() for layer in came_or_went),
        )

    def undo(self, document: Document) -> Rect:
        return self._put(document, self.before)

    def redo(self, document: Document) -> Rect:
        return self._put(document, self.after)

    def _put(self, document: Document, lists: Lists) -> Rect:
        for group, nodes in lists:
            (document if group is None else group).layers[:] = nodes
        return self.rect

    def held(self) -> Iterator[NDArray[Any]]:
        return (tile for tiles in self.pixels for tile in tiles.arrays())


def _leaves(lists: Lists) -> Iterator[Layer]:
    return (node for _, nodes in lists for node in nodes if isinstance(node, Layer))


@dataclass(frozen=True, kw_only=True, eq=False)
class SelectionChange:
    name: str
    before: Selection | None
    after: Selection | None

    def undo(self, document: Document) -> Rect:
        document.selection = self.before
        return EMPTY_RECT

    def redo(self, document: Document) -> Rect:
        document.selection = self.after
        return EMPTY_RECT

    def held(self) -> Iterator[NDArray[Any]]:
        for selection in (self.before, self.after):
            if selection is not None:
                yield from selection.held()


def select(document: Document, selection: Selection | None, name: str = "Select") -> SelectionChange | None:
    """Make it the document's selection; one that selects nothing lifts the limit, as None does."""
    if selection is not None and selection.is_empty:
        selection = None
    before, document.selection = document.selection, selection
    return None if before == selection else SelectionChange(name=name, before=before, after=selection)
