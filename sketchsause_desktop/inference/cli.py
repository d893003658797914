"""`sketchsause models`: the trained models on this machine from the command line."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any, get_args

from models.errors import UserError
from models.locate import SUFFIX
from models.spec import Task
from sketchsause_desktop.inference.catalogue import Catalogue, Listing, ModelEntry, copy_model, import_model, writing

SUFFIXES = {"safetensors": SUFFIX, "onnx": ".onnx", "torchscript": ".pt"}
DESCRIPTION = "The trained models on this machine."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the last line on stdout is one JSON object")
    parser.set_defaults(action="list")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="what there is (the default)")
    info = actions.add_parser("info", help="what one model is and what is known of its training")
    info.add_argument("name", metavar="NAME", help="a model's name or file")
    bring = actions.add_parser("import", help="bring a model file to the others, checked")
    bring.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a .safetensors file made by SketchSause, or a PyTorch file (.pth, .pt, .pth.tar) with a generator of "
        "pix2pix or CycleGAN",
    )
    bring.add_argument("--task", choices=get_args(Task), help="what a PyTorch file's generator is for (default: other)")
    bring.add_argument("--as", dest="name", metavar="NAME", help="its name here (default: the file's)")
    export = actions.add_parser("export", help="write a model to a file of its own")
    export.add_argument("name", metavar="NAME", help="a model's name")
    export.add_argument("--format", choices=tuple(SUFFIXES), default="safetensors", help="default: safetensors")
    export.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: NAME and the format's ending, here")
    for action in (listing, info, bring, export):
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="the result as JSON")


def main(arguments: argparse.Namespace, catalogue: Catalogue) -> int:
    if arguments.action == "info":
        entry = catalogue.find(arguments.name)
        print(json.dumps(entry_object(entry)) if arguments.json else describe(entry))
    elif arguments.action == "import":
        entry = import_model(arguments.file, catalogue, arguments.name, arguments.task)
        print(json.dumps(entry_object(entry)) if arguments.json else imported(entry))
    elif arguments.action == "export":
        target = export_model(catalogue.find(arguments.name), arguments.output, arguments.format)
        print(json.dumps({"output": str(target)}) if arguments.json else f"Written to {target}.")
    else:
        listing = catalogue.scan()
        print(json.dumps(listing_object(listing)) if arguments.json else table(listing, catalogue))
    return 0


def imported(entry: ModelEntry) -> str:
    """Where it is now; of a foreign one also what was seen in it and what could not be."""
    lines = [f"{entry.id} was brought to {entry.path}."]
    if "layout" in entry.facts:
        spec = entry.spec
        size = f"{spec.depth} halvings" if spec.architecture == "unet" else f"{spec.blocks} blocks"
        lines.append(f"Found: {entry.facts['layout']}, {size}, base width {spec.base_width}, norm: {spec.norm}.")
        lines.append(f"Assumed: {entry.facts['assumed']}.")
    return "\n".join(lines)


def export_model(entry: ModelEntry, output: Path | None, file_format: str) -> Path:
    name = f"{entry.id}{SUFFIXES[file_format]}"
    target = output or Path(name)
    if target.is_dir():
        target /= name
    if target.exists():
        raise UserError(f"{target} is already there.", "Choose another name with -o.")
    if file_format == "safetensors":
        copy_model(entry.path, target)
        return target
    from models import export

    write = export.write_onnx if file_format == "onnx" else export.write_torchscript
    with writing(target):
        write(entry.path, target)
    return target


def entry_object(entry: ModelEntry) -> dict[str, Any]:
    return {
        "name": entry.id,
        "path": str(entry.path),
        "bytes": entry.path.stat().st_size,
        "spec": dataclasses.asdict(entry.spec),
        "facts": dict(entry.facts),
    }


def listing_object(listing: Listing) -> dict[str, Any]:
    return {
        "models": [entry_object(entry) for entry in listing.entries],
        "unusable": [{"name": f.id, "path": str(f.path), "message": f.sentence} for f in listing.faults],
    }


def table(listing: Listing, catalogue: Catalogue) -> str:
    rows = [("NAME", "TASK", "HINTS", "SIZE", "TITLE")]
    for entry in listing.entries:
        size = f"{entry.path.stat().st_size / 1e6:.1f} MB"
        hints = "yes" if entry.spec.takes_hints else "no"
        rows.append((entry.id, entry.spec.task, hints, size, entry.spec.title))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if not listing.entries:
        lines = [f"There are no models in {' or '.join(str(folder) for folder in catalogue.folders)}."]
    lines += [f"Not usable: {fault.sentence}" for fault in listing.faults]
    return "\n".join(lines)


def describe(entry: ModelEntry) -> str:
    fields = {"name": entry.id, "file": str(entry.path), **dataclasses.asdict(entry.spec), **entry.facts}
    width = max(len(name) for name in fields) + 2
    return "\n".join(f"{name.replace('_', ' '):{width}}{value}" for name, value in fields.items())
