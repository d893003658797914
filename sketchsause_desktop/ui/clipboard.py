"""The system's clipboard: pieces of pictures go out with the place they had, pictures of all programs come in."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QAction, QGuiApplication, QImage

from sketchsause_desktop.app.clip_commands import ClipCommands
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.core.clipboard import Clip
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.pictures import MAX_PIXELS
from sketchsause_desktop.ui.actions import Actions
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.images import of_premultiplied, to_premultiplied

_PLACE = "application/x-sketchsause-place"  # "x y": where the piece was in its drawing


class Clipboard(QObject):
    """What the Edit menu does with it."""

    def __init__(self, editor: Editor, notices: Notices, actions: Actions, drop: Callable[[QMimeData], object]) -> None:
        """`drop` opens files, which file managers copy as addresses."""
        super().__init__(actions)
        self._editor, self._notices, self._drop = editor, notices, drop
        commands = self._commands = ClipCommands(editor)
        a = actions
        for action, copy in ((a.cut, commands.cut), (a.copy, commands.copy), (a.copy_merged, commands.copy_merged)):
            self._connect(action, partial(self._copy, copy))
        for action, use in (
            (a.paste, commands.paste),
            (a.paste_as_line_art, commands.paste_as_line_art),
            (a.paste_as_new, commands.paste_as_new),
        ):
            self._connect(action, partial(self._paste, use))
        self._connect(a.clear, editor.clear)
        self._connect(a.fill_foreground, commands.fill)

    def leave(self) -> None:
        """What was copied outlives the program as a plain picture: Qt cannot clean up after Python's own data then."""
        clipboard, mime = QGuiApplication.clipboard(), _mime()
        if mime is not None and mime.hasFormat(_PLACE):
            clipboard.setImage(clipboard.image())

    def _connect(self, action: QAction, command: Callable[[], object]) -> None:
        action.triggered.connect(lambda _checked=False: command())

    def _copy(self, copy: Callable[[], Clip | None]) -> None:
        with busy():
            clip = copy()
        if clip is not None:
            mime = QMimeData()
            mime.setImageData(of_premultiplied(clip.pixels))
            mime.setData(_PLACE, f"{clip.rect.x} {clip.rect.y}".encode())
            QGuiApplication.clipboard().setMimeData(mime)

    def _paste(self, use: Callable[[Clip], None]) -> None:
        mime = _mime()
        if mime is not None and mime.hasImage():
            image = QGuiApplication.clipboard().image()
            fault = _fault(image)
            if fault:
                self._notices.post("paste", *fault, Level.WARNING)
                return
            self._notices.withdraw("paste")
            with busy():
                use(Clip(rect=self._place(mime, image), pixels=to_premultiplied(image)))
        elif mime is not None and any(url.isLocalFile() for url in mime.urls()):
            self._drop(mime)
        else:
            self._notices.post("paste", "The clipboard holds no picture.", "Copy one first.", Level.WARNING)

    def _place(self, mime: QMimeData, image: QImage) -> Rect:
        """Where it was; in the middle of the canvas for what comes from elsewhere."""
        canvas = self._editor.document.size
        told = [int(number) for number in bytes(mime.data(_PLACE).data()).split() if number.lstrip(b"-").isdigit()]
        x, y = told if len(told) == 2 else ((canvas.width - image.width()) // 2, (canvas.height - image.height()) // 2)
        return Rect(x, y, image.width(), image.height())


def _fault(image: QImage) -> tuple[str, str] | None:
    """Why a picture cannot be pasted, and what to do."""
    if image.isNull():
        return "The picture in the clipboard cannot be read.", ""
    if image.width() * image.height() > MAX_PIXELS:
        sentence = f"The copied picture is too large, {image.width()} × {image.height()} pixels."
        return sentence, "Make it smaller first."
    return None


def _mime() -> QMimeData | None:
    """Nothing where the clipboard was never used, whatever Qt's types say."""
    return QGuiApplication.clipboard().mimeData()
