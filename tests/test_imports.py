"""What is imported when, seen in fresh processes: import-linter does not see what really ends up in `sys.modules`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("models", "training", "sketchsause_desktop")
QT = {"PySide6", "shiboken6", "qdarktheme"}
HEAVY = {
    "torch",
    "torchvision",
    "onnxruntime",
    "onnx",
    "onnxscript",
    "matplotlib",
    "pyqtgraph",
    "rasterio",
    "scipy",
    "skimage",
}
BEFORE_TORCH = (
    "models.checkpoint",
    "models.errors",
    "models.files",
    "models.locate",
    "models.predictor",
    "models.runtime",
    "models.spec",
    "training.config",
    "training.events",
    "training.orders",
    "training.run_files",
)


def modules_in(folder: str) -> list[str]:
    """Every module under the folder, but those that are run by being imported."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths if path.stem != "__init__"]
    assert names, folder
    return names


def loaded_by(code: str) -> set[str]:
    """The top-level packages that a fresh process holds after running the code."""
    code += "\nimport json, sys\nprint(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    result = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


def loaded_with(modules: list[str]) -> set[str]:
    return loaded_by("import " + ", ".join(modules))


@pytest.mark.parametrize("module", BEFORE_TORCH)
def test_what_the_window_reads_at_the_start_is_light(module: str) -> None:
    assert not loaded_with([module]) & (QT | HEAVY)


def test_the_whole_window_is_there_before_any_network() -> None:
    loaded = loaded_with(modules_in("sketchsause_desktop"))
    assert "PySide6" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("room", ["core", "inference", "batch"])
def test_rooms_without_a_window(room: str) -> None:
    assert not loaded_with(modules_in(f"sketchsause_desktop/{room}")) & (QT | HEAVY)


def test_networks_and_trainer_need_no_window() -> None:
    assert not loaded_with(modules_in("models") + modules_in("training")) & QT


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_the_command_line_answers_at_once(arguments: list[str]) -> None:
    loaded = loaded_by(f"from sketchsause_desktop.cli import main\nassert main({arguments}) == 0")
    assert not loaded & (QT | HEAVY | {"numpy", "PIL"})


def test_init_files_are_empty() -> None:
    """Whatever stood there, every module of the package would pull in."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("__init__.py"):
            assert path.read_text() == "", path


def test_a_signal_can_emit_true_without_end() -> None:
    """PySide6 6.12.0 gives back a reference too many each time, and the process aborts (docs/decisions/0001)."""
    code = """
from PySide6.QtCore import QObject, Signal

class Bell(QObject):
    rung = Signal(bool)

bell, heard = Bell(), []
bell.rung.connect(heard.append)
for _ in range(5000):
    bell.rung.emit(True)
assert heard == [True] * 5000
"""
    assert "PySide6" in loaded_by(code)
