"""What the live path asks of a network and what comes back: frozen values that carry all they need."""

import enum
from dataclasses import dataclass
from typing import Protocol

from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import LayerSnapshot
from sketchsause_desktop.core.tiles import TileSnapshot

Rgb = tuple[int, int, int]  # 0..255


class Effort(enum.Enum):
    """How much is done about a drawing at once; `inference.planner` says what that means for a window."""

    QUICK = "quick"  # while the pen moves: what lies round the change
    WIDE = "wide"  # at once afterwards, unless more has changed: what is seen, from the same answer of the network
    FULL = "full"  # when it rests: what is seen, as well as the model can
    REST = "rest"  # afterwards: what is not seen


@dataclass(frozen=True, kw_only=True)
class InferenceRequest:
    """Colour one window of a drawing. Snapshots only: the worker reads nothing but this."""

    document_id: int
    revision: int
    window: Rect  # what is coloured, in document pixels
    frame: Rect | None = None  # what the network looks at, round the window; None = the window
    effort: Effort = Effort.FULL
    coarse: int = 0  # the finest colours are those at 1 / 2**coarse of the window's size
    shown: TileSnapshot | None = None  # the colours that the rim of the window fades into
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
    network_ms: float = 0.0  # of `elapsed_ms`, the forward pass alone; 0 where an earlier answer served again
    working_size: int = 0  # the model's own, in pixels of the longer side; 0 where it sees everything in tiles
    remark: str = ""  # what the user should know, such as that memory was short


class InferenceEngine(Protocol):
    """What runs a request, on whatever thread calls it; `inference.engine.Engine`, or a fake in tests."""

    def run(self, request: InferenceRequest) -> InferenceResult: ...
