"""`pairs check`, `repair`, `make` and `extract-lines`: the data set commands of the command line."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.errors import UserError
from training.console import progress_line, say, say_json
from training.pairs import Scan, scan
from training.pairs_check import check
from training.pairs_findings import Finding, count_of
from training.pairs_make import Extract, Made, extract_folder, line_extractor, make_pairs
from training.pairs_repair import repair

Subparsers = Any  # argparse gives its type no public name


def register(subparsers: Subparsers) -> None:
    """Add the command `pairs` with its actions."""
    pairs = subparsers.add_parser("pairs", help="check a paired data set, or make one out of coloured art")
    actions = pairs.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_check(actions)
    _add_repair(actions)
    _add_make(actions, "make", "make pairs out of coloured art: OUT/lines and OUT/colours", make_main)
    _add_make(actions, "extract-lines", "write the line art of coloured pictures", extract_lines_main)


def add_layout_options(parser: argparse.ArgumentParser) -> None:
    """How the pairs lie in their folder: recognised unless given."""
    group = parser.add_argument_group("what is recognised unless given")
    group.add_argument("--layout", choices=("sheets", "folders"), help="side-by-side sheets, or two folders")
    group.add_argument("--input-half", choices=("left", "right"), help="the half of a sheet that is the input")
    group.add_argument("--direction", choices=("AtoB", "BtoA"), help="AtoB: the left half or first folder is the input")
    group.add_argument("--cut", type=float, default=0.5, help="where sheets are cut, a share of their width")
    group.add_argument("--exclude", metavar="NAME", action="append", default=[], help="leave a pair out")
    group.add_argument("--seed", type=int, default=0, help="of the split, where the folder does not say (default: 0)")


def scan_as_asked(args: argparse.Namespace) -> Scan:
    """`scan` with the options of `add_layout_options`."""
    return scan(args.data, input_half=args.input_half, direction=args.direction, layout=args.layout, seed=args.seed,
                cut=args.cut, exclude=args.exclude)  # fmt: skip


def _add_check(actions: Subparsers) -> None:
    parser = actions.add_parser(
        "check",
        help="look for everything that would spoil a training",
        description="Looks into every file of a paired data set and says what would spoil a training: pictures without "
        "a partner, damaged, too small or of different shapes, duplicates, pictures shared by the splits, the wrong "
        "direction. Nothing is changed. Exit code 1 means that some files cannot be used.",
    )
    parser.add_argument("data", metavar="DIR", type=Path, help="the folder of the pairs")
    add_layout_options(parser)
    parser.add_argument("--files", action="store_true", help="name every file concerned, not only the first three")
    _add_output_options(parser)
    parser.set_defaults(run=check_main)


def _add_repair(actions: Subparsers) -> None:
    parser = actions.add_parser(
        "repair",
        help="write a copy without what would spoil a training",
        description="Writes a copy of a paired data set: pairs that are damaged, repeated, blank, too small or of two "
        "shapes are left out, those the wrong way round are turned, both pictures get the same size. DIR is only read.",
    )
    parser.add_argument("data", metavar="DIR", type=Path, help="the folder of the pairs")
    parser.add_argument("-o", "--out", metavar="OUT", type=Path, required=True, help="a new or empty folder")
    add_layout_options(parser)
    _add_output_options(parser)
    parser.set_defaults(run=repair_main)


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--progress", action="store_true", help="say how far it is, a JSON object a line")


def _add_make(actions: Subparsers, name: str, help_text: str, run: Any) -> None:
    parser = actions.add_parser(name, help=help_text, description=f"{help_text.capitalize()}. DIR is only read.")
    parser.add_argument("source", metavar="DIR", type=Path, help="a folder of coloured pictures, or one picture")
    parser.add_argument("-o", "--out", metavar="OUT", type=Path, required=True, help="where to write")
    varied = name == "make"
    parser.add_argument(
        "--style",
        choices=("steady", "varied"),
        default="varied" if varied else "steady",
        help="one style of line for all, or another for each picture (default: %(default)s)",
    )
    parser.add_argument("--line", metavar="KEY=VALUE", action="append", default=[], help="a setting of a steady style")
    parser.add_argument("--seed", type=int, default=0, help="of the varied styles (default: 0)")
    parser.add_argument("--if-exists", choices=("skip", "overwrite"), default="skip", help="(default: skip)")
    _add_output_options(parser)
    parser.set_defaults(run=run)


def check_main(args: argparse.Namespace) -> int:
    """0: nothing in the way; 1: some files cannot be used; 2: there are no pairs."""
    scanned = scan_as_asked(args)
    with progress_line("Checking", told=args.progress) as progress:
        findings = check(scanned, progress)
    if args.json:
        say_json(_check_result(scanned, findings))
    else:
        say(scanned.summary)
        for finding in findings:
            say(f"{finding.level:5}  {finding.sentence}")
            for path in finding.files if args.files else ():
                say(f"       {path}")
        if not findings:
            say("Nothing to complain of.")
    if not scanned.pairs:
        return 2
    return 1 if any(finding.level == "error" for finding in findings) else 0


def repair_main(args: argparse.Namespace) -> int:
    """0: all pairs are in the copy; 1: some were left out; 2: there are no pairs."""
    scanned = scan_as_asked(args)
    scanned.require_pairs()
    with progress_line("Checking", told=args.progress) as progress:
        findings = check(scanned, progress)
    with progress_line("Writing", told=args.progress) as progress:
        repaired = repair(scanned, findings, args.out, progress)
    if args.json:
        say_json({"out": args.out, **asdict(repaired), "sentence": repaired.sentence})
    else:
        say(repaired.sentence)
        for name, reason in repaired.left_out.items():
            say(f"       {name} {reason}")
    return 1 if repaired.left_out else 0


def _extractor(args: argparse.Namespace) -> Extract:
    wanted = {}
    for text in args.line:
        key, _, value = text.partition("=")
        try:
            wanted[key.strip()] = float(value)
        except ValueError as error:
            raise UserError(f"--line {text} is no number.", "Write it as --line thickness=0.8.") from error
    return line_extractor(varied=args.style == "varied", seed=args.seed, wanted=wanted)


def make_main(args: argparse.Namespace) -> int:
    """Exit code of `pairs make`."""
    extract = _extractor(args)
    with progress_line("Drawing lines", told=args.progress) as progress:
        made = make_pairs(args.source, args.out, extract, if_exists=args.if_exists, progress=progress)
    return _report(made, args, "pair")


def extract_lines_main(args: argparse.Namespace) -> int:
    """Exit code of `pairs extract-lines`."""
    extract = _extractor(args)
    with progress_line("Drawing lines", told=args.progress) as progress:
        made = extract_folder(args.source, args.out, extract, if_exists=args.if_exists, progress=progress)
    return _report(made, args, "drawing")


def _report(made: Made, args: argparse.Namespace, noun: str) -> int:
    if args.json:
        say_json(
            {
                "out": args.out,
                "done": len(made.done),
                "skipped": len(made.skipped),
                "failed": [{"file": path, "reason": reason} for path, reason in made.failed.items()],
            }
        )
    else:
        already = f", {count_of(len(made.skipped), noun)} there already" if made.skipped else ""
        say(f"{count_of(len(made.done), noun)} written to {args.out}{already}.")
        for reason in made.failed.values():
            say(reason)
    return 1 if made.failed else 0


def _check_result(scanned: Scan, findings: list[Finding]) -> dict[str, Any]:
    return {
        "folder": scanned.folder,
        "layout": scanned.layout,
        "input": scanned.input_name,
        "target": scanned.target_name,
        "direction": scanned.direction,
        "direction_told_by": scanned.direction_told_by,
        "given_splits": scanned.given_splits,
        "seed": scanned.seed,
        "pairs": len(scanned.pairs),
        "splits": {split: len(pairs) for split, pairs in scanned.splits.items()},
        "findings": [
            {
                "level": finding.level,
                "kind": finding.kind,
                "sentence": finding.sentence,
                "count": len(finding.files),
                "files": finding.files,
            }
            for finding in findings
        ],
    }
