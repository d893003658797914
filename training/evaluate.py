"""`evaluate` and `compare`: a model's measures on pairs, with their definitions and the trivial answers beside them."""

import argparse
import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError
from models.locate import locate_model
from models.priority import step_back
from models.self_ensemble import SIZES
from training.console import progress_line, say, say_json
from training.evaluation import Example, Measured, Row, hints_of, measure, trivial_rows
from training.evaluation_table import ModelFacts, Result, label
from training.feature_metrics import open_measures
from training.kept_answers import AnswerFolder, hash_of_file
from training.map_measures import MapMeasure
from training.pairs import Pair, Scan
from training.pairs_cli import Subparsers, add_layout_options, scan_as_asked
from training.report import grid, save_picture
from training.run_state import SUFFIX as STATE_SUFFIX
from training.run_state import model_of_state
from training.side_by_side import Teller, find_pictures, kept, paint_pictures, spread

if TYPE_CHECKING:
    from PIL.Image import Image

    from models.predictor import Predictor
    from models.spec import ModelSpec

DEFAULT_HINTS = (0, 16, 64)
_SHEET_ROWS = 12
_MIN_SIZE = 16


@dataclass(frozen=True, kw_only=True)
class _Model:
    name: str
    path: Path
    spec: "ModelSpec"
    device: str
    predictors: "dict[str | None, Predictor]"  # by the statistics of its batch norms; None where it has none
    self_ensemble: int = 1

    def rows(self, hints: Sequence[int], seed: int) -> list[Row]:
        counts: Sequence[int | None] = hints if self.spec.takes_hints else (None,)
        return [
            Row(
                name=self._named(statistics),
                answer=ModelAnswer(predictor, count or 0, seed),
                model=self.name,
                hints=count,
                statistics=statistics,
            )
            for statistics, predictor in self.predictors.items()
            for count in counts
        ]

    def _named(self, statistics: str | None) -> str:
        words = [] if statistics is None else [f"{statistics} statistics"]
        words += [f"{self.self_ensemble} orientations"] if self.self_ensemble > 1 else []
        return f"{self.name} ({', '.join(words)})" if words else self.name


@dataclass(frozen=True)
class ModelAnswer:
    """A model's answer to an example, with so many hints."""

    predictor: "Predictor"
    count: int
    seed: int

    def __call__(self, example: Example) -> np.ndarray:
        hints = hints_of(example, self.count, self.seed) if self.count else None
        return np.asarray(self.predictor.predict(example.input, hints=hints).picture[..., :3])


def register(subparsers: Subparsers) -> None:
    """Add the commands `evaluate` and `compare`."""
    evaluate = subparsers.add_parser(
        "evaluate",
        help="measure a model on pairs",
        description="Measures a model on pairs it has not learned from and prints, beside it, what the trivial answers "
        "score: a model is worth having when it beats them clearly. Nothing is downloaded.",
    )
    evaluate.add_argument("-m", "--model", required=True, help="a model's name or file, or a state of a run")
    evaluate.add_argument("--data", metavar="DIR", type=Path, required=True, help="the folder of the pairs")
    _add_options(evaluate)
    evaluate.set_defaults(run=evaluate_main, pictures=None)
    compare = subparsers.add_parser("compare", help="measure two models on the same pairs")
    compare.add_argument("first", metavar="A", help="a model's name or file, or a state of a run")
    compare.add_argument("second", metavar="B", help="another")
    where = compare.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", metavar="DIR", type=Path, help="the folder of the pairs")
    where.add_argument(
        "--pictures",
        metavar="PATH",
        nargs="+",
        type=Path,
        help="pictures and folders without a truth, to be painted only; give --answers, too",
    )
    _add_options(compare)
    compare.set_defaults(run=compare_main)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--split",
        choices=("train", "val", "test", "all"),
        help="which part of them; test where the folder has its own val or test sub-folder, else all",
    )
    parser.add_argument(
        "--size",
        type=_size,
        default=256,
        help='pixels a side the pictures are squashed to before the model sees them, or "native" (default: 256)',
    )
    parser.add_argument("--hints", type=_hint_counts, metavar="N,N", help="how many hints are given (default: 0,16,64)")
    parser.add_argument(
        "--statistics",
        choices=("running", "image", "both"),
        default="both",
        help="of a model with batch norm: those of its training, of each picture, or one row each (default: both)",
    )
    parser.add_argument(
        "--contact-sheet", metavar="FILE.png", type=Path, help="save input, outputs and truth to look at"
    )
    parser.add_argument(
        "--sheet-rows", metavar="N", type=_count, default=_SHEET_ROWS, help=f"of so many pairs (default: {_SHEET_ROWS})"
    )
    parser.add_argument(
        "--metric-weights", metavar="DIR", type=Path, help="the folder of VGG, LPIPS and Inception weights"
    )
    parser.add_argument("--most", type=_count, metavar="N", help="take so many of the pictures, evenly spaced")
    parser.add_argument(
        "--answers", metavar="DIR", type=Path, help="keep what the models paint in this folder, and look for it there"
    )
    parser.add_argument(
        "--self-ensemble",
        type=int,
        choices=SIZES,
        default=1,
        help="in how many orientations, turned and mirrored, a picture is seen; the mean is taken (default: 1)",
    )
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument(
        "--progress", action="store_true", help="say a JSON object a line meanwhile; with --answers, of every picture"
    )
    parser.add_argument("--step-back", action="store_true", help="leave the processor to what one works with meanwhile")
    add_layout_options(parser)


def evaluate_main(args: argparse.Namespace) -> int:
    return _main(args, [args.model])


def compare_main(args: argparse.Namespace) -> int:
    return _main(args, [args.first, args.second])


def _main(args: argparse.Namespace, names: list[str]) -> int:
    """0: all pictures were done; 1: some could not be read."""
    if args.step_back:
        step_back()  # before threads are started, which are as this one is
    paths = [locate_model(name) for name in names]
    if len(paths) > 1 and paths[0].resolve() == paths[1].resolve():
        raise UserError("A and B are the same model.", "Choose another for one of them.")
    if args.metric_weights and not args.metric_weights.is_dir():
        raise UserError(f"{args.metric_weights} is not a folder.", "Name the folder that holds the weights.")
    return _paint(args, names, paths) if args.pictures else _measure(args, names, paths)


def _measure(args: argparse.Namespace, names: list[str], paths: list[Path]) -> int:
    scanned = scan_as_asked(args)
    scanned.require_pairs()
    split, pairs = choose_split(scanned, args.split)
    pairs = spread(pairs, args.most)
    models = _open_models(args, names, paths)
    features = open_measures(args.metric_weights, _torch_device(models))
    if all(model.spec.task == "satmap" for model in models):
        features.measures.append(MapMeasure())
    with_hints = any(model.spec.takes_hints for model in models)
    hints = (args.hints or DEFAULT_HINTS) if with_hints else ()
    rows = [row for model in models for row in model.rows(hints, args.seed)]
    rows += trivial_rows(pairs, args.size, hints, args.seed)
    rows, teller = _told(args, models, rows, has_truth=True)
    with progress_line("Measuring", told=args.progress) as progress:
        measured = measure(
            rows,
            pairs,
            size=args.size,
            features=features,
            sheet_rows=args.sheet_rows if args.contact_sheet else 0,
            progress=progress,
            told=teller.tell if teller else None,
        )
    if not measured.count:
        raise UserError(next(iter(measured.failed.values())), "None of the pairs can be measured.")
    if args.contact_sheet:
        save_picture(contact_sheet(measured), args.contact_sheet)
    result = Result(
        models=[ModelFacts(name=model.name, path=model.path, device=model.device) for model in models],
        scanned=scanned,
        split=split,
        split_as_asked=args.split is not None,
        size=args.size,
        seed=args.seed,
        features=features,
        measured=measured,
    )
    for line in () if args.progress else result.lines():
        say(line)
    if args.json or args.progress:
        say_json(result.as_json())
    return 1 if measured.failed or scanned.unreadable else 0


def _paint(args: argparse.Namespace, names: list[str], paths: list[Path]) -> int:
    """Pictures without a truth: what the models paint, without hints, goes into the folder of answers."""
    if args.answers is None:
        raise UserError("Pictures without a truth are painted only.", "Say where to, with --answers DIR.")
    pictures = spread(find_pictures(args.pictures), args.most)
    models = _open_models(args, names, paths)
    rows, teller = _told(
        args, models, [row for model in models for row in model.rows((0,), args.seed)], has_truth=False
    )
    with progress_line("Painting", told=args.progress) as progress:
        done, failed = paint_pictures(rows, pictures, size=args.size, teller=teller, progress=progress)
    if not done:
        raise UserError(next(iter(failed.values())), "None of the pictures can be painted.")
    for reason in () if args.progress else failed.values():
        say(f"Left out: {reason}")
    if args.json or args.progress:
        say_json(
            {
                "models": [{"name": model.name, "path": model.path, "device": model.device} for model in models],
                "n": done,
                "failed": [{"file": path, "reason": reason} for path, reason in failed.items()],
            }
        )
    else:
        say(f"{done} pictures of each model are in {args.answers}.")
    return 1 if failed else 0


def _told(
    args: argparse.Namespace, models: Sequence[_Model], rows: list[Row], *, has_truth: bool
) -> tuple[list[Row], Teller | None]:
    """The rows with their answers kept, and who tells of them, as far as that was asked for."""
    if args.answers is None:
        return rows, None
    hashes = {model.name: hash_of_file(model.path) for model in models}
    folder = AnswerFolder(args.answers)
    seen = f" {args.self_ensemble}" if args.self_ensemble > 1 else ""
    rows = kept(rows, folder, {name: f"{digest} {args.seed}{seen}" for name, digest in hashes.items()})
    if not args.progress:
        return rows, None
    teller = Teller(rows=rows, folder=folder, has_truth=has_truth)
    teller.begin(
        [{"name": each.name, "path": each.path, "device": each.device, "sha256": hashes[each.name]} for each in models]
    )
    return rows, teller


def choose_split(scanned: Scan, wanted: str | None) -> tuple[str, list[Pair]]:
    """(name, pairs): what is asked for, else the folder's own test or val part, else all."""
    if wanted is None:
        wanted = next((each for each in ("test", "val") if scanned.given_splits and scanned.splits[each]), "all")
    pairs = scanned.pairs if wanted == "all" else scanned.splits[wanted]
    if not pairs:
        raise UserError(f"The {wanted} part of {scanned.folder} is empty.", "Choose another with --split, or all.")
    return wanted, pairs


def contact_sheet(measured: Measured) -> "Image":
    """Rows of input, outputs and truth with the pictures' names; the input copied and a single colour are left out."""
    shown = [index for index, row in enumerate(measured.rows) if row.model or row.hints]
    headings = ["input", *(label(measured.rows[index]) for index in shown), "truth"]
    pictures = [
        [example.input, *(answers[index] for index in shown), example.target] for example, answers in measured.sheet
    ]
    return grid(pictures, [[example.name] for example, _ in measured.sheet], headings)


def _open_models(args: argparse.Namespace, names: list[str], paths: list[Path]) -> list[_Model]:
    models = []
    for name, path in zip(_apart(names), paths, strict=True):
        with _as_model(path) as file:
            models.append(_open_model(name, path, file, args))
    return models


@contextlib.contextmanager
def _as_model(path: Path) -> Iterator[Path]:
    """The file itself, or that of a run's state as a model, which goes with the context."""
    if path.suffix != STATE_SUFFIX:
        yield path
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "model.safetensors"
        model_of_state(path, file)
        yield file


def _open_model(name: str, path: Path, file: Path, args: argparse.Namespace) -> _Model:
    """`file` is what is loaded, `path` what the user named."""
    from models.predictor import Predictor
    from models.runtime import load_runtime

    runtime = load_runtime(file, device=args.device)
    spec, statistics, size = runtime.spec, args.statistics, args.self_ensemble
    predictors: dict[str | None, Predictor] = {}
    if spec.norm != "batch":
        predictors[None] = Predictor(runtime, size)
    if spec.norm == "batch" and statistics != "image":
        predictors["running"] = Predictor(runtime, size)
    if spec.norm == "batch" and statistics != "running":
        from training.norm_statistics import PerImageRuntime

        predictors["image"] = Predictor(PerImageRuntime(file, runtime.device), size)
    return _Model(name=name, path=path, spec=spec, device=runtime.title, predictors=predictors, self_ensemble=size)


def _torch_device(models: list[_Model]) -> str:
    return "cuda" if any("cuda" in model.device.lower() for model in models) else "cpu"


def _apart(names: list[str]) -> list[str]:
    """Short names for the table: the files' stems, or all of what was typed where these are the same."""
    short = [Path(name).stem if name.endswith((".safetensors", STATE_SUFFIX)) else name for name in names]
    return short if len(set(short)) == len(short) else names


def _size(text: str) -> int | None:
    if text == "native":
        return None
    if not text.isdecimal() or int(text) < _MIN_SIZE:
        raise argparse.ArgumentTypeError(f'{text} is no size: give at least {_MIN_SIZE} pixels, or "native"')
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is no number of pictures")
    return int(text)


def _hint_counts(text: str) -> tuple[int, ...]:
    counts = text.split(",")
    if not all(count.isdecimal() for count in counts):
        raise argparse.ArgumentTypeError(f"{text} is no list of numbers such as 0,16,64")
    return tuple(sorted({int(count) for count in counts}))
