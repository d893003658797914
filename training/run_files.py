"""The names of what lies in a run's folder, for whoever looks at runs without training one. Never imports torch."""

from pathlib import Path

from models.locks import take_lock

CONFIG = "config.toml"
EVENTS = "events.jsonl"
SAMPLES = "samples"
CHECKPOINTS = "checkpoints"
MODEL = "model.safetensors"
BEST = "best.safetensors"  # where the best by some measure is kept
LOCK = ".lock"
ORDERS = "orders"  # lines as on standard input, from a window that did not start this training


def is_running(folder: Path) -> bool:
    """Whether a process trains in the folder."""
    try:
        with (folder / LOCK).open("r+", encoding="utf-8") as file:
            return not take_lock(file)
    except OSError:
        return False


def is_resumable(folder: Path) -> bool:
    return (folder / CONFIG).is_file() and any((folder / CHECKPOINTS).glob("step-*.pt"))
