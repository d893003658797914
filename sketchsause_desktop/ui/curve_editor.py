"""A pressure curve to bend: drag points, click to add one, pull it out or press Delete to take it away."""

from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from sketchsause_desktop.core.pressure import LINEAR, MOST_POINTS, PressureCurve
from sketchsause_desktop.ui.fields import claims

CLOSEST = 0.04  # between two points' pressures
REACH = 9.0  # logical pixels round a point that still take hold of it
PULLED_OUT = 24.0  # logical pixels beside the field at which a point is let go
STEP = 0.02  # of an arrow key
_MARGIN = 6.0

_Points = list[tuple[float, float]]


class CurveEditor(QWidget):
    changed = Signal(object)  # PressureCurve, by the user

    def __init__(self, name: str) -> None:
        super().__init__()
        self._points: _Points = list(LINEAR.points)
        self._held: int | None = None  # the point under the pointer's button
        self._current = 0  # the one that keys move
        self.setAccessibleName(name)
        self.setAccessibleDescription("Space: next point. Arrow keys: move it. Insert and Delete: add or remove one")
        self.setToolTip(
            f"{name}: how hard you press, from left to right\n"
            "Click: add a point. Pull it out: remove it. Double-click: straight again"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(180, 110)

    @property
    def curve(self) -> PressureCurve:
        return PressureCurve(points=tuple(self._points))

    def show_curve(self, curve: PressureCurve) -> None:
        if curve != self.curve:
            self._points = list(curve.points)
            self._held = None
            self._current = min(self._current, len(self._points) - 1)
            self.update()

    # Changes

    def _move(self, index: int, pressure: float, strength: float) -> None:
        """As far as the neighbours let it; the ends keep their pressure."""
        last = len(self._points) - 1
        if 0 < index < last:
            pressure = min(max(pressure, self._points[index - 1][0] + CLOSEST), self._points[index + 1][0] - CLOSEST)
        else:
            pressure = 0.0 if index == 0 else 1.0
        self._put(index, (pressure, min(max(strength, 0.0), 1.0)))

    def _put(self, index: int, point: tuple[float, float]) -> None:
        if self._points[index] != point:
            self._points[index] = point
            self._tell()

    def _add(self, pressure: float, strength: float) -> int | None:
        """The new point's index; None where there is no room."""
        index = sum(there < pressure for there, _ in self._points)
        if len(self._points) >= MOST_POINTS or not 0 < index < len(self._points):
            return None
        before, after = self._points[index - 1][0], self._points[index][0]
        if after - before < 2 * CLOSEST:
            return None
        self._points.insert(index, (min(max(pressure, before + CLOSEST), after - CLOSEST), min(max(strength, 0), 1)))
        self._current = index
        self._tell()
        return index

    def _remove(self, index: int) -> None:
        if 0 < index < len(self._points) - 1:
            del self._points[index]
            self._current = index - 1
            self._tell()

    def _tell(self) -> None:
        self.update()
        self.changed.emit(self.curve)

    # Pointer and keys

    @property
    def _field(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)

    def _to_view(self, point: tuple[float, float]) -> QPointF:
        field = self._field
        return QPointF(field.left() + point[0] * field.width(), field.bottom() - point[1] * field.height())

    def _of_view(self, position: QPointF) -> tuple[float, float]:
        field = self._field
        return (position.x() - field.left()) / field.width(), (field.bottom() - position.y()) / field.height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        away = [(self._to_view(point) - event.position()).manhattanLength() for point in self._points]
        nearest = min(range(len(away)), key=away.__getitem__)
        self._held = nearest if away[nearest] <= REACH else self._add(*self._of_view(event.position()))
        if self._held is not None:
            self._current = self._held
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        is_inner = 0 < self._held < len(self._points) - 1
        out = QRectF(self.rect()).adjusted(-PULLED_OUT, -PULLED_OUT, PULLED_OUT, PULLED_OUT)
        if is_inner and not out.contains(event.position()):
            self._remove(self._held)
            self._held = None
        else:
            self._move(self._held, *self._of_view(event.position()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._held = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self._points, self._held, self._current = list(LINEAR.points), None, 0
        self._tell()

    def event(self, event: QEvent) -> bool:
        return claims(event, Qt.Key.Key_Delete, Qt.Key.Key_Insert) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        pressure, strength = self._points[self._current]
        steps = {
            Qt.Key.Key_Left: (-STEP, 0.0),
            Qt.Key.Key_Right: (STEP, 0.0),
            Qt.Key.Key_Up: (0.0, STEP),
            Qt.Key.Key_Down: (0.0, -STEP),
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._move(self._current, pressure + steps[key][0], strength + steps[key][1])
        elif key == Qt.Key.Key_Space:
            self._current = (self._current + 1) % len(self._points)
            self.update()
        elif key == Qt.Key.Key_Insert:
            widest = max(pairwise(self._points), key=lambda pair: pair[1][0] - pair[0][0])
            middle = (widest[0][0] + widest[1][0]) / 2
            self._add(middle, self.curve(middle))
        elif key == Qt.Key.Key_Delete:
            self._remove(self._current)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        rim = palette.highlight().color() if self.hasFocus() else palette.mid().color()
        painter.setPen(QPen(rim, 1))
        painter.setBrush(palette.base())
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QPen(palette.mid().color(), 1, Qt.PenStyle.DotLine))
        painter.drawLine(self._to_view((0, 0)), self._to_view((1, 1)))
        curve, steps = self.curve, max(2, round(self._field.width() / 3))
        line = QPolygonF([self._to_view((step / steps, curve(step / steps))) for step in range(steps + 1)])
        painter.setPen(QPen(palette.windowText().color(), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)
        for index, point in enumerate(self._points):
            is_current = self.hasFocus() and index == self._current
            painter.setBrush(palette.highlight() if is_current else palette.windowText())
            painter.setPen(QPen(palette.base().color(), 1))
            painter.drawEllipse(self._to_view(point), 4, 4)
        painter.end()
