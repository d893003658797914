"""Pictures in and out of the window: files, drops, clipboard. Each fault becomes a notice of one sentence."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractSlider, QApplication, QWidget

from sketchsause_desktop.app.drawing import Drawing, Export, FileState
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.app.opening import Opening
from sketchsause_desktop.app.saving import Saving
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.documents_io import LAYERED_SUFFIXES, NATIVE_SUFFIX, OPENABLE_SUFFIXES, open_document
from sketchsause_desktop.core.opening import Opened
from sketchsause_desktop.core.pictures import MAX_PIXELS
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.images import to_pixels

MAX_RECENT = 10


class Files(QObject):
    """What the File menu and the clipboard do."""

    recent_changed = Signal()
    export_target_changed = Signal()

    def __init__(
        self,
        editor: Editor,
        notices: Notices,
        settings: Settings,
        window: QWidget,
        colours_are_late: Callable[[], bool] = lambda: False,
        is_dragging: Callable[[], bool] = lambda: False,
    ) -> None:
        """`colours_are_late` says whether live colour is still at work on what has been drawn, `is_dragging` whether
        the pointer does something on the canvas.
        """
        super().__init__(window)
        self._colours_are_late, self._is_dragging = colours_are_late, is_dragging
        self._editor, self._notices, self._settings, self._window = editor, notices, settings, window
        self.opening = Opening(notices, self)
        self.opening.opened.connect(self._on_opened)
        self.saving = Saving(notices, self)
        self.saving.saved.connect(self._on_saved)
        self.saving.exported.connect(self.export_target_changed)
        self._told: dict[int, FileState] = {}  # by document_id: what the user knows of the file

    @property
    def recent(self) -> list[Path]:
        return [Path(name) for name in self._settings.preferences.recent_files]

    @property
    def can_export_again(self) -> bool:
        return self._editor.current.exported is not None

    # In

    def new(self) -> None:
        from sketchsause_desktop.ui import dialogs  # here and below: loaded when first needed, not at the start

        if (size := dialogs.ask_new(self._window)) is not None:
            self._editor.new(size)

    def open(self) -> None:
        from sketchsause_desktop.ui import dialogs

        self.open_paths(dialogs.ask_open(self._window, str(self._folder()), OPENABLE_SUFFIXES))

    def open_paths(self, paths: Iterable[Path]) -> None:
        """Each in a tab of its own when it has been read, the first of them in front; what is open comes to the front.

        Painting goes on meanwhile.
        """
        wanted = [path.absolute() for path in paths]
        there = {drawing.path: drawing for drawing in self._editor.drawings if drawing.path is not None}
        for path in wanted:
            if path in there:
                self._editor.set_current(there[path])
                self._remember(path)
        self.opening.open(path for path in wanted if path not in there)

    def _on_opened(self, path: Path, opened: Opened, is_first: bool) -> None:
        is_wanted = is_first or self._editor.current.is_untouched
        drawing = self._editor.open(
            opened.document, path.stem, path=path, in_front=is_wanted and not self._is_user_at_work()
        )
        if is_wanted and drawing is not self._editor.current:
            self._notices.post(f"opened {path}", f"{path.name} is open in the last tab.")
        self._remember(path)
        for number, note in enumerate(opened.notices):
            self._notices.post(f"opened {path} {number}", f"{path.name}: {note}")

    def _is_user_at_work(self) -> bool:
        """A stroke, a drag, a menu or a question is about the drawing in front: no other may take its place."""
        is_asked = QApplication.activeModalWidget() or QApplication.activePopupWidget()
        focused = QApplication.focusWidget()
        is_sliding = isinstance(focused, QAbstractSlider) and focused.isSliderDown()
        return self._editor.is_drawing or self._is_dragging() or is_sliding or is_asked is not None

    def open_sample(self, path: Path) -> None:
        """One that comes with the program: read at once, neither remembered nor written beside."""
        try:
            with busy():
                opened = open_document(path)
        except Exception as error:  # noqa: BLE001 - `report` tells users' faults from the program's and logs those
            self._notices.report("sample", error)
        else:
            self._editor.open(opened.document, path.stem)

    def drop(self, mime: QMimeData) -> None:
        paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if mime.hasImage() and not paths:  # dragged out of a browser: an address and the picture itself
            self._paste_image(QImage(mime.imageData()))
        elif paths:
            self.open_paths(paths)
        elif mime.hasUrls():
            self._notices.post(
                "open", "Only files on this machine can be opened.", "Save the picture first.", Level.WARNING
            )

    def _paste_image(self, image: QImage) -> None:
        if image.isNull():
            self._notices.post("paste", "The picture in the clipboard cannot be read.", "", Level.WARNING)
        elif image.width() * image.height() > MAX_PIXELS:
            self._notices.post(
                "paste",
                f"The copied picture is too large, {image.width()} × {image.height()} pixels.",
                "Make it smaller first.",
                Level.WARNING,
            )
        else:
            with busy():
                self._editor.paste(to_pixels(image))

    # Out

    def save(self, drawing: Drawing | None = None) -> bool:
        """Write it to its own file; asks for one where there is none that holds layers. False when nothing began."""
        drawing = drawing or self._editor.current
        path = drawing.path
        if path is None or path.suffix.lower() not in LAYERED_SUFFIXES:
            return self.save_as(drawing)
        if drawing.file_state() is FileState.CHANGED:
            from sketchsause_desktop.ui import dialogs

            if not dialogs.ask_replace(self._window, path.name):
                return False
        self._editor.end_stroke()
        return self.saving.save(drawing, path)

    def save_as(self, drawing: Drawing | None = None) -> bool:
        drawing = drawing or self._editor.current
        path = self._ask_save("Save as", drawing, drawing.title)
        return path is not None and self.saving.save(drawing, path)

    def save_copy(self) -> bool:
        drawing = self._editor.current
        path = self._ask_save("Save a copy", drawing, f"{drawing.title} copy")
        return path is not None and self.saving.save_copy(drawing, path)

    def _ask_save(self, title: str, drawing: Drawing, name: str) -> Path | None:
        from sketchsause_desktop.ui import dialogs

        self._editor.end_stroke()
        suffix = drawing.path.suffix if drawing.path and drawing.path.suffix == ".psd" else NATIVE_SUFFIX
        return dialogs.ask_save(self._window, title, self._folder(drawing) / f"{name}{suffix}")

    def export(self) -> bool:
        from sketchsause_desktop.ui import dialogs, export_dialog

        drawing = self._editor.current
        before = drawing.exported or Export(path=self._folder(drawing) / f"{drawing.title}-coloured.png")
        path = dialogs.ask_export(self._window, before.path)
        export = export_dialog.ask(self._window, replace(before, path=path)) if path is not None else None
        return export is not None and self._export(export)

    def export_again(self) -> bool:
        export = self._editor.current.exported
        return self._export(export) if export else self.export()

    def _export(self, export: Export) -> bool:
        self._editor.end_stroke()
        return self.saving.export(self._editor.current, export, colours_are_late=self._colours_are_late())

    def _on_saved(self, drawing: Drawing) -> None:
        self._told.pop(drawing.document.document_id, None)
        if drawing.path is not None:
            self._remember(drawing.path)

    # Leaving

    def close(self) -> None:
        self.close_drawing(self._editor.current)

    def close_drawing(self, drawing: Drawing) -> None:
        """The last one leaves an empty drawing of the same size; there is always one."""
        if self._may_close(drawing):
            self._editor.close_drawing(drawing)

    def may_leave(self) -> bool:
        """Whether all drawings may go: each one saved, discarded, or nothing to lose."""
        self._editor.end_stroke()
        return all(self._may_close(drawing) for drawing in self._editor.drawings)

    def _may_close(self, drawing: Drawing) -> bool:
        self.saving.wait()
        if drawing is self._editor.current:
            self._editor.end_stroke()
        if not drawing.is_modified:
            return True
        from sketchsause_desktop.ui import dialogs

        self._editor.set_current(drawing)
        answer = dialogs.ask_unsaved(self._window, drawing.title)
        if answer is dialogs.Answer.SAVE and self.save(drawing):
            with busy():
                self.saving.wait()
            return not drawing.is_modified
        return answer is dialogs.Answer.DISCARD

    # Files under open drawings

    def look_after(self) -> None:
        """Tell of files that were removed or changed by others; for when the window comes to the front."""
        for drawing in self._editor.drawings:
            state, key = drawing.file_state(), drawing.document.document_id
            if drawing.path is None or state is self._told.get(key, FileState.SAME):
                continue
            self._told[key] = state
            if state is FileState.GONE:
                sentence, hint = f"{drawing.path.name} was removed.", "The drawing is still here; save it again."
                self._notices.post(f"file {key}", sentence, hint, Level.WARNING)
            elif state is FileState.CHANGED:
                sentence = f"{drawing.path.name} was changed by another program."
                hint = "What is open here stays as it is; “Save as” keeps both."
                self._notices.post(f"file {key}", sentence, hint, Level.WARNING)
            else:
                self._notices.withdraw(f"file {key}")

    # What is remembered

    def _folder(self, drawing: Drawing | None = None) -> Path:
        """Where a dialog begins: beside the drawing's file, or the newest one."""
        drawing = drawing or self._editor.current
        exported = drawing.exported.path if drawing.exported else None
        beside = drawing.path or exported or next(iter(self.recent), None)
        return beside.parent if beside is not None and beside.parent.is_dir() else _pictures_folder()

    def _remember(self, path: Path) -> None:
        name = str(path.absolute())
        others = (other for other in self._settings.preferences.recent_files if other != name)
        recent = (name, *others)[:MAX_RECENT]
        self._settings.change(replace(self._settings.preferences, recent_files=recent))
        self.recent_changed.emit()

    def forget_recent(self) -> None:
        self._settings.change(replace(self._settings.preferences, recent_files=()))
        self.recent_changed.emit()

    def finish(self) -> None:
        """Join the threads; what has not been read is left out."""
        with busy():
            self.opening.finish()
            self.saving.finish()


def _pictures_folder() -> Path:
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
    return folder if folder.is_dir() else Path.home()
