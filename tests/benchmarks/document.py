"""What the drawing costs: undo, memory, compositing. Prints one JSON line; times are best, median and 99th, in ms.

    python tests/benchmarks/document.py

The document has 4096 x 4096 pixels and ten layers, each wholly covered with translucent noise: the dearest there is.
To reach: undo of a stroke at most 20 ms behind any history; at most 60 MB for an empty document of 8192 x 8192 with ten
layers. The composite is of a dirty box of 256 x 256; `over_copy` is its best time over that of copying all it reads.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.canvas_actions import flip, rotate, scale
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.core.history import History, TileChange
from sketchsause_desktop.core.layers import Blend, Layer, Role
from sketchsause_desktop.core.selection_edges import feathered, grown
from sketchsause_desktop.core.selection_outline import outline
from sketchsause_desktop.core.selection_shapes import ellipse
from sketchsause_desktop.core.stroke import Stroke
from sketchsause_desktop.core.tiles import TILE

LAYERS = 10
STROKES = 3000
BOX = Rect(1000, 1000, 256, 256)


def _drawing(size: Size) -> Document:
    document = Document.new(size)
    document.layers[1:1] = [Layer(name=f"Layer {number}", role=Role.PAINT) for number in range(LAYERS - 2)]
    return document


def _cover(document: Document) -> None:
    """All tiles of a layer are one array until they are painted on."""
    rng = np.random.default_rng(0)
    for layer in document.leaves():
        tile = premultiplied(rng.integers(1, 255, (TILE, TILE, 4)).astype(np.uint8))
        tile.flags.writeable = False
        sides = (document.size.width // TILE, document.size.height // TILE)
        layer.tiles.replace({(column, row): tile for column in range(sides[0]) for row in range(sides[1])})


def _ms(act: Callable[[], object], times: int) -> tuple[float, float, float]:
    """The best, the median and the 99th percentile."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append((time.perf_counter() - start) * 1000)
    best, median, at_99 = np.percentile(taken, (0, 50, 99)).round(3).tolist()
    return best, median, at_99


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _memory_of_an_empty_drawing() -> dict[str, float]:
    before = _resident_mb()
    document, history = _drawing(Size(8192, 8192)), History()
    document.composite(BOX)
    document.snapshot()
    return {"empty_8192_mb": round(_resident_mb() - before, 1), "held_mb": history.held_bytes / 2**20}


def _paint(document: Document, history: History, rng: np.random.Generator) -> None:
    layer = document.layers[3]
    assert isinstance(layer, Layer)
    stroke = Stroke(layer.tiles, Brush(size=100), document.rect)
    start = Point(*rng.uniform(0, 4096, 2))
    stroke.begin(start, 1)
    stroke.extend(start + Point(*rng.uniform(-200, 200, 2)), 1)
    change = TileChange.of("Brush", layer, stroke.before)
    assert change is not None
    history.push(change)


def _undo(document: Document) -> dict[str, object]:
    history, rng = History(), np.random.default_rng(1)
    for _ in range(STROKES):
        _paint(document, history, rng)

    def both() -> None:
        history.undo(document)
        history.redo(document)

    return {"history": len(history), "undo_and_redo_ms": _ms(both, 200), "held_mb": history.held_bytes / 2**20}


def _composites(document: Document) -> dict[str, object]:
    pixels = np.empty((LAYERS, BOX.height, BOX.width, 4), np.uint8)
    copy = _ms(pixels.copy, 200)
    result: dict[str, object] = {"copy_ms": copy}
    leaves = list(document.leaves())
    for blend in Blend:
        for layer in leaves:
            layer.blend = blend
        taken = _ms(lambda: document.composite(BOX), 50)
        result |= {f"composite_{blend.value}_ms": taken, f"{blend.value}_over_copy": round(taken[0] / copy[0], 1)}
    for layer in leaves:
        layer.blend = Blend.NORMAL
    leaves[5].tiles.write(BOX.grown(TILE), np.full((256 + 2 * TILE, 256 + 2 * TILE, 4), 255, np.uint8))
    result["composite_sixth_opaque_ms"] = _ms(lambda: document.composite(BOX), 50)
    for layer in leaves[1:]:
        layer.tiles.write(BOX.grown(TILE), np.zeros((256 + 2 * TILE, 256 + 2 * TILE, 4), np.uint8))
    result["composite_blank_but_one_ms"] = _ms(lambda: document.composite(BOX), 50)
    return result


def _large(document: Document) -> dict[str, object]:
    disc = ellipse(Rect(100, 100, 3800, 3800), document.rect)
    document.layers[2:] = []
    size = Size(3000, 3000)
    return {
        "ellipse_ms": _ms(lambda: ellipse(Rect(100, 100, 3800, 3800), document.rect), 3),
        "feather_20_ms": _ms(lambda: feathered(disc, 20, document.rect), 3),
        "grow_20_ms": _ms(lambda: grown(disc, 20, document.rect), 3),
        "outline_ms": _ms(lambda: outline(disc), 3),
        "flip_2_layers_ms": _ms(lambda: flip(document), 2),
        "rotate_7_2_layers_ms": _ms(lambda: rotate(document, 7), 1),
        "scale_2_layers_ms": _ms(lambda: scale(document, size), 1),
    }


def main() -> None:
    result: dict[str, object] = {**_memory_of_an_empty_drawing()}
    document = _drawing(Size(4096, 4096))
    _cover(document)
    for part in (_undo, _composites, _large):
        result.update(part(document))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
