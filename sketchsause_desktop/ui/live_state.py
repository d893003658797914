"""What live colouring is doing, in words and as a mark whose shape tells the states apart, not only its colour."""

import enum
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from sketchsause_desktop.app.live import Live
from sketchsause_desktop.ui.theme import Theme


class LiveState(enum.Enum):
    OFF = "off"
    READY = "ready"
    BUSY = "busy"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True)
class LiveReport:
    state: LiveState
    words: str


def report_of(live: Live) -> LiveReport:
    if live.busy:
        return LiveReport(state=LiveState.BUSY, words="Colouring…")
    if not live.model_id:
        return LiveReport(state=LiveState.WAITING if live.enabled else LiveState.OFF, words="No model installed")
    if not live.enabled:
        return LiveReport(state=LiveState.OFF, words="Live is off")
    if live.reason:
        return LiveReport(state=LiveState.WAITING, words=live.reason)
    return LiveReport(state=LiveState.READY, words="Live, up to date")


def mark(state: LiveState, theme: Theme, ratio: float, side: int = 14) -> QIcon:
    """Ready: a full disc. Busy: a disc in a ring. Waiting: a disc with a bar. Off: an empty ring."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = {
        LiveState.READY: theme.good(),
        LiveState.BUSY: theme.good(),
        LiveState.WAITING: theme.bad(),
        LiveState.OFF: theme.dim(),
    }[state]
    middle = side / 2
    if state in (LiveState.OFF, LiveState.BUSY):
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(1.5, 1.5, side - 3, side - 3))
    if state is not LiveState.OFF:
        radius = middle - (4.5 if state is LiveState.BUSY else 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(middle - radius, middle - radius, 2 * radius, 2 * radius))
    if state is LiveState.WAITING:
        painter.fillRect(QRectF(middle - 3, middle - 1, 6, 2), QColor("white"))
    painter.end()
    return QIcon(pixmap)
