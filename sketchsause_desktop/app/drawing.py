"""One open drawing: the document, its history, the layer in hand, and the file it belongs to."""

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Point
from sketchsause_desktop.core.history import History
from sketchsause_desktop.core.layer_actions import outermost
from sketchsause_desktop.core.layers import Node
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.core.selection import Selection

_NEVER = -1  # no state of a history
UNTITLED = "Untitled"


class FileState(enum.Enum):
    SAME = "same"
    CHANGED = "changed"  # by another program, since it was read or written here
    GONE = "gone"


class _Stamp(NamedTuple):
    """What tells that a file was written anew."""

    modified_ns: int
    size: int


@dataclass(frozen=True, kw_only=True)
class Export:
    """What was exported, to do it again."""

    path: Path
    quality: int = 92  # 1 to 100, of JPEG and WebP; 100 makes WebP lossless
    on_paper: bool = True  # off: transparent where nothing was drawn, as far as the format can


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
        self.also_chosen: frozenset[int] = frozenset()  # layer_ids; some may be gone
        self.last_point: Point | None = None  # where the last stroke ended; a straight line goes on from there
        self.reshaped_at = 0  # the revision in which the canvas got its present shape
        self.exported: Export | None = None
        self._title, self._path = title, path
        self._stamp = _stamp_of(path)
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
    def chosen_layers(self) -> list[Node]:
        """The active layer and those chosen with it, bottom first; of a group that is chosen not what it holds."""
        return outermost(self.document, {self.active_layer_id, *self.also_chosen})

    @property
    def is_modified(self) -> bool:
        """Whether something would be lost; undoing back to the saved state makes it False again."""
        return self.history.state != self._saved_state

    @property
    def is_untouched(self) -> bool:
        """Of no file, and nothing was ever done in it, be it empty or the sample: another one may take its place."""
        return self._path is None and not self.is_modified and self.document.revision == 0

    @property
    def is_empty(self) -> bool:
        return not any(len(layer.tiles) for layer in self.document.leaves())

    def mark_saved(self, state: int | None = None) -> None:
        """`state` is that of the history when what was written was taken; None = the present one."""
        self._saved_state = self.history.state if state is None else state
        self.changed.emit()

    def belongs_to(self, path: Path) -> None:
        """The file was read or written just now."""
        self._title, self._path = path.stem, path
        self._stamp = _stamp_of(path)
        self.changed.emit()

    def file_state(self) -> FileState:
        """What has become of its file meanwhile; one that was never there is the same."""
        if self._stamp is None:
            return FileState.SAME
        now = _stamp_of(self._path)
        if now is None:
            return FileState.GONE
        return FileState.SAME if now == self._stamp else FileState.CHANGED


def _stamp_of(path: Path | None) -> _Stamp | None:
    """None where there is no file, or none that can be seen."""
    if path is None:
        return None
    try:
        about = path.stat()
    except OSError:
        return None
    return _Stamp(about.st_mtime_ns, about.st_size)
