"""`sketchsause convert`: one batch from the command line."""

import argparse
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, get_args

from models.errors import UserError
from models.priority import step_back
from sketchsause_desktop.batch.command import read_inputs
from sketchsause_desktop.batch.geo.settings import TileRows, TileStore, parse_bands, parse_scale, parse_stretch
from sketchsause_desktop.batch.job import TEMPLATE, BatchJob, IfExists, Outcome, Shard, SheetHalf, Summary, Task
from sketchsause_desktop.batch.naming import Answer
from sketchsause_desktop.batch.painter import Painter, load_painter
from sketchsause_desktop.batch.plan import count_sources, plan
from sketchsause_desktop.batch.progress import JsonProgress
from sketchsause_desktop.batch.report import Report, line_of, planned_line
from sketchsause_desktop.batch.session import Finished, Listeners, convert
from sketchsause_desktop.core.picture_metadata import OutputFormat
from sketchsause_desktop.inference.catalogue import Catalogue, ModelEntry

Start = Callable[[BatchJob, ModelEntry, Listeners], Finished]

DESCRIPTION = "Colour pictures, or whatever the model was trained for, and write the results into a folder."
EPILOG = """\
The results are named like their inputs; folders keep their tree. Profile, EXIF, resolution and transparency are kept.
Of .ora and .psd files the line art is taken; a TIFF of several pages gives one, or a picture a page in other formats.
One bad file does not stop the others. A batch that was stopped or killed goes on where it was when the same command is
given again. Exit code: 0 all done, 1 some inputs failed, 2 nothing could be done."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("inputs", nargs="*", type=Path, metavar="INPUT", help="pictures and folders of pictures")
    add("--inputs-from", type=Path, metavar="FILE", help="a text file with more of them, one a line")
    add("-o", "--output", required=True, type=Path, metavar="DIR", help="the folder for the results")
    add("-m", "--model", default="lineart", help="a name that `sketchsause models` lists, or a file (default: lineart)")
    add("--recursive", action="store_true", help="folders inside the folders too")
    add("--include", action="append", default=[], metavar="PATTERN", help="only files like this: 'page*.png', 'inks/*'")
    add("--exclude", action="append", default=[], metavar="PATTERN", help="no files like this")
    add("--name", default=TEMPLATE, metavar="TEMPLATE", help="of the results: {stem}, {model}, {page}, {ext}")
    add("--if-exists", choices=get_args(IfExists), default="skip", help="when a result is there (default: skip)")
    add("--skip-coloured", action="store_true", help="leave out pages that are coloured already")
    add("--replace-sources", action="store_true", help="with --if-exists overwrite: results may replace their sources")
    add("--dry-run", action="store_true", help="tell what would be done, and do nothing")
    add("--shard", metavar="I/N", help="do the I-th of N parts of the batch, the others on other machines")
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
    add(
        "--self-ensemble",
        type=int,
        default=1,
        metavar="N",
        help="the mean of 2, 4 or 8 orientations: surer, N times slower",
    )
    add("--scale", metavar="F", help="seen F times as large by a network of maps: 2, 0.5, 1/2; 1 = as it is")
    add("--metres-per-pixel", type=float, metavar="M", help="of the pictures, where they do not know it themselves")
    add("--bands", metavar="R,G,B", help="of imagery: which bands are red, green and blue, from 1; or one")
    add("--stretch", metavar="LOW,HIGH", help="of imagery: the percentiles that become black and white")
    add("--tile-rows", choices=get_args(TileRows), default="auto", help="of map tiles: counted from the north or south")
    add("--tiles-as", choices=get_args(TileStore), default="same", help="what sets of map tiles are written as")
    add("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto", help="what runs the network")
    add("--engine", choices=("local", "dask"), default="local", help="dask: spread it over a Dask cluster")
    add("--scheduler", metavar="ADDRESS", help="of that cluster, tcp://…; without, two workers on this machine")
    add("--parts", type=int, metavar="N", help="that the batch is cut into for the cluster (default: 16)")
    add("--report", type=Path, metavar="FILE", help="a table (CSV) of what became of every picture")
    add("--json", action="store_true", help="the last line on stdout is one JSON object with the result")
    add("--progress", choices=("bar", "json"), default="bar", help="json: a line on stdout for every picture")
    add("--orders", action="store_true", help="with --progress json: obey pause, resume and stop on stdin")
    add("--step-back", action="store_true", help="leave the processor to what one works with meanwhile")


def job_from(arguments: argparse.Namespace) -> BatchJob:
    more = read_inputs(arguments.inputs_from) if arguments.inputs_from else ()
    return BatchJob(
        inputs=(*arguments.inputs, *more),
        output_folder=arguments.output,
        model=arguments.model,
        recursive=arguments.recursive,
        include=tuple(arguments.include),
        exclude=tuple(arguments.exclude),
        template=arguments.name,
        replace_sources=arguments.replace_sources,
        shard=Shard.parse(arguments.shard) if arguments.shard else None,
        if_exists=arguments.if_exists,
        file_format=arguments.format,
        quality=arguments.quality,
        hints=arguments.hints,
        pull=arguments.hint_strength / 100,
        skip_coloured=arguments.skip_coloured,
        palette=arguments.palette,
        sheet_half=arguments.sheet_half,
        working_size=arguments.working_size,
        tile=arguments.tile,
        overlap=arguments.overlap,
        self_ensemble=arguments.self_ensemble,
        device=arguments.device,
        scale=parse_scale(arguments.scale) if arguments.scale is not None else None,
        metres_per_pixel=arguments.metres_per_pixel,
        bands=parse_bands(arguments.bands) if arguments.bands else None,
        tile_rows=arguments.tile_rows,
        tile_store=arguments.tiles_as,
        stretch=parse_stretch(arguments.stretch) if arguments.stretch else None,
    )


def main(arguments: argparse.Namespace, catalogue: Catalogue) -> int:
    job = job_from(arguments)
    model = catalogue.find(job.model)
    if arguments.dry_run:
        return _dry_run(job, arguments.report)
    if job.if_exists == "ask" and not sys.stdin.isatty():
        raise UserError("There is nobody to ask, since this is no terminal.", "Choose another --if-exists than ask.")
    start = _start_of(arguments)
    if arguments.step_back:
        step_back()  # before the runtime starts its threads, which are as this one is
    with Report(arguments.report) as report:
        if arguments.progress == "json":
            summary = _watched(job, model, report, takes_orders=arguments.orders)
        else:
            summary = _shown(job, model, start, report, as_json=arguments.json)
    return 1 if _told_fault(report) or not summary.is_good else 0


def _told_fault(report: Report) -> bool:
    """Whether the report was not written, which is said."""
    if report.fault:
        print(report.fault, file=sys.stderr)
    return report.fault is not None


def _start_of(arguments: argparse.Namespace) -> Start:
    """What runs the batch. Raises UserError for options that do not go together."""
    if arguments.engine == "local":
        if arguments.scheduler or arguments.parts is not None:
            raise UserError("--scheduler and --parts are for --engine dask.", "Add it, or leave them out.")
        return lambda job, model, listeners: convert(job, model, load_painter, listeners)
    if arguments.shard or arguments.progress == "json":
        raise UserError(
            "--engine dask makes the parts of a batch itself, and tells its progress as a line only.",
            "Leave --shard and --progress out.",
        )
    from sketchsause_desktop.batch.cluster import PARTS, convert_on_cluster

    parts = PARTS if arguments.parts is None else arguments.parts
    if parts < 1:
        raise UserError(f"A batch cannot be cut into {parts} parts.", "Choose 1 or more.")
    return lambda job, model, listeners: convert_on_cluster(job, model, listeners, arguments.scheduler, parts)


def _shown(job: BatchJob, model: ModelEntry, start: Start, report: Report, *, as_json: bool) -> Summary:
    """For people, and for programs that only want the result."""
    with _Progress(job) as progress:
        tell = _also(progress.report, report)
        listeners = Listeners(report=tell, progress=progress.come_on, ask=_Questions(), keep_outcomes=as_json)
        finished = start(job, model, listeners)
    summary = finished.summary
    if summary.reason:
        print(f"The batch was stopped. {summary.reason} Then give the same command again to go on.", file=sys.stderr)
    if as_json:
        print(json.dumps(result_object(job, model, finished.device, summary)))
    else:
        print(
            f"{summary.count('done')} converted, {summary.count('skipped')} skipped, {summary.count('failed')} failed "
            f"in {summary.seconds:.1f} s on {finished.device}: {job.output_folder}"
        )
    return summary


def _watched(job: BatchJob, model: ModelEntry, report: Report, *, takes_orders: bool) -> Summary:
    """For a program that watches."""

    def load(job: BatchJob, model: ModelEntry) -> tuple[Painter, str]:
        painter, device = load_painter(job, model)
        progress.loaded(device)
        return painter, device

    with JsonProgress(takes_orders=takes_orders) as progress:
        tell = _also(progress.report, report)
        listeners = Listeners(
            report=tell, progress=progress.come_on, stop=progress.stop, gate=progress.gate, keep_outcomes=False
        )
        summary = convert(job, model, load, listeners).summary
        progress.finished(summary)
    return summary


def _also(tell: Callable[[Outcome], None], report: Report) -> Callable[[Outcome], None]:
    def both(outcome: Outcome) -> None:
        tell(outcome)
        report.add(line_of(outcome))

    return both


def _dry_run(job: BatchJob, path: Path | None) -> int:
    counts = {"convert": 0, "skip": 0, "refuse": 0}
    with Report(path) as report:
        for task in plan(job, ask=_would_ask):
            word = "refuse" if task.refusal else "skip" if task.skip else "convert"
            counts[word] += 1
            print(task.refusal or task.skip or f"{task.source} -> {task.target}")
            report.add(planned_line(task))
    print(f"{counts['convert']} to convert, {counts['skip']} to skip, {counts['refuse']} refused.")
    return 1 if _told_fault(report) else 0


def _would_ask(_target: Path) -> Answer:
    return "skip"


class _Questions:
    """Asks on the terminal what to do about a result that is there; a capital letter answers for all that follow."""

    _ANSWERS: ClassVar[dict[str, Answer]] = {"s": "skip", "r": "rename", "o": "overwrite"}

    def __init__(self) -> None:
        self._for_all: Answer | None = None

    def __call__(self, target: Path) -> Answer:
        while self._for_all is None:
            print(f"{target} is there. [s]kip, [r]ename, [o]verwrite; S, R, O for all: ", end="", file=sys.stderr)
            letter = sys.stdin.readline()[:1]
            if not letter:
                raise UserError("Nobody answered.", "Choose another --if-exists than ask.")
            answer = self._ANSWERS.get(letter.lower())
            if answer and letter.islower():
                return answer
            self._for_all = answer
        return self._for_all


def result_object(job: BatchJob, model: ModelEntry, device: str, summary: Summary) -> dict[str, Any]:
    return {
        "converted": summary.count("done"),
        "skipped": summary.count("skipped"),
        "failed": summary.count("failed"),
        "stopped": summary.stopped,
        "reason": summary.reason,
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
                **({"scale": outcome.scale} if outcome.scale != 1 else {}),
            }
            for outcome in summary.outcomes
        ],
    }


class _Progress:
    """A progress line on a terminal; failures, and what imagery lacks, are told at once on stderr."""

    def __init__(self, job: BatchJob) -> None:
        self._job = job
        self._done = 0
        self._told: set[str] = set()
        self._closed = threading.Event()
        self._counter = threading.Thread(target=self._count, name="count-sources")

    def __enter__(self) -> "_Progress":
        from tqdm import tqdm

        self._bar = tqdm(unit=" pictures", file=sys.stderr, disable=not sys.stderr.isatty())
        self._counter.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._closed.set()
        self._counter.join()
        self._bar.close()
        if kind is KeyboardInterrupt:
            total = f" of {self._bar.total}" if self._bar.total else ""
            self._say(f"Stopped after {self._done}{total} pictures. Run the same command again to go on.")

    def _count(self) -> None:
        """Beside the batch, which does not wait for a listing of all folders."""
        self._bar.total = count_sources(self._job, stop=self._closed)

    def come_on(self, _task: Task, share: float) -> None:
        self._bar.n = round(self._done + share, 2)
        self._bar.refresh()

    def report(self, outcome: Outcome) -> None:
        self._done += 1
        self._bar.n = self._done
        self._bar.update(0)
        if outcome.status == "failed":
            self._say(outcome.message)
        elif outcome.status == "done" and outcome.message and self._is_worth_telling(outcome):
            self._say(f"{outcome.task.source}: {outcome.message}")

    def _is_worth_telling(self, outcome: Outcome) -> bool:
        """A place, nodata or scale that is not what it was; of a thousand pictures at one scale, it is said once."""
        if outcome.task.kind != "picture":
            return True
        is_new = outcome.scale != 1 and outcome.message not in self._told
        self._told.add(outcome.message)
        return is_new

    def _say(self, sentence: str) -> None:
        self._bar.write(sentence, file=sys.stderr)
