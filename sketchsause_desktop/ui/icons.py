"""Line icons out of resources/icons, drawn in the colours of the current theme at any size and any screen scale."""

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from sketchsause_desktop.ui.assets import resource_path


@cache
def icon(name: str) -> QIcon:
    """The icon `name` of the set, tinted when it is drawn, so that a change of theme needs no new icons."""
    return QIcon(_TintedIconEngine(resource_path("icons", f"{name}.svg")))


def picture_icon(pixmap: QPixmap) -> QIcon:
    """For a list of pictures: Qt would tint the one in a chosen row, but its colours are what counts."""
    shown = QIcon(pixmap)
    shown.addPixmap(pixmap, QIcon.Mode.Selected)
    return shown


def app_icon() -> QIcon:
    return QIcon(str(resource_path("icons", "app.png")))


class _TintedIconEngine(QIconEngine):
    """One monochrome SVG as a stencil: text colour when normal, greyed when disabled, the accent when switched on."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._renderer: QSvgRenderer | None = None
        self._drawn: dict[tuple[int, int, int], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        """`size` is in logical pixels; what comes back has `scale` times as many each way."""
        size = QSize(max(1, round(size.width() * scale)), max(1, round(size.height() * scale)))
        palette = QGuiApplication.palette()
        group = QPalette.ColorGroup.Disabled if mode == QIcon.Mode.Disabled else QPalette.ColorGroup.Active
        is_lit = state == QIcon.State.On and mode != QIcon.Mode.Disabled
        role = QPalette.ColorRole.Highlight if is_lit else QPalette.ColorRole.WindowText
        colour = palette.color(group, role)
        key = (size.width(), size.height(), colour.rgba())
        if key not in self._drawn:
            self._drawn[key] = self._draw(size, QRect(QPoint(), size), colour.rgba())
        pixmap = QPixmap(self._drawn[key])
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def _draw(self, size: QSize, rect: QRect, rgba: int) -> QPixmap:
        from PySide6.QtGui import QColor

        if self._renderer is None:
            self._renderer = QSvgRenderer(QByteArray(self._path.read_bytes()))
            self._renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self._renderer.render(painter, QRectF(rect))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(rect, QColor.fromRgba(rgba))
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _TintedIconEngine(self._path)

    def isNull(self) -> bool:
        return False
