"""How the result of an evaluation is told: a table with its definitions, or one JSON object."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.console import table
from training.evaluation import PIXEL_DEFINITIONS, Measured, Row
from training.feature_metrics import FeatureMeasures
from training.pairs import Scan
from training.pairs_findings import count_of

_COLUMNS = {  # name -> (heading, format)
    "ssim": ("SSIM", "{:.4f}"),
    "psnr": ("PSNR dB", "{:.2f}"),
    "l1": ("L1", "{:.4f}"),
    "delta_e": ("ΔE2000", "{:.2f}"),
    "gram_rgb": ("Gram RGB", "{:.6f}"),
    "vgg_gram": ("Gram VGG", "{:.3g}"),
    "lpips": ("LPIPS", "{:.4f}"),
    "fid": ("FID", "{:.2f}"),
    "kid": ("KID", "{:.5f}"),
    "road_f1": ("Road F1", "{:.3f}"),
    "water_iou": ("Water IoU", "{:.3f}"),
    "park_iou": ("Park IoU", "{:.3f}"),
}


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    name: str
    path: Path
    device: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """All that a figure must never be printed without, and the figures."""

    models: list[ModelFacts]
    scanned: Scan
    split: str
    split_as_asked: bool
    size: int | None  # pixels a side; None = each truth's own
    seed: int
    features: FeatureMeasures
    measured: Measured

    @property
    def definitions(self) -> dict[str, str]:
        return {**PIXEL_DEFINITIONS, **self.features.definitions}

    def lines(self) -> Iterator[str]:
        """The table and what it means, to be read."""
        for model in self.models:
            yield f"Model  {model.name}: {model.path}, on {model.device}"
        size = f"squashed to {self.size}×{self.size} (bicubic)" if self.size else "at the truth's size"
        count = count_of(self.measured.count, "pair")
        yield f"Data   {self.scanned.folder}: N = {count}, split {self.split}, {size}, seed {self.seed}"
        yield f"       {self.scanned.summary}"
        if self.split == "all" and not self.split_as_asked:
            yield "       If a model learned from this folder, measure it with --split test."
        yield ""
        yield self._table()
        yield ""
        for name, (heading, _) in _COLUMNS.items():
            told = self.definitions.get(name) or self.features.unavailable.get(name)
            if told:  # else it is not for such pictures
                yield f"{heading}: {told}."
        yield from self._wins()
        for reason in self.measured.failed.values():
            yield f"Left out: {reason}"

    def as_json(self) -> dict[str, Any]:
        return {
            "models": [{"name": model.name, "path": model.path, "device": model.device} for model in self.models],
            "data": self.scanned.folder,
            "layout": self.scanned.layout,
            "direction": self.scanned.direction,
            "input": self.scanned.input_name,
            "split": self.split,
            "n": self.measured.count,
            "size": self.size or "native",
            "seed": self.seed,
            "definitions": self.definitions,
            "unavailable": self.features.unavailable,
            "rows": [
                {
                    "name": row.name,
                    "kind": row.kind,
                    "model": row.model,
                    "hints": row.hints,
                    "statistics": row.statistics,
                    **row.values,
                }
                for row in self.measured.rows
            ],
            "failed": [
                {"file": path, "reason": reason}
                for path, reason in {**self.scanned.unreadable, **self.measured.failed}.items()
            ],
        }

    def _table(self) -> str:
        shown = [name for name in _COLUMNS if name in self.definitions]
        lines = [["", "hints", *(_COLUMNS[name][0] for name in shown)]]
        for row in self.measured.rows:
            cells = [_cell(row.values[name], _COLUMNS[name][1]) for name in shown]
            lines.append([row.name, "-" if row.hints is None else str(row.hints), *cells])
        return table(lines)

    def _wins(self) -> Iterator[str]:
        """Of two models, on how many pictures the first is closer to the truth, with the same hints and statistics."""
        if len(self.models) != 2:
            return
        one, other = ([row for row in self.measured.rows if row.model == model.name] for model in self.models)
        for first in one:
            for second in other:
                if first.hints == second.hints:
                    scores = zip(first.per_picture["ssim"], second.per_picture["ssim"], strict=True)
                    wins = sum(a > b for a, b in scores)
                    yield f"{label(first)}: higher SSIM than {label(second)} in {wins} of {self.measured.count}."


def label(row: Row) -> str:
    return row.name if row.hints is None else f"{row.name}, {count_of(row.hints, 'hint')}"


def _cell(value: float | None, pattern: str) -> str:
    return "-" if value is None else pattern.format(value)
