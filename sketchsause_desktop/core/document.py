"""The document: the model of a drawing, without view or controller; it works without any GUI attached.

Layers are listed bottom first. Changes are made on one thread; other threads read snapshots.
"""

from dataclasses import dataclass

from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer, LayerSnapshot, Role
from sketchsause_desktop.core.tiles import Pixels

EVERY_ROLE = frozenset(Role)
SHOWN = frozenset({Role.AI_COLOUR, Role.PAINT, Role.HINTS, Role.LINE_ART})  # the overlay view
OWN_PAINT = frozenset({Role.PAINT, Role.HINTS, Role.LINE_ART})  # one's own side of the split view
RESULT = frozenset(
    {Role.AI_COLOUR, Role.PAINT, Role.LINE_ART}
)  # the result side of the split view, and what is exported


@dataclass(frozen=True, kw_only=True)
class DocumentSnapshot:
    """A document as it was at one moment; any thread may read it."""

    document_id: int
    revision: int
    size: Size
    layers: tuple[LayerSnapshot, ...]

    def composite(self, rect: Rect, roles: frozenset[Role] = RESULT) -> Pixels:
        """As `Document.composite`."""
        raise NotImplementedError


class Document:
    """A drawing: size, layers and a revision that rises with every change the user makes (not with results)."""

    document_id: int
    size: Size
    layers: list[Layer]
    revision: int

    @classmethod
    def new(cls, size: Size) -> "Document":
        """An empty drawing on white paper: an AI colour layer and a line-art layer over it."""
        raise NotImplementedError

    @classmethod
    def from_line_art(cls, pixels: Pixels) -> "Document":
        """A drawing whose line-art layer is `pixels`, (H, W), (H, W, 3) or (H, W, 4) with straight alpha.

        Scans are opaque; the layer is multiplied, so that their white paper lets the colours through.
        """
        raise NotImplementedError

    @property
    def rect(self) -> Rect:
        raise NotImplementedError

    @property
    def line_art(self) -> Layer:
        """The uppermost line-art layer."""
        raise NotImplementedError

    @property
    def ai_colour(self) -> Layer:
        raise NotImplementedError

    def composite(self, rect: Rect, roles: frozenset[Role] = SHOWN) -> Pixels:
        """What is seen in `rect` on white paper: a new (height, width, 4) array in RGBA order, alpha 255 everywhere.

        `rect` must lie inside the canvas. Only visible layers with one of `roles` take part.
        """
        raise NotImplementedError

    def snapshot(self) -> DocumentSnapshot:
        """Copies no pixels."""
        raise NotImplementedError
