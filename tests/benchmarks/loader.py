"""How many pictures a second the loader brings, against what a network of base width 32 consumes on this CPU.

    python tests/benchmarks/loader.py [--pairs 64] [--epochs 3]

Side-by-side JPEG sheets of 1024 x 512 and of 4000 x 2000 pixels are made here; the preset is `anime` (286 to 256, with
flips). The figure to reach: five times what the network consumes. The first epoch decodes, the others come from the
cache.
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from PIL import Image

from tests.benchmarks.training_step import trainers_step
from training.config import TrainConfig, load_config
from training.dataset import PairLoader
from training.pairs import scan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    config = load_config("anime", {"model.base_width": "32", "discriminator.base_width": "32"})
    consumed = network_rate(config)
    print(f"network of base width 32: {consumed:.1f} pictures/s")
    for size in ((1024, 512), (4000, 2000)):
        with tempfile.TemporaryDirectory() as folder:
            make_sheets(Path(folder), args.pairs, size)
            for epoch, rate in enumerate(loader_rates(config, Path(folder), args.epochs)):
                print(f"sheets {size[0]} x {size[1]}, epoch {epoch}: {rate:6.0f} pictures/s, {rate / consumed:5.1f} x")


def network_rate(config: TrainConfig) -> float:
    step = trainers_step(config)
    times = []
    for _ in range(6):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return config.run.batch_size / statistics.median(times[1:])


def make_sheets(folder: Path, count: int, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for number in range(count):
        small = Image.fromarray(rng.integers(0, 256, (size[1] // 16, size[0] // 16, 3)).astype(np.uint8))
        small.resize(size, Image.Resampling.BICUBIC).save(folder / f"{number}.jpg", quality=90)


def loader_rates(config: TrainConfig, folder: Path, epochs: int) -> list[float]:
    found = scan(folder, direction="AtoB", layout="sheets", fractions=(1.0, 0.0, 0.0))
    pairs = found.splits["train"]
    loader = PairLoader(config.model, config.data, pairs, 1, 0)
    rates = []
    with contextlib.closing(loader.stream(0)) as batches:  # type: ignore[type-var]
        for _ in range(epochs):
            started = time.perf_counter()
            for _ in pairs:
                next(batches)
            rates.append(len(pairs) / (time.perf_counter() - started))
    return rates


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
