"""How fast and how small a batch is: `python tests/benchmarks/batch.py [--pages] [--large] [--many]`; without, all.

--pages  200 drawings of 1024 x 1024 beside the bare network and beside a plain loop (open, eager torch, save). They are
         seen whole, made small, as the model asks; with --tile 256 in tiles at their own scale, and so by the network.
--large  a TIFF of 5,000 and one of 20,000 pixels a side: memory, and whether time grows with the pixels.
--many   a folder of 100,000 small files: when the first is begun, and whether memory stays flat.

Each measurement is a process of its own, so that one's memory is not the other's. Prints one JSON line for each part;
exit code 1 when one misses what it must reach. Pictures are drawn into --folder (kept) or a temporary one.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image, ImageDraw

from models.memory import process_memory
from sketchsause_desktop.batch import cli
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.batch.session import Listeners, convert
from sketchsause_desktop.inference.catalogue import default_catalogue

PAGES, SIDE = 200, 1024
SMALL, LARGE = 5_000, 20_000
FILES, STEPS = 100_000, 2_000
OVER_NETWORK, OVER_LOOP, GIGABYTES, GROWTH, FIRST_SECONDS, DRIFT_MB = 1.25, 2.5, 1.5, 1.2, 3.0, 50


def draw_page(path: Path, number: int) -> None:
    """Curves as a pen draws them: many closed areas, soft edges."""
    dice = np.random.default_rng(number)
    image = Image.new("L", (2 * SIDE, 2 * SIDE), 255)
    pen = ImageDraw.Draw(image)
    for _ in range(25):
        x, y = dice.uniform(0, 2 * SIDE, 2)
        radii = dice.uniform(40, 700, 2)
        turns = np.linspace(0, 2 * math.pi, 90)
        wobble = 1 + 0.2 * np.sin(turns * dice.integers(2, 6) + dice.uniform(0, 6))
        points = np.stack([x + radii[0] * wobble * np.cos(turns), y + radii[1] * wobble * np.sin(turns)], axis=1)
        pen.line([(float(px), float(py)) for px, py in points], fill=int(dice.integers(0, 90)), width=6)
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).convert("RGB").save(path)


def draw_large(path: Path, side: int, tiled: bool) -> None:
    """The same drawing at any size, so that there is as much to do for a pixel; written row by row."""
    import tifffile

    cell_side, unit = side // 5, side / 5000
    base = Image.new("RGB", (cell_side, cell_side), "white")
    pen = ImageDraw.Draw(base)
    for number in range(20):
        left, top = number * 40 * unit, number * 35 * unit
        box = (left, top, left + 260 * unit, top + 200 * unit)
        pen.ellipse(box, outline=(number * 9, 10, 40), width=max(1, round(4 * unit)))
    cell = np.asarray(base)

    def tiles() -> Iterator[Any]:
        wide = np.tile(cell, (1, -(-side // cell_side), 1))[:, :side]
        for top in range(0, side, 256):
            rows = wide.take(np.arange(top, min(top + 256, side)) % cell_side, axis=0)
            for left in range(0, side, 256):
                yield rows[:, left : left + 256]

    options: dict[str, Any] = {"photometric": "rgb", "compression": "zlib", "dtype": np.uint8, "maxworkers": 1}
    if tiled:
        tifffile.imwrite(path, tiles(), shape=(side, side, 3), tile=(256, 256), bigtiff=True, **options)
    else:
        wide = np.tile(cell, (1, -(-side // cell_side), 1))[:, :side]
        pixels = wide.take(np.arange(side) % cell_side, axis=0)
        tifffile.imwrite(path, pixels, rowsperstrip=16, bigtiff=True, **options)


def make(path: Path, draw: Any, *rest: Any) -> None:
    if not path.exists():
        draw(path, *rest)


class Clock:
    """A loader whose network adds up the time that is spent in it; `skips` answers at once instead."""

    def __init__(self, skips: bool = False) -> None:
        self.seconds = 0.0
        self.title = ""
        self.ready = 0.0  # when the model was loaded
        self._skips = skips

    def load(self, job: BatchJob, model: Any) -> Any:
        from models.predictor import Predictor
        from models.runtime import load_runtime

        runtime: Any = load_runtime(model.path, job.device)
        self.title, run = runtime.title, runtime.run

        def timed(x: Any, palette: Any = None) -> Any:
            started = time.perf_counter()
            answer = np.zeros((len(x), 3, *x.shape[2:]), np.float32) if self._skips else run(x, palette)
            self.seconds += time.perf_counter() - started
            return answer

        runtime.run = timed
        self.ready = time.perf_counter()
        return Predictor(runtime), runtime.title


class Peak:
    """The most memory this process held, looked at every few milliseconds."""

    def __init__(self) -> None:
        self.bytes = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *rest: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.02):
            self.bytes = max(self.bytes, process_memory())


def job_of(words: list[str]) -> BatchJob:
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    return cli.job_from(parser.parse_args(words))


def run_batch(words: list[str], model: str, skips: bool = False) -> dict[str, Any]:
    clock, job = Clock(skips), job_of([*words, "-m", model])
    with Peak() as peak:
        started = time.perf_counter()
        summary = convert(job, default_catalogue().find(model), clock.load).summary
        ended = time.perf_counter()
    return {
        "done": summary.count("done"),
        "seconds": ended - started,
        "seconds_after_loading": ended - clock.ready,
        "network_seconds": clock.seconds,
        "device": clock.title,
        "gigabytes": peak.bytes / 1e9,
    }


def run_bare(folder: Path, model: str, tile: int) -> dict[str, Any]:
    """The same pictures through the network alone, already in memory at the size it sees, or in the same tiles."""
    from models.predictor import Predictor
    from models.runtime import load_runtime

    runtime = load_runtime(default_catalogue().find(model).path)
    seconds, passes = 0.0, 0
    for path in sorted(folder.glob("*.png")):
        for seen in _seen(Predictor(runtime), np.asarray(Image.open(path)), tile):
            if not passes:
                runtime.run(seen)
            started = time.perf_counter()
            runtime.run(seen)
            seconds += time.perf_counter() - started
            passes += 1
    return {"seconds": seconds, "passes": passes}


def _seen(predictor: Any, rgb: Any, tile: int) -> Iterator[Any]:
    """What the network is shown of a page."""
    from models.conditioning import network_input
    from models.tiling import tile_boxes

    if not tile:
        small = Image.fromarray(rgb).resize(predictor.small_size(SIDE, SIDE, None), Image.Resampling.BOX)
        yield network_input(predictor.spec, np.asarray(small))[None]
        return
    side, overlap = predictor.tiles(tile, None)
    for top, left in tile_boxes(SIDE, SIDE, side, overlap):
        yield network_input(predictor.spec, rgb[top : top + side, left : left + side])[None]


def run_loop(folder: Path, out: Path, model: str) -> dict[str, Any]:
    """What anybody would write: open, eager torch at full size, save."""
    import torch

    from models.checkpoint import load_arrays, read_header
    from models.conditioning import network_input, to_pixels, under_lines
    from models.registry import build

    path = default_catalogue().find(model).path
    network = build(read_header(path).spec).eval()
    network.load_state_dict({name: torch.from_numpy(np.array(each)) for name, each in load_arrays(path).items()})
    spec = read_header(path).spec
    out.mkdir(exist_ok=True)
    done, started = 0, time.perf_counter()
    with torch.inference_mode():
        for source in sorted(folder.glob("*.png")):
            rgb = np.asarray(Image.open(source).convert("RGB"))
            answer = network(torch.from_numpy(network_input(spec, rgb)[None]))[0].numpy()
            Image.fromarray(under_lines(to_pixels(answer), rgb)).save(out / source.name)
            done += 1
            if done == 20 and len(list(folder.glob("*.png"))) > 20:
                break
    return {"seconds_each": (time.perf_counter() - started) / done, "measured": done}


def run_many(folder: Path, out: Path, model: str) -> dict[str, Any]:
    """Until `STEPS` of the files are done, with a network that answers at once: the plan is what is measured."""
    clock, stop, first, memory = Clock(skips=True), threading.Event(), [0.0], {}
    done = 0

    def report(outcome: Any) -> None:
        nonlocal done
        done += 1
        first[0] = first[0] or time.perf_counter()
        if done in (STEPS // 4, STEPS):
            memory[done] = process_memory()
        if done >= STEPS:
            stop.set()

    job = job_of([str(folder), "-o", str(out), "-m", model])
    started = time.perf_counter()
    convert(
        job,
        default_catalogue().find(model),
        clock.load,
        Listeners(report=report, stop=stop, keep_outcomes=False),
    )
    return {"first_seconds": first[0] - started, "drift_mb": (memory[STEPS] - memory[STEPS // 4]) / 1e6}


def child(*words: object) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).resolve()), "--only", *map(str, words)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    return answer


def told(name: str, reached: bool, **figures: Any) -> bool:
    rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in figures.items()}
    print(json.dumps({"benchmark": name, **rounded, "reached": reached}), flush=True)
    return reached


def pages(folder: Path, model: str, count: int, tile: int) -> bool:
    source = folder / f"pages_{count}"
    source.mkdir(exist_ok=True)
    for number in range(count):
        make(source / f"{number:03}.png", draw_page, number)
    bare, loop = child("bare", source, model, tile), child("loop", source, folder / "loop", model)
    with tempfile.TemporaryDirectory(dir=folder) as out:
        batch = child("batch", source, out, model, *(("--tile", tile) if tile else ()))
    over, faster = batch["seconds"] / bare["seconds"], loop["seconds_each"] * count / batch["seconds"]
    return told(
        "pages",
        batch["done"] == count and over <= OVER_NETWORK and faster >= OVER_LOOP,
        **batch,
        tile=tile or "seen whole",
        passes=bare["passes"],
        bare_network_seconds=bare["seconds"],
        over_network=over,
        required_over_network=OVER_NETWORK,
        loop_seconds=loop["seconds_each"] * count,
        loop_measured=loop["measured"],
        faster_than_loop=faster,
        required_faster=OVER_LOOP,
    )


def large(folder: Path, model: str, sides: tuple[int, int], skips: bool) -> bool:
    found = []
    for side in sides:
        source = folder / f"large_{side}.tif"
        make(source, draw_large, side, True)
        with tempfile.TemporaryDirectory(dir=folder) as out:
            found.append(child("skipping" if skips else "batch", source, out, model, "--format", "tiff"))
    seconds = [each["seconds_after_loading"] for each in found]  # loading would flatter the small one
    growth = seconds[1] / seconds[0] / (sides[1] / sides[0]) ** 2
    return told(
        "large",
        found[1]["gigabytes"] <= GIGABYTES and growth <= GROWTH and found[1]["done"] == 1,
        sides=sides,
        network="left out" if skips else found[1]["device"],
        seconds=[round(each, 2) for each in seconds],
        gigabytes=[round(each["gigabytes"], 2) for each in found],
        required_gigabytes=GIGABYTES,
        growth_per_pixel=growth,
        required_growth=GROWTH,
    )


def many(folder: Path, model: str, count: int) -> bool:
    source = folder / f"many_{count}"
    if not source.exists():
        source.mkdir()
        draw_page(source / "first.png", 0)
        Image.open(source / "first.png").resize((48, 48)).save(source / "first.png")
        data = (source / "first.png").read_bytes()
        for number in range(count):
            (source / f"{number:06}.png").write_bytes(data)
    with tempfile.TemporaryDirectory(dir=folder) as out:
        figures = child("many", source, out, model)
    reached = figures["first_seconds"] <= FIRST_SECONDS and figures["drift_mb"] <= DRIFT_MB
    return told(
        "many", reached, files=count, **figures, required_first_seconds=FIRST_SECONDS, required_drift_mb=DRIFT_MB
    )


def only(words: list[str]) -> dict[str, Any]:
    match words:
        case ["bare", folder, model, tile]:
            return run_bare(Path(folder), model, int(tile))
        case ["loop", folder, out, model]:
            return run_loop(Path(folder), Path(out), model)
        case ["many", folder, out, model]:
            return run_many(Path(folder), Path(out), model)
        case ["batch" | "skipping" as how, source, out, model, *rest]:
            return run_batch([source, "-o", out, *rest], model, skips=how == "skipping")
    raise SystemExit(f"unknown: {words}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for part in ("pages", "large", "many"):
        parser.add_argument(f"--{part}", action="store_true")
    parser.add_argument("--model", default="lineart")
    parser.add_argument("--folder", type=Path, help="for what is drawn and written; kept")
    parser.add_argument("--count", type=int, default=PAGES, help="of pages")
    parser.add_argument("--tile", type=int, default=0, help="pixels; of pages that go through in tiles")
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--sides", type=int, nargs=2, default=(SMALL, LARGE), help="of the two large pictures")
    parser.add_argument("--no-network", action="store_true", help="--large without it: reading and writing alone")
    parser.add_argument("--only", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(only(options.only)))
        return 0
    everything = not (options.pages or options.large or options.many)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        reached = []
        if everything or options.pages:
            reached.append(pages(folder, options.model, options.count, options.tile))
        if everything or options.large:
            reached.append(large(folder, options.model, tuple(options.sides), options.no_network))
        if everything or options.many:
            reached.append(many(folder, options.model, options.files))
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
