"""Ways of training tried beside each other: each for the same time, from scratch, on the same pairs, measured alike.

    OUT/NAME/              a variant's run, as `train` makes it
    OUT/NAME/trial.json    written last: what it was and how long it took; a variant that has one is not trained again
    OUT/trials.md, trials.json, trials.png    the table, the same for programs, and what each paints

A variant that was cut off begins anew, since it could not be said for how long it had been trained.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.checkpoint import read_header
from models.errors import UserError
from models.files import atomic_path
from training.config import load_config
from training.console import say
from training.evaluate import ModelAnswer, contact_sheet
from training.evaluation import Measured, Row, measure, trivial_rows
from training.feature_metrics import FeatureMeasures
from training.map_measures import MapMeasure
from training.pairs import Pair
from training.pairs_of_run import scan_for
from training.report import save_picture
from training.run_files import CONFIG, EVENTS, LOCK, MODEL, is_running

# Rates that do not fall, since nobody knows before how many steps a variant makes in its time.
STEADY = {"schedule.kind": "linear", "schedule.epochs": "100000", "schedule.decay_epochs": "0", "run.cadence": "steps"}
SELDOM = {"run.sample_every": "0", "run.measure_every": "0", "run.save_every": "0"}  # their time is not learning

_MARK = "trial.json"
_SHEET_ROWS = 6
_HEADINGS = {
    "ssim": ("SSIM", 3),
    "psnr": ("PSNR dB", 2),
    "road_f1": ("road F1", 3),
    "water_iou": ("water IoU", 3),
    "park_iou": ("park IoU", 3),
}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A way of training: a preset and what is set otherwise, as words of `train --set`."""

    name: str  # of its folder, too: letters, digits and dashes
    preset: str
    settings: Mapping[str, str] = field(default_factory=dict)
    sharpness: float = 1.0  # with which a model of classes is measured


@dataclass(frozen=True, kw_only=True)
class Trials:
    variants: Sequence[Variant]
    data: Path
    out: Path
    minutes: float  # of training, for each; what comes before the first step does not count
    size: int = 256  # pixels a side at which they are measured
    hints: Sequence[int] = (0,)
    device: str = "auto"
    only: str = ""  # variants whose names hold this

    @property
    def chosen(self) -> list[Variant]:
        return [each for each in self.variants if self.only in each.name]

    def check(self) -> None:
        """UserError before anything is trained, for all that can be known by then."""
        if not self.minutes > 0:
            raise UserError(f"{self.minutes:g} minutes are no time to train in.", "Give --minutes more.")
        if not self.chosen:
            names = ", ".join(each.name for each in self.variants)
            raise UserError(f"No variant is named {self.only}.", f"There are: {names}.")
        for variant in self.chosen:
            faults = load_config(variant.preset, variant.settings).validate()
            if faults:
                raise UserError(f"{variant.name}: {' '.join(faults)}")
            self._check_folder(variant)
        _held_out(self, self.chosen[0])

    def _check_folder(self, variant: Variant) -> None:
        """What lies there is not used for something else, and not deleted where it is none of ours."""
        folder = self.out / variant.name
        if is_running(folder):
            raise UserError(f"Another training is running in {folder}.", "Stop it, or choose another --out.")
        if folder.is_dir() and any(folder.iterdir()) and not any((folder / name).is_file() for name in (CONFIG, LOCK)):
            raise UserError(f"{folder} holds something else than a training.", "Choose another --out.")
        mark = _mark(self, variant)
        if mark and not _is_as_asked(self, variant, mark):
            raise UserError(f"{folder} was trained otherwise, or for another time.", "Choose another --out.")


def run_trials(trials: Trials) -> dict[str, Any]:
    """Train what is not trained yet, measure all, write the table. Returns what is in trials.json.

    A variant whose training fails is named in the table; the others go on. Raises UserError where none can be measured.
    """
    trials.check()
    failed: dict[str, str] = {}
    for variant in trials.chosen:
        if _mark(trials, variant):
            say(f"{variant.name}: trained already.")
        elif fault := _train(trials, variant):
            failed[variant.name] = fault
            say(f"{variant.name}: {fault}")
    trained = [each for each in trials.chosen if each.name not in failed]
    if not trained:
        raise UserError(f"None could be trained. {next(iter(failed.values()))}")
    measured = _measured(trials, trained)
    told = _told(trials, trained, measured, failed)
    with atomic_path(trials.out / "trials.json") as path:
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with atomic_path(trials.out / "trials.md") as path:
        path.write_text(markdown(told), encoding="utf-8")
    save_picture(contact_sheet(measured), trials.out / "trials.png")
    return told


def _train(trials: Trials, variant: Variant) -> str:
    """Why it failed, "" where it did not."""
    folder = trials.out / variant.name
    if folder.is_dir():
        shutil.rmtree(folder)  # it was cut off
    words = ["train", variant.preset, "--data", str(trials.data.absolute())]
    words += ["--run", str(folder.absolute()), "--max-minutes", str(trials.minutes), "--device", trials.device]
    words += [word for name, value in variant.settings.items() for word in ("--set", f"{name}={value}")]
    say(f"{variant.name}: {trials.minutes:g} minutes …")
    started = time.monotonic()
    code, said = run_training(words)
    seconds = time.monotonic() - started
    if code:
        lines = said.strip().splitlines()
        has_said = code in (1, 2) and lines  # else a signal ended it, and the last line is about something else
        return lines[-1] if has_said else f"its training ended with code {code}."
    if _reason(folder) != "time":
        return "its training ended before its time."
    try:
        steps = int(read_header(folder / MODEL).facts["steps"])
    except UserError as error:
        return error.sentence
    mark = {"asked": _asked(trials, variant), "steps": steps, "seconds": round(seconds, 1)}
    with atomic_path(folder / _MARK) as path:
        path.write_text(json.dumps(mark), encoding="utf-8")
    return ""


def run_training(words: Sequence[str]) -> tuple[int, str]:
    """In a process of its own, so that all begin alike: its exit code, and what it said on stderr."""
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "training", *words]
    child = subprocess.run(command, cwd=root, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, check=False)
    return child.returncode, child.stderr


def _reason(folder: Path) -> str:
    """Why a training ended, as in events.Finished; "" where it does not say."""
    try:
        last = json.loads((folder / EVENTS).read_text(encoding="utf-8").splitlines()[-1])
    except (OSError, ValueError, IndexError):
        return ""
    return str(last.get("reason", ""))


def _asked(trials: Trials, variant: Variant) -> dict[str, Any]:
    settings = dict(sorted(variant.settings.items()))
    return {
        "preset": variant.preset,
        "settings": settings,
        "minutes": trials.minutes,
        "data": str(trials.data.resolve()),
    }


def _is_as_asked(trials: Trials, variant: Variant, mark: Mapping[str, Any]) -> bool:
    """The preset may have changed since, which the variant's own settings do not tell."""
    try:
        trained = load_config(str(trials.out / variant.name / CONFIG))
    except UserError:
        return False
    same = trained == load_config(variant.preset, variant.settings)
    return same and bool(mark["asked"] == _asked(trials, variant))


def _mark(trials: Trials, variant: Variant) -> dict[str, Any] | None:
    """What is known of a variant that was trained to its end; None where it was not."""
    try:
        mark = json.loads((trials.out / variant.name / _MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return mark if isinstance(mark, dict) and {"asked", "steps", "seconds"} <= mark.keys() else None


def _measured(trials: Trials, trained: Sequence[Variant]) -> Measured:
    pairs = _held_out(trials, trained[0])
    rows = [row for variant in trained for row in _rows(trials, variant)]
    hints = trials.hints if any(row.hints is not None for row in rows) else ()
    measures = FeatureMeasures()
    if all(load_config(each.preset, each.settings).model.task == "satmap" for each in trained):
        measures.measures.append(MapMeasure())
    rows += trivial_rows(pairs, trials.size, hints, seed=0)
    return measure(rows, pairs, size=trials.size, features=measures, sheet_rows=_SHEET_ROWS)


def _held_out(trials: Trials, variant: Variant) -> list[Pair]:
    """All pairs that are not learned from: no variant is chosen by any of them."""
    found = scan_for(load_config(variant.preset, variant.settings), trials.data)
    pairs = found.splits["val"] + found.splits["test"]
    if not pairs:
        raise UserError(f"{trials.data} has no pairs that are held out.", "Put some into a sub-folder val.")
    return pairs


def _rows(trials: Trials, variant: Variant) -> Iterator[Row]:
    from models.predictor import Predictor
    from models.runtime import load_runtime

    predictor = Predictor(load_runtime(trials.out / variant.name / MODEL, trials.device))
    if variant.sharpness != 1:
        predictor.spec = replace(predictor.spec, sharpness=variant.sharpness)
    for count in trials.hints if predictor.spec.takes_hints else (None,):
        answer = ModelAnswer(predictor, count or 0, seed=0)
        yield Row(name=variant.name, answer=answer, model=variant.name, hints=count)


def _told(trials: Trials, trained: Sequence[Variant], measured: Measured, failed: Mapping[str, str]) -> dict[str, Any]:
    rows = []
    for row in measured.rows:
        mark = next((_mark(trials, each) for each in trained if each.name == row.model), None) or {}
        figures = {name: _finite(row.values[name]) for name in _HEADINGS}
        rows.append({"name": row.name, "hints": row.hints, **figures, "steps": mark.get("steps"), **_settings_of(mark)})
    return {"n": measured.count, "size": trials.size, "minutes": trials.minutes, "rows": rows, "failed": dict(failed)}


def _finite(value: float | None) -> float | None:
    """JSON has no word for the PSNR of equal pictures."""
    return value if value is not None and math.isfinite(value) else None


def _settings_of(mark: Mapping[str, Any]) -> dict[str, Any]:
    if not mark:
        return {}
    return {"seconds": mark["seconds"], "preset": mark["asked"]["preset"], "settings": mark["asked"]["settings"]}


def markdown(told: Mapping[str, Any]) -> str:
    rows = told["rows"]
    shown = [name for name in _HEADINGS if any(row[name] is not None for row in rows)]
    has_hints = any(row["hints"] is not None for row in rows)
    head = ["", *(["hints"] if has_hints else []), *(_HEADINGS[name][0] for name in shown), "steps"]
    lines = [
        f"N = {told['n']} held-out pairs, {told['size']} pixels a side; {told['minutes']:g} minutes each from scratch.",
        "",
        "| " + " | ".join(head) + " |",
        "| --- " * len(head) + "|",
    ]
    for row in rows:
        cells = [row["name"], *([_text(row["hints"])] if has_hints else [])]
        cells += [_text(row[name], _HEADINGS[name][1]) for name in shown]
        lines.append("| " + " | ".join([*cells, _text(row["steps"])]) + " |")
    lines += [f"\n{name} failed: {sentence}" for name, sentence in told["failed"].items()]
    return "\n".join(lines) + "\n"


def _text(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def add_arguments(parser: argparse.ArgumentParser, variants: Sequence[Variant]) -> None:
    """Of a recipe's command `compare`."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the pairs, as `build` made them")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the runs and the table")
    parser.add_argument("--minutes", type=float, required=True, metavar="M", help="of training for each")
    parser.add_argument("--only", default="", metavar="WORD", help=f"of {', '.join(each.name for each in variants)}")
    parser.add_argument("--size", type=int, default=256, help="pixels a side when measured (default: 256)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")


def compare(given: argparse.Namespace, variants: Sequence[Variant], hints: Sequence[int] = (0,)) -> None:
    """Do what the command was given, and show the table."""
    trials = Trials(
        variants=variants,
        data=given.data,
        out=given.out,
        minutes=given.minutes,
        size=given.size,
        hints=hints,
        device=given.device,
        only=given.only,
    )
    say(markdown(run_trials(trials)))


def settings(*parts: Mapping[str, str]) -> dict[str, str]:
    """One dictionary of several; the later ones count."""
    return {name: value for part in parts for name, value in part.items()}
