"""How long the event loop is held up while the network runs: prints one JSON line.

    python tests/benchmarks/event_loop.py [--seconds 20] [--model FILE] [--picture FILE] [--base]

The real window is open (rendered into memory), live colour is on, a pen draws 200 points a second without a pause, and
passes run back to back. A timer of 1 ms looks at the clock in every turn of the event loop; the gap is the
time between two of its calls. `--base` measures the same without the network, for comparison. The figure to reach: the
99th percentile of the gaps is at most 16 ms. Without a shipped model one with random weights takes its place.
"""

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from models.locate import shipped_folder
from models.spec import ModelSpec
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.bootstrap import SAMPLE, Program, build, make_application
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.inference.catalogue import Catalogue

WARM_UP_MS = 5000  # the model is loaded and its first pass is over
PEN_INTERVAL_MS = 5
POINTS_OF_A_STROKE = 120
LIMIT_MS = 16.0


@dataclass
class Measured:
    gaps_ms: list[float] = field(default_factory=list)
    passes_ms: list[float] = field(default_factory=list)
    device: str = ""


class Session(QObject):
    """Draws, looks at the clock, and stops after a while."""

    ended = Signal()

    def __init__(self, program: Program, seconds: float) -> None:
        super().__init__()
        self._editor = program.services.editor
        self._turned_at = 0.0
        self._points = 0
        self.measured = Measured()
        self._live = program.services.live
        self._live.pass_finished.connect(self._on_pass)
        self._turns = self._timer(1, self._on_turn)
        self._pen = self._timer(PEN_INTERVAL_MS, self._on_pen)
        QTimer.singleShot(WARM_UP_MS, self, self._begin)
        QTimer.singleShot(WARM_UP_MS + round(seconds * 1000), self, self._end)

    def _timer(self, interval_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, interval=interval_ms, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        timer.start()
        return timer

    def _begin(self) -> None:
        self._turned_at = 0.0
        self.measured = Measured()

    def _end(self) -> None:
        self._pen.stop()
        self._turns.stop()
        self._editor.end_stroke()
        self._editor.mark_saved()
        self.ended.emit()

    def _on_turn(self) -> None:
        now = time.perf_counter()
        if self._turned_at:
            self.measured.gaps_ms.append((now - self._turned_at) * 1000)
        self._turned_at = now

    def _on_pen(self) -> None:
        size, step = self._editor.document.size, self._points
        self._points += 1
        across, down = math.cos(step / 37), math.sin(step / 23)
        x, y = size.width * (0.5 + 0.35 * across), size.height * (0.5 + 0.35 * down)
        if step % POINTS_OF_A_STROKE == 0:
            self._editor.end_stroke()
            self._editor.begin_stroke(PenSample(x, y, 0.6))
        else:
            self._editor.extend_stroke(PenSample(x, y, 0.5 + 0.4 * math.sin(step / 9)))

    def _on_pass(self, device: str, elapsed_ms: float) -> None:
        self.measured.device = device
        self.measured.passes_ms.append(elapsed_ms)
        self._live.run_once()  # also where the scheduler would wait for a pause in drawing


def summary(measured: Measured, program: Program, with_network: bool) -> dict[str, object]:
    gaps = np.array(measured.gaps_ms)
    at_99 = float(np.percentile(gaps, 99))
    size = program.services.editor.document.size
    return {
        "benchmark": "event_loop",
        "network": with_network,
        "document": [size.width, size.height],
        "turns": len(gaps),
        "gap_ms_median": round(float(np.median(gaps)), 2),
        "gap_ms_99": round(at_99, 2),
        "gap_ms_max": round(float(gaps.max()), 2),
        "passes": len(measured.passes_ms),
        "pass_ms_median": round(float(np.median(measured.passes_ms)), 1) if measured.passes_ms else None,
        "device": measured.device,
        "processors": os.cpu_count(),
        "limit_ms": LIMIT_MS,
        "reached": at_99 <= LIMIT_MS and bool(measured.passes_ms) is with_network,
    }


def model_folder(model: Path | None, scratch: Path) -> Path:
    """A folder with one model: the given one, the shipped one, or one with random weights."""
    chosen = model or shipped_folder() / "lineart.safetensors"
    target = scratch / "lineart.safetensors"
    if chosen.is_file():
        shutil.copyfile(chosen, target)
    else:
        save_random_weights(target)
    return scratch


def save_random_weights(target: Path) -> None:
    from models.checkpoint import save
    from models.registry import build as build_network

    spec = ModelSpec(task="lineart", output="colour_layer", fit="resize", working_size=512, base_width=32)
    arrays = {name: tensor.numpy() for name, tensor in build_network(spec).state_dict().items()}
    save(target, spec, arrays, {})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--picture", type=Path, default=SAMPLE, help="the line art that is open")
    parser.add_argument("--base", action="store_true", help="without the network")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = model_folder(arguments.model, Path(scratch))
        application, _has_display = make_application()
        program = build(application, Settings(folder), Catalogue((folder,)), None)
        program.window.resize(1600, 950)
        program.window.show()
        program.open_first([arguments.picture])
        program.services.live.set_enabled(not arguments.base)
        session = Session(program, arguments.seconds)
        session.ended.connect(application.exit)
        application.exec()
        program.services.live.shutdown()
        outcome = summary(session.measured, program, not arguments.base)
    print(json.dumps(outcome))
    return 0 if outcome["reached"] else 1


if __name__ == "__main__":
    sys.exit(main())
