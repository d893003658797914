"""With the hint brush in hand: the region that a hint under the pointer would colour, once the pointer rests."""

from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QTimer
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QTabletEvent, QTransform

from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.tools import Tool
from sketchsause_desktop.core.bitmap import Mask
from sketchsause_desktop.core.compositing import composite_on_paper
from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect
from sketchsause_desktop.core.hint_pull import fading
from sketchsause_desktop.core.layers import LayerSnapshot, Role
from sketchsause_desktop.core.line_regions import LineRegions, grey_of, line_regions
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.view_geometry import Placement

REST_MS = 80
_TINT, _EDGE = 0.3, 0.9  # how much of the accent lies inside and on the rim

_Key = tuple[int, Rect, tuple[LayerSnapshot, ...]]  # what the regions depend on


class HintHover(QObject):
    """Regions are found on a thread of its own and kept while the lines stay; a move of the pointer only looks them up.

    Whoever made this object calls `finish` before it goes.
    """

    def __init__(self, canvas: CanvasView, editor: Editor, theme: Theme) -> None:
        super().__init__(canvas)
        self._canvas, self._editor, self._theme = canvas, editor, theme
        self._background = Background("regions", self)
        self._key: _Key | None = None  # of what was found
        self._found: LineRegions | None = None
        self._pointer: QPointF | None = None  # logical pixels; None while nothing is to be shown
        self._region = 0
        self._image = QImage()
        self._box = EMPTY_RECT  # of the image, in the document
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._on_rest)
        canvas.installEventFilter(self)  # after the pointer's, so that it is asked before it
        canvas.add_overlay(self._paint)
        for signal in (editor.tool_changed, editor.region_changed, editor.document_replaced, theme.changed):
            signal.connect(self.hide)

    @property
    def shown_region(self) -> Rect:
        """A box round the region that is shown; empty when none is."""
        return self._box

    def hide(self) -> None:
        """Until the pointer moves again."""
        self._pointer = None
        self._rest.stop()
        self._show_nothing()

    def finish(self) -> None:
        self._background.finish()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is not self._canvas:
            return False
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress, QEvent.Type.Leave):
            self.hide()
        elif isinstance(event, (QMouseEvent, QTabletEvent)) and kind in (QEvent.Type.MouseMove, QEvent.Type.TabletMove):
            self._on_move(event.position(), is_free=not event.buttons().value)
        return False

    def _on_move(self, position: QPointF, *, is_free: bool) -> None:
        if self._editor.tool is not Tool.HINT or not is_free or self._editor.is_drawing:
            return
        self._pointer = position
        if self._region and self._region_under(position) != self._region:
            self._show_nothing()
        if not self._region:
            self._rest.start()

    def _region_under(self, position: QPointF) -> int:
        point = self._canvas.to_doc(position)
        return 0 if self._found is None else self._found.at(int(point.x // 1), int(point.y // 1))

    def _on_rest(self) -> None:
        document = self._editor.document
        key = (document.document_id, document.rect, document.seen(Role.LINE_ART))
        if key == self._key:
            self._show()
        elif not self._background.is_busy:
            work: list[LineRegions] = []
            self._background.run(partial(_find, work, key[2], document.rect), partial(self._on_found, key, work))

    def _on_found(self, key: _Key, work: list[LineRegions], error: Exception | None) -> None:
        if error is not None:
            raise error
        self._key, self._found = key, work[0]
        if self._pointer is not None:
            self._on_rest()  # the lines may have changed meanwhile

    def _show(self) -> None:
        if self._pointer is None or self._found is None or self._editor.tool is not Tool.HINT:
            return
        region = self._region_under(self._pointer)
        if not region:
            return
        point = self._canvas.to_doc(self._pointer)
        self._region = region
        factor = self._found.factor
        at = (int(point.y) // factor, int(point.x) // factor)
        colour = self._theme.accent()
        self._image, cells = _drawn(self._found, region, at, (colour.red(), colour.green(), colour.blue()))
        self._box = Rect(cells.x * factor, cells.y * factor, cells.width * factor, cells.height * factor)
        self._canvas.update_doc(self._box)

    def _show_nothing(self) -> None:
        box, self._box, self._region = self._box, EMPTY_RECT, 0
        if not box.is_empty:
            self._image = QImage()
            self._canvas.update_doc(box)

    def _paint(self, painter: QPainter, placement: Placement, _ratio: float) -> None:
        if not self._region:
            return
        document = self._editor.document.rect
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(QTransform(*placement.matrix), True)
        painter.setClipRect(QRectF(document.x, document.y, document.width, document.height))
        painter.drawImage(QRectF(self._box.x, self._box.y, self._box.width, self._box.height), self._image)


def _find(work: list[LineRegions], lines: tuple[LayerSnapshot, ...], canvas: Rect) -> None:
    pixels = np.ascontiguousarray(composite_on_paper(lines, canvas)[..., :3])
    work.append(line_regions(grey_of(pixels)))


def _drawn(found: LineRegions, region: int, at: tuple[int, int], colour: tuple[int, int, int]) -> tuple[QImage, Rect]:
    """The region tinted and outlined, and its box, in the regions' own pixels; a background fades as its pull does."""
    inside = found.labels == region
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = Rect.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    inside = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    alpha = np.where(_rim(inside), np.float32(_EDGE), np.float32(_TINT)) * inside
    if found.is_open[region]:
        alpha *= fading(alpha.shape, (at[0] - box.y, at[1] - box.x), max(found.labels.shape))
    pixels = np.empty((*alpha.shape, 4), np.uint8)
    pixels[..., :3] = np.rint(alpha[..., None] * np.array(colour, np.float32))  # premultiplied
    pixels[..., 3] = np.rint(alpha * 255)
    height, width = alpha.shape
    image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888_Premultiplied)
    return image.copy(), box  # the copy owns its pixels


def _rim(inside: Mask) -> Mask:
    """The outermost pixels of a mask."""
    framed = np.pad(inside, 1)
    rim: Mask = inside & ~(framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:])
    return rim
