"""`sketchsause convert`: one batch from the command line."""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, get_args

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, IfExists, Outcome, SheetHalf, Summary, Task
from sketchsause_desktop.batch.palette import read_colours
from sketchsause_desktop.batch.pipeline import Painter, read_hints, run
from sketchsause_desktop.batch.plan import plan
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.core.picture_metadata import OutputFormat
from sketchsause_desktop.core.pictures import Pixels
from sketchsause_desktop.inference.catalogue import Catalogue, ModelEntry

DESCRIPTION = "Colour pictures, or whatever the model was trained for, and write the results into a folder."
EPILOG = """\
The results are named like their inputs; folders keep their tree. Profile, EXIF, resolution and transparency are kept.
One bad file does not stop the others. Exit code: 0 all done, 1 some inputs failed, 2 nothing could be done."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("inputs", nargs="+", type=Path, metavar="INPUT", help="pictures and folders of pictures")
    add("-o", "--output", required=True, type=Path, metavar="DIR", help="the folder for the results")
    add("-m", "--model", default="lineart", help="a name that `sketchsause models` lists, or a file (default: lineart)")
    add("--recursive", action="store_true", help="folders inside the folders too")
    add("--if-exists", choices=get_args(IfExists), default="skip", help="when a result is there (default: skip)")
    add("--format", choices=(*get_args(OutputFormat), "same"), default="png", help="of the results (default: png)")
    add("--quality", type=int, metavar="N", help="1 to 100, for jpg and webp; 100 makes webp lossless")
    add("--hints", type=Path, metavar="FILE", help="colour hints on a transparent picture of the same size")
    add(
        "--hint-strength",
        type=int,
        default=100,
        metavar="N",
        help="0 to 100: how far the results are pulled to the hints after the network (default: 100)",
    )
    add("--palette", type=Path, metavar="FILE", help="every page in the colours of a .gpl, .json or picture")
    add("--sheet-half", choices=get_args(SheetHalf), help="take this half of side-by-side sheets as the input")
    add("--working-size", type=int, metavar="N", help="pixels of the longer side the network sees of a whole picture")
    add("--tile", type=int, metavar="N", help="work in tiles of this many pixels: less memory")
    add("--overlap", type=int, metavar="N", help="pixels by which tiles overlap")
    add("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto", help="what runs the network")
    add("--json", action="store_true", help="the last line on stdout is one JSON object with the result")


def job_from(arguments: argparse.Namespace) -> BatchJob:
    return BatchJob(
        inputs=tuple(arguments.inputs),
        output_folder=arguments.output,
        model=arguments.model,
        recursive=arguments.recursive,
        if_exists=arguments.if_exists,
        file_format=arguments.format,
        quality=arguments.quality,
        hints=arguments.hints,
        pull=arguments.hint_strength / 100,
        palette=arguments.palette,
        sheet_half=arguments.sheet_half,
        working_size=arguments.working_size,
        tile=arguments.tile,
        overlap=arguments.overlap,
        device=arguments.device,
    )


def main(arguments: argparse.Namespace, catalogue: Catalogue) -> int:
    job = job_from(arguments)
    model = catalogue.find(job.model)
    hints, palette, tasks = prepare(job, model)
    painter, device = _load(job, model)
    with _Progress(len(tasks)) as progress:
        summary = run(job, tasks, painter, hints=hints, palette=palette, report=progress.report)
    failed = summary.count("failed")
    if arguments.json:
        print(json.dumps(result_object(job, model, device, summary)))
    else:
        print(
            f"{summary.count('done')} converted, {summary.count('skipped')} skipped, {failed} failed "
            f"in {summary.seconds:.1f} s on {device}: {job.output_folder}"
        )
    return 1 if failed else 0


def prepare(job: BatchJob, model: ModelEntry) -> tuple[Pixels | None, tuple[Colour, ...], list[Task]]:
    """Everything that makes the whole call unusable is a UserError here, before the first picture is touched."""
    if job.hints and not model.spec.takes_hints:
        raise UserError(f"The model {model.id} takes no hints.", "Leave --hints out or choose another model.")
    if job.palette and not model.spec.palette:
        raise UserError(f"The model {model.id} takes no palette.", "Leave --palette out or choose another model.")
    hints = read_hints(job)
    palette = read_colours(job.palette) if job.palette else ()
    tasks = plan(job)
    if not tasks:
        names = ", ".join(str(path) for path in job.inputs)
        raise UserError(f"There are no pictures in {names}.", "" if job.recursive else "Try --recursive.")
    if not any(task.source.exists() for task in tasks):
        raise UserError(f"{tasks[0].source} does not exist.", "Check the name and the folder.")
    _require_writable(job.output_folder)
    return hints, palette, tasks


def _require_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"Nothing can be written into {folder}: {error.strerror or error}.", "Choose another folder with -o."
        ) from error


def _load(job: BatchJob, model: ModelEntry) -> tuple[Painter, str]:
    from models.predictor import Predictor
    from models.runtime import load_runtime

    runtime = load_runtime(model.path, job.device)
    return Predictor(runtime), runtime.title


def result_object(job: BatchJob, model: ModelEntry, device: str, summary: Summary) -> dict[str, Any]:
    return {
        "converted": summary.count("done"),
        "skipped": summary.count("skipped"),
        "failed": summary.count("failed"),
        "seconds": round(summary.seconds, 3),
        "model": model.id,
        "device": device,
        "output_folder": str(job.output_folder),
        "files": [
            {
                "input": str(outcome.task.source),
                "output": str(outcome.task.target) if outcome.status != "failed" else None,
                "status": outcome.status,
                "seconds": round(outcome.seconds, 3),
                "message": outcome.message,
            }
            for outcome in summary.outcomes
        ],
    }


class _Progress:
    """A progress line on a terminal; failures are named at once, on stderr, wherever it leads."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0

    def __enter__(self) -> "_Progress":
        from tqdm import tqdm

        self._bar = tqdm(total=self._total, unit=" pictures", file=sys.stderr, disable=not sys.stderr.isatty())
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._bar.close()
        if kind is KeyboardInterrupt:
            self._say(f"Stopped after {self._done} of {self._total} pictures. Run the same command again to go on.")

    def report(self, outcome: Outcome) -> None:
        self._done += 1
        self._bar.update()
        if outcome.status == "failed":
            self._say(outcome.message)

    def _say(self, sentence: str) -> None:
        self._bar.write(sentence, file=sys.stderr)
