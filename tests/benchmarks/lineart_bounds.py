"""What a picture could score at best that is soft colour under the line art: the truth's own colours, smoothed.

    python -m tests.benchmarks.lineart_bounds --data ../shared/data/dev/anime [--size 256] [--ink 1]

A network whose answer is a colour layer times the lines is between the trivial answers and these rows: one that knew
the mean colour round every pixel, and no detail, would score what stands here for that radius.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from scipy import ndimage

from training import metrics
from training.evaluation import Example, load_examples
from training.pairs import scan

RADII = (4, 8, 16, 32)  # standard deviations of a Gaussian, pixels
DARKEST = 0.02  # share of the lines' light that is taken as known under full ink


def smoothed(example: Example, radius: float, ink: float) -> np.ndarray:
    """float (H, W, 3) in [0, 1]: the best smooth colour layer, by least squares round each pixel, times the lines.

    The lines are taken to the power of `ink`: below 1 they are paler than they were drawn."""
    truth, lines = metrics.unit_picture(example.target), metrics.unit_picture(example.input)
    weights = np.maximum(lines.mean(axis=-1, keepdims=True), DARKEST) ** ink
    sigma = (radius, radius, 0)
    colour = ndimage.gaussian_filter(truth * weights, sigma) / ndimage.gaussian_filter(weights**2, sigma)
    answer: np.ndarray = np.clip(colour, 0, 1) * lines**ink
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--ink", type=float, default=1.0, help="power of the lines")
    given = parser.parse_args()
    examples = list(load_examples(scan(given.data).pairs, given.size, failed={}))
    rows = {}
    for radius in RADII:
        pairs = [(smoothed(example, radius, given.ink), metrics.unit_picture(example.target)) for example in examples]
        rows[radius] = {
            "psnr": round(float(np.mean([metrics.psnr(*pair) for pair in pairs])), 2),
            "ssim": round(float(np.mean([metrics.ssim(*pair) for pair in pairs])), 4),
        }
    print(json.dumps({"benchmark": "lineart_bounds", "N": len(examples), "size": given.size, "radius": rows}))


if __name__ == "__main__":
    main()
