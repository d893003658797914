"""How long saving takes while painting goes on, and how long the event loop stands still meanwhile.

python -m tests.benchmarks.saving [--side 4096] [--layers 10]
"""

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, QTimer

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.saving import Saving
from sketchsause_desktop.core.brush import Brush, PenSample
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer, Role

PEN_INTERVAL_MS = 5
POINTS_OF_A_STROKE = 100
ALONE_MS = 2000


def drawing(side: int, layers: int) -> Document:
    """Each layer has soft shapes on a third of the canvas."""
    document = Document.new(Size(side, side))
    random = np.random.default_rng(0)
    for number in range(layers - 2):
        layer = Layer(name=f"Layer {number}", role=Role.PAINT)
        for x, y in random.integers(0, side - 600, (16, 2)).tolist():
            across = np.hypot(*np.mgrid[-300:300, -300:300]) / 300
            pixels = np.zeros((600, 600, 4), np.uint8)
            pixels[...] = (np.clip(1.2 - across, 0, 1) * 255).astype(np.uint8)[..., np.newaxis]
            pixels[..., :3] = pixels[..., :3] * random.random(3)
            layer.tiles.write(Rect(x, y, 600, 600), pixels)
        document.layers.insert(1, layer)
    return document


class Bench:
    """Draws a stroke after the other and writes down how long the event loop took from turn to turn."""

    def __init__(self, document: Document) -> None:
        self.editor = Editor()
        self.editor.open(document)
        self.editor.set_brush(Brush(size=100))
        self._side = document.size.width
        self._gaps_ms: list[float] = []
        self._turned_at = 0.0
        self._points = 0
        self._timers = [self._timer(1, self._on_turn), self._timer(PEN_INTERVAL_MS, self._on_pen)]

    def _timer(self, interval_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(interval=interval_ms, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        timer.start()
        return timer

    def _on_turn(self) -> None:
        now = time.perf_counter()
        if self._turned_at:
            self._gaps_ms.append((now - self._turned_at) * 1000)
        self._turned_at = now

    def _on_pen(self) -> None:
        step = self._points
        self._points += 1
        x, y = (self._side * (0.5 + 0.4 * way) for way in (math.cos(step / 37), math.sin(step / 23)))
        if step % POINTS_OF_A_STROKE == 0:
            self.editor.end_stroke()
            self.editor.begin_stroke(PenSample(x, y, 0.7))
        else:
            self.editor.extend_stroke(PenSample(x, y, 0.7))

    def report(self, name: str) -> None:
        middle, late, worst = np.percentile(self._gaps_ms, [50, 99, 100])
        print(f"{name}: median gap {middle:.1f} ms, 99th percentile {late:.1f} ms, longest {worst:.1f} ms")
        self._gaps_ms.clear()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--layers", type=int, default=10)
    wanted = parser.parse_args()
    app = QCoreApplication([])
    bench, saving = Bench(drawing(wanted.side, wanted.layers)), Saving(Notices())
    QTimer.singleShot(ALONE_MS, app.quit)
    app.exec()
    bench.report("painting alone")
    with tempfile.TemporaryDirectory() as folder:
        saving.saved.connect(app.quit)
        begun = time.perf_counter()
        saving.save(bench.editor.current, Path(folder) / "drawing.ora")
        app.exec()
        print(f"saved in {time.perf_counter() - begun:.2f} s")
        bench.report("painting while saving")
    saving.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
