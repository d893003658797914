"""The layers of a drawing: leaves that hold tiles, and groups that hold layers. Lists of them run bottom first."""

import enum
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from sketchsause_desktop.core.tiles import Tiles, TileSnapshot


class Role(enum.Enum):
    """What a layer is for."""

    LINE_ART = "line_art"  # what the network sees; multiplied over everything below
    HINTS = "hints"  # the user's colour scribbles for the network; not exported
    AI_COLOUR = "ai_colour"  # the network's result, under the lines; nobody paints here
    SOURCE = "source"  # a satellite picture, say: what a map model sees; the map lies over it
    PAINT = "paint"  # the user's own colours


class Blend(enum.Enum):
    """How a layer meets what lies below it; `blend_modes` has the formulas."""

    NORMAL = "normal"
    MULTIPLY = "multiply"
    SCREEN = "screen"
    OVERLAY = "overlay"
    ADD = "add"
    DARKEN = "darken"
    LIGHTEN = "lighten"
    COLOUR = "colour"


_ids = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class LayerSnapshot:
    """A layer as it was at one moment; other threads may read it."""

    layer_id: int
    name: str
    role: Role
    visible: bool
    opacity: float
    blend: Blend
    locked: bool = False
    alpha_locked: bool = False
    tiles: TileSnapshot


@dataclass(frozen=True, kw_only=True)
class GroupSnapshot:
    """A group as it was at one moment, with what it held."""

    layer_id: int
    name: str
    visible: bool
    opacity: float
    blend: Blend
    locked: bool = False
    pass_through: bool = False
    layers: tuple["NodeSnapshot", ...]


@dataclass(kw_only=True, eq=False)
class Layer:
    """A layer of the open document, changed on the GUI thread only. `opacity` runs from 0 to 1.

    `locked`: nothing may change its pixels; `alpha_locked`: what is painted takes the alpha that is there.
    """

    name: str
    role: Role
    blend: Blend = Blend.NORMAL
    visible: bool = True
    opacity: float = 1.0
    locked: bool = False
    alpha_locked: bool = False
    tiles: Tiles = field(default_factory=Tiles)
    layer_id: int = field(default_factory=lambda: next(_ids))

    def snapshot(self) -> LayerSnapshot:
        """Copies no pixels."""
        return LayerSnapshot(
            layer_id=self.layer_id,
            name=self.name,
            role=self.role,
            visible=self.visible,
            opacity=self.opacity,
            blend=self.blend,
            locked=self.locked,
            alpha_locked=self.alpha_locked,
            tiles=self.tiles.snapshot(),
        )


@dataclass(kw_only=True, eq=False)
class Group:
    """Layers that are shown as one: laid over each other on nothing, then faded and blended like a layer.

    With `pass_through` they meet what lies below the group one by one, as if there were no group; `blend` is then
    without effect. `locked` holds for all that is inside.
    """

    name: str
    visible: bool = True
    opacity: float = 1.0
    locked: bool = False
    blend: Blend = Blend.NORMAL
    pass_through: bool = False
    layers: list["Node"] = field(default_factory=list)
    layer_id: int = field(default_factory=lambda: next(_ids))

    def snapshot(self) -> GroupSnapshot:
        """Copies no pixels."""
        return GroupSnapshot(
            layer_id=self.layer_id,
            name=self.name,
            visible=self.visible,
            opacity=self.opacity,
            blend=self.blend,
            locked=self.locked,
            pass_through=self.pass_through,
            layers=tuple(node.snapshot() for node in self.layers),
        )


Node: TypeAlias = Layer | Group
NodeSnapshot: TypeAlias = LayerSnapshot | GroupSnapshot
AnyNode: TypeAlias = Node | NodeSnapshot


def nodes_of(nodes: Iterable[Node]) -> Iterator[Node]:
    """`nodes` and all that their groups hold; each group before what is in it."""
    for node in nodes:
        yield node
        if isinstance(node, Group):
            yield from nodes_of(node.layers)


def leaves_of(nodes: Iterable[Node]) -> Iterator[Layer]:
    """The layers that hold pixels, bottom first, whatever group they are in."""
    return (node for node in nodes_of(nodes) if isinstance(node, Layer))


def seen_of(nodes: Iterable[Node], role: Role, opacity: float = 1.0) -> Iterator[LayerSnapshot]:
    """The layers of `role` that can be seen and hold something, bottom first, each as faded as its groups make it."""
    for node in nodes:
        shown = node.opacity * opacity
        if not node.visible or shown == 0:
            continue
        if isinstance(node, Group):
            yield from seen_of(node.layers, role, shown)
        elif node.role is role and len(node.tiles):
            yield replace(node.snapshot(), opacity=shown)
