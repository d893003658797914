"""The document: the model of a drawing, without view or controller; it works without any GUI attached.

Layers are listed bottom first. Changes are made on one thread; other threads read snapshots.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.characters import NO_CAST, Cast
from sketchsause_desktop.core.compositing import composite_on_paper
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import (
    Blend,
    Group,
    Layer,
    LayerSnapshot,
    Node,
    NodeSnapshot,
    Role,
    leaves_of,
    nodes_of,
    seen_of,
)
from sketchsause_desktop.core.picture_metadata import NO_METADATA, Metadata
from sketchsause_desktop.core.selection import Selection

SHOWN = frozenset({Role.SOURCE, Role.AI_COLOUR, Role.PAINT, Role.HINTS, Role.LINE_ART})  # the overlay view
OWN_PAINT = frozenset({Role.SOURCE, Role.PAINT, Role.HINTS, Role.LINE_ART})  # one's own side of the split view
RESULT = frozenset({Role.SOURCE, Role.AI_COLOUR, Role.PAINT, Role.LINE_ART})  # the result's side, and what is exported

_ids = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class DocumentSnapshot:
    """A document as it was at one moment; any thread may read it."""

    document_id: int
    revision: int
    size: Size
    layers: tuple[NodeSnapshot, ...]
    metadata: Metadata = NO_METADATA
    cast: Cast = NO_CAST

    def composite(self, rect: Rect, roles: frozenset[Role] = RESULT) -> Pixels:
        """As `Document.composite`."""
        return composite_on_paper(self.layers, rect, roles)

    def merged(self) -> Pixels:
        """The picture for export, (H, W, 3): paper, AI colour, paint and lines, without hints."""
        return np.ascontiguousarray(self.composite(Rect.of_size(self.size))[..., :3])


@dataclass(kw_only=True, eq=False)
class Document:
    """A drawing. `revision` rises with every change the user makes; results of the network do not count as one."""

    size: Size
    layers: list[Node]
    selection: Selection | None = None  # None = no limit to what tools may change
    revision: int = 0
    metadata: Metadata = NO_METADATA
    cast: Cast = NO_CAST
    document_id: int = field(default_factory=lambda: next(_ids))

    @classmethod
    def new(cls, size: Size) -> "Document":
        """An empty drawing on white paper: an AI colour layer and a line-art layer over it."""
        if size.is_empty:
            raise ValueError(f"a drawing of {size.width} x {size.height} pixels has no room")
        ai_colour = Layer(name="AI colour", role=Role.AI_COLOUR, locked=True)
        line_art = Layer(name="Line art", role=Role.LINE_ART, blend=Blend.MULTIPLY)
        return cls(size=size, layers=[ai_colour, line_art])

    @classmethod
    def from_line_art(cls, pixels: Pixels) -> "Document":
        """A drawing whose line-art layer is `pixels`, (H, W), (H, W, 3) or (H, W, 4) with straight alpha.

        Scans are opaque; the layer is multiplied, so that their white paper lets the colours through.
        """
        document = cls.new(Size(pixels.shape[1], pixels.shape[0]))
        for band in document.rect.bands(1024):  # keeps the memory for the conversion small
            document.line_art.tiles.write(band, premultiplied(pixels[band.y : band.bottom]))
        return document

    @property
    def rect(self) -> Rect:
        return Rect.of_size(self.size)

    @property
    def line_art(self) -> Layer:
        """The uppermost line-art layer."""
        return self._topmost(Role.LINE_ART)

    @property
    def ai_colour(self) -> Layer:
        return self._topmost(Role.AI_COLOUR)

    def _topmost(self, role: Role) -> Layer:
        layer = self.topmost(role)
        if layer is None:
            raise LookupError(f"the drawing has no layer with the role {role.value}")
        return layer

    def topmost(self, role: Role) -> Layer | None:
        """The uppermost layer of `role`, in whatever group."""
        return next(reversed(self.with_role(role)), None)

    def leaves(self) -> Iterator[Layer]:
        """The layers that hold pixels, bottom first, in whatever group."""
        return leaves_of(self.layers)

    def nodes(self) -> Iterator[Node]:
        """All layers and groups."""
        return nodes_of(self.layers)

    def node(self, layer_id: int) -> Node:
        return next(node for node in self.nodes() if node.layer_id == layer_id)

    def layer(self, layer_id: int) -> Layer:
        return next(layer for layer in self.leaves() if layer.layer_id == layer_id)

    def siblings(self, layer_id: int) -> list[Node]:
        """The list that holds the layer or group."""
        groups = (node.layers for node in self.nodes() if isinstance(node, Group))
        return next(nodes for nodes in (self.layers, *groups) if any(node.layer_id == layer_id for node in nodes))

    def is_locked(self, layer_id: int) -> bool:
        """Whether it or a group round it is locked."""
        return any(node.locked for node in self._path(self.layers, layer_id))

    def is_hidden(self, layer_id: int) -> bool:
        """Whether it or a group round it is switched off."""
        return not all(node.visible for node in self._path(self.layers, layer_id))

    def _path(self, nodes: list[Node], layer_id: int) -> list[Node]:
        """From an outermost group to the layer itself; nothing when it is not there."""
        for node in nodes:
            inner = self._path(node.layers, layer_id) if isinstance(node, Group) else []
            if inner or node.layer_id == layer_id:
                return [node, *inner]
        return []

    def free_name(self, base: str) -> str:
        """`base`, or `base` with the first number that no layer has: "Layer 2"."""
        taken = {node.name for node in self.nodes()}
        numbered = (f"{base} {number}" for number in itertools.count(2))
        return next(name for name in itertools.chain([base], numbered) if name not in taken)

    def with_role(self, role: Role) -> list[Layer]:
        return [layer for layer in self.leaves() if layer.role is role]

    def seen(self, role: Role) -> tuple[LayerSnapshot, ...]:
        """The layers of `role` that can be seen and hold something, each as faded as its groups make it."""
        return tuple(seen_of(self.layers, role))

    def touch(self) -> None:
        """Count a change by the user."""
        self.revision += 1

    def composite(self, rect: Rect, roles: frozenset[Role] = SHOWN) -> Pixels:
        """What is seen in `rect` on white paper: a new (height, width, 4) array in RGBA order, alpha 255 everywhere.

        `rect` must lie inside the canvas. Only visible layers with one of `roles` take part.
        """
        return composite_on_paper(self.layers, rect, roles)

    def snapshot(self) -> DocumentSnapshot:
        """Copies no pixels."""
        return DocumentSnapshot(
            document_id=self.document_id,
            revision=self.revision,
            size=self.size,
            layers=tuple(layer.snapshot() for layer in self.layers),
            metadata=self.metadata,
            cast=self.cast,
        )
