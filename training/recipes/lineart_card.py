"""Publishes trained line-art weights: the file with its facts, and the model card beside it.

    python -m training.recipes.lineart_card RUN --set-report report.json --figures EVAL.json --out NAME.safetensors

RUN is a run's folder, or more, in the order they followed each other; the last one's model is published. The figures
are what `sketchsause evaluate --json` printed.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.checkpoint import load_arrays, load_graph, read_header, save
from models.errors import UserError
from models.files import atomic_path
from models.spec import ModelSpec
from training.recipes.cards import runs_told_in, steps_of, steps_told, told

_SHARE_ALIKE = "CC BY-SA 4.0"
_OPEN = "CC BY 4.0"
_WEAKNESSES = """\
- Colours without hints are a house palette (fair skin, light brown hair, light blue cloth), not a guess at what was
  meant.
- Hints are followed in any colour, but a dab stops at lines inside a thing: strands of hair and folds of cloth want
  several. What is not hinted stays in the house palette or turns greyish.
- A palette tints the whole picture; it does not decide which part gets which colour.
- Colour spills onto the paper beside open lines, and many small parts, ears and frills are taken for hair; things
  held in a hand get the colours of what they hide. Small dabs in small parts are faint.
- A dab beside open hair reaches the face, and a dab of a dark colour leaves a blurred edge. One garment may be
  blue above and brown below.
- Dense hatching, tiny figures, lettering and signatures become dark; wings and full scenes are brown all over
  without hints.
- Backgrounds, animals and things are coloured timidly; the model knows people best.
- It has never seen real pencil sketches, screen tones or solid black areas of comics in numbers.
- Few of the drawings it learned from show dark skin: ask for it with a hint."""


@dataclass(frozen=True)
class Before:
    """What the card of the weights a run began with tells of earlier runs and sets, in its own lines."""

    runs: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.recipes.lineart_card", description=__doc__.splitlines()[0]
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--set-report", dest="reports", nargs="+", type=Path, required=True, metavar="report.json")
    parser.add_argument("--figures", nargs="+", type=Path, required=True, metavar="EVAL.json")
    parser.add_argument("--working-size", type=int, metavar="N", help="the size the network sees, another than trained")
    parser.add_argument("--started-from", type=Path, metavar="CARD.md", help="the card of the model RUN began with")
    parser.add_argument("--out", type=Path, required=True, metavar="NAME.safetensors")
    given = parser.parse_args(arguments)
    try:
        before = _told_in(given.started_from) if given.started_from else Before()
        publish(given.runs, given.reports, given.figures, given.out, given.working_size, before)
    except (UserError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except (ValueError, LookupError) as error:
        print(f"A report or a table is not what it should be: {error!r}.", file=sys.stderr)
        return 2
    return 0


def publish(
    runs: Sequence[Path],
    reports: Sequence[Path],
    figures: Sequence[Path],
    out: Path,
    working_size: int | None = None,
    before: Before | None = None,
) -> None:
    before = before or Before()
    sets = [json.loads(path.read_text(encoding="utf-8")) for path in reports]
    tables = [json.loads(path.read_text(encoding="utf-8").splitlines()[-1]) for path in figures]
    _refuse_closed(sets)
    licence = _SHARE_ALIKE if any(each["share_alike"] for each in sets) else _OPEN
    header = read_header(runs[-1] / "model.safetensors")
    spec = replace(header.spec, working_size=working_size) if working_size else header.spec
    steps = sum(map(steps_of, runs)) + sum(map(steps_told, before.runs))
    facts = {"licence": licence, "steps": str(steps), "preset": header.facts["preset"]}
    facts["credit"] = "Trained on freely licensed drawings; see the model card for every name."
    model = runs[-1] / "model.safetensors"
    save(out, spec, load_arrays(model), facts, graph=load_graph(model), half=True)
    with atomic_path(out.with_suffix(".md")) as path:
        path.write_text(card(out, spec, runs, sets, tables, licence, before), encoding="utf-8")


def _refuse_closed(sets: Sequence[dict[str, Any]]) -> None:
    """UserError where a source's licence is unknown, or forbids what the weights' licence allows."""
    for each in sets:
        for name, text in each["licences"].items():
            if not text.strip() or re.search(r"\b(NC|ND)\b|non-?commercial|no-?deriv", text, re.IGNORECASE):
                raise UserError(f"The licence of {name} does not allow free weights: {text or 'none is given'}.")


def card(
    out: Path,
    spec: ModelSpec,
    runs: Sequence[Path],
    sets: Sequence[dict[str, Any]],
    tables: list[Any],
    licence: str,
    before: Before,
) -> str:
    size = out.stat().st_size / 1e6
    parts = [
        f"# {out.stem}: {spec.title}",
        "Colours line art, with or without colour hints. Trained only on freely licensed drawings.",
        f"- **Licence of these weights:** {licence}. The attribution lines below go with them.",
        f"- **Network:** {spec.architecture}, base width {spec.base_width}, depth {spec.depth}, {spec.norm} norm; "
        f"it sees a picture at {spec.working_size} pixels. {size:.1f} MB, kernels as float16.",
        "## Training",
        "\n".join(f"{number}. {line}" for number, line in enumerate((*before.runs, *map(told, runs)), 1)),
        "How the pairs are made, and what is held out: docs/training-lineart.md.",
        "\n".join((*before.sets, *map(_counts, sets))),
        "## Figures",
        *(_figures(table) for table in tables),
        "## Known weaknesses",
        _WEAKNESSES,
        "## Sources",
        "\n".join(_sources(sets)),
    ]
    return "\n\n".join(parts) + "\n"


def _told_in(card: Path) -> Before:
    sets = re.findall(r"^- Set of seed .*$", card.read_text(encoding="utf-8"), re.MULTILINE)
    return Before(runs_told_in(card), tuple(sets))


def _counts(report: dict[str, Any]) -> str:
    counts = {split: sum(each.values()) for split, each in report["counts"].items()}
    house = f", {100 * report.get('house', 0):.0f} % of the training pairs in the house palette"
    return f"- Set of seed {report['seed']}: {counts['train']} training and {counts['val']} held-out pairs{house}."


def _figures(table: dict[str, Any]) -> str:
    side = table["size"]
    title = f"N = {table['n']} pairs of {Path(table['data']).name}, split {table['split']}, "
    title += f"{side} pixels a side" if isinstance(side, int) else "native size"
    rows = ["| | hints | SSIM | PSNR dB |", "| --- | --- | --- | --- |"]
    for row in table["rows"]:
        if row["statistics"] != "image":
            hints = "-" if row["hints"] is None else row["hints"]
            rows.append(f"| {row['name']} | {hints} | {row['ssim']:.4f} | {row['psnr']:.2f} |")
    return f"{title}:\n\n" + "\n".join(rows)


def _sources(sets: Sequence[dict[str, Any]]) -> list[str]:
    lines = ["| set | attribution | licence |", "| --- | --- | --- |"]
    for name in sorted({name for each in sets for name in each["attributions"]}):
        holder = next(each for each in sets if name in each["attributions"])
        cells = (holder["attributions"][name], holder["licences"][name])
        lines.append(f"| {name} | " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
