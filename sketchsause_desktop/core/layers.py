"""One layer of a drawing: tiles and how they are shown."""

import enum
import itertools
from dataclasses import dataclass, field

from sketchsause_desktop.core.tiles import Tiles, TileSnapshot


class Role(enum.Enum):
    """What a layer is for."""

    LINE_ART = "line_art"  # what the network sees; multiplied over everything below
    HINTS = "hints"  # the user's colour scribbles for the network; not exported
    AI_COLOUR = "ai_colour"  # the network's result, under the lines; nobody paints here
    PAINT = "paint"  # the user's own colours


class Blend(enum.Enum):
    """How a layer meets what lies below it."""

    NORMAL = "normal"
    MULTIPLY = "multiply"


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
    tiles: TileSnapshot


@dataclass(kw_only=True, eq=False)
class Layer:
    """A layer of the open document, changed on the GUI thread only. `opacity` runs from 0 to 1."""

    name: str
    role: Role
    blend: Blend = Blend.NORMAL
    visible: bool = True
    opacity: float = 1.0
    locked: bool = False
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
            tiles=self.tiles.snapshot(),
        )
