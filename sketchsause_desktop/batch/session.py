"""One batch from its job to its end, for the menu, the workspace and the command: checks, lock, manifest, plan, run."""

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, Summary, Task
from sketchsause_desktop.batch.lock import locked
from sketchsause_desktop.batch.manifest import Manifest
from sketchsause_desktop.batch.naming import Ask, never_ask
from sketchsause_desktop.batch.painter import Painter
from sketchsause_desktop.batch.palette import read_colours
from sketchsause_desktop.batch.pipeline import Progress, Report, run
from sketchsause_desktop.batch.plan import count_sources, plan
from sketchsause_desktop.batch.reading import read_hints
from sketchsause_desktop.batch.scale import check_scale
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.core.pictures import Pixels
from sketchsause_desktop.inference.catalogue import ModelEntry

Load = Callable[[BatchJob, ModelEntry], tuple[Painter, str]]  # the painter, and what runs it in words


@dataclass(frozen=True, kw_only=True)
class Listeners:
    """How a batch talks to whoever started it, all on the thread that calls `convert`."""

    report: Report | None = None
    progress: Progress | None = None
    ask: Ask = never_ask  # about each result that is there already, before the first picture is read
    stop: threading.Event | None = None
    gate: Callable[[Task], None] | None = None  # before each task is begun, on any thread; it may wait there
    keep_outcomes: bool = True


@dataclass(frozen=True, kw_only=True)
class Finished:
    summary: Summary
    device: str  # what ran the network, in words


def convert(
    job: BatchJob, model: ModelEntry, load: Load, listeners: Listeners | None = None, *, part_of: str = ""
) -> Finished:
    """Do `job`, or what an earlier run of it has left. Raises UserError before anything is written when it cannot.

    `part_of` tells the settings of a batch of which this is one part on one of several machines, whose copies of the
    model may differ in age; the manifest stays open until all parts are done.
    """
    listeners = listeners or Listeners()
    hints, palette = check(job, model)
    with locked(job.output_folder, job.shard):
        manifest = Manifest(job, model.path, part_of)
        summary = None
        try:
            tasks = _tasks(job, manifest, listeners.ask)
            if listeners.gate:
                tasks = _gated(tasks, listeners.gate)
            painter, device = load(job, model)
            summary = run(
                job,
                tasks,
                painter,
                hints=hints,
                palette=palette,
                record=manifest,
                report=listeners.report,
                progress=listeners.progress,
                stop=listeners.stop,
                keep_outcomes=listeners.keep_outcomes,
            )
        finally:
            is_done = summary is not None and not summary.stopped and not summary.count("failed")
            manifest.close(finished=is_done and not part_of)
    return Finished(summary=summary, device=device)


def check(job: BatchJob, model: ModelEntry) -> tuple[Pixels | None, tuple[Colour, ...]]:
    """The hints and the palette of the whole batch. UserError for all that makes the call unusable."""
    if job.hints and not model.spec.takes_hints:
        raise UserError(f"The model {model.id} takes no hints.", "Leave --hints out or choose another model.")
    if job.palette and not model.spec.palette:
        raise UserError(f"The model {model.id} takes no palette.", "Leave --palette out or choose another model.")
    check_scale(job, model.spec, model.id)
    hints = read_hints(job)
    palette = read_colours(job.palette) if job.palette else ()
    if not any(path.exists() for path in job.inputs):
        raise UserError(f"{job.inputs[0]} does not exist.", "Check the name and the folder.")
    if count_sources(replace(job, shard=None), stop_at=1) == 0:
        names = ", ".join(str(path) for path in job.inputs)
        raise UserError(f"There are no pictures in {names}.", "" if job.recursive else "Try --recursive.")
    _require_writable(job.output_folder)
    return hints, palette


def _tasks(job: BatchJob, manifest: Manifest, ask: Ask) -> Iterator[Task]:
    """One by one while the batch runs; the first now, so that a plan that cannot be is known before a model is loaded.

    With questions to ask, all of them now.
    """
    tasks = plan(job, done=manifest.done, ask=ask)
    if job.if_exists == "ask":
        return iter(list(tasks))
    first = list(itertools.islice(tasks, 1))
    return itertools.chain(first, tasks)


def _gated(tasks: Iterator[Task], gate: Callable[[Task], None]) -> Iterator[Task]:
    for task in tasks:
        gate(task)
        yield task


def _require_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"Nothing can be written into {folder}: {error.strerror or error}.", "Choose another folder with -o."
        ) from error
