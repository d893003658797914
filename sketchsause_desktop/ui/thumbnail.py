"""A small picture of the document that follows it in slices of a few milliseconds while nothing else happens."""

import math
import time

import numpy as np
from PySide6.QtCore import QObject, QPoint, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.document import SHOWN
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.ui.display_colours import to_screen

LARGEST = 512  # pixels of the longer side
BLOCK = 256  # document pixels that are looked at in one go: some 2 ms with ten full layers
SLICE_S = 0.004
PAUSE_MS = 300  # after a change, so that a stroke is not disturbed


class Thumbnail(QObject):
    """Works only while it is `set_active`; what changed meanwhile is made up for afterwards."""

    changed = Signal()

    def __init__(self, editor: Editor, parent: QObject | None = None, *, roles: frozenset[Role] = SHOWN) -> None:
        """Of the layers of `roles`."""
        super().__init__(parent)
        self._editor, self._roles = editor, roles
        self._is_active = False
        self._outdated: dict[Rect, None] = {}  # in the order in which they are redone
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._slices = QTimer(self, interval=0)
        self._pause.timeout.connect(self._slices.start)
        self._slices.timeout.connect(self._on_slice)
        editor.document_replaced.connect(self._begin)
        editor.region_changed.connect(self._outdate)
        editor.result_changed.connect(self._outdate)
        self._begin()

    @property
    def image(self) -> QImage:
        return self._image

    @property
    def size_doc(self) -> Size:
        return self._editor.document.size

    @property
    def step(self) -> int:
        """Document pixels for one of it."""
        return self._step

    @property
    def is_up_to_date(self) -> bool:
        return not self._outdated

    def set_active(self, active: bool) -> None:
        self._is_active = active
        if not active:
            self._pause.stop()
            self._slices.stop()
        elif self._outdated:
            self._pause.start()

    def _begin(self) -> None:
        document = self._editor.document
        longer = max(document.size.width, document.size.height)
        self._step = 1 << max(0, math.ceil(math.log2(longer / LARGEST)))  # whole pixels of it for every block
        width, height = math.ceil(document.size.width / self._step), math.ceil(document.size.height / self._step)
        self._image = QImage(width, height, QImage.Format.Format_RGB32)
        self._image.fill(Qt.GlobalColor.white)
        self._colours = to_screen(document.metadata.icc)
        self._outdated.clear()
        self._outdate(document.rect)
        self.changed.emit()

    def _outdate(self, box_doc: Rect) -> None:
        page = self._editor.document.rect
        for block in box_doc.intersected(page).blocks(BLOCK):
            whole = Rect(block.x // BLOCK * BLOCK, block.y // BLOCK * BLOCK, BLOCK, BLOCK)
            self._outdated[whole.intersected(page)] = None
        if self._is_active:
            self._slices.stop()
            self._pause.start()

    def _on_slice(self) -> None:
        deadline = time.perf_counter() + SLICE_S
        painter = QPainter(self._image)
        while self._outdated and time.perf_counter() < deadline:
            block = next(iter(self._outdated))
            del self._outdated[block]
            painter.drawImage(QPoint(block.x // self._step, block.y // self._step), self._small(block))
        painter.end()
        if not self._outdated:
            self._slices.stop()
        self.changed.emit()

    def _small(self, block: Rect) -> QImage:
        pixels = np.ascontiguousarray(self._editor.document.composite(block, self._roles))
        large = QImage(pixels.data, block.width, block.height, block.width * 4, QImage.Format.Format_RGBX8888)
        width, height = math.ceil(block.width / self._step), math.ceil(block.height / self._step)
        small = large.convertToFormat(QImage.Format.Format_RGB32).scaled(
            width, height, mode=Qt.TransformationMode.SmoothTransformation
        )
        if self._colours is not None:
            small.applyColorTransform(self._colours)
        return small


class SmallPicture(QWidget):
    """Shows a thumbnail as large as there is room."""

    def __init__(self, thumbnail: Thumbnail) -> None:
        super().__init__()
        self.thumbnail = thumbnail
        self._picture = QImage()  # at the size in which it is shown
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(72)
        thumbnail.changed.connect(self._on_thumbnail_changed)

    def page(self) -> QRectF:
        """Where the drawing lies in it, logical pixels."""
        size = self.thumbnail.size_doc
        scale = min((self.width() - 2) / size.width, (self.height() - 2) / size.height)
        width, height = size.width * scale, size.height * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def paint_page(self, painter: QPainter) -> None:
        page = self.page()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(page, self._scaled(page.size() * self.devicePixelRatioF()))

    def paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setPen(QPen(self.palette().highlight().color(), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _on_thumbnail_changed(self) -> None:
        self._picture = QImage()
        self.update()

    def _scaled(self, size: QSizeF) -> QImage:
        """The painter would leave pixels out where it makes a picture much smaller."""
        wanted = QSize(max(1, round(size.width())), max(1, round(size.height())))
        if self._picture.size() != wanted:
            self._picture = self.thumbnail.image.scaled(wanted, mode=Qt.TransformationMode.SmoothTransformation)
        return self._picture
