"""A run's folder: config.toml, events.jsonl, samples/, checkpoints/ and model.safetensors; whole files or none."""

import contextlib
import json
import pickle
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import torch

from models.errors import UserError
from models.files import atomic_path
from models.locks import take_lock
from training.config import RunConfig, TrainConfig, load_config, to_toml
from training.events import Event

_LOCK = ".lock"


class RunDir:
    """One training's folder. `open` makes it, or checks that it belongs to the same configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.samples = folder / "samples"
        self.checkpoints = folder / "checkpoints"
        self.model = folder / "model.safetensors"
        self.best_model = folder / "best.safetensors"

    def check(self, config: TrainConfig, *, resume: bool) -> None:
        """UserError when the folder holds another run, or no run to resume. Changes nothing."""
        stored = self.folder / "config.toml"
        if not resume:
            if stored.is_file() or self.has_states:
                raise UserError(f"{self.folder} already holds a run.", "Add --resume, or choose another folder.")
            return
        if not stored.is_file():
            raise UserError(f"{self.folder} holds no run to resume.", "Check its name, or leave --resume out.")
        if _lasting(load_config(str(stored))) != _lasting(config):
            raise UserError(f"{self.folder} belongs to another configuration.", "Choose another folder.")

    def open(self, config: TrainConfig, *, resume: bool) -> None:
        """`check`, then make the folder and write the configuration down."""
        self.check(config, resume=resume)
        stored = self.folder / "config.toml"
        try:
            for folder in (self.folder, self.samples, self.checkpoints):
                folder.mkdir(parents=True, exist_ok=True)
            with atomic_path(stored) as temporary:
                temporary.write_text(to_toml(config), encoding="utf-8")
        except OSError as error:
            raise UserError(f"{self.folder} cannot be written: {error.strerror}.", "Choose another folder.") from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process; UserError when another one trains in it. The system frees it with us."""
        with (self.folder / _LOCK).open("a+", encoding="utf-8") as file:
            if not take_lock(file):
                raise UserError(f"Another training is running in {self.folder}.", "Stop it, or choose another folder.")
            yield

    def save_state(self, state: dict[str, Any], step: int, keep: int) -> Path:
        """What resumes: everything. The newest `keep` files stay."""
        path = self.checkpoints / f"step-{step:08d}.pt"
        with atomic_path(path) as temporary:
            torch.save(state, temporary)
        others = [each for each in self._states() if each != path]
        for old in others[: max(0, len(others) - max(keep, 1) + 1)]:
            old.unlink(missing_ok=True)
        return path

    def save_best(self, state: dict[str, Any]) -> None:
        """The state that measured best so far; `--resume` does not look at it."""
        with atomic_path(self.checkpoints / "best.pt") as temporary:
            torch.save(state, temporary)

    def states_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.checkpoints.glob("*.pt"))

    def load_state(self) -> dict[str, Any] | None:
        """The newest readable state, or None where there is none; UserError when there are states and all are damaged.

        A damaged state is renamed, so that it neither counts nor is lost.
        """
        states = self._states()
        for path in reversed(states):
            try:
                state = torch.load(path, map_location="cpu", weights_only=True)
            except (RuntimeError, ValueError, LookupError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile):
                path.replace(path.with_suffix(".damaged"))
                continue
            if isinstance(state, dict):
                return state
        if any(self.checkpoints.glob("*.damaged")):
            raise UserError(f"None of the states in {self.checkpoints} can be read.", "Start again in another folder.")
        return None

    @property
    def has_states(self) -> bool:
        return bool(self._states())

    def _states(self) -> list[Path]:
        return sorted(self.checkpoints.glob("step-*.pt"))


class EventLog:
    """Appends events to events.jsonl, and repeats each on a stream where one is given."""

    def __init__(self, folder: Path, echo: IO[str] | None) -> None:
        self._path = folder / "events.jsonl"
        self._echo = echo

    def write(self, event: Event) -> None:
        line = event.to_json() + "\n"
        with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as file:  # a full disk: see the echo
            file.write(line)
        if self._echo is None:
            return
        try:
            self._echo.write(line)
            self._echo.flush()
        except OSError:  # whoever listened is gone; the training goes on
            self._echo = None


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


def _lasting(config: TrainConfig) -> TrainConfig:
    """The configuration without what may change when a run is resumed: rates, and how often something is done."""
    plain = RunConfig()
    often = {name: getattr(plain, name) for name in ("log_every", "sample_every", "save_every", "measure_every")}
    run = replace(config.run, samples=plain.samples, keep=plain.keep, cadence=plain.cadence, **often)
    return replace(config, run=run, optimiser=replace(config.optimiser, rate=1.0, discriminator_rate=1.0))
