"""What mouse, pen, wheel and touch pad do on the canvas: drags to the tool in hand, panning and zooming to the view."""

import enum
import math
import time

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QTabletEvent,
    QWheelEvent,
)

from sketchsause_desktop.app.brush_tool import BrushTool
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.tool_handlers import make_handlers
from sketchsause_desktop.app.tools import BRUSHES, Modifier, Preview, Tool, ToolHandler
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Point
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.pen import PenCleaner, PenPoint
from sketchsause_desktop.ui.tool_preview import box_of, paint_preview
from sketchsause_desktop.ui.view_geometry import Placement

WHEEL_NOTCH = 120.0
ZOOM_PER_NOTCH = 2 ** (1 / 3)
SMALLEST_RING = 2.5  # logical pixels; a smaller brush gets a cross instead
PEN_GONE_S = 0.5  # without an event of the pen, the mouse is a mouse again
DIVIDER_REACH = 3  # logical pixels beside the bar that still take hold of it

CLICK_REACH = 4  # logical pixels
PICKS_WITH_CONTROL = BRUSHES | {Tool.FILL, Tool.GRADIENT}

_LEFT = Qt.MouseButton.LeftButton
_MIDDLE = Qt.MouseButton.MiddleButton


class _Drag(enum.Enum):
    TOOL = "tool"
    PAN = "pan"
    ZOOM = "zoom"
    TURN = "turn"
    DIVIDER = "divider"


def held(modifiers: Qt.KeyboardModifier) -> Modifier:
    pairs = (
        (Qt.KeyboardModifier.ShiftModifier, Modifier.SHIFT),
        (Qt.KeyboardModifier.ControlModifier, Modifier.CONTROL),
        (Qt.KeyboardModifier.AltModifier, Modifier.ALT),
    )
    result = Modifier.NONE
    for key, modifier in pairs:
        if modifiers & key:
            result |= modifier
    return result


class CanvasPointer(QObject):
    """Filters the canvas' events. One drag at a time; a drag stays in the half of the view in which it began."""

    pressure_missing = Signal()  # the pen's pressure never changes; said once

    def __init__(self, canvas: CanvasView, editor: Editor) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._editor = editor
        self._cleaner = PenCleaner()
        self._handlers = dict(make_handlers(editor, self._slack))
        self._eraser_end = BrushTool(editor, self._slack, erases=True)
        self._handler: ToolHandler = self._eraser_end  # of the drag in progress, or of the last one
        self._preview: Preview = ()
        self._drag: _Drag | None = None
        self._origin = QPointF()
        self._last = QPointF()
        self._hover: QPointF | None = None
        self._space = False
        self._pen_is_near = False
        self._pen_seen_at = 0.0  # monotonic clock
        self._button = Qt.MouseButton.NoButton  # that began the drag
        canvas.setMouseTracking(True)
        canvas.setTabletTracking(True)
        canvas.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents, False)
        canvas.installEventFilter(self)
        editor.tool_changed.connect(self._show_cursor)
        editor.brush_changed.connect(self._show_cursor)
        canvas.view_changed.connect(self._show_cursor)
        editor.document_replaced.connect(self.cancel)
        canvas.add_overlay(self._paint_preview)
        self._show_cursor()

    def add_handler(self, tool: Tool, handler: ToolHandler) -> None:
        """For a tool that needs more than the editor."""
        self._handlers[tool] = handler

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._canvas:
            return False
        kind = event.type()
        if isinstance(event, QTabletEvent):
            return self._on_tablet(event)
        if isinstance(event, QMouseEvent):
            return self._on_mouse(event)
        if isinstance(event, QWheelEvent):
            return self._on_wheel(event)
        if isinstance(event, QKeyEvent):
            return self._on_key(event)
        if isinstance(event, QNativeGestureEvent):
            return self._on_gesture(event)
        if kind == QEvent.Type.Leave:
            self._set_hover(None)
        elif isinstance(event, QFocusEvent) and event.lostFocus():
            self._on_focus_lost(event.reason())
        return False

    # Mouse and pen

    @property
    def is_dragging(self) -> bool:
        return self._drag is not None

    def set_pen_near(self, near: bool) -> None:
        """The pen came near the tablet or went; while it is near, the mouse events made of its own are not heeded."""
        self._pen_is_near = near
        self._pen_seen_at = time.monotonic()
        if not near and self._drag is not None:
            self._release()  # the pen vanished in the middle of a stroke

    def _on_mouse(self, event: QMouseEvent) -> bool:
        if self._is_pens(event):
            return True  # the pen's own events tell it better
        kind = event.type()
        if self._drag is not None and event.buttons() == Qt.MouseButton.NoButton:
            self._release()  # the button was let go where the canvas was not told, over a dialog for one
            if kind == QEvent.Type.MouseButtonRelease:
                return True
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._press(PenPoint(position=event.position()), event.button(), event.modifiers())
        elif kind == QEvent.Type.MouseMove:
            self._move(PenPoint(position=event.position()), event.modifiers())
        elif kind == QEvent.Type.MouseButtonRelease and event.button() == self._button:
            self._release()
        return True

    def _is_pens(self, event: QMouseEvent) -> bool:
        """Whether a pen made this event. Not every system tells when the pen goes, so its nearness ends by itself."""
        if event.source() != Qt.MouseEventSource.MouseEventNotSynthesized:
            return True
        if self._pen_is_near and self._drag is None and time.monotonic() - self._pen_seen_at > PEN_GONE_S:
            self._pen_is_near = False
        return self._pen_is_near

    def _on_tablet(self, event: QTabletEvent) -> bool:
        self._pen_is_near = True
        self._pen_seen_at = time.monotonic()
        kind = event.type()
        if kind == QEvent.Type.TabletPress:
            self._cleaner.begin()
        point = self._cleaner.from_tablet(event)
        event.accept()
        if kind == QEvent.Type.TabletRelease:
            self._release()
            if self._cleaner.watch.end():
                self.pressure_missing.emit()
        elif point is not None and kind == QEvent.Type.TabletPress:
            self._press(point, event.button(), event.modifiers())
        elif point is not None and kind == QEvent.Type.TabletMove:
            self._move(point, event.modifiers())
        return True

    def _press(self, point: PenPoint, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._drag is not None:
            return
        self._drag = self._drag_for(point.position, button, modifiers)
        self._button = button
        self._origin = self._last = point.position
        if self._drag is _Drag.TOOL:
            self._handler = self._handler_for(point, modifiers)
            self._handler.press(self._sample(point), held(modifiers))
            self._show_preview()
        self._set_hover(point.position)
        self._show_cursor()

    def _drag_for(self, position: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> _Drag | None:
        if button == _MIDDLE:
            return _Drag.PAN
        if button != _LEFT:
            return None
        if self._space:
            return _view_drag(modifiers)
        if self._is_on_divider(position):
            return _Drag.DIVIDER
        return _Drag.PAN if self._editor.tool is Tool.HAND else _Drag.TOOL

    def _handler_for(self, point: PenPoint, modifiers: Qt.KeyboardModifier) -> ToolHandler:
        tool = self._editor.tool
        if point.erases:
            return self._eraser_end
        if tool in PICKS_WITH_CONTROL and modifiers & Qt.KeyboardModifier.ControlModifier:
            return self._handlers[Tool.PICKER]
        return self._handlers[tool]

    def _move(self, point: PenPoint, modifiers: Qt.KeyboardModifier) -> None:
        position = point.position
        before, self._last = self._last, position
        moved = position - before
        if self._drag is _Drag.TOOL:
            self._handler.move(self._sample(point), held(modifiers))
            self._show_preview()
        elif self._drag is _Drag.PAN:
            self._canvas.pan(moved.x(), moved.y())
        elif self._drag is _Drag.ZOOM:
            self._canvas.set_zoom(self._canvas.view.zoom * math.exp(-moved.y() / 120), self._origin)
        elif self._drag is _Drag.TURN:
            self._canvas.turn(before, position, self._origin)
        elif self._drag is _Drag.DIVIDER:
            self._canvas.move_divider(position.x())
        self._set_hover(position)

    def _sample(self, point: PenPoint) -> PenSample:
        """In the document, whose right may be anywhere in the view: the pen's leaning is turned along."""
        place = self._canvas.to_doc(point.position, self._origin)
        across, down = point.tilt
        if not across and not down:
            return PenSample(place.x, place.y, point.pressure)
        towards = self._canvas.to_doc(point.position + QPointF(across, down), self._origin) - place
        scale = math.hypot(across, down) / math.hypot(towards.x, towards.y)
        return PenSample(place.x, place.y, point.pressure, towards.x * scale, towards.y * scale)

    def _slack(self) -> float:
        """How far in document pixels a click may go before it is a drag."""
        return CLICK_REACH * self._canvas.devicePixelRatioF() / self._canvas.view.zoom

    def _show_preview(self) -> None:
        before, self._preview = self._preview, self._handler.preview()
        if before or self._preview:
            self._canvas.update_doc(box_of(before).united(box_of(self._preview)))

    def _paint_preview(self, painter: QPainter, placement: Placement, ratio: float) -> None:
        def to_view(point: Point) -> QPointF:
            place = placement.to_device(point)
            return QPointF(place.x / ratio, place.y / ratio)

        painter.scale(ratio, ratio)
        paint_preview(painter, self._preview, to_view)

    def cancel(self) -> None:
        """Take back the drag in progress (Escape, another drawing)."""
        if self._drag is _Drag.TOOL:
            self._drag = None
            self._handler.cancel()
            self._show_preview()
            self._show_cursor()

    def _release(self) -> None:
        drag, self._drag = self._drag, None
        if drag is _Drag.TOOL:
            self._handler.release()
            self._show_preview()
        self._show_cursor()

    # Wheel, touch pad, keys

    def _on_wheel(self, event: QWheelEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        finger = event.pixelDelta()
        if not finger.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase and not control:
            self._canvas.pan(finger.x(), finger.y())  # two fingers on a touch pad
        else:
            notches = (event.angleDelta().y() or event.angleDelta().x()) / WHEEL_NOTCH
            if notches:
                self._canvas.set_zoom(self._canvas.view.zoom * ZOOM_PER_NOTCH**notches, event.position())
        event.accept()
        return True

    def _on_gesture(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._canvas.set_zoom(self._canvas.view.zoom * (1 + event.value()), event.position())
            return True
        if event.gestureType() == Qt.NativeGestureType.RotateNativeGesture:
            self._canvas.set_angle(self._canvas.view.angle + event.value())
            return True
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        pressed = event.type() == QEvent.Type.KeyPress
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space = pressed
                self._show_cursor()
            return True
        if event.key() == Qt.Key.Key_QuoteLeft:
            if not event.isAutoRepeat():
                self._canvas.set_peek(pressed)
            return True
        if event.key() == Qt.Key.Key_Escape and pressed and self._drag is _Drag.TOOL:
            self.cancel()
            return True
        return self._pan_by_key(event.key()) if pressed else False

    def _pan_by_key(self, key: int) -> bool:
        steps = {
            Qt.Key.Key_Left: (1, 0),
            Qt.Key.Key_Right: (-1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        dx, dy = steps.get(Qt.Key(key), (0, 0))
        if (dx, dy) == (0, 0):
            return False
        self._canvas.pan(dx * self._canvas.width() / 10, dy * self._canvas.height() / 10)
        return True

    def _on_focus_lost(self, reason: Qt.FocusReason) -> None:
        self._space = False
        if reason is not Qt.FocusReason.PopupFocusReason:  # the menu has a command that ends it
            self._canvas.set_peek(False)
        self._show_cursor()

    # Cursor

    def _is_on_divider(self, position: QPointF) -> bool:
        divider = self._canvas.divider()
        return divider is not None and divider.adjusted(-DIVIDER_REACH, 0, DIVIDER_REACH, 0).contains(position)

    def _set_hover(self, position: QPointF | None) -> None:
        self._hover = position
        self._show_cursor()

    def _show_cursor(self) -> None:
        """The brush is its outline; everything else a cursor of the system."""
        shape, ring = self._wanted_cursor()
        if self._canvas.cursor().shape() != shape:
            self._canvas.setCursor(QCursor(shape))
        self._canvas.show_ring(ring)

    def _wanted_cursor(self) -> tuple[Qt.CursorShape, QPointF | None]:
        if self._drag is _Drag.DIVIDER or (
            self._drag is None and self._hover is not None and self._is_on_divider(self._hover)
        ):
            return Qt.CursorShape.SplitHCursor, None
        if self._drag in (_Drag.PAN, _Drag.ZOOM, _Drag.TURN):
            return Qt.CursorShape.ClosedHandCursor, None
        if self._space or (self._editor.tool is Tool.HAND and self._drag is None):
            return Qt.CursorShape.OpenHandCursor, None
        if self._editor.tool is Tool.MOVE:
            return Qt.CursorShape.SizeAllCursor, None
        if self._editor.tool not in BRUSHES or self._canvas.ring_radius() < SMALLEST_RING or self._preview:
            return Qt.CursorShape.CrossCursor, None
        return Qt.CursorShape.BlankCursor, self._hover


def _view_drag(modifiers: Qt.KeyboardModifier) -> _Drag:
    """What a drag does while Space is held."""
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return _Drag.ZOOM
    return _Drag.TURN if modifiers & Qt.KeyboardModifier.ShiftModifier else _Drag.PAN
