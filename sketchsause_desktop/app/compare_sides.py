"""What can be compared on this machine: the models of the list, and what the trainings have kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sketchsause_desktop.app.compare_job import Side
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.training_runs import Run
from training.run_files import BEST, CHECKPOINTS, MODEL


def sides_of(choices: Iterable[ModelChoice], runs: Iterable[Run] = ()) -> list[Side]:
    """Each under a title of its own: models first, then each training's, the newest moment first."""
    sides = [
        Side(
            title=choice.title,
            file=str(choice.path or choice.model_id),
            about=choice.full_title,
            task=choice.task,
        )
        for choice in choices
    ]
    for run in runs:
        sides += sides_of_run(run)
    return _apart(sides)


def first_two(sides: Sequence[Side]) -> Sequence[Side]:
    """Those to begin with: of one task, where there are two."""
    for place, side in enumerate(sides):
        others = [each for each in sides[place + 1 :] if each.task == side.task]
        if others:
            return side, others[0]
    return sides[:2]


def sides_of_run(run: Run) -> list[Side]:
    """Its model, its best one, and the states that it can be resumed from."""
    name = run.spec.name
    states = sorted((run.folder / CHECKPOINTS).glob("step-*.pt"), reverse=True)
    return [
        *_there(f"{name}, its model", run.folder / MODEL),
        *_there(f"{name}, its best model", run.folder / BEST),
        *(side for path in states for side in _there(f"{name}, step {_step(path)}", path)),
    ]


def _there(title: str, path: Path) -> Iterator[Side]:
    if path.is_file():
        yield Side(title=title, file=str(path), about=str(path))


def _step(path: Path) -> str:
    return path.stem.removeprefix("step-").lstrip("0") or "0"


def _apart(sides: Sequence[Side]) -> list[Side]:
    """With the file's name in a title that others have, too."""
    times = Counter(side.title for side in sides)
    return [
        side if times[side.title] == 1 else replace(side, title=f"{side.title} ({Path(side.file).stem})")
        for side in sides
    ]
