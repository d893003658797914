"""What fine-tuning for ten minutes on a few pages gains in their style, and what it costs elsewhere.

    python tests/benchmarks/fine_tune.py --source ZIPS --base-set DIR [--minutes 10] [--pages 20] [--threads 2] [--json]

ZIPS is the folder of the free drawings (docs/training-lineart.md), DIR a set built of them whose `val` neither model
has learned from. The style is made here: one pen for all pages, the house palette turned round the colour circle, tones
in steps, violet shadows, cream paper that darkens downwards. Its held-out pages show characters that are in no training
set. The training is the one that the program starts for corrections (app.fine_tuning). Aims: the held-out pages of the
style at least 2 dB better, the base's own held-out pairs at most 0.5 dB worse.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.locate import locate_model
from sketchsause_desktop.app.fine_tuning import tuning_spec
from training.lineart import LineStyle
from training.recipes.lineart import Builder, Plan
from training.recipes.lineart_colour import house_palette
from training.recipes.lineart_compose import choose_shot, compose, place
from training.recipes.lineart_sources import Split, choice

SIDE, SEED = 288, 71
PEN = LineStyle(thickness=0.5, spread=1.9, strength=1.2, ink=70, softness=0.05)
TURN = np.deg2rad(150)  # of the hue, in OKLab
PAPER, SHADOW = np.array([1.0, 0.94, 0.83]), np.array([0.25, 0.16, 0.38])  # linear factors
STEPS = 5  # of tone


class Pages(Builder):
    """Pages of one hand: the same pen, the house palette, white paper."""

    def _try(self, source: Any, split: Split, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        size = round(self.plan.size * 1.5)
        drawing = source.draw(choice(self._characters[source.name, split], rng), rng)
        layer = place(drawing, choose_shot(drawing, rng), size, with_plain=True)
        return compose([layer], np.full((size, size, 3), 255, np.uint8), PEN, self.plan.size)

    def page(self, split: Split, index: int) -> tuple[np.ndarray, np.ndarray]:
        with house_palette(True):
            lines, colours, _ = self.pair(split, index)
        return lines, in_style(colours)


def in_style(colours: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> the same picture in the style."""
    from sketchsause_desktop.core.colours import oklab_of_srgb, srgb_of_oklab

    lab = oklab_of_srgb(colours / 255)
    light, a, b = (lab[..., channel] for channel in range(3))
    turned_a, turned_b = a * np.cos(TURN) - b * np.sin(TURN), a * np.sin(TURN) + b * np.cos(TURN)
    steps = np.round(light * STEPS) / STEPS
    toned = 0.12 + 0.88 * (0.35 * light + 0.65 * steps)
    rgb = np.clip(srgb_of_oklab(np.stack([toned, turned_a, turned_b], axis=-1)), 0, 1)
    dark = np.clip(1 - light, 0, 1)[..., None] ** 2
    falling = np.linspace(1.0, 0.86, colours.shape[0])[:, None, None]
    mixed = (rgb * (1 - 0.5 * dark) + SHADOW * 0.5 * dark) * PAPER * falling
    picture: np.ndarray = np.rint(np.clip(mixed, 0, 1) * 255).astype(np.uint8)
    return picture


def build(source: Path, folder: Path, split: Split, count: int) -> None:
    builder = Pages(Plan(source=source, out=folder, size=SIDE, seed=SEED))
    for part in ("lines", "colours"):
        (folder / part).mkdir(parents=True)
    for index in range(count):
        for part, picture in zip(("lines", "colours"), builder.page(split, index), strict=True):
            Image.fromarray(picture).save(folder / part / f"{index:03d}.png")


def measured(model: Path, data: Path, split: str, threads: int) -> dict[str, dict[str, float]]:
    """PSNR and SSIM by the number of hints, with running statistics; and of the trivial answers."""
    words = ["-m", str(model), "--data", str(data), "--split", split, "--statistics", "running", "--hints", "0,16"]
    output = run(["evaluate", *words, "--json"], threads).splitlines()[-1]
    rows = json.loads(output)["rows"]
    names = [row["name"] if row["kind"] == "baseline" else "model" for row in rows]
    return {
        f"{name} / {row['hints']}": {key: row[key] for key in ("psnr", "ssim")}
        for name, row in zip(names, rows, strict=True)
    }


def run(words: list[str], threads: int) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", "sketchsause_desktop", *words]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True, help="the folder of the zips")
    parser.add_argument("--base-set", type=Path, required=True, help="a set whose val is held out from the base")
    parser.add_argument("--base", default="lineart", help="the model to begin with")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--held-out", type=int, default=60, help="pages of the style to measure on")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--keep", type=Path, help="a folder to keep the pages and the run in")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        report(given, given.keep or Path(temporary))


def report(given: argparse.Namespace, folder: Path) -> None:
    pages, held_out, base = folder / "pages", folder / "held-out", locate_model(given.base)
    if not pages.is_dir():
        build(given.source, pages, "train", given.pages)
        build(given.source, held_out, "val", given.held_out)
    spec = tuning_spec(data=pages, pages=given.pages, base=base, run=folder / f"run-{time.time():.0f}", title="style")
    words = [*spec.arguments(), "--max-minutes", str(given.minutes), "--device", "cpu"]
    for setting in given.settings:
        words += ["--set", setting]
    started = time.monotonic()
    run(words, given.threads)
    minutes = (time.monotonic() - started) / 60
    events = (spec.run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    last = json.loads(events[-1])
    models = {"base": base, "tuned": spec.run / "model.safetensors"}
    sets = {"style": (held_out, "all"), "base set": (given.base_set, "val")}
    figures = {
        where: {name: measured(model, data, split, given.threads) for name, model in models.items()}
        for where, (data, split) in sets.items()
    }
    told = {"minutes": minutes, "steps": last["step"], "reason": last["reason"], "figures": figures}
    if given.json:
        print(json.dumps(told))
        return
    print(f"{last['step']} steps in {minutes:.1f} minutes, the measures of each meanwhile included ({last['reason']}).")
    for where, by_model in figures.items():
        for row in by_model["base"]:
            before, after = by_model["base"][row], by_model["tuned"][row]
            change = after["psnr"] - before["psnr"]
            print(
                f"{where:10} {row:24} PSNR {before['psnr']:6.2f} -> {after['psnr']:6.2f} dB ({change:+.2f})   "
                f"SSIM {before['ssim']:.4f} -> {after['ssim']:.4f}"
            )


if __name__ == "__main__":
    main()
