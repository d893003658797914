"""Lines that a tool shows over the picture while it is dragged: dark and light dashes, seen on any ground."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from sketchsause_desktop.app.tools import Preview
from sketchsause_desktop.core.geometry import Point, Rect

_DARK, _LIGHT = QColor(20, 20, 20, 230), QColor(255, 255, 255, 230)
_DASH = 4.0  # logical pixels


def paint_preview(painter: QPainter, preview: Preview, to_view: Callable[[Point], QPointF]) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    light = QPen(_LIGHT, 1.0)
    light.setDashPattern([_DASH, _DASH])
    for line in preview:
        points = QPolygonF([to_view(point) for point in line.points])
        for pen in (QPen(_DARK, 1.0), light):
            painter.setPen(pen)
            if line.closed:
                painter.drawPolygon(points)
            else:
                painter.drawPolyline(points)


def box_of(preview: Preview) -> Rect:
    """Round all lines, in document pixels."""
    boxes = (Rect.around(point, 1) for line in preview for point in line.points)
    return Rect.union_of(boxes)
