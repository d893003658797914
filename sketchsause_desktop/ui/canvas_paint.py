"""What the canvas draws beside the picture: the edge of the paper, the divider, captions, the outline of the brush."""

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QRegion

from sketchsause_desktop.core.geometry import Rect

SHADOW_REACH = 5  # logical pixels
RING_COLOURS = ((QColor(255, 255, 255, 190), 2.5), (QColor(20, 20, 20, 230), 1.0))  # seen on light and dark alike


def exposed_boxes(region: QRegion, ratio: float) -> Iterator[Rect]:
    """The rectangles of `region` in device pixels."""
    rects: list[QRect] = list(region)  # type: ignore[call-overload] # Qt's types do not tell that it can be walked through
    for rect in rects:
        left, top = int(rect.x() * ratio), int(rect.y() * ratio)
        right, bottom = -int(-(rect.x() + rect.width()) * ratio // 1), -int(-(rect.y() + rect.height()) * ratio // 1)
        yield Rect.from_edges(left, top, right, bottom)


def paint_shadow(painter: QPainter, page: Rect, ratio: float) -> None:
    """A soft edge round the paper, in device pixels."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = round(SHADOW_REACH * ratio)
    for distance in range(reach):
        painter.setPen(QPen(QColor(0, 0, 0, round(70 * (1 - distance / reach) ** 2)), 1))
        grown = distance + 0.5
        painter.drawRect(QRectF(page.x, page.y, page.width, page.height).adjusted(-grown, -grown, grown, grown))
    painter.restore()


def paint_divider(painter: QPainter, divider: QRectF, palette: QPalette) -> None:
    painter.fillRect(divider, palette.window())
    grip = QRectF(divider.center().x() - 1.5, divider.center().y() - 18, 3, 36)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.placeholderText())
    painter.drawRoundedRect(grip, 1.5, 1.5)


def paint_caption(painter: QPainter, pane: QRectF, caption: str, ground: QColor, palette: QPalette) -> None:
    """A plate with the name of one half at its top, where there is room for it."""
    text = painter.fontMetrics().size(0, caption)
    width = text.width() + 20
    if pane.width() < width + 20:
        return
    plate = QRectF(pane.center().x() - width / 2, pane.top() + 7, width, text.height() + 8)
    ground.setAlpha(215)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(plate, plate.height() / 2, plate.height() / 2)
    painter.setPen(palette.windowText().color())
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, caption)


def paint_ring(painter: QPainter, centre: QPointF, radius: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in RING_COLOURS:
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(centre, radius, radius)
