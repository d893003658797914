"""Blind tests on this machine: for each a plan, written once, and its answers, appended line by line to a CSV."""

import csv
import io
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import platformdirs

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.app.blind_plan import QUESTIONS, BlindPlan, Contender, Turn, draw_turns
from sketchsause_desktop.app.blind_test import TAKEN_BACK, Answer, BlindTest

_VERSION = 1
# The answer comes last: of a line that was cut off it is missing, or none that is known.
FIELDS = (
    "time",
    "test",
    "seed",
    "turn",
    "picture",
    "question",
    "model_a",
    "sha256_a",
    "model_b",
    "sha256_b",
    "left",
    "right",
    "preferred",
    "answer",
)

_log = logging.getLogger(__name__)


def default_folder() -> Path:
    return platformdirs.user_data_path("sketchsause", appauthor=False) / "blind tests"


class BlindStore:
    """What cannot be written is a UserError; what cannot be read is passed over."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else default_folder()

    def begin(
        self, a: Contender, b: Contender, pictures: Sequence[str], job: Mapping[str, Any], *, seed: int
    ) -> BlindTest:
        """A new test; its plan is on the disk before this returns."""
        name = self._free_name(datetime.now().astimezone())
        plan = BlindPlan(name=name, a=a, b=b, seed=seed, turns=draw_turns(pictures, seed), job=job)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with atomic_path(self._plan_file(name)) as temporary:
                fields = {"version": _VERSION, **asdict(plan)}
                temporary.write_text(json.dumps(fields, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        return self._test(plan)

    def tests(self) -> list[BlindTest]:
        """Those that there are, the newest first, with their answers."""
        paths = sorted(self.folder.glob("*.json"), reverse=True) if self.folder.is_dir() else []
        return [self._test(plan) for path in paths if (plan := _read_plan(path)) is not None]

    def file_of(self, plan: BlindPlan) -> Path:
        """That of the answers."""
        return self.folder / f"{plan.name}.csv"

    def _test(self, plan: BlindPlan) -> BlindTest:
        path = self.file_of(plan)

        def keep(answer: Answer, is_taken_back: bool) -> None:
            append(path, line_of(plan, answer, is_taken_back=is_taken_back))

        return BlindTest(plan, keep, read_answers(path))

    def _plan_file(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _free_name(self, moment: datetime) -> str:
        """In the order of their beginnings."""
        stem = name = f"{moment:%Y-%m-%d %H.%M.%S}"
        number = 2
        while self._plan_file(name).exists():
            name, number = f"{stem} {number}", number + 1
        return name


def line_of(plan: BlindPlan, answer: Answer, *, is_taken_back: bool = False) -> dict[str, str]:
    """An answer as its row of the CSV."""
    turn = plan.turns[answer.turn]
    left, right = (plan.a, plan.b) if turn.a_side == "left" else (plan.b, plan.a)
    preferred = {"left": left.title, "right": right.title, "none": ""}[answer.choice]
    return {
        "time": datetime.now().astimezone().isoformat(timespec="seconds"),
        "test": plan.name,
        "seed": str(plan.seed),
        "turn": str(answer.turn + 1),
        "picture": turn.picture,
        "question": QUESTIONS[answer.question].key,
        "model_a": plan.a.title,
        "sha256_a": plan.a.sha256,
        "model_b": plan.b.title,
        "sha256_b": plan.b.sha256,
        "left": left.title,
        "right": right.title,
        "preferred": "" if is_taken_back else preferred,
        "answer": TAKEN_BACK if is_taken_back else answer.choice,
    }


def append(path: Path, fields: Mapping[str, str]) -> None:
    """One line more, on the disk when this returns; a line that was cut off before it is ended. UserError if not."""
    line = _csv_line([" ".join(fields[name].split()) for name in FIELDS])
    try:
        with path.open("ab+") as file:
            if file.tell() == 0:
                file.write(_csv_line(FIELDS).encode())
            else:
                file.seek(-1, os.SEEK_END)
                file.write(b"" if file.read(1) == b"\n" else b"\n")
            file.write(line.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unwritable(path, error) from error


def read_answers(path: Path) -> tuple[Answer, ...]:
    """Those that stand, in the order of the plan; what was taken back or cut off is not among them."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    standing: dict[tuple[int, int], Answer] = {}
    for line in text.splitlines()[1:]:
        found = _read_line(line)
        if found is None:
            _log.info("not an answer: %s", line[:200])
        elif isinstance(found, Answer):
            standing[found.turn, found.question] = found
        else:
            standing.pop(found, None)
    return tuple(standing[place] for place in sorted(standing))


def _read_line(line: str) -> Answer | tuple[int, int] | None:
    """The place alone where its answer was taken back; None where it is no whole line of ours."""
    try:
        cells = next(csv.reader([line]), [])
    except csv.Error:
        return None
    if len(cells) != len(FIELDS):
        return None
    row = dict(zip(FIELDS, cells, strict=True))
    keys = [question.key for question in QUESTIONS]
    if row["question"] not in keys or not row["turn"].isdecimal():
        return None
    turn, question = int(row["turn"]) - 1, keys.index(row["question"])
    if row["answer"] == TAKEN_BACK:
        return turn, question
    for choice in ("left", "right", "none"):
        if row["answer"] == choice:
            return Answer(turn=turn, question=question, choice=choice)
    return None


def _read_plan(path: Path) -> BlindPlan | None:
    """None where the file is damaged, or of another version."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields.pop("version") != _VERSION:
            return None
        turns = tuple(Turn(**turn) for turn in fields.pop("turns"))
        return BlindPlan(**fields | {"a": Contender(**fields["a"]), "b": Contender(**fields["b"]), "turns": turns})
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"{path} cannot be written: {error.strerror or error}.", "Free some room on the disk, and answer again."
    )
