"""The chosen picture of a batch, before and after."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from sketchsause_desktop.app.batch_pictures import BatchPictures, Shown
from sketchsause_desktop.app.batch_queue import Row, RowState
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.ui.images import to_image
from sketchsause_desktop.ui.theme import Theme

_SIDE = 640  # pixels that are read of a picture; more than is shown, for a wider panel and a fine screen
_WIDTH = 250  # logical pixels


class BatchPair(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.pictures = BatchPictures(self)
        self.pictures.loaded.connect(self._on_loaded)
        self.before = _Picture(theme, "Before")
        self.after = _Picture(theme, "After")
        self._shown: tuple[object, ...] = ()
        self._without_result = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for words, picture in (("Before", self.before), ("After", self.after)):
            label = QLabel(words)
            label.setObjectName("dim")
            column.addWidget(label)
            column.addWidget(picture, 1)
            column.addSpacing(6)
        self.setMinimumWidth(140)
        self.show_row(None, None)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 400)

    def show_row(self, row: Row | None, job: BatchJob | None) -> None:
        """The pictures come when they are read; nothing is read twice while the row is as it was."""
        wanted = (row.source, row.page, row.target, row.state, job) if row is not None else ()
        if wanted == self._shown and wanted:
            return
        is_other = wanted[:2] != self._shown[:2]
        self._shown = wanted
        if row is None or job is None:
            self.pictures.forget()
            self.before.show_words("Choose a picture in the list.")
            self.after.show_words("")
            return
        if is_other:
            self.before.show_words("")
            self.after.show_words("")
        self._without_result = "Not there yet." if row.state in (RowState.WAITING, RowState.WORKING) else "No result."
        self.pictures.load(row, job, _SIDE)

    def close_down(self) -> None:
        """Join the thread that reads."""
        self.pictures.close_down()

    def _on_loaded(self, before: Shown, after: Shown) -> None:
        self.before.show_picture(before)
        self.after.show_picture(after if not isinstance(after, str) else after or self._without_result)


class _Picture(QWidget):
    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._pixmap, self._words = QPixmap(), ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(80)

    @property
    def is_empty(self) -> bool:
        return self._pixmap.isNull()

    @property
    def words(self) -> str:
        """What is said in the place of a picture."""
        return self._words

    def show_picture(self, shown: Shown) -> None:
        if isinstance(shown, str):
            self.show_words(shown)
            return
        self._pixmap, self._words = QPixmap.fromImage(to_image(shown)), ""
        self.setAccessibleName(self._name)
        self.update()

    def show_words(self, words: str) -> None:
        self._pixmap, self._words = QPixmap(), words
        self.setAccessibleName(f"{self._name}: {words}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.backdrop())
        if self._pixmap.isNull():
            painter.setPen(self._theme.dim())
            around = self.rect().adjusted(10, 6, -10, -6)
            painter.drawText(around, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, *size.toTuple())
        painter.drawPixmap(corner, self._pixmap)
