"""What the live path asks of a network and what comes back: frozen values that carry all they need."""

from dataclasses import dataclass
from typing import Protocol

from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import LayerSnapshot
from sketchsause_desktop.core.tiles import TileSnapshot

Rgb = tuple[int, int, int]  # 0..255


@dataclass(frozen=True, kw_only=True)
class InferenceRequest:
    """Colour one window of a drawing. Snapshots only: the worker reads nothing but this."""

    document_id: int
    revision: int
    window: Rect  # in document pixels
    lines: tuple[LayerSnapshot, ...]  # the visible line-art layers, or those of a map's source, bottom first
    hints: tuple[LayerSnapshot, ...] = ()
    model_id: str
    palette: tuple[Rgb, ...] = ()  # colours the picture should be in; () = the network's own choice
    pull: float = 1.0  # how far the answer is pulled to the hints after the network, 0..1
    working_size: int | None = None  # long side inside the network in pixels; None = the model's own
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class InferenceResult:
    """The colours of one window at document resolution, already cut into tiles, so that showing them copies nothing."""

    document_id: int
    revision: int
    window: Rect
    model_id: str
    tiles: TileSnapshot
    elapsed_ms: float
    device: str  # for the user, such as "CPU"


class InferenceEngine(Protocol):
    """What runs a request, on whatever thread calls it; `inference.engine.Engine`, or a fake in tests."""

    def run(self, request: InferenceRequest) -> InferenceResult: ...
