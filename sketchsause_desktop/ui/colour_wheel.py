"""A ring of hues round a square of colours, for pointer and keyboard."""

import enum
import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sketchsause_desktop.core.colour_wheel import (
    GAP_SHARE,
    HSV,
    RING_SHARE,
    WheelPlace,
    WheelSpace,
    ring_picture,
    square_picture,
)
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.ui.fields import claims
from sketchsause_desktop.ui.images import to_image

SMALLEST = 112  # logical pixels
LARGEST = 260
HUE_STEP = 5.0
SQUARE_STEP = 0.02
FINEST_SQUARE = 192  # device pixels; a larger square is this one, scaled


class _Part(enum.Enum):
    RING = "ring"
    SQUARE = "square"


class ColourWheel(QWidget):
    """`chosen` tells of the user's choices only; while the pointer is dragged, of every one."""

    chosen = Signal(tuple)  # Colour

    def __init__(self) -> None:
        super().__init__()
        self._space = HSV
        self._place = WheelPlace(0.0, 0.0, 0.0)
        self._dragged: _Part | None = None
        self._ring: tuple[object, QImage] = (None, QImage())
        self._square: tuple[object, QImage] = (None, QImage())
        self.setAccessibleName("Colour wheel")
        self.setAccessibleDescription("Arrow keys move in the square, Page Up and Page Down turn the hue")
        self.setToolTip("Colour\nArrow keys: in the square. Page Up, Page Down: hue")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(SMALLEST, SMALLEST)
        self.setMaximumHeight(LARGEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        return QSize(150, 150)

    @property
    def colour(self) -> Colour:
        return self._space.colour(self._place)

    @property
    def place(self) -> WheelPlace:
        return self._place

    def show_colour(self, colour: Colour) -> None:
        place = self._space.place_near(colour, self._place)
        if place != self._place:
            self._place = place
            self.update()

    def set_space(self, space: WheelSpace) -> None:
        if space != self._space:
            colour = self.colour
            self._space = space
            self._place = space.place(colour)
            self.update()

    # Where things are, in logical pixels

    @property
    def _area(self) -> QRectF:
        side = max(min(self.width(), self.height()) - 4.0, 1.0)
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    @property
    def _square_area(self) -> QRectF:
        area = self._area
        half = area.width() / 2 * (1 - RING_SHARE - GAP_SHARE) / math.sqrt(2)
        centre = area.center()
        return QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)

    def _handles(self) -> tuple[QPointF, QPointF]:
        """In the middle of the ring, and in the square."""
        area, square = self._area, self._square_area
        reach = area.width() / 2 * (1 - RING_SHARE / 2)
        angle = math.radians(self._place.hue)
        on_ring = area.center() + QPointF(math.cos(angle), -math.sin(angle)) * reach
        in_square = QPointF(
            square.left() + self._place.across * square.width(), square.bottom() - self._place.up * square.height()
        )
        return on_ring, in_square

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        area = self._area
        away = event.position() - area.center()
        inner = area.width() / 2 * (1 - RING_SHARE)
        distance = math.hypot(away.x(), away.y())
        if self._square_area.adjusted(-3, -3, 3, 3).contains(event.position()):
            self._dragged = _Part.SQUARE
        elif inner - 3 <= distance <= area.width() / 2 + 3:
            self._dragged = _Part.RING
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._dragged = None

    def event(self, event: QEvent) -> bool:
        return claims(event, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        hue, across, up = self._place
        steps = {
            Qt.Key.Key_Left: WheelPlace(hue, across - SQUARE_STEP, up),
            Qt.Key.Key_Right: WheelPlace(hue, across + SQUARE_STEP, up),
            Qt.Key.Key_Up: WheelPlace(hue, across, up + SQUARE_STEP),
            Qt.Key.Key_Down: WheelPlace(hue, across, up - SQUARE_STEP),
            Qt.Key.Key_PageUp: WheelPlace(hue + HUE_STEP, across, up),
            Qt.Key.Key_PageDown: WheelPlace(hue - HUE_STEP, across, up),
        }
        place = steps.get(Qt.Key(event.key()))
        if place is None:
            super().keyPressEvent(event)
        else:
            self._choose(place)

    def _go(self, position: QPointF) -> None:
        if self._dragged is _Part.RING:
            away = position - self._area.center()
            self._choose(self._place._replace(hue=math.degrees(math.atan2(-away.y(), away.x()))))
        elif self._dragged is _Part.SQUARE:
            square = self._square_area
            across = (position.x() - square.left()) / square.width()
            self._choose(WheelPlace(self._place.hue, across, (square.bottom() - position.y()) / square.height()))

    def _choose(self, place: WheelPlace) -> None:
        self._place = WheelPlace(place.hue % 360, min(max(place.across, 0.0), 1.0), min(max(place.up, 0.0), 1.0))
        self.update()
        self.chosen.emit(self.colour)

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area, square = self._area, self._square_area
        painter.drawImage(area, self._ring_image(area))
        painter.drawImage(square, self._square_image(square))
        if self.hasFocus():
            painter.setPen(QPen(self.palette().highlight().color(), 1))
            painter.drawEllipse(area.adjusted(-1, -1, 1, 1))
        on_ring, in_square = self._handles()
        half = area.width() / 2 * RING_SHARE / 2 - 1.5
        for colour, width in ((QColor(0, 0, 0, 170), 3.5), (QColor("white"), 1.75)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(on_ring, half, half)
            painter.drawEllipse(in_square, 5, 5)
        painter.end()

    def _ring_image(self, area: QRectF) -> QImage:
        side = round(area.width() * self.devicePixelRatioF())
        key = (self._space.title, side)
        if self._ring[0] != key:
            self._ring = (key, to_image(ring_picture(self._space, side)))
        return self._ring[1]

    def _square_image(self, square: QRectF) -> QImage:
        side = min(round(square.width() * self.devicePixelRatioF()), FINEST_SQUARE)
        key = (self._space.title, round(self._place.hue, 1), side)
        if self._square[0] != key:
            self._square = (key, to_image(square_picture(self._space, self._place.hue, side)))
        return self._square[1]
