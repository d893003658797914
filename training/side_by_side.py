"""What a comparison tells another program while it runs: each picture with its answers, as files, and its measures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from models.errors import UserError
from training.console import Progress, say_json
from training.evaluation import Example, Row
from training.kept_answers import AnswerFolder, KeptAnswer
from training.pairs_layout import list_pictures
from training.pictures import PictureRef, is_picture_name, load_picture

Each = TypeVar("Each")


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Says a JSON line for each picture. The rows' answers are `KeptAnswer` where they are a model's."""

    rows: Sequence[Row]
    folder: AnswerFolder
    has_truth: bool

    def begin(self, models: Sequence[dict[str, Any]]) -> None:
        """The models, and the rows in the order in which every picture's measures come."""
        facts = [{"name": r.name, "kind": r.kind, "model": r.model, "hints": r.hints} for r in self.rows]
        say_json({"event": "rows", "models": list(models), "rows": facts})

    def tell(self, example: Example, place: int) -> None:
        """`place` is that of its measures in the rows."""
        answers = {r.model: r.answer.file_of(example) for r in self.rows if isinstance(r.answer, KeptAnswer)}
        measured = self.rows if self.has_truth else ()
        say_json(
            {
                "event": "picture",
                "name": example.name,
                "input": self.folder.keep_picture(example.input),
                "truth": self.folder.keep_picture(example.target) if self.has_truth else None,
                "answers": answers,
                "values": [{name: each[place] for name, each in r.per_picture.items()} for r in measured],
            }
        )


def find_pictures(paths: Sequence[Path]) -> list[Path]:
    """Those of the folders and files given, each once. UserError where there are none, or one is not there."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update(dict.fromkeys(list_pictures(path)))
        elif path.is_file() and is_picture_name(path.name):
            found[path] = None
        elif path.is_file():
            raise UserError(f"{path} is no picture.", "Leave it out.")
        else:
            raise UserError(f"{path} is not there.", "Check the name and the folder.")
    if not found:
        raise UserError(f"There are no pictures in {', '.join(map(str, paths))}.", "Choose another folder.")
    return list(found)


def spread(items: Sequence[Each], most: int | None) -> list[Each]:
    """`most` of them, the first and the last among them, evenly spaced; all where there are no more."""
    if most is None or len(items) <= most:
        return list(items)
    if most == 1:
        return [items[0]]
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def paint_pictures(
    rows: Sequence[Row], paths: Sequence[Path], *, size: int | None, teller: Teller | None, progress: Progress
) -> tuple[int, dict[Path, str]]:
    """Ask every row for every picture, measuring nothing: (how many were painted, those that could not be and why)."""
    failed: dict[Path, str] = {}
    done = 0
    for example in _examples(paths, size, failed):
        for row in rows:
            row.answer(example)
        if teller:
            teller.tell(example, done)
        done += 1
        progress(done + len(failed), len(paths))
    progress(len(paths), len(paths))
    return done, failed


def _examples(paths: Sequence[Path], size: int | None, failed: dict[Path, str]) -> Iterator[Example]:
    """Pictures without a truth: the input stands in its place, which nobody looks at."""
    times = Counter(path.name for path in paths)
    for path in paths:
        try:
            pixels = load_picture(PictureRef(path))
        except UserError as error:
            failed[path] = error.sentence
            continue
        if size:
            pixels = np.asarray(Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC))
        name = path.name if times[path.name] == 1 else str(path)
        yield Example(name=name, input=pixels, target=pixels)


def kept(rows: Sequence[Row], folder: AnswerFolder, marks: dict[str, str]) -> list[Row]:
    """The rows with the answers of models taken from `folder` where they are there. `marks`: model -> what tells it."""
    return [
        replace(
            row,
            answer=KeptAnswer(
                row.answer, folder, f"{marks[row.model]} {row.statistics} {row.hints}", sees_truth=bool(row.hints)
            ),
        )
        if row.model
        else row
        for row in rows
    ]
