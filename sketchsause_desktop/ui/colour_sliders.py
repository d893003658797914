"""A colour by its channels: for each a strip that shows where it leads, and a number."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from sketchsause_desktop.core.colours import Colour, colour_of, hsv_of_srgb, srgb_of_hsv, values_of
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard, claims

Channels: TypeAlias = tuple[float, float, float]  # each from 0 to its highest value

_STOPS = 12  # colours along a strip


@dataclass(frozen=True, kw_only=True)
class ChannelSpace:
    title: str
    letters: tuple[str, str, str]
    names: tuple[str, str, str]
    highest: tuple[int, int, int]
    suffixes: tuple[str, str, str]
    colour: Callable[[Channels], Colour]
    channels: Callable[[Colour], Channels]


def _colour_of_hsv(hsv: Channels) -> Colour:
    return colour_of(srgb_of_hsv((hsv[0], hsv[1] / 100, hsv[2] / 100)))


def _hsv_of_colour(colour: Colour) -> Channels:
    hue, saturation, value = hsv_of_srgb(values_of(colour)).tolist()
    return hue, saturation * 100, value * 100


HSV_CHANNELS = ChannelSpace(
    title="HSV",
    letters=("H", "S", "V"),
    names=("Hue", "Saturation", "Value"),
    highest=(360, 100, 100),
    suffixes=("°", " %", " %"),
    colour=_colour_of_hsv,
    channels=_hsv_of_colour,
)
RGB_CHANNELS = ChannelSpace(
    title="RGB",
    letters=("R", "G", "B"),
    names=("Red", "Green", "Blue"),
    highest=(255, 255, 255),
    suffixes=("", "", ""),
    colour=lambda rgb: colour_of(np.array(rgb) / 255),
    channels=lambda colour: (float(colour[0]), float(colour[1]), float(colour[2])),
)


class ColourSliders(QWidget):
    """`chosen` tells of the user's choices only."""

    chosen = Signal(tuple)  # Colour

    def __init__(self, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        super().__init__()
        self._space = HSV_CHANNELS
        self._values: Channels = (0.0, 0.0, 0.0)
        self._labels = [QLabel() for _ in range(3)]
        self._strips = [_Strip() for _ in range(3)]
        self._numbers = [QSpinBox() for _ in range(3)]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(3)
        for row, (label, strip, number) in enumerate(zip(self._labels, self._strips, self._numbers, strict=True)):
            number.setObjectName("plain")
            number.setKeyboardTracking(False)
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            number.setFixedWidth(number.fontMetrics().horizontalAdvance("100 %") + 22)
            label.setFixedWidth(label.fontMetrics().horizontalAdvance("W"))
            label.setBuddy(number)
            strip.moved.connect(lambda share, row=row: self._set(row, share * self._space.highest[row]))
            number.valueChanged.connect(lambda value, row=row: self._set(row, value))
            for column, widget in enumerate((label, strip, number)):
                grid.addWidget(widget, row, column)
        guard.watch(*self._numbers)
        returns.watch(*self._numbers)
        self._show_space()

    def set_space(self, space: ChannelSpace) -> None:
        if space is self._space:
            return
        colour = self.colour
        self._space = space
        self._values = space.channels(colour)
        self._show_space()

    @property
    def colour(self) -> Colour:
        return self._space.colour(self._values)

    @property
    def values(self) -> tuple[int, ...]:
        """As the numbers show them."""
        return tuple(number.value() for number in self._numbers)

    def show_colour(self, colour: Colour) -> None:
        """What a grey or black does not tell, its hue or saturation, stays as it was."""
        if colour == self.colour:
            return
        values = self._space.channels(colour)
        if self._space is HSV_CHANNELS and values[1] == 0:
            values = (self._values[0], self._values[1] if values[2] == 0 else 0.0, values[2])
        self._values = values
        self._show()

    def _set(self, row: int, value: float) -> None:
        values = list(self._values)
        values[row] = value
        self._values = (values[0], values[1], values[2])
        self._show()
        self.chosen.emit(self.colour)

    def _show_space(self) -> None:
        space = self._space
        for row, (label, strip, number) in enumerate(zip(self._labels, self._strips, self._numbers, strict=True)):
            label.setText(space.letters[row])
            with QSignalBlocker(number):
                number.setRange(0, space.highest[row])
                number.setSuffix(space.suffixes[row])
            strip.step = 1 / space.highest[row]
            for widget in (strip, number):
                widget.setAccessibleName(space.names[row])
                widget.setToolTip(f"{space.names[row]}\nArrow keys change it")
        self._show()

    def _show(self) -> None:
        for row, (strip, number) in enumerate(zip(self._strips, self._numbers, strict=True)):
            highest = self._space.highest[row]
            with QSignalBlocker(number):
                number.setValue(round(self._values[row]))
            steps = [highest * step / _STOPS for step in range(_STOPS + 1)]
            strip.show_way([self._space.colour(self._with(row, step)) for step in steps], self._values[row] / highest)

    def _with(self, row: int, value: float) -> Channels:
        first, second, third = (value if channel == row else old for channel, old in enumerate(self._values))
        return first, second, third


class _Strip(QWidget):
    """A way through colours and a place on it, from 0 to 1."""

    moved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.step = 0.01  # of an arrow key
        self._share = 0.0
        self._colours: list[Colour] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(60)

    def sizeHint(self) -> QSize:
        return QSize(120, 18)

    def show_way(self, colours: list[Colour], share: float) -> None:
        self._colours, self._share = colours, share
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, position: QPointF) -> None:
        self._set((position.x() - 4) / max(1.0, self.width() - 8.0))

    def event(self, event: QEvent) -> bool:
        return claims(event, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageDown: -10, Qt.Key.Key_PageUp: 10}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._set(self._share + step * self.step)

    def _set(self, share: float) -> None:
        self.moved.emit(min(max(share, 0.0), 1.0))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 2.5, -0.5, -2.5)
        way = QLinearGradient(QPointF(4, 0), QPointF(self.width() - 4, 0))
        for index, colour in enumerate(self._colours):
            way.setColorAt(index / (len(self._colours) - 1), QColor(*colour))
        role = self.palette().highlight() if self.hasFocus() else self.palette().mid()
        painter.setPen(QPen(role.color(), 1))
        painter.setBrush(way)
        painter.drawRoundedRect(area, 3, 3)
        x = 4 + self._share * (self.width() - 8)
        painter.setPen(QPen(QColor(0, 0, 0, 170), 1))
        painter.setBrush(QColor("white"))
        painter.drawRoundedRect(QRectF(x - 2.5, 0.5, 5, self.height() - 1), 2, 2)
        painter.end()
