"""The picture as pixels of the screen, kept: what moves over it (brush outline, marching ants) paints nothing anew."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPixmap, QRegion

from sketchsause_desktop.core.geometry import Rect, Size


class CanvasFrame:
    """All in device pixels. `paint` draws the picture inside a box."""

    def __init__(self, paint: Callable[[QPainter, Rect], None]) -> None:
        self._paint = paint
        self._pixmap = QPixmap()
        self._outdated = QRegion()

    def resize(self, size: Size) -> None:
        if (self._pixmap.width(), self._pixmap.height()) != (size.width, size.height):
            self._pixmap = QPixmap(size.width, size.height)
            self.outdate_all()

    def outdate(self, box: Rect) -> None:
        self._outdated |= _qt(box)

    def outdate_all(self) -> None:
        self._outdated = QRegion(self._pixmap.rect())

    def scroll(self, dx: int, dy: int, box: Rect) -> None:
        """Move what shows in `box`; what comes in at its edges is painted when it is shown."""
        inside = self._outdated & QRegion(_qt(box))
        uncovered = QRegion()
        self._pixmap.scroll(dx, dy, _qt(box), uncovered)
        moved = inside.translated(dx, dy) & QRegion(_qt(box))
        self._outdated = (self._outdated - inside) | moved | uncovered

    def show(self, painter: QPainter, boxes: Iterable[Rect]) -> None:
        """Bring `boxes` up to date and draw them; a unit of `painter` is a device pixel."""
        areas = [_qt(box) & self._pixmap.rect() for box in boxes]
        wanted = QRegion()
        for area in areas:
            wanted |= area
        self._redo(wanted & self._outdated)
        for area in areas:
            painter.drawPixmap(area.topLeft(), self._pixmap, area)

    def _redo(self, region: QRegion) -> None:
        if region.isEmpty():
            return
        painter = QPainter(self._pixmap)
        for box in boxes_of(region):
            self._paint(painter, box)
        painter.end()
        self._outdated -= region


def boxes_of(region: QRegion) -> Iterable[Rect]:
    rects: list[QRect] = list(region)  # type: ignore[call-overload] # Qt's types do not tell that it can be walked through
    return (Rect(rect.x(), rect.y(), rect.width(), rect.height()) for rect in rects)


def _qt(box: Rect) -> QRect:
    return QRect(box.x, box.y, box.width, box.height)
