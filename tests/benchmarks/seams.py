"""Whether the tiles show that a large picture is made of: prints one JSON line.

    python -m tests.benchmarks.seams --data DIR [--model satmap] [--size 600] [--count 20]
    python -m tests.benchmarks.seams --data DIR --mosaic 5000 [--path memory|bands|both] [--roads 1500] [--scale 1]

The left halves of sheets, scaled to `--size` pixels a side, go through the model in overlapping tiles. Compared are the
mean absolute differences of neighbouring pixels across the lines where a tile begins or ends, and across the other
lines of the same kind: halves of 300 pixels scaled to 600, and networks that double their features, have larger
differences across every second line. To reach: at most 1.1 times as much.

`--mosaic` joins the halves, scaled to `--size`, to one picture of so many pixels a side, and paints it as pictures in
memory are painted, as those are that are read by rows, or both: then they must be the same. Places where two sheets
were joined are left out. There tiles begin at even and at odd lines, so each border is compared with the lines beside
it that are like it. Of a part of `--roads` pixels a side it is then asked whether roads go on across tiles: it is
painted again with the lattice of tiles moved by half a step, and the road pixels that have no road within 3 pixels
in the other picture are counted within 8 pixels of the first lattice's borders and elsewhere.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.bands import Wishes, painted_bands
from models.locate import locate_model
from models.predictor import Predictor
from models.runtime import load_runtime
from models.tiling import starts
from training.map_measures import ROAD_REACH, kinds, widened

LIMIT = 1.1
_JOINT = 16  # pixels to each side of where two sheets were joined that are left out
_BESIDE = 8  # pixels to each side of a border that count as beside it


def steps(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean absolute difference across each vertical line between two columns, and across each horizontal one."""
    values = picture.astype(np.int16)
    down = np.array([np.abs(values[row + 1] - values[row]).mean() for row in range(len(values) - 1)])
    across = np.zeros(values.shape[1] - 1)
    for row in values:
        across += np.abs(np.diff(row, axis=0)).mean(axis=1)
    return across / len(values), down


def borders(size: int, tile: int, overlap: int) -> np.ndarray:
    """Lines where a tile begins or ends, as the number of the pixel before; bool (size - 1,)."""
    at = np.zeros(size - 1, bool)
    for top in starts(size, tile, overlap):
        for edge in (top, top + tile):
            if 0 < edge < size:
                at[edge - 1] = True
    return at


@dataclass(frozen=True)
class Held:
    """A picture in memory, read by rows as one that is not."""

    pixels: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        height, width, channels = self.pixels.shape
        return height, width, channels

    def rows(self, top: int, bottom: int) -> np.ndarray:
        return self.pixels[top:bottom]


def photographs(folder: Path, size: int) -> Iterator[np.ndarray]:
    for path in sorted(folder.glob("*.jpg")):
        with Image.open(path) as sheet:
            half = sheet.convert("RGB").crop((0, 0, sheet.width // 2, sheet.height))
        yield np.asarray(half.resize((size, size), Image.Resampling.BICUBIC))


def mosaic(folder: Path, size: int, side: int) -> np.ndarray:
    """Photographs of `size` pixels in rows, from the first again when there are no more; (side, side, 3)."""
    given = list(photographs(folder, size))
    count = -(-side // size)
    whole = np.empty((side, side, 3), np.uint8)
    for index in range(count * count):
        top, left = index // count * size, index % count * size
        part = whole[top : top + size, left : left + size]
        part[:] = given[index % len(given)][: part.shape[0], : part.shape[1]]
    return whole


def ratio_of(lines: tuple[np.ndarray, np.ndarray], at: np.ndarray, left_out: np.ndarray) -> float:
    """The borders' mean over that of the lines 8 to 40 pixels to both sides that are as even or odd as they are."""
    at = at & ~left_out
    inside = np.flatnonzero(~at & ~left_out)
    across, alike = [], []
    for line in np.flatnonzero(at):
        away = np.abs(inside - line)
        beside = inside[(away >= _BESIDE) & (away <= 5 * _BESIDE) & (away % 2 == 0)]
        across += [float(each[line]) for each in lines]
        alike += [float(each[beside].mean()) for each in lines]
    return float(np.mean(across) / np.mean(alike))


def road_ends(predictor: Predictor, picture: np.ndarray, scale: float) -> dict[str, float]:
    """The share of road pixels that have no road near them under another lattice: beside borders, elsewhere.

    The other lattice: the same picture with half a step of mirrored ground at its top and left.
    """
    lens = predictor.lens(None, None, scale)
    shift = (lens.tile - lens.overlap) // 2
    moved = np.pad(picture, ((shift, 0), (shift, 0), (0, 0)), mode="symmetric")
    first = kinds(predictor.predict(picture, scale=scale).picture) == "road"
    second = kinds(predictor.predict(moved, scale=scale).picture[shift:, shift:]) == "road"
    lonely = (first & ~widened(second, ROAD_REACH)) | (second & ~widened(first, ROAD_REACH))
    roads = first | second
    near = np.zeros(len(picture), bool)
    for line in np.flatnonzero(borders(len(picture), lens.tile, lens.overlap)):
        near[max(line - _BESIDE + 1, 0) : line + _BESIDE + 1] = True
    beside = near[:, None] | near[None, :]
    beside[:shift], beside[:, :shift] = False, False  # the second picture sees mirrored ground there
    elsewhere = ~(near[:, None] | near[None, :])
    elsewhere[:shift], elsewhere[:, :shift] = False, False
    shares = {name: float(lonely[at].sum() / roads[at].sum()) for name, at in (("b", beside), ("e", elsewhere))}
    return {"road_ends_at_borders": round(shares["b"], 4), "road_ends_elsewhere": round(shares["e"], 4)}


def whole_mosaic(predictor: Predictor, options: argparse.Namespace) -> dict[str, object]:
    picture = mosaic(options.data, options.size, options.mosaic)
    lens = predictor.lens(None, None, options.scale)
    at = borders(options.mosaic, lens.tile, lens.overlap)
    joined = np.zeros(len(at), bool)
    for line in range(options.size - 1, len(joined), options.size):
        joined[line - _JOINT : line + _JOINT + 1] = True
    told: dict[str, object] = {"borders": int((at & ~joined).sum())}
    made = []
    for path in ("memory", "bands") if options.path == "both" else (options.path,):
        started = time.perf_counter()
        if path == "memory":
            painted = predictor.predict(picture, scale=options.scale).picture
        else:
            painted = np.concatenate(list(painted_bands(predictor, Held(picture), Wishes(scale=options.scale))))
        told[f"{path}_seconds"] = round(time.perf_counter() - started, 1)
        told[f"{path}_ratio"] = round(ratio_of(steps(painted), at, joined), 3)
        made.append(painted)
    if len(made) == 2:
        told["same"] = bool(np.array_equal(made[0], made[1]))
    if options.roads:
        told |= road_ends(predictor, picture[: options.roads, : options.roads], options.scale)
    return told


def sheet_by_sheet(predictor: Predictor, options: argparse.Namespace) -> dict[str, object]:
    lens = predictor.lens(None, None, options.scale)
    at = borders(options.size, lens.tile, lens.overlap)
    alike = np.isin(np.arange(len(at)) % 2, np.flatnonzero(at) % 2) & ~at
    across, inside = [], []
    for number, photograph in enumerate(photographs(options.data, options.size)):
        if number == options.count:
            break
        for lines in steps(predictor.predict(photograph, scale=options.scale).picture):
            across.append(float(lines[at].mean()))
            inside.append(float(lines[alike].mean()))
    ratio = round(float(np.mean(across) / np.mean(inside)), 3)
    return {"pictures": len(across) // 2, "borders": int(at.sum()), "ratio": ratio}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="satmap")
    parser.add_argument("--size", type=int, default=600)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--mosaic", type=int, help="pixels a side")
    parser.add_argument("--path", choices=("memory", "bands", "both"), default="both")
    parser.add_argument("--roads", type=int, default=1500, help="pixels a side; 0 = do not ask for roads")
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    predictor = Predictor(load_runtime(locate_model(options.model), "cpu"))
    told = whole_mosaic(predictor, options) if options.mosaic else sheet_by_sheet(predictor, options)
    ratios = [value for name, value in told.items() if name.endswith("ratio") and isinstance(value, float)]
    reached = max(ratios) <= LIMIT and told.get("same", True)
    head = {"benchmark": "seams", "size": options.mosaic or options.size, "scale": options.scale}
    print(json.dumps({**head, **told, "limit": LIMIT, "reached": reached}))
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
