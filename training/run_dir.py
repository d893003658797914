"""A run's folder: config.toml, events.jsonl, samples/, checkpoints/ and model.safetensors; whole files or none."""

import contextlib
import errno
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
from training.config import DataConfig, RunConfig, TrainConfig, load_config, to_toml
from training.events import Event
from training.run_files import BEST, CHECKPOINTS, CONFIG, EVENTS, LOCK, MODEL, ORDERS, SAMPLES


class RunDir:
    """One training's folder. `open` makes it, or checks that it belongs to the same configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.samples = folder / SAMPLES
        self.checkpoints = folder / CHECKPOINTS
        self.model = folder / MODEL
        self.best_model = folder / BEST

    def check(self, config: TrainConfig, *, resume: bool) -> None:
        """UserError when the folder holds another run, or no run to resume. Changes nothing."""
        stored = self.folder / CONFIG
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
        stored = self.folder / CONFIG
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
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / LOCK).open("a+", encoding="utf-8")
        except OSError as error:
            raise UserError(f"{self.folder} cannot be written: {error.strerror}.", "Choose another folder.") from error
        with file:
            if not take_lock(file):
                raise UserError(f"Another training is running in {self.folder}.", "Stop it, or choose another folder.")
            yield

    def save_state(self, state: dict[str, Any], step: int, keep: int) -> Path:
        """What resumes: everything. The newest `keep` files stay."""
        path = self.checkpoints / f"step-{step:08d}.pt"
        _write_state(state, path)
        others = [each for each in self._states() if each != path]
        for old in others[: max(0, len(others) - max(keep, 1) + 1)]:
            with contextlib.suppress(OSError):  # held by another program: the new state is there all the same
                old.unlink()
        return path

    def save_best(self, state: dict[str, Any]) -> None:
        """The state that measured best so far; `--resume` does not look at it."""
        _write_state(state, self.checkpoints / "best.pt")

    def states_bytes(self) -> int:
        """Of what a new state takes the place of."""
        return sum(path.stat().st_size for path in self.checkpoints.glob("[!.]*.pt"))

    def forget_unfinished(self) -> None:
        """Remove what a process left half written that was killed while saving, and orders that it did not hear; only
        with the folder locked."""
        (self.folder / ORDERS).unlink(missing_ok=True)
        for folder in (self.folder, self.checkpoints, self.samples):
            for name in ("step", "best", "model", "config", "events", "split", "curves"):
                for path in folder.glob(f".{name}-*"):
                    with contextlib.suppress(OSError):
                        path.unlink()

    def load_state(self) -> dict[str, Any] | None:
        """The newest readable state, or None where there is none; UserError when there are states and all are damaged.

        A damaged state is renamed, so that it neither counts nor is lost.
        """
        for path in reversed(self._states()):
            try:
                state = torch.load(path, map_location="cpu", weights_only=True)
            except (
                RuntimeError,
                ValueError,
                LookupError,
                EOFError,
                pickle.UnpicklingError,
                zipfile.BadZipFile,
            ) as error:
                if "memory" in str(error):  # of this machine: the file may be sound
                    raise UserError(f"There is not enough memory for {path}.", "Close other programs.") from error
                path.replace(path.with_suffix(".damaged"))
                continue
            except OSError as error:
                raise UserError(f"{path} cannot be read: {error.strerror}.", "Check the disk it lies on.") from error
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
        self._path = folder / EVENTS
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
    """Drop what was logged after the state that is resumed, so that nothing is told twice. UserError where it cannot
    be written."""
    path = folder / EVENTS
    if not path.is_file():
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):  # the last line may be cut off
            if json.loads(line).get("step", 0) <= step:
                kept.append(line)
    try:
        with atomic_path(path) as temporary:
            temporary.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.", "Free some space on its disk.") from error


def _write_state(state: dict[str, Any], path: Path) -> None:
    """OSError where it cannot be written; torch tells of a full disk in another way."""
    try:
        with atomic_path(path) as temporary:
            torch.save(state, temporary)
    except RuntimeError as error:
        raise OSError(errno.EIO, str(error)) from error


def _lasting(config: TrainConfig) -> TrainConfig:
    """The configuration without what may change when a run is resumed: rates, how often something is done, and how it
    is reckoned, since that is the way out where memory was short."""
    names = (
        *("log_every", "sample_every", "save_every", "measure_every", "samples", "keep", "cadence", "best"),
        *("accumulate", "checkpointing", "compile", "precision"),
    )
    plain_run, plain_data = RunConfig(), DataConfig()
    run = replace(config.run, **{name: getattr(plain_run, name) for name in names})
    data = replace(config.data, **{name: getattr(plain_data, name) for name in ("workers", "cache", "cache_gb")})
    optimiser = replace(config.optimiser, rate=1.0, discriminator_rate=1.0)
    return replace(config, run=run, data=data, optimiser=optimiser)
