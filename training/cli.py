"""The training commands: train, evaluate, compare, pairs. Exit codes: 0 done, 2 unusable call or data."""

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from models.errors import UserError
from models.priority import step_back
from training import evaluate, pairs_cli
from training.config import TrainConfig, load_config
from training.console import say_json
from training.orders import Orders, heard

if TYPE_CHECKING:
    from training.pairs import Scan
    from training.run_dir import RunDir


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="sketchsause", description="Training and measuring models.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    _register_train(subparsers)
    evaluate.register(subparsers)
    pairs_cli.register(subparsers)
    args = parser.parse_args(argv)
    try:
        code: int = args.run(args)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before a training has begun; from then on it is a wish to stop
        return 130
    return code


def _register_train(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    train = subparsers.add_parser(
        "train",
        help="train a model on pairs",
        description="Trains a model on pairs. It may be stopped at any time (Ctrl-C, or a line `stop` on standard "
        "input) and goes on with --resume. Other lines it understands: stop-epoch, pause, resume, sample, save.",
    )
    train.add_argument("preset", metavar="PRESET|CONFIG.toml", help="a preset's name or a file of settings")
    train.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        required=True,
        help="the folder of the pairs or, for CycleGAN, of both sides",
    )
    train.add_argument("--run", dest="run_folder", metavar="DIR", type=Path, required=True, help="where results go")
    train.add_argument("--set", dest="settings", metavar="KEY=VALUE", action="append", default=[], help="a setting")
    train.add_argument("--resume", action="store_true", help="go on where the run in this folder was saved")
    train.add_argument("--max-minutes", metavar="M", type=float, help="stop after this long, at a checkpoint")
    train.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    train.add_argument("--json", action="store_true", help="one event a line on standard output")
    train.add_argument(
        "--probe", action="store_true", help="only try some steps: time, memory and disk as one JSON object"
    )
    train.add_argument("--step-back", action="store_true", help="leave the processor to what one works with meanwhile")
    train.set_defaults(run=train_main)


def train_main(args: argparse.Namespace) -> int:
    config = _config(args)
    if args.step_back:
        step_back()  # before torch starts its threads, which are as this one is
    import torch

    from training.pairs_of_run import scan_for
    from training.run_dir import EventLog, RunDir
    from training.split_file import write_split
    from training.trainer import Limits, Trainer
    from training.world import join, leave

    found = scan_for(config, args.data)
    print(found.summary, file=sys.stderr)
    device = _device(args.device)
    if args.probe:
        return _probe(config, found, device)
    run = RunDir(args.run_folder)
    world = join(device)
    is_done = False
    try:
        world.only_first(lambda: _check(config, found, run, resume=args.resume))
        log = EventLog(run.folder, sys.stdout if args.json else None)
        trainer = Trainer(config, found, run, log, device, world)
        with contextlib.ExitStack() as stack:

            def begin() -> None:  # last: a call that is refused leaves the folder as it was
                trainer.require_disk_space()
                stack.enter_context(run.locked())
                run.open(config, resume=args.resume)
                run.forget_unfinished()
                write_split(found, run.folder)

            world.only_first(begin)
            orders = stack.enter_context(_stopped_by_signals())
            if world.writes:
                stack.enter_context(heard(orders, run.folder))
            show = stack.enter_context(_progress(config, quiet=args.json or not world.writes))
            trainer.train(Limits(max_minutes=args.max_minutes, orders=orders), show)
        is_done = True
    except torch.OutOfMemoryError as error:
        raise UserError(
            "The graphics card has not enough memory for this training.",
            "Resume with a higher run.accumulate, with run.checkpointing=true or run.precision=bf16; or begin another "
            "run with a smaller run.batch_size or data.crop_size.",
        ) from error
    finally:
        leave(world, together=is_done)
    return 0


def _config(args: argparse.Namespace) -> TrainConfig:
    config = load_config(args.preset, _settings(args.settings))
    faults = config.validate()
    if faults:
        raise UserError(" ".join(faults))
    return config


def _probe(config: TrainConfig, found: "Scan", device: str) -> int:
    from training.probe import probe

    say_json(probe(config, found, device).to_dict())
    return 0


def _check(config: TrainConfig, found: "Scan", run: "RunDir", *, resume: bool) -> None:
    from training.split_file import check_split

    run.check(config, resume=resume)
    if resume:
        check_split(found, run.folder)


def _device(wanted: str) -> str:
    """The device to train on; UserError when the one that is named cannot be used."""
    from models.runtime import best_device, require_torch_device

    chosen = best_device() if wanted == "auto" else wanted
    try:
        require_torch_device(chosen)
    except UserError:
        if wanted != "auto":
            raise
        print(f"torch cannot use this machine's {chosen.upper()} device; training on the CPU.", file=sys.stderr)
        return "cpu"
    return chosen


def _settings(texts: Sequence[str]) -> Mapping[str, str]:
    settings = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--set {text} has no value.", "Write it as --set section.key=value.")
        settings[key.strip()] = value.strip()
    return settings


@contextlib.contextmanager
def _progress(config: TrainConfig, *, quiet: bool) -> Iterator:  # type: ignore[type-arg]
    from tqdm import tqdm

    hidden = quiet or not sys.stderr.isatty()
    with tqdm(desc=config.preset, disable=hidden, unit="step") as bar:

        def show(step: int, total: int, parts) -> None:  # type: ignore[no-untyped-def]
            if hidden:
                return
            if bar.total != total:
                bar.total, bar.n = total, step - 1
            bar.update(1)
            bar.set_postfix({name: f"{float(value):.3f}" for name, value in parts.items()}, refresh=False)

        yield show


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[Orders]:
    """Orders to which Ctrl-C and SIGTERM add `stop`; the step at work is finished."""
    orders = Orders()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        orders.take("stop")

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield orders
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
