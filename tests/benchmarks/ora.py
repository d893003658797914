"""How long a drawing takes to be saved as OpenRaster: prints one JSON line for each kind of picture.

    python tests/benchmarks/ora.py [--side 4096] [--layers 10] [--repeats 3] [--only KIND]

Every layer is filled with the same kind of pixels, "mixed" has some of each. `gap_ms` is the 99th percentile of how
late another thread wakes that wants to run each millisecond: what the save costs a hand that goes on painting.
`cpu_seconds` is what all threads took together; on a busy machine half of it is what two free cores would need.
`pillow_seconds` is one layer through Pillow's own writer at level 1, times the number of layers: the reference.
The figure to reach: 4096 x 4096 with 10 layers within 3 s.
"""

import argparse
import io
import json
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from sketchsause_desktop.core.blend import Pixels, premultiplied, straight
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.ora_reader import read_ora
from sketchsause_desktop.core.ora_writer import write_ora

KINDS = ("lines", "flat", "soft", "scan", "noise")


def strip(kind: str, width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Straight RGBA, (height, width, 4), in the manner of `kind`."""
    pixels = np.zeros((height, width, 4), np.uint8)
    y, x = np.mgrid[:height, :width]
    if kind == "soft":  # an airbrush: every alpha there is, slow gradients
        pixels[..., 3] = 127 + 127 * np.sin(x / 200) * np.cos(y / 130)
        pixels[..., :3] = np.stack([x // 16, y // 3, (x + y) // 20], axis=-1)
    elif kind == "scan":  # paper with grain
        pixels[..., :3] = np.clip(rng.normal(230, 4, (height, width, 1)), 0, 255)
        pixels[..., 3] = 255
    elif kind == "noise":
        pixels = rng.integers(0, 256, pixels.shape, np.uint8)
        pixels[..., 3] = 255
    for _ in range(width * height // 8000 if kind in ("flat", "lines") else 0):
        side, thick = int(rng.integers(20, 200)), 3 if kind == "lines" else 60
        left, top = rng.integers(0, max(1, width - side)), rng.integers(0, max(1, height - thick))
        colour = (20, 20, 30) if kind == "lines" else rng.integers(0, 256, 3)
        pixels[top : top + thick, left : left + side] = (*colour, 255)
        pixels[top, left : left + side, 3] = 128  # a smooth edge
    return pixels


def drawing(kinds: list[str], side: int, layers: int) -> Document:
    rng = np.random.default_rng(0)
    document = Document.new(Size(side, side))
    document.layers = [Layer(name=f"Layer {number}", role=Role.PAINT) for number in range(layers)]
    for number, layer in enumerate(document.leaves()):
        for band in Rect(0, 0, side, side).bands(512):
            pixels = strip(kinds[number % len(kinds)], band.width, band.height, rng)
            layer.tiles.write(band, premultiplied(pixels))
    return document


class Sleeper(threading.Thread):
    """Wants to run each millisecond, and notes how late it is."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            asleep = time.perf_counter()
            time.sleep(0.001)
            self.late_ms.append((time.perf_counter() - asleep) * 1000 - 1)


def measure(kind: str, side: int, layers: int, repeats: int) -> dict[str, object]:
    document = drawing(list(KINDS[:4]) if kind == "mixed" else [kind], side, layers)
    snapshot, seconds, cpu, gaps = document.snapshot(), [], [], []
    first = next(document.leaves()).tiles.read(document.rect)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawing.ora"
        for _ in range(repeats):
            sleeper = Sleeper()
            sleeper.start()
            begun, worked = time.perf_counter(), time.process_time()
            write_ora(path, snapshot)
            seconds.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - worked)
            sleeper.ended.set()
            sleeper.join()
            gaps.extend(sleeper.late_ms)
        megabytes = path.stat().st_size / 2**20
        begun = time.perf_counter()
        read_ora(path)
        reading = time.perf_counter() - begun
    begun = time.perf_counter()
    Image.fromarray(straight(first)).save(io.BytesIO(), "PNG", compress_level=1)
    pillow = (time.perf_counter() - begun) * layers
    return {
        "kind": kind,
        "seconds": round(statistics.median(seconds), 2),
        "best_seconds": round(min(seconds), 2),
        "cpu_seconds": round(statistics.median(cpu), 2),
        "pillow_seconds": round(pillow, 1),
        "gap_ms": round(float(np.percentile(gaps, 99)), 1),
        "megabytes": round(megabytes),
        "reading_seconds": round(reading, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--layers", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=(*KINDS, "mixed"))
    options = parser.parse_args()
    for kind in [options.only] if options.only else [*KINDS, "mixed"]:
        print(json.dumps(measure(kind, options.side, options.layers, options.repeats)), flush=True)


if __name__ == "__main__":
    main()
