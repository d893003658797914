"""The training set of the shipped satellite weights, and their model card.

    python -m training.recipes.satmap build --source ZIPS --out satmap-set
    python -m training.recipes.satmap build-open --source ZIPS --out open-set
    python -m training.recipes.satmap compare --data satmap-set --out trials --minutes 20
    python -m training.recipes.satmap publish RUN [RUN ...] --out NAME.safetensors [--figures EVAL.json]

`build` unpacks the pix2pix maps (aerial photograph left, map right) into `train/` and `val/`: every thirtieth sheet is
held out, so that all parts of the city are seen in both. `build-open` draws such sheets from an openly licensed set
alone. `compare` trains each of VARIANTS for the same time and measures them on the held-out sheets. `publish` writes
the last run's model with its facts, and the card beside it. The card's figures are what `sketchsause evaluate --json`
printed of that model, so it is written once without them, measured, and written again with them.
"""

import argparse
import json
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.checkpoint import load_arrays, load_graph, read_header, save
from models.errors import UserError
from models.files import atomic_path
from training.recipes import satmap_open
from training.recipes.cards import runs_told_in, steps_told, told
from training.recipes.satmap_open import build_open
from training.trials import SELDOM, STEADY, Variant, add_arguments, compare, settings

ARCHIVE = "pix2pix_maps_train.zip"
HELD_OUT_EVERY = 30
# Of the tiles at 256 pixels a side, as the preset loads them. Their authors did not keep the zoom
# (https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix/issues/1434), the streets tell it: those of New York lie
# 260 ft (79.2 m) apart, in the sheets about 87 of 600 pixels (where 75 of 141 with a regular grid have their period),
# which is 0.91 m a pixel: zoom 17, 156543.03 m x cos 40.7 / 2^17 = 0.906 m. Times 600 / 256.
METRES_PER_PIXEL = 2.12
_LICENCE = (
    "research use; the imagery was scraped from Google Maps by the authors of the data set (Isola et al. 2017), "
    "and its owner grants no licence"
)
_WEAKNESSES = (
    "Seen on all 80 sheets measured:",
    "",
    "- Streets hold together but are softer and wider than drawn; lanes and dead ends are often missing, and under",
    "  dense trees or in the shadow of high houses streets fade or break.",
    "- Motorways are found, but carriageways and slip roads run together into one orange band with frayed edges; one",
    "  between houses and a river is missing. Orange patches stand by railways, yards and broad streets that are no",
    "  motorways. Yellow main roads are rarely found.",
    "- Water is the surest, with shores as soft as all edges; dark woods that fill a whole sheet turn bluish (two of",
    "  the 80).",
    "- Parks have soft edges and none of their paths; small ones are pale or missing.",
    "- Pink hospitals and sand-coloured schools of the true maps are ground here.",
    "- One city and one style of map: New York and around, as drawn about 2017. No names, no icons.",
)

_ALIKE = settings(STEADY, SELDOM, {"run.batch_size": "8"})
_PICTURE = {
    "model.output": "image",
    "model.output_channels": "3",
    "model.classes": "[]",
    "loss.classes": "0",
    "loss.rare_classes": "0",
    "loss.ssim": "0",
}
_PIX2PIX = {
    "loss.l1": "100",
    "optimiser.kind": "adam",
    "optimiser.rate": "2e-4",
    "optimiser.betas": "[0.5, 0.999]",
    "optimiser.weight_decay": "0",
}
_SPECTRAL = {"gan.loss": "hinge", "discriminator.spectral_norm": "true", "discriminator.norm": "none"}


def _of_classes(name: str, ssim: str = "0", **model: str) -> Variant:
    fields = {"loss.ssim": ssim} | {f"model.{key}": value for key, value in model.items()}
    return Variant(name=name, preset="satmap", settings=settings(_ALIKE, fields), sharpness=1.6)


VARIANTS = (
    Variant(name="maps-wgan-gp", preset="maps", settings=_ALIKE),  # but for its batch of 32
    Variant(name="cgan-l1", preset="satmap", settings=settings(_ALIKE, _PICTURE, _PIX2PIX, {"gan.loss": "bce"})),
    Variant(name="hinge-sn-l1", preset="satmap", settings=settings(_ALIKE, _PICTURE, _PIX2PIX, _SPECTRAL)),
    Variant(
        name="l1", preset="satmap", settings=settings(_ALIKE, _PICTURE, {"loss.l1": "1", "optimiser.rate": "2e-3"})
    ),
    _of_classes("classes"),  # batch norm, width 24
    _of_classes("classes-ssim", ssim="1.2"),  # as shipped
    _of_classes("classes-instance-norm", norm="instance"),
    _of_classes("classes-width-16", base_width="16"),
    _of_classes("classes-width-32", base_width="32"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.recipes.satmap", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, dest="command")
    making = commands.add_parser("build", help="unpack the pairs")
    making.add_argument("--source", type=Path, required=True, help=f"the folder of {ARCHIVE}")
    making.add_argument("--out", type=Path, required=True)
    opening = commands.add_parser("build-open", help="draw pairs from an openly licensed set alone")
    opening.add_argument("--source", type=Path, required=True, help=f"the folder of {satmap_open.ARCHIVE}")
    opening.add_argument("--out", type=Path, required=True)
    comparing = commands.add_parser("compare", help="ways of training beside each other, each for the same time")
    add_arguments(comparing, VARIANTS)
    publishing = commands.add_parser("publish", help="the model with its card")
    publishing.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    publishing.add_argument("--figures", nargs="+", type=Path, default=[], metavar="EVAL.json")
    publishing.add_argument(
        "--started-from", type=Path, metavar="CARD.md", help="of the weights the first run began with"
    )
    publishing.add_argument("--sharpness", type=float, default=1.0, help="how much surer than trained (default: 1)")
    publishing.add_argument("--out", type=Path, required=True, metavar="NAME.safetensors")
    given = parser.parse_args(arguments)
    try:
        if given.command == "build":
            print(json.dumps(build(given.source / ARCHIVE, given.out)))
        elif given.command == "build-open":
            print(json.dumps(build_open(given.source / satmap_open.ARCHIVE, given.out, METRES_PER_PIXEL)))
        elif given.command == "compare":
            compare(given, VARIANTS)
        else:
            before = runs_told_in(given.started_from) if given.started_from else ()
            publish(given.runs, given.figures, given.out, before, given.sharpness)
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def build(archive: Path, out: Path) -> dict[str, int]:
    """Returns the number of sheets in each split; what is there already is not written again."""
    if not archive.is_file():
        raise UserError(f"{archive} is not there.", "Name the folder of the zips with --source.")
    counts = {"train": 0, "val": 0}
    try:
        with zipfile.ZipFile(archive) as sheets:
            names = sorted((name for name in sheets.namelist() if name.endswith((".webp", ".jpg"))), key=_number)
            for index, name in enumerate(names, 1):
                split = "val" if index % HELD_OUT_EVERY == 0 else "train"
                counts[split] += 1
                target = out / split / Path(name).name
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with atomic_path(target) as temporary:
                        temporary.write_bytes(sheets.read(name))
    except zipfile.BadZipFile as error:
        raise UserError(f"{archive} is not a readable zip.", "Fetch it again.") from error
    return counts


def _number(name: str) -> tuple[int, str]:
    stem = Path(name).stem
    return (int(stem), name) if stem.isdecimal() else (0, name)


def publish(
    runs: Sequence[Path],
    figures: Sequence[Path],
    out: Path,
    before: Sequence[str] = (),
    sharpness: float = 1.0,
) -> None:
    """The last run's model. `before` are lines of a card: of the runs before the first of `runs`."""
    model = runs[-1] / "model.safetensors"
    header = read_header(model)
    lines = [*before, *map(told, runs)]
    facts = {"licence": _LICENCE, "steps": str(sum(map(steps_told, lines))), "preset": header.facts["preset"]}
    spec = replace(header.spec, metres_per_pixel=METRES_PER_PIXEL, sharpness=sharpness)
    save(out, spec, load_arrays(model), facts, graph=load_graph(model), half=True)
    tables = [json.loads(path.read_text(encoding="utf-8").splitlines()[-1]) for path in figures]
    with atomic_path(out.with_suffix(".md")) as path:
        path.write_text(card(out, header.facts["pairs"], lines, tables), encoding="utf-8")


def card(out: Path, pairs: str, runs: Sequence[str], tables: Sequence[dict[str, Any]]) -> str:
    spec = read_header(out).spec
    lines = [
        f"# {out.stem}: {spec.title}",
        "",
        "Draws a street map from an aerial photograph, at the scale of the tiles it learned from (New York City and",
        "around). Any size: larger pictures go through in overlapping tiles of 256 pixels.",
        "",
        f"Learned at {spec.metres_per_pixel:g} metres a pixel: imagery that says where it lies is seen at that scale",
        "by itself, other pictures with `--scale` or `--metres-per-pixel`.",
        "",
        f"- **Licence of these weights:** {_LICENCE}.",
        f"- **Network:** {spec.architecture}, base width {spec.base_width}, depth {spec.depth}, {spec.norm} norm. "
        f"{out.stat().st_size / 1e6:.1f} MB, kernels as float16.",
        "",
        "## Training",
        "",
        f"{pairs} pairs of the pix2pix maps (every thirtieth held out); flips, quarter turns, crops, other light.",
        "",
        *(f"{number}. {line}" for number, line in enumerate(runs, 1)),
        "",
        "Again: `python -m training.recipes.satmap --help`, and the preset `satmap`.",
        "",
        f"Shares of classes are sharpened by {spec.sharpness:g} in use, chosen on the held-out sheets of this set.",
        "",
        "## Figures",
        "",
        *(line for table in tables for line in figure_lines(table)),
        "## Known weaknesses",
        "",
        *_WEAKNESSES,
    ]
    return "\n".join(lines) + "\n"


def figure_lines(table: dict[str, Any]) -> list[str]:
    names = {"ssim": "SSIM", "psnr": "PSNR dB", "road_f1": "road F1", "water_iou": "water IoU", "park_iou": "park IoU"}
    head = (
        f"N = {table['n']} pairs of {Path(table['data']).name}, split {table['split']}, {table['size']} pixels a side:"
    )
    rows = [
        f"| {row['name']} | " + " | ".join(f"{row[key]:.3f}" if row[key] is not None else "-" for key in names) + " |"
        for row in table["rows"]
    ]
    return [head, "", "| | " + " | ".join(names.values()) + " |", "| --- " * (len(names) + 1) + "|", *rows, ""]


if __name__ == "__main__":
    sys.exit(main())
