"""What is told about a model that was trained here: data, settings, measures. Markdown, as models' cards are."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sketchsause_desktop.app.run_history import RunHistory
from sketchsause_desktop.app.training_spec import TrainingSpec
from training.run_files import CONFIG

_NAMES = {"psnr": "PSNR, dB", "ssim": "SSIM", "psnr_hinted": "PSNR with hints, dB", "ssim_hinted": "SSIM with hints"}


def card_of_run(spec: TrainingSpec, history: RunHistory, title: str) -> str:
    """The card of a run's model as it is now."""
    return "\n".join(
        [
            f"# {title}",
            "",
            f"Trained on this machine{f': {spec.notes}' if spec.notes else '.'}",
            "",
            "## Data",
            "",
            f"{_count(history.pairs, 'pair')} to learn from, in `{spec.data}`.",
            "",
            *_settings(spec, history),
            "",
            *_measures(history),
            "",
        ]
    )


def _settings(spec: TrainingSpec, history: RunHistory) -> list[str]:
    lines = ["## Settings", "", f"{history.step} steps of the preset `{Path(spec.preset).stem}`."]
    start = _config(spec.run).get("run", {}).get("start_from")
    if start:
        lines[-1] += f" It began with the model `{Path(str(start)).stem}`."
    if spec.settings:
        lines += ["", "Set apart from the preset:", ""]
        lines += [f"- `{key} = {value}`" for key, value in spec.settings.items() if key != "run.start_from"]
    return lines


def _measures(history: RunHistory) -> list[str]:
    rows = [
        f"| {_NAMES.get(name, name)} | {series.values[0]:.3f} | {series.last:.3f} | {max(series.values):.3f} |"
        for name, series in history.curves["measures"].items()
        if series.last is not None
    ]
    if not rows:
        return ["## Measures", "", "None: no pairs were held out."]
    head = ["## Measures", "", "On pairs that were held out of learning:", ""]
    return [*head, "| measure | first | last | best |", "| --- | --- | --- | --- |", *rows]


def _config(run: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads((run / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
