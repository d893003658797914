"""How fast the canvas paints: prints one JSON line; times are median and 99th percentile in ms.

    python tests/benchmarks/canvas_view.py [--rounds 300] [--blends normal|all] [--clock wall|processor]

A canvas of 1920 x 1080 shows a document of 4096 x 4096 pixels and ten layers, each covered with translucent noise:
the dearest there is (`--blends all`: with every blend mode, which no drawing has). To reach: pan and zoom 16.7 ms
(60 frames a second); an event of a 100 px brush 2 ms in the median and 8 ms at the 99th percentile, the repaint of what
it changed 8 ms at the 99th. With DISPLAY set and QT_QPA_PLATFORM=xcb it measures on that display, else in memory.
`--clock processor` counts the time that the process was given: what a machine with nothing else to do would take.
"""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.brush import Brush, PenSample
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Point, Size
from sketchsause_desktop.core.layers import Blend, Layer, Role
from sketchsause_desktop.core.tiles import TILE
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.theme import Theme

SIDE = 4096
LAYERS = 10
SCREEN = (1920, 1080)
Times = dict[str, float]


def drawing(blends: str) -> Document:
    """All tiles of a layer are one array until they are painted on."""
    document = Document.new(Size(SIDE, SIDE))
    document.layers[1:1] = [Layer(name=f"Layer {number}", role=Role.PAINT) for number in range(LAYERS - 2)]
    rng = np.random.default_rng(0)
    for number, layer in enumerate(document.leaves()):
        tile = premultiplied(rng.integers(1, 255, (TILE, TILE, 4)).astype(np.uint8))
        tile.flags.writeable = False
        keys = [(column, row) for column in range(SIDE // TILE) for row in range(SIDE // TILE)]
        layer.tiles.replace(dict.fromkeys(keys, tile))
        if blends == "all" and layer.role is Role.PAINT:
            layer.blend = list(Blend)[number % len(Blend)]
    return document


def summary(taken_ms: list[float]) -> Times:
    return {"median": round(float(np.median(taken_ms)), 2), "at_99": round(float(np.percentile(taken_ms, 99)), 2)}


CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


class Bench:
    def __init__(self, application: QApplication, blends: str, rounds: int, clock: Callable[[], float]) -> None:
        self.application, self.rounds, self.clock = application, rounds, clock
        self.editor = Editor()
        self.editor.open(drawing(blends), "benchmark")
        self.canvas = CanvasView(self.editor, Theme(application, "dark", Path(os.devnull)))
        self.canvas.resize(*SCREEN)
        self.canvas.show()
        self.canvas.set_angle(0)
        application.processEvents()

    def show(self, zoom: float, angle: float) -> None:
        self.canvas.set_angle(angle)
        self.canvas.set_zoom(zoom)
        self.canvas.repaint()

    def timed(self, act: Callable[[], object]) -> float:
        start = self.clock()
        act()
        return (self.clock() - start) * 1000

    def frames(self, move: Callable[[int], None]) -> Times:
        """Each the time from the input to the end of painting, what is on the screen included."""
        taken = []
        for step in range(self.rounds):

            def one(step: int = step) -> None:
                move(step)
                self.application.processEvents()

            taken.append(self.timed(one))
        return summary(taken)

    def pan(self, step: int) -> None:
        self.canvas.pan(23 * math.cos(step / 9), 17 * math.sin(step / 9))

    def hover(self, step: int) -> None:
        self.canvas.show_ring(QPointF(900 + 300 * math.cos(step / 9), 500 + 300 * math.sin(step / 9)))

    def paint(self) -> dict[str, Times]:
        """Event of the pen, and the repaint of what it changed."""
        events, repaints = [], []
        middle = self.canvas.view.centre_doc
        self.editor.set_brush(Brush(size=100.0))
        for step in range(self.rounds):
            point = middle + Point(300 * math.cos(step / 25), 300 * math.sin(step / 25))
            sample = PenSample(point.x, point.y, 0.8)
            if step % 100 == 0:
                self.editor.end_stroke()
                self.editor.begin_stroke(sample)
            else:
                events.append(self.timed(partial(self.editor.extend_stroke, sample)))
            repaints.append(self.timed(self.application.processEvents))
        self.editor.end_stroke()
        return {"event": summary(events), "repaint": summary(repaints)}

    def measure(self) -> dict[str, object]:
        result: dict[str, object] = {}
        for name, zoom, angle in (("fit", 0.26, 0.0), ("100 %", 1.0, 0.0), ("70 % at 20°", 0.7, 20.0)):
            self.show(zoom, angle)
            result[f"{name}: pan"] = self.frames(self.pan)
            result[f"{name}: hover"] = self.frames(self.hover)
            result |= {f"{name}: {key}": value for key, value in self.paint().items()}
        self.show(0.26, 0)
        zooms = 0.26 * 2 ** np.abs(np.linspace(-1.8, 1.8, 41))
        for zoom in zooms:  # what is shown for the first time is made first
            self.show(float(zoom), 0)
        result["zoom"] = self.frames(lambda step: self.canvas.set_zoom(float(zooms[step % len(zooms)])))
        self.show(0.5, 0)
        result["rotate"] = self.frames(lambda step: self.canvas.set_angle(2.0 * step))
        return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--blends", choices=("normal", "all"), default="normal")
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    arguments = parser.parse_args()
    application = QApplication([])
    load = os.getloadavg()[0]
    bench = Bench(application, arguments.blends, arguments.rounds, CLOCKS[arguments.clock])
    result: dict[str, object] = {
        "platform": application.platformName(),
        "load": round(load, 1),
        "clock": arguments.clock,
    }
    result |= bench.measure()
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
