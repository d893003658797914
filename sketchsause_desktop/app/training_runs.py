"""The trainings on this machine: those that run, those that wait, those that were; found again at the next start."""

import contextlib
import json
import logging
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.app.run_history import RunHistory, read_history
from sketchsause_desktop.app.training_job import JobState, TrainingJob
from sketchsause_desktop.app.training_links import start_apart
from sketchsause_desktop.app.training_spec import TrainingSpec, read_spec
from training.config import load_config
from training.run_files import CHECKPOINTS, CONFIG, EVENTS, MODEL, SAMPLES, is_resumable, is_running

_PLACES = "places.json"  # of runs that lie elsewhere
_TAIL_BYTES = 4096
# What a run's folder gets from us; whatever else lies in it is never deleted.
_FILES = (CONFIG, EVENTS, "split.json", "curves.png", "job.json", "last-words.txt", "orders", ".lock")
_FOLDERS = (SAMPLES, CHECKPOINTS, "cache")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run as the list shows it."""

    spec: TrainingSpec
    state: str  # "running", "waiting", "done", "stopped", "not begun", "cut off"
    changed_at: float  # seconds since 1970
    has_model: bool

    @property
    def folder(self) -> Path:
        return self.spec.run


def default_folder() -> Path:
    return platformdirs.user_data_path("sketchsause", appauthor=False) / "runs"


def new_run_folder(folder: Path, title: str) -> Path:
    """A name for a run in `folder`, of its title and the moment."""
    stem = re.sub(r"[^\w-]+", "-", title).strip("-") or "training"
    moment = datetime.now().astimezone()
    return folder / f"{stem[:40]}-{moment:%Y%m%d-%H%M%S}"


class TrainingRuns(QObject):
    """One training runs at a time, the others wait. `find` looks for what an earlier window has left."""

    changed = Signal()  # the list, or what one of them is doing
    started = Signal(object)  # TrainingJob
    ended = Signal(object)  # TrainingJob

    def __init__(self, notices: Notices, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder if folder is not None else default_folder()
        self._notices = notices
        self._jobs: dict[Path, TrainingJob] = {}
        self._waiting: list[tuple[TrainingJob, bool]] = []  # and whether it resumes

    # Those that there are

    def runs(self) -> list[Run]:
        """The newest first."""
        found = [self._described(spec) for folder in self._folders() if (spec := read_spec(folder))]
        return sorted(found, key=lambda run: run.changed_at, reverse=True)

    def models(self) -> list[tuple[str, Path]]:
        """(title, file) of the models that trainings have left."""
        return [(run.spec.name, run.folder / MODEL) for run in self.runs() if run.has_model]

    def job(self, folder: Path) -> TrainingJob | None:
        """The training of that folder that runs, waits, or has ended since the start."""
        return self._jobs.get(folder)

    @property
    def active(self) -> TrainingJob | None:
        return next((job for job in self._jobs.values() if job.is_active), None)

    @property
    def own_active(self) -> TrainingJob | None:
        """The one that would end with this program."""
        return next((job for job in self._jobs.values() if job.is_active and job.is_own), None)

    @property
    def is_working(self) -> bool:
        """Whether a training takes the processor now."""
        return any(job.is_active and job.state is not JobState.PAUSED for job in self._jobs.values())

    def find(self) -> None:
        """Follow the trainings that run without us."""
        for folder in self._folders():
            spec = read_spec(folder)
            if spec is not None and folder not in self._jobs and is_running(folder):
                job = self._new_job(spec, read_history(folder))
                job.follow()
                self.started.emit(job)

    # What is done with them

    def attempt(self, action: Callable[[], object]) -> None:
        """Do it; what the user did wrong becomes a notice."""
        try:
            action()
        except UserError as error:
            self._notices.report("training", error)

    def start(self, spec: TrainingSpec) -> TrainingJob:
        """Begin it, or let it wait for the one that runs. UserError when its folder cannot be had."""
        if is_running(spec.run) or is_resumable(spec.run) or (spec.run / CONFIG).is_file():
            raise UserError(f"{spec.run} already holds a run.", "Choose another folder, or resume it.")
        spec.keep()
        self._remember(spec.run)
        return self._begin(spec, RunHistory(), resume=False)

    def try_start(self, spec: TrainingSpec) -> str:
        """`start`; why not, in words, or ""."""
        try:
            self.start(spec)
        except UserError as error:
            return str(error)
        return ""

    def resume(self, folder: Path) -> TrainingJob:
        """Go on with a run that was stopped or cut off. UserError when it cannot go on."""
        spec = read_spec(folder)
        if spec is None:
            raise UserError(f"{folder} holds no run to resume.", "Begin a new one.")
        if self._is_running(folder):
            raise UserError(f"{spec.name} is being trained already.", "Wait for its end, or stop it there.")
        if not spec.data.is_dir():
            raise UserError(f"The pairs of {spec.name} are not in {spec.data} any more.", "Say where they are now.")
        known = self._jobs.get(folder)
        history = known.history if known is not None else read_history(folder)
        return self._begin(spec, history, resume=is_resumable(folder))

    def _begin(self, spec: TrainingSpec, history: RunHistory, *, resume: bool) -> TrainingJob:
        job = self._new_job(spec, history)
        if self.active is None:
            self._start(job, resume=resume)
        else:
            self._waiting.append((job, resume))
            self._notices.post("training", f"{spec.name} begins when {self.active.spec.name} has ended.")
        self.changed.emit()
        return job

    def cancel(self, job: TrainingJob) -> None:
        """Take a waiting one out of the queue; its folder stays, not begun."""
        self._waiting = [each for each in self._waiting if each[0] is not job]
        if job.state is JobState.WAITING:
            self._jobs.pop(job.spec.run, None)
            job.deleteLater()
        self.changed.emit()

    def delete(self, folder: Path) -> None:
        """Delete what the run has written, and the folder where nothing else is in it. UserError while it runs."""
        if self._is_running(folder):
            raise UserError(f"{folder.name} is being trained.", "Stop it first.")
        job = self._jobs.get(folder)
        if job is not None:
            self.cancel(job)
            self._jobs.pop(folder, None)
        _delete_run(folder)
        self._forget(folder)
        self.changed.emit()

    def move_data(self, folder: Path, data: Path) -> None:
        """The run's pairs lie in the folder `data` now; `moved_data_fault` has found nothing wrong with that."""
        spec = read_spec(folder)
        if spec is not None:
            self.rename(folder, replace(spec, data=data))

    def rename(self, folder: Path, spec: TrainingSpec) -> None:
        """Keep a new title and notes."""
        spec.keep()
        job = self._jobs.get(folder)
        if job is not None:
            job.spec = spec
        self.changed.emit()

    # The end of the program

    def stop_all(self) -> None:
        """Stop the own one and wait for it; what waits stays not begun."""
        self._waiting.clear()
        job = self.own_active
        if job is not None and not job.wait_for_end():
            _log.warning("The training in %s did not stop and was killed.", job.spec.run)

    def keep_running(self) -> bool:
        """Let the own one go on without this program: it is stopped and resumed apart. Whether that was possible."""
        job = self.own_active
        self.stop_all()
        return job is not None and job.history.reason == "stop" and start_apart(job.spec)

    # Inside

    def _new_job(self, spec: TrainingSpec, history: RunHistory) -> TrainingJob:
        before = self._jobs.pop(spec.run, None)
        if before is not None:
            before.deleteLater()
        job = TrainingJob(spec, history, self)
        job.state_changed.connect(self.changed)
        job.ended.connect(lambda: self._on_ended(job))
        self._jobs[spec.run] = job
        return job

    def _start(self, job: TrainingJob, *, resume: bool) -> None:
        job.start(resume=resume)
        self.started.emit(job)

    def _on_ended(self, job: TrainingJob) -> None:
        if job.sentence:
            self._notices.post("training", f"{job.spec.name}: {job.sentence}", level=Level.ERROR)
        elif job.history.reason == "early":
            sentence = f"{job.spec.name} got no better and has ended; its best model is kept."
            self._notices.post("training", sentence)
        elif job.history.reason == "done":
            self._notices.post("training", f"{job.spec.name} has been trained to its end.")
        self.ended.emit(job)
        if self._waiting and self.active is None:
            following, resume = self._waiting.pop(0)
            try:
                self._start(following, resume=resume)
            except UserError as error:
                self._notices.report("training", error)
        self.changed.emit()

    def _described(self, spec: TrainingSpec) -> Run:
        folder = spec.run
        job = self._jobs.get(folder)
        newest = folder / EVENTS if (folder / EVENTS).exists() else folder
        return Run(
            spec=spec,
            state=self._state_of(folder, job),
            changed_at=newest.stat().st_mtime,
            has_model=(folder / MODEL).is_file(),
        )

    def _state_of(self, folder: Path, job: TrainingJob | None) -> str:
        if job is not None and job.state is not JobState.ENDED:
            return "running" if job.is_active else "waiting"
        return "running" if self._is_running(folder) else _word(folder)

    def _is_running(self, folder: Path) -> bool:
        """By its lock, but for one whose end was told: the lock of a dead process may be freed a moment later."""
        job = self._jobs.get(folder)
        return is_running(folder) if job is None else job.is_active

    def _folders(self) -> list[Path]:
        own = sorted(path for path in self.folder.glob("*") if path.is_dir()) if self.folder.is_dir() else []
        return list(dict.fromkeys([*own, *(path for path in self._places() if path.is_dir())]))

    def _places(self) -> list[Path]:
        try:
            return [Path(text) for text in json.loads((self.folder / _PLACES).read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError):
            return []

    def _remember(self, run: Path) -> None:
        if run.parent != self.folder:
            self._keep_places(lambda places: [*places, run])

    def _forget(self, run: Path) -> None:
        if run.parent != self.folder:
            self._keep_places(lambda places: [place for place in places if place != run])

    def _keep_places(self, changed: Callable[[list[Path]], list[Path]]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            places = list(dict.fromkeys(str(path) for path in changed(self._places())))
            with atomic_path(self.folder / _PLACES) as temporary:
                temporary.write_text(json.dumps(places, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            _log.warning("Where the run lies could not be kept: %s", error)


def moved_data_fault(folder: Path, data: Path) -> UserError | None:
    """Why the run cannot go on with the pairs in the folder `data`. Takes its time: every picture's header is read."""
    from training.pairs_of_run import check_moved, scan_for  # reads pictures: not at the start of the program

    try:
        if (folder / CONFIG).is_file():
            check_moved(folder, data)
        elif (spec := read_spec(folder)) is not None:
            scan_for(load_config(spec.preset, spec.settings), data)
    except UserError as error:
        return error
    return None


def _word(folder: Path) -> str:
    """What the last event says, read from the file's end."""
    if not (folder / CONFIG).is_file():
        return "not begun"
    try:
        with (folder / EVENTS).open("rb") as file:
            file.seek(max(0, (folder / EVENTS).stat().st_size - _TAIL_BYTES))
            last = file.read().decode("utf-8", "replace").splitlines()[-1:]
        event = json.loads(last[0]) if last else {}
        reason = event.get("reason") if event.get("event") == "finished" else None
    except (OSError, ValueError, AttributeError):
        reason = None
    return {"done": "done", "early": "done", None: "cut off"}.get(reason, "stopped")


def _delete_run(folder: Path) -> None:
    try:
        for name in _FOLDERS:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
        models = (path for name in ("model", "best") for path in folder.glob(f"{name}*.safetensors"))
        for path in (*(folder / name for name in _FILES), *models):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{folder} could not be deleted: {error.strerror}.", "Close what uses it.") from error
    with contextlib.suppress(OSError):  # something of the user's lies in it
        folder.rmdir()
