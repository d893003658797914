"""A run's folder: config.toml, events.jsonl, samples/, checkpoints/ and model.safetensors; whole files or none."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import torch

from models.errors import UserError
from models.files import atomic_path
from training.config import TrainConfig, load_config, to_toml
from training.events import Event

_LOCK = ".lock"


class RunDir:
    """One training's folder. `open` makes it, or checks that it belongs to the same configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.samples = folder / "samples"
        self.checkpoints = folder / "checkpoints"
        self.model = folder / "model.safetensors"

    def open(self, config: TrainConfig, *, resume: bool) -> None:
        """UserError when the folder holds another run, or no run to resume."""
        stored = self.folder / "config.toml"
        if stored.is_file():
            if not resume:
                raise UserError(f"{self.folder} already holds a run.", "Add --resume, or choose another folder.")
            if load_config(str(stored)) != config:
                raise UserError(f"{self.folder} belongs to another configuration.", "Choose another folder.")
        try:
            for folder in (self.folder, self.samples, self.checkpoints):
                folder.mkdir(parents=True, exist_ok=True)
            with atomic_path(stored) as temporary:
                temporary.write_text(to_toml(config), encoding="utf-8")
        except OSError as error:
            raise UserError(f"{self.folder} cannot be written: {error.strerror}.", "Choose another folder.") from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process; UserError when another one trains in it. A dead owner's lock is taken."""
        path = self.folder / _LOCK
        for _ in range(2):
            with contextlib.suppress(FileExistsError):
                with path.open("x", encoding="utf-8") as file:
                    file.write(str(os.getpid()))
                break
            if _is_alive(path):
                raise UserError(f"Another training is running in {self.folder}.", "Stop it, or choose another folder.")
            path.unlink(missing_ok=True)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    def save_state(self, state: dict[str, Any], step: int, keep: int) -> Path:
        """What resumes: everything. The newest `keep` files stay."""
        path = self.checkpoints / f"step-{step:08d}.pt"
        with atomic_path(path) as temporary:
            torch.save(state, temporary)
        for old in self._states()[: -max(keep, 1)]:
            old.unlink(missing_ok=True)
        return path

    def load_state(self) -> dict[str, Any] | None:
        """The newest readable state, or None where there is none."""
        for path in reversed(self._states()):
            try:
                state = torch.load(path, map_location="cpu", weights_only=True)
            except Exception:  # noqa: BLE001 - a damaged file raises many kinds; the one before it is as good
                continue
            if isinstance(state, dict):
                return state
        return None

    def _states(self) -> list[Path]:
        return sorted(self.checkpoints.glob("step-*.pt"))


class EventLog:
    """Appends events to events.jsonl, and repeats each on a stream where one is given."""

    def __init__(self, folder: Path, echo: IO[str] | None) -> None:
        self._path = folder / "events.jsonl"
        self._echo = echo

    def write(self, event: Event) -> None:
        line = event.to_json() + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)
        if self._echo is not None:
            self._echo.write(line)
            self._echo.flush()


def forget_events_after(folder: Path, step: int) -> None:
    """Drop what was logged after the state that is resumed, so that nothing is told twice."""
    path = folder / "events.jsonl"
    if not path.is_file():
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):  # the last line may be cut off
            if json.loads(line).get("step", 0) <= step:
                kept.append(line)
    with atomic_path(path) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def _is_alive(lock: Path) -> bool:
    try:
        os.kill(int(lock.read_text(encoding="utf-8")), 0)
    except (ValueError, ProcessLookupError, FileNotFoundError):
        return False
    except PermissionError:
        return True
    return True
