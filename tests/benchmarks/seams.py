"""Whether the tiles show that a large picture is made of: prints one JSON line.

    python -m tests.benchmarks.seams --data DIR [--model satmap] [--size 600] [--count 20]

The left halves of sheets, scaled to `--size` pixels a side, go through the model in overlapping tiles. Compared are the
mean absolute differences of neighbouring pixels across the lines where a tile begins or ends, and across the other
lines of the same kind: halves of 300 pixels scaled to 600, and networks that double their features, have larger
differences across every second line. To reach: at most 1.1 times as much.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from models.locate import locate_model
from models.predictor import Predictor
from models.runtime import load_runtime
from models.tiling import tile_boxes

LIMIT = 1.1


def steps(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean absolute difference across each vertical line between two columns, and across each horizontal one."""
    values = picture.astype(np.float32)
    return np.abs(np.diff(values, axis=1)).mean((0, 2)), np.abs(np.diff(values, axis=0)).mean((1, 2))


def borders(size: int, tile: int, overlap: int) -> np.ndarray:
    """Lines where a tile begins or ends, as the number of the pixel before; bool (size - 1,)."""
    at = np.zeros(size - 1, bool)
    for top, _ in tile_boxes(size, size, tile, overlap):
        for edge in (top, top + tile):
            if 0 < edge < size:
                at[edge - 1] = True
    return at


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="satmap")
    parser.add_argument("--size", type=int, default=600)
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    predictor = Predictor(load_runtime(locate_model(options.model), "cpu"))
    tile = predictor.spec.working_size
    at = borders(options.size, tile, tile // 4)
    alike = np.isin(np.arange(len(at)) % 2, np.flatnonzero(at) % 2) & ~at
    across, inside = [], []
    for path in sorted(options.data.glob("*.jpg"))[: options.count]:
        with Image.open(path) as sheet:
            half = sheet.convert("RGB").crop((0, 0, sheet.width // 2, sheet.height))
        photograph = np.asarray(half.resize((options.size, options.size), Image.Resampling.BICUBIC))
        for lines in steps(predictor.predict(photograph).picture):
            across.append(float(lines[at].mean()))
            inside.append(float(lines[alike].mean()))
    ratio = float(np.mean(across) / np.mean(inside))
    outcome = {"benchmark": "seams", "pictures": len(across) // 2, "size": options.size, "borders": int(at.sum())}
    print(json.dumps({**outcome, "ratio": round(ratio, 3), "limit": LIMIT, "reached": ratio <= LIMIT}))
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
