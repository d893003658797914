"""How well hints are obeyed, and how far their colours leak: prints one JSON line.

    python tests/benchmarks/hint_obedience.py --data FOLDER [--model lineart] [--pictures 60] [--size 256]

FOLDER has `lines` and `colours` with files of the same names; the first are taken. Each drawing is coloured without
hints, then with six round dabs, 4 % of its side wide, in places drawn by a fixed seed: once of the truth's own colours
there and once of any colours. For a pull of 0, 0.5 and 1: the mean CIEDE2000 between result and hint over the hinted
pixels that are no line; the share of the closed regions without a hint that differs by more than 5 from the result
without hints (`leak`), and from that with a pull of 0 (`leak_of_pull`, which the network has no part in). `pull_ms` is
the time of the pull alone, on one core, median over the drawings.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # one core
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from models.predictor import Predictor
from models.runtime import load_runtime
from sketchsause_desktop.core.colours import ciede2000, lab_of_srgb, values_of
from sketchsause_desktop.core.hint_pull import pulled
from sketchsause_desktop.core.line_regions import fine_labels, grey_of, is_line, line_regions
from sketchsause_desktop.inference.catalogue import default_catalogue

PULLS = (0.0, 0.5, 1.0)
DABS = 6
FAR = 5.0  # CIEDE2000


def read(path: Path, size: int) -> np.ndarray:
    image = Image.open(path).convert("RGB")
    scale = size / max(image.size)
    return np.array(image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BOX))


def dabs(free: np.ndarray, truth: np.ndarray, random: np.random.Generator, own: bool) -> np.ndarray:
    """Hints (H, W, 4): dabs whose middles lie on no line."""
    height, width = free.shape
    hints = np.zeros((height, width, 4), np.uint8)
    places = np.argwhere(free)
    rows, columns = np.mgrid[:height, :width]
    for row, column in places[random.integers(0, len(places), DABS)].tolist():
        colour = truth[row, column] if own else random.integers(0, 256, 3)
        inside = np.hypot(rows - row, columns - column) <= 0.02 * max(height, width)
        hints[inside] = (*colour.tolist(), 255)
    return hints


def differences(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return ciede2000(lab_of_srgb(values_of(one)), lab_of_srgb(values_of(other)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="lineart")
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--size", type=int, default=256, help="pixels of the longer side")
    arguments = parser.parse_args()
    predictor = Predictor(load_runtime(default_catalogue().find(arguments.model).path, "cpu"))
    sums: dict[str, list[float]] = defaultdict(list)
    milliseconds = []
    names = sorted(path.name for path in (arguments.data / "lines").iterdir())[: arguments.pictures]
    for number, name in enumerate(names):
        lines, truth = (read(arguments.data / kind / name, arguments.size) for kind in ("lines", "colours"))
        grey = grey_of(lines)
        found = line_regions(grey)
        labels, free = fine_labels(found, grey), ~is_line(grey)
        plain = predictor.predict(lines).colour
        for kind in ("own", "any"):
            hints = dabs(free, truth, np.random.default_rng(number), kind == "own")
            hinted = (hints[..., 3] > 0) & free
            others = free & ~found.is_open[labels] & ~np.isin(labels, labels[hints[..., 3] > 0])
            painted = predictor.predict(lines, hints=hints).colour
            for pull in PULLS:
                began = time.thread_time()
                result = pulled(painted, lines, hints, pull, plain)
                if pull:
                    milliseconds.append((time.thread_time() - began) * 1000)
                sums[f"{kind}_{pull:g}_hinted"].append(float(differences(result, hints[..., :3])[hinted].mean()))
                if others.any():
                    for against, before in (("leak", plain), ("leak_of_pull", painted)):
                        share = float((differences(result, before)[others] > FAR).mean())
                        sums[f"{kind}_{pull:g}_{against}"].append(share)
    answer: dict[str, object] = {key: round(statistics.mean(values), 4) for key, values in sums.items()}
    answer |= {"model": arguments.model, "size": arguments.size, "n": len(names)}
    answer |= {"n_with_other_regions": len(sums["own_0_leak"]), "pull_ms": round(statistics.median(milliseconds), 1)}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
