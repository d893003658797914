"""Writes drawings on a thread of its own while painting goes on; one at a time."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.drawing import Drawing, Export
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.core.characters import NO_CAST
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.documents_io import LAYERED_SUFFIXES, NATIVE_SUFFIX, save_document
from sketchsause_desktop.core.layers import Role


def is_flat(document: Document) -> bool:
    """Whether one picture holds all there is: no more than one layer has pixels, and it is shown as it is."""
    filled = [layer for layer in document.leaves() if len(layer.tiles)]
    return all(
        layer.opacity == 1 and layer.role is not Role.HINTS and not document.is_hidden(layer.layer_id)
        for layer in filled
    ) and (len(filled) <= 1)


class Saving(QObject):
    """`save` makes the drawing belong to the file; `export` writes beside. What fails is a notice."""

    progressed = Signal(float)  # of the file being written, 0 to 1
    busy_changed = Signal(bool)
    saved = Signal(object)  # Drawing
    exported = Signal(object)  # Drawing

    def __init__(self, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        self._background = Background("save", self)

    @property
    def is_busy(self) -> bool:
        return self._background.is_busy

    def save(self, drawing: Drawing, path: Path) -> bool:
        """Write all layers to `path` and make it the drawing's file; False when nothing was begun."""
        if path.suffix.lower() not in LAYERED_SUFFIXES:
            error = UserError(f"{path.name} could not hold the layers.", "Save as .ora; Export writes pictures.")
            self._notices.report("save", error)
            return False
        state = drawing.history.state

        def done() -> None:
            drawing.belongs_to(path)
            drawing.mark_saved(state)
            if drawing.document.cast != NO_CAST and path.suffix.lower() != NATIVE_SUFFIX:
                sentence, hint = f"Saved to {path}, but without the characters.", "Save as .ora to keep them."
                self._notices.post("save", sentence, hint, Level.WARNING)
            else:
                self._notices.post("save", f"Saved to {path}.")
            self.saved.emit(drawing)

        return self._write(drawing, Export(path=path), done)

    def save_copy(self, drawing: Drawing, path: Path) -> bool:
        """Write all layers to `path`; the drawing keeps its own file, and what was modified stays so."""
        return self._write(
            drawing, Export(path=path), lambda: self._notices.post("save", f"A copy was saved to {path}.")
        )

    def export(self, drawing: Drawing, export: Export, *, colours_are_late: bool = False) -> bool:
        """Write the picture. It counts as saved only when nothing is missing in it.

        `colours_are_late`: what is in the file is not what will be on the screen.
        """
        state, path = drawing.history.state, export.path
        holds_all = path.suffix.lower() in LAYERED_SUFFIXES or (is_flat(drawing.document) and not colours_are_late)

        def done() -> None:
            if holds_all:
                drawing.mark_saved(state)
            if colours_are_late:
                sentence = f"Exported to {path}, but the colours of your last strokes were not ready."
                self._notices.post("export", sentence, "Wait for Live and export again.", Level.WARNING)
            else:
                self._notices.post("export", f"Exported to {path}.")
            drawing.exported = export
            self.exported.emit(drawing)

        return self._write(drawing, export, done, "export")

    def _write(self, drawing: Drawing, to: Export, done: Callable[[], None], key: str = "save") -> bool:
        if self.is_busy:
            self._notices.post(key, "Another file is still being written.", "Try again in a moment.")
            return False
        snapshot = drawing.document.snapshot()

        def then(error: Exception | None) -> None:
            self.busy_changed.emit(False)
            if error is None:
                done()
            else:
                self._notices.report(key, error)

        def job() -> None:
            progress = self.progressed.emit
            save_document(to.path, snapshot, progress=progress, on_paper=to.on_paper, quality=to.quality)

        self._background.run(job, then)
        self.busy_changed.emit(True)
        return True

    def wait(self) -> None:
        """As `Background.wait`."""
        self._background.wait()

    def finish(self) -> None:
        self._background.finish()
