"""How much of a batch's wall time is the network's: `python tests/benchmarks/convert_overlap.py [--model NAME|FILE]`.

Converts 100 generated line drawings of 512 x 512 pixels as `sketchsause convert` does it, loading the model included,
and prints one JSON line. Decoding, encoding and the disk must hide behind the network: its share is at least 0.8.
"""

import argparse
import contextlib
import io
import json
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models import runtime
from sketchsause_desktop.batch import cli
from sketchsause_desktop.inference.catalogue import default_catalogue

IMAGES, SIZE, REQUIRED_SHARE = 100, 512, 0.8


class Clock:
    """Adds up the time that is spent inside the network."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.title = ""

    def load_runtime(self, path: Path, device: str = "auto") -> Any:
        loaded = _load_runtime(path, device)
        self.title = loaded.title
        return _Timed(loaded, self)


class _Timed:
    def __init__(self, inner: Any, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        started = time.perf_counter()
        try:
            result: NDArray[np.float32] = self._inner.run(batch)
            return result
        finally:
            self._clock.seconds += time.perf_counter() - started


_load_runtime = runtime.load_runtime


def draw(folder: Path) -> None:
    """Curves as a pen draws them: many closed areas, soft edges."""
    rng = np.random.default_rng(0)
    for number in range(IMAGES):
        image = Image.new("L", (2 * SIZE, 2 * SIZE), 255)
        pen = ImageDraw.Draw(image)
        for _ in range(25):
            x, y = rng.uniform(0, 2 * SIZE, 2)
            radii = rng.uniform(40, 400, 2)
            turns = np.linspace(0, 2 * math.pi, 60)
            wobble = 1 + 0.2 * np.sin(turns * rng.integers(2, 6) + rng.uniform(0, 6))
            points = np.stack([x + radii[0] * wobble * np.cos(turns), y + radii[1] * wobble * np.sin(turns)], axis=1)
            pen.line([(float(px), float(py)) for px, py in points], fill=int(rng.integers(0, 90)), width=5)
        image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).convert("RGB").save(folder / f"{number:03}.png")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="lineart")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        pictures, out = Path(folder, "in"), Path(folder, "out")
        pictures.mkdir()
        draw(pictures)
        call = argparse.ArgumentParser()
        cli.add_arguments(call)
        arguments = call.parse_args(
            [str(pictures), "-o", str(out), "-m", options.model, "--device", options.device, "--json"]
        )
        started = time.perf_counter()
        watched = mock.patch.object(runtime, "load_runtime", clock.load_runtime)
        with watched, contextlib.redirect_stdout(io.StringIO()) as said:
            cli.main(arguments, default_catalogue())
        wall = time.perf_counter() - started
    converted = json.loads(said.getvalue().splitlines()[-1])["converted"]
    share = clock.seconds / wall
    result = {
        "benchmark": "convert_overlap",
        "images": converted,
        "size": SIZE,
        "model": options.model,
        "device": clock.title,
        "wall_seconds": round(wall, 2),
        "network_seconds": round(clock.seconds, 2),
        "share": round(share, 3),
        "required_share": REQUIRED_SHARE,
        "reached": converted == IMAGES and share >= REQUIRED_SHARE,
    }
    print(json.dumps(result))
    return 0 if result["reached"] else 1


if __name__ == "__main__":
    sys.exit(main())
