"""What is compared: two models on the same pictures, as a value and as the words of `sketchsause compare`."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import UserError
from sketchsause_desktop.app import child_process

MOST = 24  # pictures, unless asked otherwise
_LONGEST_LINE = 20_000  # characters of inputs: Windows takes 32,000 in all


@dataclass(frozen=True, kw_only=True)
class Side:
    """A model, or a moment of a training. `file` is a model's file, or a state that a run has saved."""

    title: str
    file: str
    about: str = ""  # one line more
    task: str = ""  # what it is for, where that is known


@dataclass(frozen=True, kw_only=True)
class CompareJob:
    """`inputs` is the folder of the pairs where there is a truth, else pictures and folders."""

    a: Side
    b: Side
    inputs: tuple[Path, ...]
    has_truth: bool
    hints: int = 0  # dabs of the truth's colours, for models that take hints
    size: int | None = None  # pixels a side, squashed; None = the pictures' own size
    most: int = MOST

    def check(self) -> None:
        """UserError for what cannot be compared, as far as that can be told without opening a file."""
        for side, letter in ((self.a, "A"), (self.b, "B")):
            if not side.file:
                raise UserError(f"There is no model for {letter}.", "Choose one.")
            if not Path(side.file).is_file():
                raise UserError(f"{side.title} is not there any more.", f"Choose another model for {letter}.")
        if Path(self.a.file).resolve() == Path(self.b.file).resolve():
            raise UserError("A and B are the same model.", "Choose another for one of them.")
        if sum(len(str(each)) + 3 for each in self.given) > _LONGEST_LINE:
            raise UserError("These are too many single pictures.", "Give the folder that they lie in.")

    @property
    def given(self) -> tuple[Path, ...]:
        """The inputs as the command gets them: of single pictures only those that are taken."""
        from training.side_by_side import spread  # with the measures, which the start does without

        return self.inputs if any(map(Path.is_dir, self.inputs)) else tuple(spread(self.inputs, self.most))

    @property
    def arguments(self) -> list[str]:
        """The words after the program's name."""
        where = "--data" if self.has_truth else "--pictures"
        words = ["compare", self.a.file, self.b.file, where, *map(str, self.given)]
        words += ["--size", str(self.size or "native"), "--most", str(self.most), "--statistics", "running"]
        return words + ["--hints", str(self.hints)] * self.has_truth

    def command_line(self, answers: Path) -> str:
        """For a terminal of this system: the same table."""
        words = ["sketchsause", *self.arguments]
        if not self.has_truth:
            words += ["--answers", str(answers)]
        return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)

    def words_for_child(self, answers: Path) -> list[str]:
        return [*self.arguments, "--answers", str(answers), "--progress", *child_process.STEP_BACK]

    def as_json(self) -> dict[str, Any]:
        return {
            "a": {"title": self.a.title, "file": self.a.file},
            "b": {"title": self.b.title, "file": self.b.file},
            "inputs": [str(path) for path in self.inputs],
            "has_truth": self.has_truth,
            "hints": self.hints,
            "size": self.size,
            "most": self.most,
        }


def job_of(fields: Mapping[str, Any]) -> CompareJob | None:
    """Of what `as_json` made; None where something is missing."""
    try:
        return CompareJob(
            a=Side(**fields["a"]),
            b=Side(**fields["b"]),
            inputs=tuple(map(Path, fields["inputs"])),
            has_truth=bool(fields["has_truth"]),
            hints=int(fields["hints"]),
            size=None if fields["size"] is None else int(fields["size"]),
            most=int(fields["most"]),
        )
    except (LookupError, TypeError, ValueError):
        return None
