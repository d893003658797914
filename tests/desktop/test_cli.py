"""The command line decides before anything slow is imported, and ends with the right code and one sentence."""

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from models.errors import UserError
from sketchsause_desktop import cli

SLOW = ("PySide6", "torch", "onnxruntime", "torchvision", "numpy", "PIL")


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """The files each opened window was given."""
    opened: list[list[Path]] = []

    def run_window(files: list[Path]) -> int:
        opened.append(files)
        return 7

    bootstrap = ModuleType("sketchsause_desktop.bootstrap")
    bootstrap.run_window = run_window  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, bootstrap.__name__, bootstrap)
    return opened


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the trainer's command line was called with, and what it shall do."""
    state: dict[str, Any] = {"calls": [], "answer": lambda: 0}

    def main(argv: list[str]) -> int:
        state["calls"].append(argv)
        return int(state["answer"]())

    module = ModuleType("training.cli")
    module.main = main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return state


def test_without_arguments_the_window_opens(window: list[list[Path]]) -> None:
    assert cli.main([]) == 7
    assert window == [[]]


def test_files_are_opened_in_the_window_even_when_named_like_commands(
    window: list[list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a b.png", "train"):
        Path(name).touch()
    assert cli.main(["a b.png", "./train"]) == 7
    assert window == [[Path("a b.png"), Path("train")]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["covnert"], "Did you mean `sketchsause convert`?"),
        (["nowhere/missing.png"], "no file or command named nowhere/missing.png"),
        (["--frobnicate"], "no option --frobnicate"),
        (["convert"], "required: -o/--output"),
        (["convert", "-o", "out"], "No input was given"),
        (["convert", "a.png", "-o", "out", "--if-exists", "maybe"], "invalid choice"),
        (["models", "paint"], "invalid choice"),
        (["convert", "a.png", "-o", "out", "--tile", "big"], "invalid int value"),
        (["convert", "a.png", "-o", "out", "--tile", "3"], "too small"),
    ],
)
def test_an_unusable_call_is_one_sentence(
    window: list[list[Path]], capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert window == []


@pytest.mark.parametrize("command", cli.TRAINING_COMMANDS)
def test_training_commands_are_passed_on_unchanged(trainer: dict[str, Any], command: str) -> None:
    arguments = [command, "--set", "a=b", "--json", "--help"]
    assert cli.main(arguments) == 0
    assert trainer["calls"] == [arguments]


def test_a_user_error_is_a_sentence_on_stderr_and_an_object_on_stdout(
    trainer: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> int:
        raise UserError("The folder is empty.", "Put pictures into it.")

    trainer["answer"] = refuse
    assert cli.main(["train"]) == 2
    assert capsys.readouterr() == ("", "The folder is empty. Put pictures into it.\n")
    assert cli.main(["train", "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {"error": "The folder is empty.", "hint": "Put pictures into it."}


def test_ctrl_c_is_130_without_a_traceback(trainer: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> int:
        raise KeyboardInterrupt

    trainer["answer"] = interrupt
    assert cli.main(["train"]) == 130
    assert capsys.readouterr().err == ""


def test_a_bug_is_not_hidden(trainer: dict[str, Any]) -> None:
    def stumble() -> int:
        raise ZeroDivisionError

    trainer["answer"] = stumble
    with pytest.raises(ZeroDivisionError):
        cli.main(["train"])


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["convert", "--help"], ["models", "export", "--help"]])
def test_help_is_told_on_stdout(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 0
    captured = capsys.readouterr()
    assert "usage: sketchsause" in captured.out
    assert captured.err == ""
    for command in cli.COMMANDS if len(arguments) == 1 else ():
        assert f"  {command} " in captured.out


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", {"sketchsause": "1.2.3"}.__getitem__)
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == "SketchSause 1.2.3\n"


def test_a_checkout_knows_its_version(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", refuse)
    assert cli.main(["--version"]) == 0
    assert re.fullmatch(r"SketchSause \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize("arguments", ["--version", "--help"])
def test_a_fresh_process_imports_nothing_slow(arguments: str) -> None:

    code = (
        "import sys; from sketchsause_desktop.cli import main\n"
        f"code = main([{arguments!r}]); found = [n for n in {SLOW!r} if n in sys.modules]\n"
        "sys.exit(f'{code} {found}' if code or found else 0)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (process.returncode, process.stderr) == (0, "")


def test_names_in_any_script_reach_a_terminal_that_cannot_show_them(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "sketchsause_desktop", "線画-ö.png"],
        capture_output=True,
        timeout=60,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert process.returncode == 2
    assert b"Traceback" not in process.stderr
    assert b"There is no file or command named \\u7dda" in process.stderr
