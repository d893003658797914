"""The outline of the selection on the canvas, as dashes that walk."""

import time

from PySide6.QtCore import QObject, QPointF, QTimer
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.selection_outline import outline
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.view_geometry import Placement

_STEP_MS = 120
_DASH = 4  # device pixels at scale 1, black and white alike
_KEPT = 4  # outlines in device pixels, for as many panes and views
_MANY = 3000  # corners; from here on the outline is drawn once a step and not with every stroke of the brush
_SHARE = 0.05  # of the time that drawing it may take


class MarchingAnts(QObject):
    def __init__(self, canvas: CanvasView, editor: Editor) -> None:
        super().__init__(canvas)
        self._canvas, self._editor = canvas, editor
        self._selection: Selection | None = None
        self._path = QPainterPath()  # in document pixels
        self._placed: dict[tuple[float, ...], QPainterPath] = {}  # in device pixels, by the matrix that made it
        self._drawn: dict[tuple[float, ...], QPixmap] = {}  # of one step, where there are many corners
        self._phase = 0
        self._is_shown = True
        self._timer = QTimer(self, interval=_STEP_MS)
        self._timer.timeout.connect(self._on_step)
        canvas.add_overlay(self._paint)
        editor.selection_changed.connect(self._on_selection_changed)
        editor.document_replaced.connect(self._on_selection_changed)
        self._on_selection_changed()

    @property
    def is_marching(self) -> bool:
        return self._timer.isActive()

    def set_shown(self, shown: bool) -> None:
        self._is_shown = shown
        self._march()

    def _on_selection_changed(self) -> None:
        selection = self._editor.document.selection
        if selection is self._selection:
            return
        before, self._selection = self._bounds(), selection
        self._placed.clear()
        self._drawn.clear()
        self._timer.setInterval(_STEP_MS)
        self._path = _path_round(selection)
        self._canvas.update_doc(before)
        self._march()

    def _march(self) -> None:
        if self._is_shown and self._selection is not None:
            self._timer.start()
        else:
            self._timer.stop()
        self._canvas.update_doc(self._bounds())

    def _bounds(self) -> Rect:
        return EMPTY_RECT if self._selection is None else self._selection.bounds

    def _on_step(self) -> None:
        if self._canvas.isVisible():
            self._phase = (self._phase + 1) % (2 * _DASH)
            self._drawn.clear()
            self._canvas.update_doc(self._bounds())

    def _paint(self, painter: QPainter, placement: Placement, ratio: float) -> None:
        if self._selection is None or not self._is_shown:
            return
        if self._path.elementCount() < _MANY:
            self._draw(painter, placement, ratio)
            return
        pane = placement.pane
        key = (*placement.matrix, pane.x, pane.y, pane.width, pane.height)
        if key not in self._drawn:
            if len(self._drawn) == _KEPT:
                self._drawn.clear()
            self._drawn[key] = self._pixmap(placement, ratio)
        painter.drawPixmap(pane.x, pane.y, self._drawn[key])

    def _pixmap(self, placement: Placement, ratio: float) -> QPixmap:
        """The outline in one pane; the longer it takes, the more seldom the ants walk."""
        began = time.perf_counter()
        pane = placement.pane
        pixmap = QPixmap(pane.width, pane.height)
        pixmap.fill(QColor(0, 0, 0, 0))
        painter = QPainter(pixmap)
        painter.translate(-pane.x, -pane.y)
        self._draw(painter, placement, ratio)
        painter.end()
        self._timer.setInterval(max(_STEP_MS, round((time.perf_counter() - began) * 1000 / _SHARE)))
        return pixmap

    def _draw(self, painter: QPainter, placement: Placement, ratio: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        # Slanted stripes look like dashes on every straight line, and cost far less than dashes that Qt works out.
        stripes = QBrush(_stripes())
        stripes.setTransform(QTransform.fromScale(ratio, ratio).translate(self._phase, 0))
        pen = QPen(stripes, max(1, round(ratio)))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawPath(self._placed_by(placement.matrix))

    def _placed_by(self, matrix: tuple[float, float, float, float, float, float]) -> QPainterPath:
        if matrix not in self._placed:
            if len(self._placed) == _KEPT:
                self._placed.clear()
            self._placed[matrix] = QTransform(*matrix).map(self._path)
        return self._placed[matrix]


def _path_round(selection: Selection | None) -> QPainterPath:
    path = QPainterPath()
    for corners in outline(selection) if selection is not None else ():
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners.tolist()]))
        path.closeSubpath()
    return path


def _stripes() -> QPixmap:
    side = 2 * _DASH
    pixmap = QPixmap(side, side)
    pixmap.fill(QColor("white"))
    painter = QPainter(pixmap)
    painter.setPen(QColor("black"))
    for x in range(side):
        for y in range(side):
            if (x + y) % side < _DASH:
                painter.drawPoint(x, y)
    painter.end()
    return pixmap
