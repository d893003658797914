"""Two answers as they are compared: wiped over each other, side by side, as a difference; zoomed and moved together."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.ui.images import to_image
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.view_geometry import Placement, View

_GAP = 6  # logical pixels between panes
_MARGIN = 8  # device pixels round a picture that fits
_MOST_TIMES = 8.0  # that a small picture is magnified to fit
_GRIP = 10  # logical pixels on either side of the divider
_NOTCH = 120
_PER_NOTCH = 1.2
_STEP = 0.02  # of the picture's width, an arrow key
_PAN = 0.1  # of the pane, an arrow key
_CAPTION_PAD = QPoint(9, 4)
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class Mode(enum.Enum):
    SLIDER = "slider"
    SIDE = "side"
    DIFFERENCE = "difference"


@dataclass(frozen=True)
class Pane:
    """What one part of the widget shows, and the words in its corner."""

    role: str
    caption: str


class _Levels:
    """A picture and what it is when halved again and again, made when it is needed."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.size = Size(pixels.shape[1], pixels.shape[0])
        self._levels = [QPixmap.fromImage(to_image(pixels))]

    def at(self, level: int) -> QPixmap:
        while len(self._levels) <= level:
            last = self._levels[-1]
            half = QSize(max(1, last.width() // 2), max(1, last.height() // 2))
            smooth = Qt.TransformationMode.SmoothTransformation
            self._levels.append(last.scaled(half, Qt.AspectRatioMode.IgnoreAspectRatio, smooth))
        return self._levels[level]


class CompareView(QWidget):
    """`show_images` gives it what there is by role. What is held lies over all, in whole."""

    view_changed = Signal()
    split_changed = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._images: dict[str, _Levels] = {}
        self._sources: dict[str, np.ndarray] = {}
        self._words = ""
        self._panes: list[Pane] = []
        self._is_wiped = False  # two panes over each other
        self._held: Pane | None = None
        self._view = View(size_doc=Size(1, 1))
        self._is_fitted = True
        self._split = 0.5
        self._pressed: QPointF | None = None
        self._drags_split = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("The compared picture")

    def sizeHint(self) -> QSize:
        return QSize(700, 460)

    # What is shown

    def show_images(self, images: Mapping[str, np.ndarray]) -> None:
        """uint8 (H, W, 3) by role, all of one size. The place stays when the size does."""
        kept = {role: self._images[role] for role, each in images.items() if self._sources.get(role) is each}
        self._images = {role: kept.get(role) or _Levels(each) for role, each in images.items()}
        self._sources = dict(images)
        self._words = ""
        size = next((each.size for each in self._images.values()), Size(1, 1))
        if size != self._view.size_doc:
            self._view = View(size_doc=size)
            self._is_fitted = True
        self._refit()
        self._tell()

    def show_words(self, words: str) -> None:
        """In the place of a picture."""
        self._images, self._sources, self._words = {}, {}, words
        self._tell()

    def set_panes(self, panes: Sequence[Pane], *, wiped: bool = False) -> None:
        """Beside each other, or two over each other with a divider."""
        self._panes, self._is_wiped = list(panes), wiped
        self._refit()
        self._tell()

    def hold(self, pane: Pane | None) -> None:
        """Show this instead, as long as a key is held."""
        if self._held != pane:
            self._held = pane
            self._refit()
            self._tell()

    @property
    def is_empty(self) -> bool:
        return not self._images

    @property
    def words(self) -> str:
        return self._words

    @property
    def panes(self) -> list[Pane]:
        """Those that are shown now."""
        return [self._held] if self._held is not None else self._panes

    @property
    def split(self) -> float:
        """Where the divider stands: 0 is the left edge of the picture, as far as it is seen, 1 the right."""
        return self._split

    def set_split(self, share: float) -> None:
        share = min(1.0, max(0.0, share))
        if share != self._split:
            self._split = share
            self.split_changed.emit(share)
            self.update()

    def _tell(self) -> None:
        self.view_changed.emit()
        self.update()

    # Where it is shown

    @property
    def zoom(self) -> float:
        """Device pixels for each of the picture."""
        return self._view.zoom

    @property
    def view(self) -> View:
        return self._view

    def fit(self) -> None:
        self._is_fitted = True
        self._refit()
        self._tell()

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """The point under `at` (logical) stays; else the middle."""
        number, pane = self._pane_under(at)
        place = at * self._ratio if at is not None else None
        middle = Point(pane.x + pane.width / 2, pane.y + pane.height / 2)
        point = Point(place.x(), place.y()) if place is not None and number >= 0 else middle
        self._is_fitted = False
        self._view = self._view.zoomed(zoom, pane, point)
        self._tell()

    def step_zoom(self, direction: int) -> None:
        self.set_zoom(self._view.next_step(direction))

    def pan(self, dx: float, dy: float) -> None:
        """Logical pixels."""
        self._is_fitted = False
        self._view = self._view.panned(dx * self._ratio, dy * self._ratio)
        self._tell()

    @property
    def _ratio(self) -> float:
        return self.devicePixelRatioF()

    def _count(self) -> int:
        return 1 if self._held is not None or self._is_wiped else max(1, len(self._panes))

    def _boxes(self) -> list[QRect]:
        """Of the panes, logical."""
        count = self._count()
        width = (self.width() - _GAP * (count - 1)) // count
        return [QRect(place * (width + _GAP), 0, width, self.height()) for place in range(count)]

    def _device(self, box: QRect) -> Rect:
        ratio = self._ratio
        edges = (round(each * ratio) for each in (box.x(), box.y(), box.right() + 1, box.bottom() + 1))
        return Rect.from_edges(*edges)

    def _pane_under(self, at: QPointF | None) -> tuple[int, Rect]:
        boxes = self._boxes()
        number = next((n for n, box in enumerate(boxes) if at is not None and box.contains(at.toPoint())), -1)
        return number, self._device(boxes[max(0, number)])

    def _refit(self) -> None:
        """Small pictures are magnified, from twice on by a whole number."""
        if not self._is_fitted:
            return
        pane = self._device(self._boxes()[0])
        view = self._view.fitted(Size(pane.width, pane.height), _MARGIN)
        size, room = view.size_doc, 2 * _MARGIN
        times = min((pane.width - room) / size.width, (pane.height - room) / size.height, _MOST_TIMES)
        if times > 1:
            view = replace(view, zoom=times if times < 2 else float(int(times)))
        self._view = view

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._refit()
        self.view_changed.emit()

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.backdrop())
        if self.is_empty:
            painter.setPen(self._theme.dim())
            around = self.rect().adjusted(24, 6, -24, -6)
            painter.drawText(around, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
        elif self._is_wiped and self._held is None and len(self._panes) == 2:
            self._paint_wiped(painter)
        else:
            for pane, box in zip(self.panes, self._boxes(), strict=False):
                self._paint_pane(painter, pane, box, box)
                _paint_caption(painter, pane.caption, box, Qt.AlignmentFlag.AlignLeft)
            for box in self._boxes()[1:]:
                gap = QRect(box.x() - _GAP, 0, _GAP, self.height())
                painter.fillRect(gap, self.palette().window())
        if self.hasFocus():
            painter.setPen(QPen(self._theme.accent(), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_wiped(self, painter: QPainter) -> None:
        box = self._boxes()[0]
        at = self._split_x()
        left, right = QRect(box), QRect(box)
        left.setRight(round(at) - 1)
        right.setLeft(round(at))
        for pane, clip in zip(self._panes, (left, right), strict=True):
            self._paint_pane(painter, pane, box, clip)
        painter.fillRect(QRectF(at - 1, 0, 2, self.height()), self._theme.accent())
        painter.save()
        grip = QRectF(at - 7, self.height() / 2 - 16, 14, 32)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.accent())
        painter.drawRoundedRect(grip, 5, 5)
        painter.setPen(QPen(QColor("#1f1f23") if self._theme.shade == "dark" else QColor("#ffffff"), 1.4))
        for x in (at - 2, at + 2):
            painter.drawLine(QPointF(x, grip.top() + 10), QPointF(x, grip.bottom() - 10))
        painter.restore()
        _paint_caption(painter, self._panes[0].caption, box, Qt.AlignmentFlag.AlignLeft)
        _paint_caption(painter, self._panes[1].caption, box, Qt.AlignmentFlag.AlignRight)

    def _paint_pane(self, painter: QPainter, pane: Pane, box: QRect, clip: QRect) -> None:
        levels = self._images.get(pane.role)
        if levels is None:
            painter.setPen(self._theme.dim())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "There is none.")
            return
        placement = Placement(self._view, self._device(box))
        painter.save()
        painter.setClipRect(clip)
        painter.setTransform(QTransform(*placement.matrix) * QTransform.fromScale(1 / self._ratio, 1 / self._ratio))
        zoom = self._view.zoom
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < 2 and zoom != 1)
        pixmap = levels.at(self._view.level)
        whole = QRectF(0, 0, levels.size.width, levels.size.height)
        painter.drawPixmap(whole, pixmap, QRectF(pixmap.rect()))
        painter.restore()

    # The divider

    def _seen(self) -> tuple[float, float]:
        """The left and right edge of the picture as far as it is seen, logical."""
        left, _, right, _ = Placement(self._view, self._device(self._boxes()[0])).page_device()
        ratio = self._ratio
        return max(0.0, left / ratio), min(float(self.width()), right / ratio)

    def _split_x(self) -> float:
        left, right = self._seen()
        return left + self._split * (right - left)

    def _is_on_split(self, at: QPointF) -> bool:
        is_wiped = self._is_wiped and self._held is None and not self.is_empty
        return is_wiped and abs(at.x() - self._split_x()) <= _GRIP

    def _move_split(self, at: QPointF) -> None:
        left, right = self._seen()
        if right > left:
            self.set_split((at.x() - left) / (right - left))

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drags_split = event.button() == Qt.MouseButton.LeftButton and self._is_on_split(event.position())
        self._pressed = event.position()
        self._show_cursor(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is None:
            self._show_cursor(at)
        elif self._drags_split:
            self._move_split(at)
        else:
            way, self._pressed = at - self._pressed, at
            self.pan(way.x(), way.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed, self._drags_split = None, False
        self._show_cursor(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The divider comes to the mouse."""
        if self._is_wiped:
            self._move_split(event.position())

    def _show_cursor(self, at: QPointF) -> None:
        if self.is_empty:
            self.unsetCursor()
        elif self._drags_split or (self._pressed is None and self._is_on_split(at)):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            is_held = self._pressed is not None
            self.setCursor(Qt.CursorShape.ClosedHandCursor if is_held else Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / _NOTCH
        self.set_zoom(self._view.zoom * _PER_NOTCH**notches, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the divider where there is one, else the picture; with Shift they go five times as far."""
        key = Qt.Key(event.key())
        if key not in _ARROWS or self.is_empty:
            super().keyPressEvent(event)
            return
        far = 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        dx, dy = _ARROWS[key]
        if self._is_wiped and dx:
            self.set_split(self._split + dx * far * _STEP)
        else:
            self.pan(-dx * far * _PAN * self.width() / self._count(), -dy * far * _PAN * self.height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hold(None)
        self.update()


def _paint_caption(painter: QPainter, words: str, box: QRect, side: Qt.AlignmentFlag) -> None:
    if not words:
        return
    room = box.width() // 2 - 12
    metrics = painter.fontMetrics()
    words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room - 2 * _CAPTION_PAD.x())
    width = metrics.horizontalAdvance(words) + 2 * _CAPTION_PAD.x()
    height = metrics.height() + 2 * _CAPTION_PAD.y()
    left = box.left() + 8 if side == Qt.AlignmentFlag.AlignLeft else box.right() - 7 - width
    label = QRect(left, box.top() + 8, width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 20, 22, 190))
    painter.drawRoundedRect(label, 6, 6)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, words)
    painter.restore()
