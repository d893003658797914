"""What the canvas draws beside the picture: the edge of the paper, the divider, captions, the outline of the brush."""

from collections.abc import Iterator

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QRegion

from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.ui.canvas_frame import boxes_of

SHADOW_REACH = 5  # logical pixels
GRID_COLOUR = QColor(128, 128, 128, 110)  # seen on white, black and colours alike
RING_COLOURS = ((QColor(255, 255, 255, 190), 2.5), (QColor(20, 20, 20, 230), 1.0))  # seen on light and dark alike


def exposed_boxes(region: QRegion, ratio: float) -> Iterator[Rect]:
    """The rectangles of `region` in device pixels."""
    for box in boxes_of(region):
        left, top = int(box.x * ratio), int(box.y * ratio)
        right, bottom = -int(-box.right * ratio // 1), -int(-box.bottom * ratio // 1)
        yield Rect.from_edges(left, top, right, bottom)


def paint_shadow(painter: QPainter, page: QRectF, ratio: float) -> None:
    """A soft edge round the paper; a unit of `painter` is a device pixel."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = round(SHADOW_REACH * ratio)
    for distance in range(reach):
        painter.setPen(QPen(QColor(0, 0, 0, round(70 * (1 - distance / reach) ** 2)), 1))
        grown = distance + 0.5
        painter.drawRect(page.adjusted(-grown, -grown, grown, grown))
    painter.restore()


def paint_grid(painter: QPainter, box_doc: Rect, ratio: float) -> None:
    """Lines between the pixels of the document; a unit of `painter` is one of them."""
    pen = QPen(GRID_COLOUR, ratio)
    pen.setCosmetic(True)
    painter.setPen(pen)
    columns = [QLineF(x, box_doc.y, x, box_doc.bottom) for x in range(box_doc.x, box_doc.right + 1)]
    rows = [QLineF(box_doc.x, y, box_doc.right, y) for y in range(box_doc.y, box_doc.bottom + 1)]
    painter.drawLines(columns + rows)


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
