"""One open drawing: the document, its history, the layer in hand, and the file it belongs to."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Point
from sketchsause_desktop.core.history import History
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.core.selection import Selection

_NEVER = -1  # no state of a history
UNTITLED = "Untitled"


class Drawing(QObject):
    """The `Editor` changes it; everyone else reads. `document.document_id` tells drawings apart."""

    changed = Signal()  # title, path or is_modified

    def __init__(
        self,
        document: Document,
        title: str = UNTITLED,
        *,
        path: Path | None = None,
        saved: bool = True,
        parent: QObject | None = None,
    ) -> None:
        """`path` is the file that it was opened from; with `saved` off it counts as modified from the start."""
        super().__init__(parent)
        self.document = document
        self.history = History()
        self.active_layer_id = document.line_art.layer_id
        self.last_point: Point | None = None  # where the last stroke ended; a straight line goes on from there
        self.reshaped_at = 0  # the revision in which the canvas got its present shape
        self._title, self._path = title, path
        self._saved_state = self.history.state if saved else _NEVER

    @property
    def title(self) -> str:
        """The drawing's name without marks, such as "portrait" or "Untitled"."""
        return self._title

    @property
    def path(self) -> Path | None:
        """The file it was opened from or saved to; None for one that has never been in a file."""
        return self._path

    @property
    def selection(self) -> Selection | None:
        return self.document.selection

    @property
    def metadata(self) -> Metadata:
        return self.document.metadata

    @property
    def is_modified(self) -> bool:
        """Whether something would be lost; undoing back to the saved state makes it False again."""
        return self.history.state != self._saved_state

    @property
    def is_untouched(self) -> bool:
        """An empty drawing in which nothing was ever done: another one may take its place."""
        pristine = self._path is None and self._title == UNTITLED and not self.is_modified
        return pristine and self.document.revision == 0 and not len(self.document.line_art.tiles)

    def mark_saved(self, state: int | None = None) -> None:
        """`state` is that of the history when what was written was taken; None = the present one."""
        self._saved_state = self.history.state if state is None else state
        self.changed.emit()

    def belongs_to(self, path: Path) -> None:
        self._title, self._path = path.stem, path
        self.changed.emit()
