"""Pictures in and out of the window: files, drops, clipboard. Each fault becomes a notice of one sentence."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.picture_metadata import NO_METADATA
from sketchsause_desktop.core.pictures import MAX_PIXELS, READABLE_SUFFIXES, Picture, read_picture, write_picture
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.images import to_pixels

MAX_RECENT = 10
T = TypeVar("T")


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
    ) -> None:
        """`colours_are_late` says whether live colour is still at work on what has been drawn."""
        super().__init__(window)
        self._colours_are_late = colours_are_late
        self._editor, self._notices, self._settings, self._window = editor, notices, settings, window
        self._opened: Path | None = None
        self._picture: Picture | None = None  # its profile and resolution go into the export
        self._exported: Path | None = None

    @property
    def recent(self) -> list[Path]:
        return [Path(name) for name in self._settings.preferences.recent_files]

    @property
    def can_export_again(self) -> bool:
        return self._exported is not None

    # In

    def new(self) -> None:
        from sketchsause_desktop.ui import dialogs  # here and below: loaded when first needed, not at the start

        if self.may_leave() and (size := dialogs.ask_new(self._window)) is not None:
            self._editor.new(size)
            self._begin(None, None)

    def close(self) -> None:
        """Leaves an empty drawing of the same size; there is always one."""
        if self.may_leave():
            size = self._editor.document.size
            self._editor.new(Size(size.width, size.height))
            self._begin(None, None)

    def open(self) -> None:
        from sketchsause_desktop.ui import dialogs

        folder = str(self._opened.parent) if self._opened else _pictures_folder()
        path = dialogs.ask_open(self._window, folder, READABLE_SUFFIXES)
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Read it, ask about unsaved work, show it; False when nothing was opened."""
        picture = self._try("open", lambda: read_picture(path))
        if picture is None or not self.may_leave():
            return False
        with busy():
            self._editor.open_pixels(picture.pixels, path.stem)
        self._begin(path, picture)
        self._notices.withdraw("open")
        self._remember(path)
        for note in picture.notes:
            self._notices.post("picture-note", note)
        return True

    def open_sample(self, path: Path) -> bool:
        """As `open_path`, but neither remembered nor written beside."""
        picture = self._try("open", lambda: read_picture(path))
        if picture is None:
            return False
        self._editor.open_pixels(picture.pixels, path.stem)
        self._begin(None, None)
        return True

    def drop(self, mime: QMimeData) -> None:
        paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if mime.hasImage() and not paths:  # dragged out of a browser: an address and the picture itself
            self._paste_image(QImage(mime.imageData()))
        elif mime.hasUrls():
            if not paths:
                self._notices.post(
                    "open", "Only files on this machine can be opened.", "Save the picture first.", Level.WARNING
                )
            elif self.open_path(paths[0]) and len(paths) > 1:
                self._notices.post("open-more", f"One drawing is open at a time; {paths[0].name} was opened.")

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

    def export(self) -> bool:
        from sketchsause_desktop.ui import dialogs

        path = dialogs.ask_export(self._window, self._exported or self._suggestion())
        return path is not None and self._write(path)

    def export_again(self) -> bool:
        return self._write(self._exported) if self._exported else self.export()

    def _write(self, path: Path) -> bool:
        late = self._colours_are_late()

        def write() -> bool:
            metadata = self._picture.metadata if self._picture else NO_METADATA
            write_picture(path, self._editor.export_pixels(), metadata, as_format="png")
            return True

        if not self._try("export", write):
            return False
        self._exported = path
        if late:  # what is in the file is not what will be on the screen, so it does not count as saved
            sentence = f"Exported to {path}, but the colours of your last strokes were not ready."
            self._notices.post("export", sentence, "Wait for Live and export again.", Level.WARNING)
        else:
            self._editor.mark_saved()
            self._notices.post("export", f"Exported to {path}.")
        self.export_target_changed.emit()
        return True

    def _suggestion(self) -> Path:
        folder = self._opened.parent if self._opened else Path(_pictures_folder())
        return folder / f"{self._editor.title}-coloured.png"

    def may_leave(self) -> bool:
        """Whether the drawing may go: exported, discarded, or nothing to lose."""
        if not self._editor.is_modified:
            return True
        from sketchsause_desktop.ui import dialogs

        answer = dialogs.ask_unsaved(self._window, self._editor.title)
        if answer is dialogs.Answer.EXPORT:
            return self.export()
        return answer is dialogs.Answer.DISCARD

    def _begin(self, path: Path | None, picture: Picture | None) -> None:
        self._opened, self._picture, self._exported = path, picture, None
        self.export_target_changed.emit()

    def _remember(self, path: Path) -> None:
        name = str(path.absolute())
        others = (other for other in self._settings.preferences.recent_files if other != name)
        recent = (name, *others)[:MAX_RECENT]
        self._settings.change(replace(self._settings.preferences, recent_files=recent))
        self.recent_changed.emit()

    def forget_recent(self) -> None:
        self._settings.change(replace(self._settings.preferences, recent_files=()))
        self.recent_changed.emit()

    def _try(self, key: str, work: Callable[[], T]) -> T | None:
        """The value of `work`; None, with a notice, when it failed."""
        try:
            with busy():
                return work()
        except Exception as error:  # noqa: BLE001 - `report` tells users' faults from the program's and logs those
            self._notices.report(key, error)
            return None


def _pictures_folder() -> str:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return folder if Path(folder).is_dir() else str(Path.home())
