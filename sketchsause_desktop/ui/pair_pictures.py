"""Pairs in small, and a sheet of two pictures with the line where it is cut."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from sketchsause_desktop.app.training_data import Preview
from sketchsause_desktop.ui.images import to_image

_CELL, _GAP, _ARROW = 92, 14, 24  # logical pixels
_SNAP = 0.012  # to the middle, as a share of the width
_GRIP = 10


class PairPictures(QWidget):
    """As many columns as there is room for: given, an arrow, wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[tuple[str, QImage, QImage]] = []
        self.setAccessibleName("Some of the pairs")

    def show_pairs(self, previews: Sequence[Preview]) -> None:
        self._pairs = [(each.name, to_image(each.input), to_image(each.target)) for each in previews]
        self.setAccessibleDescription(", ".join(name for name, _, _ in self._pairs))
        self._fit()
        self.update()

    @property
    def count(self) -> int:
        return len(self._pairs)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _columns(self) -> int:
        return max(1, (self.width() + _GAP) // (2 * _CELL + _ARROW + _GAP))

    def _row_height(self) -> int:
        return _CELL + self.fontMetrics().height() + _GAP

    def _fit(self) -> None:
        rows = -(-len(self._pairs) // self._columns())
        self.setMinimumHeight(rows * self._row_height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        columns = self._columns()
        for place, (name, first, second) in enumerate(self._pairs):
            x = (place % columns) * (2 * _CELL + _ARROW + _GAP)
            y = (place // columns) * self._row_height()
            _draw_inside(painter, first, QRect(x, y, _CELL, _CELL))
            painter.drawText(QRect(x + _CELL, y, _ARROW, _CELL), Qt.AlignmentFlag.AlignCenter, "→")
            _draw_inside(painter, second, QRect(x + _CELL + _ARROW, y, _CELL, _CELL))
            words = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 2 * _CELL + _ARROW)
            line = QRect(x, y + _CELL + 2, 2 * _CELL + _ARROW, self.fontMetrics().height())
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)


class SheetPicture(QWidget):
    """A side-by-side sheet; the line is dragged, or moved with the arrow keys. `cut_changed` comes on release."""

    cut_changed = Signal(float)  # a share of the width, in (0, 1)

    def __init__(self, accent: QColor) -> None:
        super().__init__()
        self._image = QImage()
        self._cut = 0.5
        self._accent = accent
        self._is_dragged = False
        self.setAccessibleName("Where sheets are cut")
        self.setToolTip("Drag the line to where the two pictures meet; arrow keys move it, Home puts it in the middle")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QSize(240, 150))
        self.setMouseTracking(True)

    @property
    def cut(self) -> float:
        return self._cut

    def show_sheet(self, preview: Preview, cut: float) -> None:
        if preview.sheet is not None:
            self._image = to_image(preview.sheet)
        self._cut = cut
        self.update()

    def place(self) -> QRectF:
        """Where the sheet is painted."""
        return _fitted(self._image, QRect(0, 0, self.width(), self.height() - 4))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        place = self.place()
        painter.drawImage(place, self._image)
        x = place.left() + self._cut * place.width()
        side = min(self._cut, 1 - self._cut) * place.width()
        shade = QColor(0, 0, 0, 120)  # over what belongs to neither half
        painter.fillRect(QRectF(place.left(), place.top(), x - side - place.left(), place.height()), shade)
        painter.fillRect(QRectF(x + side, place.top(), place.right() - x - side, place.height()), shade)
        painter.setPen(QPen(self._accent, 4 if self.hasFocus() else 2))
        painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        painter.setBrush(self._accent)
        painter.drawEllipse(QPointF(x, place.center().y()), 5, 5)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._image.isNull() and event.button() == Qt.MouseButton.LeftButton:
            self._is_dragged = True
            self._move_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_dragged:
            self._move_to(event.position().x())
            return
        place = self.place()
        near = abs(event.position().x() - place.left() - self._cut * place.width()) < _GRIP
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._is_dragged:
            self._is_dragged = False
            self.cut_changed.emit(self._cut)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -0.005, Qt.Key.Key_Right: 0.005}
        if event.key() == Qt.Key.Key_Home:
            self._set(0.5)
        elif event.key() in moves:
            self._set(self._cut + moves[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
            return
        self.cut_changed.emit(self._cut)

    def _move_to(self, x: float) -> None:
        place = self.place()
        cut = (x - place.left()) / max(1.0, place.width())
        self._set(0.5 if abs(cut - 0.5) < _SNAP else cut)

    def _set(self, cut: float) -> None:
        self._cut = round(min(0.95, max(0.05, cut)), 4)
        self.update()


def _fitted(image: QImage, room: QRect) -> QRectF:
    scale = min(room.width() / max(1, image.width()), room.height() / max(1, image.height()))
    width, height = image.width() * scale, image.height() * scale
    return QRectF(room.x() + (room.width() - width) / 2, room.y() + (room.height() - height) / 2, width, height)


def _draw_inside(painter: QPainter, image: QImage, room: QRect) -> None:
    painter.drawImage(_fitted(image, room), image)
