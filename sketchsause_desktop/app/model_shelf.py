"""The trained models as they come and go while the program runs: out of trainings, imported, renamed, deleted."""

import contextlib
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.checkpoint import rewrite
from models.errors import UserError
from models.files import atomic_path
from models.locate import SUFFIX
from sketchsause_desktop.app.model_choices import ModelChoice, choices_of
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.run_card import card_of_run
from sketchsause_desktop.app.run_history import RunHistory, read_history
from sketchsause_desktop.app.training_spec import TrainingSpec
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.inference.catalogue import Catalogue, Listing, import_model, read_entry, writing
from training.run_files import MODEL

NOTICE = "models"
CARD, PICTURE = ".md", ".png"  # what lies beside a model
_MOST_LETTERS = 60


class ModelShelf(QObject):
    """`choices` are those there are; `changed` when there are others. What users may not do is a UserError."""

    changed = Signal()

    def __init__(self, catalogue: Catalogue, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.catalogue, self._notices = catalogue, notices
        self.choices: Sequence[ModelChoice] = ()
        self.scan()

    @property
    def folder(self) -> Path:
        """The user's own; only what lies there is ever changed."""
        return self.catalogue.folders[-1]

    def scan(self) -> Listing:
        """Look at the folders anew."""
        listing = self.catalogue.scan()
        choices = choices_of(listing.entries)
        if choices != self.choices:
            self.choices = choices
            self.changed.emit()
        return listing

    def choice(self, model_id: str) -> ModelChoice | None:
        return next((each for each in self.choices if each.model_id == model_id), None)

    def looks_at(self, model_id: str) -> Role:
        choice = self.choice(model_id)
        return choice.looks_at if choice is not None else Role.LINE_ART

    def is_own(self, choice: ModelChoice) -> bool:
        return choice.path is not None and choice.path.parent == self.folder

    def attempt(self, action: Callable[[], ModelChoice | None]) -> ModelChoice | None:
        """Do it; what the user did wrong becomes a notice."""
        try:
            return action()
        except UserError as error:
            self._notices.report(NOTICE, error)
            return None

    def keep_run(self, spec: TrainingSpec, *, is_finished: bool) -> ModelChoice:
        """The model of a training as it is now, with its card and newest samples. Kept once for each step."""
        history, source = read_history(spec.run), spec.run / MODEL
        if not source.is_file():
            raise UserError(f"{spec.name} has no model yet.", "Wait until it is saved for the first time.")
        entry = read_entry(source)
        mark = f"{spec.run.name}, step {entry.facts.get('steps', '')}"
        there = next((each for each in self.catalogue.entries() if each.facts.get("run") == mark), None)
        if there is None:
            title = spec.name if is_finished else f"{spec.name}, step {entry.facts.get('steps', history.step)}"
            target = self._free(title)
            with writing(target):
                rewrite(source, target, replace(entry.spec, title=title), {**entry.facts, "run": mark})
                _write_beside(target, spec, history, title)
            there = read_entry(target)
        self.scan()
        found = next((each for each in self.choices if each.path == there.path), None)
        if found is None:
            raise UserError(f"{there.path} is not there any more.", "Use the training's model again.")
        return found

    def bring(self, source: Path) -> ModelChoice:
        """Import a model file of ours, checked to its last byte; a card and a picture beside it come along."""
        target = self._free(source.stem)
        entry = import_model(source, self.catalogue, target.stem)
        for suffix in (CARD, PICTURE):
            with contextlib.suppress(OSError):
                _copy(source.with_suffix(suffix), target.with_suffix(suffix))
        self.scan()
        return next(each for each in self.choices if each.path == entry.path)

    def rename(self, choice: ModelChoice, title: str) -> ModelChoice:
        """Its title, and its files accordingly."""
        path, title = self._own_path(choice), title.strip()
        if not title:
            raise UserError("A model needs a name.", "Type one.")
        entry = read_entry(path)
        target = path if slug(title) == path.stem else self._free(title)
        with writing(target):
            rewrite(path, target, replace(entry.spec, title=title), entry.facts)
            if target != path:
                for suffix in (CARD, PICTURE):
                    with contextlib.suppress(FileNotFoundError):
                        path.with_suffix(suffix).replace(target.with_suffix(suffix))
                path.unlink()
        self.scan()
        return next(each for each in self.choices if each.path == target)

    def delete(self, choice: ModelChoice) -> None:
        """The file, and what lies beside it; the training it is from stays."""
        path = self._own_path(choice)
        try:
            for suffix in (SUFFIX, CARD, PICTURE):
                path.with_suffix(suffix).unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"{path} could not be deleted: {error.strerror}.", "Close what uses it.") from error
        self.scan()

    def _own_path(self, choice: ModelChoice) -> Path:
        if choice.path is None or not self.is_own(choice):
            raise UserError(f"{choice.title} came with the program and stays.", "Export it for a copy of your own.")
        return choice.path

    def _free(self, title: str) -> Path:
        """A file that is not there yet."""
        stem, taken = slug(title), {path.stem for folder in self.catalogue.folders for path in _models(folder)}
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}-{number}", number + 1
        return self.folder / f"{name}{SUFFIX}"


def slug(title: str) -> str:
    """A name for files, of any title."""
    return re.sub(r"[^\w-]+", "-", title).strip("-_")[:_MOST_LETTERS] or "model"


def picture_of(choice: ModelChoice) -> Path | None:
    """What the model painted, beside its file; None where there is nothing."""
    if choice.path is None:
        return None
    path = choice.path.with_suffix(PICTURE)
    return path if path.is_file() else None


def _models(folder: Path) -> list[Path]:
    return list(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def _write_beside(target: Path, spec: TrainingSpec, history: RunHistory, title: str) -> None:
    with atomic_path(target.with_suffix(CARD)) as temporary:
        temporary.write_text(card_of_run(spec, history, title), encoding="utf-8")
    if history.samples:
        with contextlib.suppress(OSError):
            _copy(spec.run / history.samples[-1][1], target.with_suffix(PICTURE))


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        with atomic_path(target) as temporary:
            shutil.copyfile(source, temporary)
