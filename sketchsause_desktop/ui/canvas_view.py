"""The canvas: paints the drawing at any zoom and angle from display tiles, only where something changed."""

import enum
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.compositing import ALL_ROLES
from sketchsause_desktop.core.document import OWN_PAINT, RESULT, SHOWN
from sketchsause_desktop.core.geometry import Point, Rect, Size
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.ui.canvas_frame import CanvasFrame
from sketchsause_desktop.ui.canvas_paint import (
    exposed_boxes,
    paint_caption,
    paint_divider,
    paint_ring,
)
from sketchsause_desktop.ui.canvas_picture import PanePicture
from sketchsause_desktop.ui.shown_tiles import Roles, ShownTiles
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.view_geometry import Placement, View

# Draws something over the picture in one pane; a unit of the painter is a device pixel, of which the last argument says
# how many are one logical pixel.
Overlay: TypeAlias = Callable[[QPainter, Placement, float], None]

_COLOURS = frozenset({Role.AI_COLOUR})
LARGE_CHANGE = 1 << 20  # document pixels; more than these are shown in slices
SLICE_S = 0.005  # of refreshing colours between two turns of the event loop
FIT_MARGIN = 20  # logical pixels round a fitted drawing
FIT_MARGIN_SPLIT = 38  # room for the captions
DIVIDER = 7  # logical pixels
DIVIDER_STEP = 0.05  # of the width, for one key press


class ViewMode(enum.Enum):
    OVERLAY = "overlay"
    SPLIT = "split"
    RESULT = "result"  # alone; for a second window


@dataclass(frozen=True)
class Pane:
    """One part of the widget that shows the whole drawing: all of it, or a half of the split view."""

    roles: Roles
    box: Rect  # device pixels of the widget
    caption: str = ""


class CanvasView(QWidget):
    """Shows the editor's document; what the pointer does to it is `canvas_pointer`'s business."""

    view_changed = Signal()  # place, zoom, angle, mirroring or mode
    peek_changed = Signal(bool)
    first_painted = Signal()
    result_painted = Signal()  # a result of the network is on the screen in full

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._theme = theme
        self._mode = ViewMode.OVERLAY
        self._split_at = 0.5
        self._peeks = False
        self._keeps_fitting = True
        self._view = View(size_doc=editor.document.size)
        self._document_id = editor.document.document_id
        self._kept: dict[int, tuple[View, bool]] = {}  # how drawings were looked at, and whether they were fitted
        self._tiles = ShownTiles(editor)
        self._frame = CanvasFrame(self._paint_frame)
        self._framed: tuple[Pane, ...] = ()  # what the frame was painted for
        self._overlays: list[Overlay] = []
        self._has_grid = True
        self._ring: QPointF | None = None  # centre of the brush outline, logical pixels
        self._was_painted = False
        self._owes_result = False
        self._refresh = QTimer(self, interval=0)
        self._refresh.timeout.connect(self._on_refresh)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Canvas")
        editor.document_replaced.connect(self._on_document_replaced)
        editor.region_changed.connect(self._on_region_changed)
        editor.result_changed.connect(self._on_result_changed)
        editor.selection_changed.connect(self._on_selection_changed)
        editor.brush_changed.connect(self.update_ring)
        theme.changed.connect(self._repaint_all)

    # What is looked at

    @property
    def view(self) -> View:
        return self._view

    @property
    def mode(self) -> ViewMode:
        return self._mode

    def set_mode(self, mode: ViewMode) -> None:
        if mode != self._mode:
            self._mode = mode
            self._settle()

    def set_peek(self, peeks: bool) -> None:
        """While it is on, one's own paint shows without the network's colours."""
        if peeks != self._peeks:
            self._peeks = peeks
            self._repaint_all()
            self._refresh.start()  # colours that came meanwhile
            self.peek_changed.emit(peeks)

    def set_only_selected(self, on: bool) -> None:
        """While something is selected, the network's colours show only there."""
        self._tiles.only_selected = on
        self._outdate(self._editor.document.rect, _COLOURS)

    def set_pixel_grid(self, on: bool) -> None:
        """Lines between the pixels where they are large enough."""
        self._has_grid = on
        self._repaint_all()

    def add_overlay(self, overlay: Overlay) -> None:
        """From now on draw it over the picture; `update_doc` or `update` repaint it where it changes."""
        self._overlays.append(overlay)

    def fit(self) -> None:
        self._keeps_fitting = True
        self._settle()

    def set_view(self, view: View) -> None:
        """Zoom or pan; from now on the view stays put when the window changes its size."""
        self._keeps_fitting = False
        self._show_view(view)

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """Zoom about `at` (logical pixels), or about the middle."""
        pane = self._pane_at(at) if at is not None else self.panes()[0]
        middle = Point(pane.box.x + pane.box.width / 2, pane.box.y + pane.box.height / 2)
        about = self._device(at) if at is not None else middle
        self.set_view(self._view.zoomed(zoom, pane.box, about))

    def step_zoom(self, direction: int) -> None:
        self.set_zoom(self._view.next_step(direction))

    def set_mirrored(self, mirrored: bool) -> None:
        self._show_view(self._view.flipped(mirrored))

    def set_angle(self, angle: float) -> None:
        """Turn the view about its middle; a fitted one stays fitted."""
        self._settle(self._view.rotated(angle))

    def turn(self, start: QPointF, end: QPointF, origin: QPointF) -> None:
        """As a hand turns paper that is pinned at its middle: what was under `start` comes under `end`."""
        box = self._pane_at(origin).box
        middle = Point(box.x + box.width / 2, box.y + box.height / 2)
        one, other = self._device(start) - middle, self._device(end) - middle
        self.set_angle(self._view.angle + math.degrees(math.atan2(other.y, other.x) - math.atan2(one.y, one.x)))

    def centre_on(self, point_doc: Point) -> None:
        self.set_view(self._view.centred(point_doc))

    def pan(self, dx: float, dy: float) -> None:
        """Move the drawing by logical pixels."""
        ratio = self.devicePixelRatioF()
        self.set_view(self._view.panned(dx * ratio, dy * ratio))

    # What the pointer needs to know

    def to_doc(self, position: QPointF, origin: QPointF | None = None) -> Point:
        """The document point under `position`, in the pane under `origin` (a drag stays in the pane it began in)."""
        return Placement(self._view, self._pane_at(origin or position).box).to_doc(self._device(position))

    def visible_doc(self) -> Rect:
        """What is shown of the drawing, in document pixels; in both halves together where it is split."""
        shown = Rect.union_of(Placement(self._view, pane.box).box_to_doc(pane.box) for pane in self.panes())
        return shown.intersected(self._editor.document.rect)

    def divider(self) -> QRectF | None:
        """The bar between the two halves, logical pixels."""
        if self._mode is not ViewMode.SPLIT:
            return None
        left, right = (pane.box for pane in self.panes())
        ratio = self.devicePixelRatioF()
        return QRectF(left.right / ratio, 0, (right.x - left.right) / ratio, self.height())

    def move_divider(self, x: float) -> None:
        self._split_at = min(max(x / max(1, self.width()), 0.15), 0.85)
        self._settle()

    def step_divider(self, direction: int) -> None:
        self.move_divider((self._split_at + direction * DIVIDER_STEP) * self.width())

    def show_ring(self, position: QPointF | None) -> None:
        """Draw the outline of the brush at `position`, or nowhere."""
        self.update_ring()
        self._ring = position
        self.update_ring()

    def ring_radius(self) -> float:
        """Logical pixels."""
        return self._editor.brush.size / 2 * self._view.zoom / self.devicePixelRatioF()

    def update_ring(self) -> None:
        if self._ring is not None:
            reach = self.ring_radius() + 4
            around = QRectF(self._ring.x() - reach, self._ring.y() - reach, 2 * reach, 2 * reach)
            self.update(around.toAlignedRect())

    # Changes

    def _on_document_replaced(self) -> None:
        """Each drawing is looked at as it was when it was last in front; one with a new size keeps zoom and angle."""
        document = self._editor.document
        self._kept[self._document_id] = (self._view, self._keeps_fitting)
        new = View(size_doc=document.size, mirrored=self._view.mirrored)
        view, self._keeps_fitting = self._kept.get(document.document_id, (new, True))
        self._document_id = document.document_id
        self._tiles.clear()
        self._framed = ()
        self._settle(replace(view, size_doc=document.size).flipped(self._view.mirrored).centred(view.centre_doc))

    def _on_region_changed(self, box_doc: Rect) -> None:
        if box_doc.size.area > LARGE_CHANGE:
            self._outdate(box_doc, ALL_ROLES)
            return
        self._tiles.change(box_doc)
        self._repaint_doc(box_doc)

    def _on_result_changed(self, box_doc: Rect) -> None:
        self._owes_result = True
        self._outdate(box_doc, _COLOURS)

    def _on_selection_changed(self) -> None:
        if self._tiles.only_selected:
            self._outdate(self._editor.document.rect, _COLOURS)

    def _outdate(self, box_doc: Rect, changed: Roles) -> None:
        """The old pixels show until the new ones are there, slice by slice."""
        self._tiles.outdate(box_doc, changed)
        self._refresh.start()

    def _on_refresh(self) -> None:
        """One slice of showing new colours; the event loop turns between two of them."""
        deadline = time.perf_counter() + SLICE_S
        level = self._view.level
        for pane in self.panes():
            tiles = self._tiles.of(pane.roles)
            while tiles.is_stale and time.perf_counter() < deadline:
                visible = Placement(self._view, pane.box).box_to_doc(pane.box)
                self._repaint_doc(tiles.refresh(level, visible, deadline))
        if not any(self._tiles.of(pane.roles).is_stale for pane in self.panes()):
            self._refresh.stop()
            self.update()

    def _repaint_doc(self, box_doc: Rect) -> None:
        """The picture changed in `box_doc`."""
        if not box_doc.is_empty:
            for pane in self.panes():
                self._frame.outdate(Placement(self._view, pane.box).box_to_device(box_doc))
            self.update_doc(box_doc)

    def _repaint_all(self) -> None:
        self._frame.outdate_all()
        self.update()

    def update_doc(self, box_doc: Rect) -> None:
        """What lies over the picture changed in `box_doc`, or on its rim, where lines may be some pixels wide."""
        if not box_doc.is_empty:
            for pane in self.panes():
                box = self._logical(Placement(self._view, pane.box).box_to_device(box_doc))
                self.update(box.adjusted(-2, -2, 2, 2))

    # Geometry

    def _device(self, position: QPointF) -> Point:
        ratio = self.devicePixelRatioF()
        return Point(position.x() * ratio, position.y() * ratio)

    def _logical(self, box: Rect) -> QRect:
        ratio = self.devicePixelRatioF()
        return QRectF(box.x / ratio, box.y / ratio, box.width / ratio, box.height / ratio).toAlignedRect()

    def panes(self) -> tuple[Pane, ...]:
        """From left to right."""
        ratio = self.devicePixelRatioF()
        width, height = math.ceil(self.width() * ratio), math.ceil(self.height() * ratio)
        if self._mode is not ViewMode.SPLIT:
            own = OWN_PAINT if self._peeks else SHOWN
            return (Pane(RESULT if self._mode is ViewMode.RESULT else own, Rect(0, 0, width, height)),)
        left = round((self.width() * self._split_at - DIVIDER / 2) * ratio)
        right = round((self.width() * self._split_at + DIVIDER / 2) * ratio)
        is_map = self._editor.document.topmost(Role.SOURCE) is not None
        before, after = ("Source", "Map") if is_map else ("Your lines", "Coloured")
        return (
            Pane(OWN_PAINT, Rect(0, 0, left, height), before),
            Pane(OWN_PAINT if self._peeks else RESULT, Rect(right, 0, width - right, height), after),
        )

    def _pane_at(self, position: QPointF) -> Pane:
        panes = self.panes()
        return panes[-1] if self._device(position).x >= panes[-1].box.x else panes[0]

    def _settle(self, view: View | None = None) -> None:
        """Look at it by `view`, by default as before; fitted anew if it was fitted."""
        view = view or self._view
        if self._keeps_fitting:
            ratio = self.devicePixelRatioF()
            smallest = min(self.panes(), key=lambda pane: pane.box.width).box
            margin = FIT_MARGIN_SPLIT if self._mode is ViewMode.SPLIT else FIT_MARGIN
            view = view.fitted(Size(smallest.width, smallest.height), round(margin * ratio))
        self._show_view(view)

    def _show_view(self, view: View) -> None:
        before, self._view = self._view, view
        self._move_frame(before)
        if any(self._tiles.of(pane.roles).is_stale for pane in self.panes()):
            self._refresh.start()  # a half that was out of sight has old colours
        self.view_changed.emit()
        self.update()

    def _move_frame(self, before: View) -> None:
        """A view that was merely panned keeps its pixels: they lie a whole number of pixels further on."""
        panes = self.panes()
        ratio = self.devicePixelRatioF()
        self._frame.resize(Size(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio)))
        is_panned = panes == self._framed and self._view == replace(before, centre_doc=self._view.centre_doc)
        self._framed = panes
        if not is_panned:
            self._frame.outdate_all()
            return
        for pane in panes:
            old, new = Placement(before, pane.box).matrix, Placement(self._view, pane.box).matrix
            self._frame.scroll(round(new[4] - old[4]), round(new[5] - old[5]), pane.box)

    # Painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._settle()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)  # from here on a unit is a pixel of the screen
        self._frame.show(painter, exposed_boxes(event.region(), ratio))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pane in self.panes() if self._overlays else ():
            painter.setClipRect(pane.box.x, pane.box.y, pane.box.width, pane.box.height)
            for overlay in self._overlays:
                painter.save()
                overlay(painter, Placement(self._view, pane.box), ratio)
                painter.restore()
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_beside(painter)
        painter.end()
        self._tell_painted()

    def _paint_beside(self, painter: QPainter) -> None:
        divider = self.divider()
        if divider is not None:
            ratio = self.devicePixelRatioF()
            paint_divider(painter, divider, self.palette())
            for pane in self.panes():
                box = QRectF(pane.box.x / ratio, 0, pane.box.width / ratio, self.height())
                paint_caption(painter, box, pane.caption, self._theme.backdrop(), self.palette())
        if self._ring is not None:
            paint_ring(painter, self._ring, self.ring_radius())

    def _tell_painted(self) -> None:
        if not self._was_painted:
            self._was_painted = True
            self.first_painted.emit()
        if self._owes_result and not self._refresh.isActive():
            self._owes_result = False
            self.result_painted.emit()

    def _paint_frame(self, painter: QPainter, exposed: Rect) -> None:
        for pane in self.panes():
            inside = exposed.intersected(pane.box)
            if not inside.is_empty:
                self._picture_in(pane).paint(painter, inside)

    def _picture_in(self, pane: Pane) -> PanePicture:
        return PanePicture(
            placement=Placement(self._view, pane.box),
            tiles=self._tiles.of(pane.roles),
            backdrop=self._theme.backdrop(),
            ratio=self.devicePixelRatioF(),
            has_grid=self._has_grid,
        )
