"""Collections of corrected pages, in the user's data folder; pages are added on a thread beside the window's."""

from dataclasses import dataclass
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.fine_tuning import FEWEST, tuning_spec
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_runs import TrainingRuns, new_run_folder
from sketchsause_desktop.core.document import DocumentSnapshot
from sketchsause_desktop.core.training_pages import count_pages, delete_pages, page_of, write_page

NOTICE = "corrections"
FIRST_NAME = "My corrections"


@dataclass(frozen=True)
class Collection:
    name: str
    folder: Path
    pages: int


def default_folder() -> Path:
    return platformdirs.user_data_path("sketchsause", appauthor=False) / "corrections"


class Corrections(QObject):
    """Whoever made this object calls `finish` before it goes."""

    changed = Signal()

    def __init__(self, notices: Notices, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder if folder is not None else default_folder()
        self._notices = notices
        self._background = Background("corrections", self)
        self.last = FIRST_NAME  # the collection that was added to last

    def all(self) -> list[Collection]:
        """By name."""
        folders = sorted(path for path in self.folder.glob("*") if path.is_dir()) if self.folder.is_dir() else []
        found = [Collection(path.name, path, count_pages(path)) for path in folders]
        return [each for each in found if each.pages]

    def add(self, snapshot: DocumentSnapshot, title: str, name: str) -> None:
        """Store the drawing in the collection of that name, which is made; what is wrong becomes a notice."""
        if not is_name(name):
            fault = UserError(f"“{name}” cannot be a collection's name.", "Use letters, digits, spaces and dashes.")
            self._notices.report(NOTICE, fault)
            return
        folder = self.folder / name

        def work() -> None:
            write_page(page_of(snapshot), folder, title)

        def then(error: Exception | None) -> None:
            if error is not None:
                self._notices.report(NOTICE, error)
                return
            self.last = name
            pages = count_pages(folder)
            missing = FEWEST - pages
            hint = f"{missing} more, and a model can learn them." if missing > 0 else "Train ▸ Teach corrections."
            self._notices.post(NOTICE, f"{title} was added to “{name}”, which has {_count(pages)} now.", hint)
            self.changed.emit()

        self._background.run(work, then)

    def delete(self, collection: Collection) -> None:
        try:
            delete_pages(collection.folder)
        except UserError as error:
            self._notices.report(NOTICE, error)
        self.changed.emit()

    def teach(self, collection: Collection, base: ModelChoice, runs: TrainingRuns) -> bool:
        """Begin a training; False, with a notice, where that cannot be."""
        try:
            if base.path is None:
                raise UserError(f"{base.title} has no file.", "Begin with another model.")
            run = new_run_folder(runs.folder, collection.name)
            title = f"{collection.name}, from {base.title}"
            spec = tuning_spec(data=collection.folder, pages=collection.pages, base=base.path, run=run, title=title)
            runs.start(spec)
        except UserError as error:
            self._notices.report(NOTICE, error)
            return False
        return True

    def wait(self) -> None:
        """Until all pages are written."""
        self._background.wait()

    def finish(self) -> None:
        self._background.finish()


def is_name(name: str) -> bool:
    """Whether a folder can be called so on every system."""
    return bool(name.strip()) and name == name.strip(" .") and not any(mark in name for mark in '/\\:*?"<>|')


def _count(pages: int) -> str:
    return "one page" if pages == 1 else f"{pages} pages"
