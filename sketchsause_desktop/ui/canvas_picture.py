"""Paints the drawing, its edge and what is round it into one pane of the canvas, in pixels of the screen."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QTransform

from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.ui.canvas_paint import paint_grid, paint_shadow
from sketchsause_desktop.ui.display_tiles import DisplayTiles
from sketchsause_desktop.ui.view_geometry import Placement

SHARP_FROM = 2.0  # zoom from which pixels are shown as squares
SHARP_FROM_SLANTED = 8.0  # the same where the drawing is turned: small slanted squares look torn
GRID_FROM = 10.0  # zoom from which there is room for lines between the pixels


@dataclass(frozen=True, kw_only=True)
class PanePicture:
    placement: Placement
    tiles: DisplayTiles
    backdrop: QColor
    ratio: float  # device pixels for a logical one
    has_grid: bool

    def paint(self, painter: QPainter, exposed: Rect) -> None:
        """`exposed` lies in the pane; a unit of `painter` is a device pixel."""
        painter.setClipRect(exposed.x, exposed.y, exposed.width, exposed.height)
        inside, is_filled = exposed, self.placement.is_filled(exposed)
        if self.placement.is_straight:
            edges = (round(edge) for edge in self.placement.page_device())
            inside = exposed.intersected(Rect.from_edges(*edges))
            is_filled = inside == exposed
        if not is_filled:
            painter.fillRect(exposed.x, exposed.y, exposed.width, exposed.height, self.backdrop)
            self._paint_edge(painter)
        if not inside.is_empty:
            painter.setClipRect(inside.x, inside.y, inside.width, inside.height)
            self._paint_tiles(painter, inside, shows_edge=not (is_filled or self.placement.is_straight))
        painter.setClipping(False)

    def _paint_edge(self, painter: QPainter) -> None:
        zoom, size = self.placement.view.zoom, self.placement.view.size_doc
        painter.save()
        painter.setTransform(QTransform(*self.placement.matrix).scale(1 / zoom, 1 / zoom))
        paint_shadow(painter, QRectF(0, 0, round(size.width * zoom), round(size.height * zoom)), self.ratio)
        painter.restore()

    def _paint_tiles(self, painter: QPainter, exposed: Rect, *, shows_edge: bool) -> None:
        """`shows_edge`: a slanted edge of the paper, which no clip along whole pixels can cut."""
        view, level = self.placement.view, self.placement.view.level
        box, page = self.placement.box_to_doc(exposed), Rect.of_size(view.size_doc)
        if box.is_empty:
            return
        around = 2 << level  # neighbours that smoothing looks at
        image, covered = self.tiles.image(level, box.grown(around).intersected(page))
        seen = QRectF(covered.x, covered.y, covered.width, covered.height)
        if shows_edge:
            seen &= QRectF(0, 0, page.width, page.height)
        to_image = QTransform.fromScale(2.0**-level, 2.0**-level).translate(-covered.x, -covered.y)
        painter.save()
        painter.setTransform(QTransform(*self.placement.matrix))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._is_smooth)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, shows_edge)
        painter.drawImage(seen, image, to_image.mapRect(seen))
        if self.has_grid and view.zoom >= GRID_FROM:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, not self.placement.is_straight)
            paint_grid(painter, box, self.ratio)
        painter.restore()

    @property
    def _is_smooth(self) -> bool:
        zoom = self.placement.view.zoom
        if self.placement.is_straight:
            return zoom < SHARP_FROM and zoom != 1
        return zoom < SHARP_FROM_SLANTED
