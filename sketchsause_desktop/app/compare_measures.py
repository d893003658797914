"""The measures of a comparison as they come: means so far, which is better, a table as CSV."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.app.win_rate import Tally, is_decided

MEASURES = ("ssim", "psnr", "l1", "delta_e", "gram_rgb")
_HIGHER = ("ssim", "psnr")  # is better
Values = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class MeasuredRow:
    """A line of the table: A, B, or an answer that needs no network."""

    kind: Literal["a", "b", "trivial"]
    title: str


@dataclass
class Measures:
    """`pictures` are (name, the rows' values), as they were told."""

    rows: Sequence[MeasuredRow] = ()
    pictures: list[tuple[str, list[Values]]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.pictures)

    def add(self, name: str, values: Sequence[Mapping[str, float | None]]) -> None:
        """None is what JSON has no number for: the PSNR of pictures that are equal."""
        self.pictures.append((name, [{key: _number(value) for key, value in each.items()} for each in values]))

    def mean(self, row: int, measure: str) -> float | None:
        """Over the pictures so far; None before the first."""
        values = [each[row][measure] for _, each in self.pictures]
        return math.fsum(values) / len(values) if values else None

    def wins(self, measure: str) -> tuple[int, int]:
        """On how many pictures (A, B) is closer to the truth."""
        places = {row.kind: place for place, row in enumerate(self.rows)}
        if not {"a", "b"} <= places.keys():
            return 0, 0
        pairs = [(each[places["a"]][measure], each[places["b"]][measure]) for _, each in self.pictures]
        a_first = sum(is_better(measure, a, b) for a, b in pairs)
        return a_first, sum(is_better(measure, b, a) for a, b in pairs)

    def words(self) -> str:
        """Which of the two is closer to the truth, and whether that is worth something."""
        if not self.pictures or not self.rows:
            return ""
        return " ".join(filter(None, (self._ahead_words(), self._beaten_words())))

    def _ahead_words(self) -> str:
        a, b = self.wins("ssim")
        if a == b:
            return f"By SSIM neither is ahead: each in {a} of {self.count}." if a else "By SSIM the two are equal."
        ahead, won = ("A", a) if a > b else ("B", b)
        words = f"{ahead} is closer to the truth in {won} of {self.count} by SSIM"
        return f"{words}." if is_decided(Tally(a=a, b=b)) else f"{words}, which is too little to tell them apart."

    def _beaten_words(self) -> str:
        """A model that a trivial answer beats is named."""
        means = [self.mean(place, "ssim") or 0.0 for place in range(len(self.rows))]
        trivial = [(mean, row.title) for mean, row in zip(means, self.rows, strict=True) if row.kind == "trivial"]
        if not trivial:
            return ""
        best, name = max(trivial)
        beaten = [
            row.kind.upper()
            for mean, row in zip(means, self.rows, strict=True)
            if row.kind != "trivial" and mean <= best
        ]
        if not beaten:
            return ""
        return f"{' and '.join(beaten)} {'do' if len(beaten) > 1 else 'does'} not beat “{name}” (SSIM {best:.3f})."

    def write(self, path: Path, facts: Sequence[tuple[str, str]]) -> None:
        """All values and their means as CSV, with `facts` (what, how) below. UserError when it cannot be written."""
        try:
            # With the mark by which spreadsheets know UTF-8.
            with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("picture", "answer", *MEASURES))
                for name, values in self.pictures:
                    for row, each in zip(self.rows, values, strict=True):
                        writer.writerow((name, _label(row), *(each[measure] for measure in MEASURES)))
                for place, row in enumerate(self.rows):
                    means = (self.mean(place, measure) for measure in MEASURES)
                    writer.writerow((f"mean, N = {self.count}", _label(row), *means))
                writer.writerow(())
                writer.writerows(facts)
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "a name holds no valid letters"
            raise UserError(f"{path} cannot be written: {reason}.", "Choose another folder.") from error


def rows_of(event: Mapping[str, Any], titles: Mapping[str, tuple[Literal["a", "b"], str]]) -> list[MeasuredRow]:
    """The rows that the command told. `titles`: what the command calls a model -> (side, title)."""
    rows = []
    for row in event["rows"]:
        side = titles.get(row["model"] or "")
        if side is not None:
            rows.append(MeasuredRow(kind=side[0], title=side[1]))
        else:
            hints = f", {row['hints']} hints" if row["hints"] else ""
            rows.append(MeasuredRow(kind="trivial", title=f"{row['name']}{hints}"))
    return rows


def is_better(measure: str, one: float, other: float) -> bool:
    return one > other if measure in _HIGHER else one < other


def _label(row: MeasuredRow) -> str:
    return row.title if row.kind == "trivial" else f"{row.kind.upper()}: {row.title}"


def _number(value: float | None) -> float:
    return math.inf if value is None else float(value)
