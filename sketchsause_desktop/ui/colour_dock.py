"""The colour of the ink: a plane of saturation and brightness, a strip of hues, a hex field and small swatches."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegularExpressionValidator,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.ui.fields import ReturnToCanvas

Rgb = tuple[int, int, int]

INK_SWATCHES: tuple[tuple[str, Rgb], ...] = (
    ("Black", (0, 0, 0)),
    ("Dark grey", (70, 70, 74)),
    ("Grey", (140, 140, 145)),
    ("Sepia", (94, 60, 38)),
    ("Wine", (132, 28, 52)),
    ("Red", (214, 48, 49)),
    ("Navy", (28, 42, 94)),
    ("Animation blue", (64, 133, 214)),
)


class _Field(QWidget):
    """A surface with one handle, moved by pointer and arrow keys; values from 0 to 1."""

    moved = Signal(float, float)

    def __init__(self, name: str, *, height: int, stretches: bool) -> None:
        super().__init__()
        self.x_share, self.y_share = 0.0, 0.0
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(height)
        vertical = QSizePolicy.Policy.Expanding if stretches else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        return QSize(180, self.minimumHeight())

    def put(self, x_share: float, y_share: float = 0.5) -> None:
        self.x_share, self.y_share = x_share, y_share
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-0.02, 0.0),
            Qt.Key.Key_Right: (0.02, 0.0),
            Qt.Key.Key_Up: (0.0, -0.02),
            Qt.Key.Key_Down: (0.0, 0.02),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._set(self.x_share + step[0], self.y_share + step[1])

    def _go(self, position: QPointF) -> None:
        self._set(position.x() / max(1, self.width() - 1), position.y() / max(1, self.height() - 1))

    def _set(self, x_share: float, y_share: float) -> None:
        self.put(min(max(x_share, 0.0), 1.0), min(max(y_share, 0.0), 1.0))
        self.moved.emit(self.x_share, self.y_share)

    def _paint_frame(self, painter: QPainter) -> None:
        role = self.palette().highlight() if self.hasFocus() else self.palette().mid()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(role.color(), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class _Plane(_Field):
    """Saturation to the right, brightness upwards."""

    def __init__(self) -> None:
        super().__init__("Saturation and brightness", height=84, stretches=True)
        self.hue = 0.0

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        across = QLinearGradient(area.topLeft(), area.topRight())
        across.setColorAt(0, QColor("white"))
        across.setColorAt(1, QColor.fromHsvF(self.hue, 1, 1))
        down = QLinearGradient(area.topLeft(), area.bottomLeft())
        down.setColorAt(0, QColor(0, 0, 0, 0))
        down.setColorAt(1, QColor("black"))
        for gradient in (across, down):
            painter.setBrush(gradient)
            painter.drawRoundedRect(area, 4, 4)
        self._paint_frame(painter)
        reach = 7.0
        x = min(max(self.x_share * (self.width() - 1), reach), self.width() - reach)
        y = min(max(self.y_share * (self.height() - 1), reach), self.height() - reach)
        for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor("white"), 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(QPointF(x, y), 5, 5)
        painter.end()


class _Hues(_Field):
    def __init__(self) -> None:
        super().__init__("Hue", height=16, stretches=False)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        rainbow = QLinearGradient(area.topLeft(), area.topRight())
        for sixth in range(7):
            rainbow.setColorAt(sixth / 6, QColor.fromHsvF(min(sixth / 6, 0.9999), 0.85, 0.95))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(rainbow)
        painter.drawRoundedRect(area, 4, 4)
        self._paint_frame(painter)
        x = 2 + self.x_share * (self.width() - 5)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
        painter.setBrush(QColor("white"))
        painter.drawRoundedRect(QRectF(x - 2, 1, 5, self.height() - 2), 2, 2)
        painter.end()


class ColourPanel(QWidget):
    """Shows and changes one colour. `chosen` tells of the user's choices only."""

    chosen = Signal(tuple)

    def __init__(self, returns: ReturnToCanvas) -> None:
        super().__init__()
        self._colour: Rgb = (0, 0, 0)
        self._plane, self._hues = _Plane(), _Hues()
        self._sample = QLabel()
        self._sample.setFixedSize(30, 26)
        self._sample.setAccessibleName("Ink colour")
        self._hex = QLineEdit(maxLength=7)
        self._hex.setToolTip("Colour as #rrggbb")
        self._hex.setAccessibleName("Colour as hex number")
        self._hex.setValidator(QRegularExpressionValidator(QRegularExpression("#?[0-9A-Fa-f]{0,6}")))
        returns.watch(self._hex)
        self._plane.moved.connect(self._on_fields)
        self._hues.moved.connect(self._on_fields)
        self._hex.editingFinished.connect(self._on_hex)
        self._lay_out()
        self.show_colour((0, 0, 0))

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._sample)
        line.addWidget(self._hex, 1)
        swatches = QGridLayout()
        swatches.setSpacing(4)
        for place, (name, colour) in enumerate(INK_SWATCHES):
            swatches.addWidget(_swatch(name, colour, self._choose), 0, place)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 10)
        column.setSpacing(8)
        column.addWidget(self._plane, 1)
        column.addWidget(self._hues)
        column.addLayout(line)
        column.addLayout(swatches)

    def show_colour(self, colour: Rgb) -> None:
        ink = QColor(*colour)
        hue, saturation, value = ink.hsvHueF(), ink.hsvSaturationF(), ink.valueF()
        if saturation > 0 and value > 0:  # greys keep the hue that was there
            self._plane.hue = max(0.0, hue)
            self._hues.put(max(0.0, hue))
        self._plane.put(saturation, 1 - value)
        self._show(colour)

    def _show(self, colour: Rgb) -> None:
        self._colour = colour
        name = QColor(*colour).name()
        if not self._hex.hasFocus():
            self._hex.setText(name)
        self._sample.setStyleSheet(f"background: {name}; border: 1px solid palette(mid); border-radius: 4px;")

    def _choose(self, colour: Rgb) -> None:
        self.show_colour(colour)
        self.chosen.emit(colour)

    def _on_fields(self) -> None:
        self._plane.hue = min(self._hues.x_share, 0.9999)
        self._plane.update()
        colour = QColor.fromHsvF(self._plane.hue, self._plane.x_share, 1 - self._plane.y_share)
        rgb = (colour.red(), colour.green(), colour.blue())
        self._show(rgb)
        self.chosen.emit(rgb)

    def _on_hex(self) -> None:
        colour = QColor("#" + self._hex.text().lstrip("#"))
        if colour.isValid():
            rgb = (colour.red(), colour.green(), colour.blue())
            if rgb != self._colour:
                self._choose(rgb)
        self._hex.setText(QColor(*self._colour).name())


def _swatch(name: str, colour: Rgb, choose: Callable[[Rgb], None]) -> QToolButton:
    button = QToolButton()
    button.setToolTip(name)
    button.setAccessibleName(f"{name} ink")
    button.setFixedHeight(22)
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    button.setMinimumWidth(16)
    button.setObjectName("swatch")
    button.setStyleSheet(f"background: {QColor(*colour).name()};")
    button.clicked.connect(lambda: choose(colour))
    return button
