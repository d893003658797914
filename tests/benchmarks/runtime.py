"""How much faster the CPU runtime is than eager torch on the same weights: prints one JSON line.

    python tests/benchmarks/runtime.py [--model NAME|FILE] [--rounds 15]

Both run in this process on the same inputs, in turns, so that whatever else the machine does meets both. The figure to
reach, at 256 and at 512 pixels a side: the median of one is at least twice that of the other, and no value of the
outputs differs by more than 2 of 255 steps. Input: random line art of closed curves and a few hints.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image, ImageDraw

from models.conditioning import network_input
from models.locate import locate_model
from models.runtime import OnnxRuntime, Runtime, TorchRuntime, load_runtime
from models.spec import ModelSpec

SIZES = (256, 512)
REQUIRED_RATIO, LARGEST_DIFFERENCE = 2.0, 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="lineart")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    path = locate_model(options.model)
    fast, eager = load_runtime(path, "cpu"), TorchRuntime(path, "cpu")
    if not isinstance(fast, OnnxRuntime):
        parser.error(f"{path} holds no graph for the CPU runtime")
    sizes = {str(size): compare(fast, eager, size, options.rounds) for size in SIZES}
    reached = all(
        row["ratio"] >= REQUIRED_RATIO and row["largest_difference_of_255"] <= LARGEST_DIFFERENCE
        for row in sizes.values()
    )
    report = {"benchmark": "runtime", "model": options.model, "rounds": options.rounds, "sizes": sizes}
    print(json.dumps({**report, "required_ratio": REQUIRED_RATIO, "reached": reached}))
    return 0 if reached else 1


def compare(fast: Runtime, eager: Runtime, size: int, rounds: int) -> dict[str, float]:
    x = drawing(fast.spec, size)
    times: dict[str, list[float]] = {"fast": [], "eager": []}
    outputs = {}
    for turn in range(rounds + 2):  # the first two warm both up
        for name, runtime in (("fast", fast), ("eager", eager)):
            started = time.perf_counter()
            outputs[name] = runtime.run(x)
            if turn >= 2:
                times[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    return {
        "onnx_ms": round(1000 * medians["fast"], 1),
        "eager_ms": round(1000 * medians["eager"], 1),
        "ratio": round(medians["eager"] / medians["fast"], 2),
        "largest_difference_of_255": round(float(np.abs(outputs["fast"] - outputs["eager"]).max()) * 127.5, 3),
    }


def drawing(spec: ModelSpec, size: int) -> np.ndarray:
    """(1, network channels, size, size) in [-1, 1]."""
    rng = np.random.default_rng(0)
    image = Image.new("RGB", (size, size), "white")
    pen = ImageDraw.Draw(image)
    hints = np.zeros((size, size, 4), np.uint8)
    for _ in range(20):
        x, y = rng.integers(0, size, 2).tolist()
        width, height = rng.integers(size // 16, size // 3, 2).tolist()
        pen.ellipse((x, y, x + width, y + height), outline="black", width=2)
        hints[y : y + 6, x : x + 6] = (*rng.integers(0, 256, 3), 255)
    return network_input(spec, np.asarray(image), hints)[None]


if __name__ == "__main__":
    sys.exit(main())
