"""The command `sketchsause`: decides what is run before anything slow, Qt above all, is imported.

Exit codes: 0 all done, 1 some inputs failed, 2 the call or its data are unusable, 130 stopped by Ctrl-C.
"""

import argparse
import difflib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from models.errors import UserError

TRAINING_COMMANDS = ("train", "pairs", "evaluate", "compare")
COMMANDS = ("convert", "models", *TRAINING_COMMANDS)
UNUSABLE, INTERRUPTED = 2, 130

HELP = """\
usage: sketchsause [FILE ...]
       sketchsause COMMAND ...

A desktop painting assistant: draw or load line art and see it coloured under the pen.
Without a command the window opens, with the files if there are any.

commands:
  convert    colour pictures and whole folders
  models     the trained models on this machine: list, info, import, export
  pairs      check a paired data set, or make one out of coloured art
  train      train a model on your own pairs
  evaluate   measure a model on pairs
  compare    measure two models side by side

options:
  -h, --help     show this and stop; `sketchsause COMMAND --help` tells more of a command
  --version      show the version and stop

A file named like a command is opened with its folder: sketchsause ./train
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in one sentence; argparse's own usage text comes with --help."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` shows what is possible.")


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    _speak_any_name()
    try:
        code = _dispatch(arguments)
        if sys.stdout:
            sys.stdout.flush()  # here rather than at the very end, so that a reader who has left is dealt with below
        return code
    except UserError as error:
        print(error, file=sys.stderr)
        if "--json" in arguments:
            print(json.dumps({"error": error.sentence, "hint": error.hint}))
        return UNUSABLE
    except KeyboardInterrupt:  # whoever has something to say about it has said it
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as done:  # argparse after --help
        return done.code if isinstance(done.code, int) else 0


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help"):
        print(HELP, end="")
        return 0
    if first == "--version":
        print(f"SketchSause {version()}")
        return 0
    if first == "convert":
        return _convert(arguments[1:])
    if first == "models":
        return _models(arguments[1:])
    if first in TRAINING_COMMANDS:
        from training.cli import main as train

        return train(arguments)
    return _open_window(arguments)


def _convert(arguments: list[str]) -> int:
    from sketchsause_desktop.batch import cli
    from sketchsause_desktop.inference.catalogue import default_catalogue

    parser = _Parser(
        prog="sketchsause convert",
        description=cli.DESCRIPTION,
        epilog=cli.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cli.add_arguments(parser)
    return cli.main(parser.parse_args(arguments), default_catalogue())


def _models(arguments: list[str]) -> int:
    from sketchsause_desktop.inference import cli
    from sketchsause_desktop.inference.catalogue import default_catalogue

    parser = _Parser(prog="sketchsause models", description=cli.DESCRIPTION)
    cli.add_arguments(parser)
    return cli.main(parser.parse_args(arguments), default_catalogue())


def _open_window(arguments: list[str]) -> int:
    for argument in arguments:
        if argument.startswith("-"):
            raise UserError(f"There is no option {argument}.", "`sketchsause --help` shows what is possible.")
        if not Path(argument).exists():
            close = difflib.get_close_matches(argument, COMMANDS, n=1)
            hint = f"Did you mean `sketchsause {close[0]}`?" if close else "Check the name and the folder."
            raise UserError(f"There is no file or command named {argument}.", hint)
    from sketchsause_desktop.bootstrap import run_window

    return run_window([Path(argument) for argument in arguments])


def version() -> str:
    import tomllib
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("sketchsause")
    except PackageNotFoundError:  # a checkout whose packages are used where they lie
        project = Path(__file__).parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def _speak_any_name() -> None:
    """File names hold letters that a terminal's encoding may not have: show those as escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
