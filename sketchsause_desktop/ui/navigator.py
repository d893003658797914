"""The navigator: the whole drawing in small, the part in sight framed; zoom and angle of the view."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QDial, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.geometry import Point
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.fields import ReturnToCanvas, ValueField, WheelGuard, action_button
from sketchsause_desktop.ui.thumbnail import SmallPicture, Thumbnail
from sketchsause_desktop.ui.view_geometry import MAX_ZOOM, Placement

FRAME_COLOURS = ((QColor(255, 255, 255, 200), 3.0), (QColor(210, 40, 60), 1.5))  # seen on any picture
SHADE = QColor(0, 0, 0, 70)  # over what is out of sight
STEP = 0.1  # of the visible part, for an arrow key


class Overview(SmallPicture):
    """The small picture. A click or drag brings the place under the pointer into the middle of the canvas."""

    def __init__(self, canvas: CanvasView, thumbnail: Thumbnail) -> None:
        super().__init__(thumbnail)
        self._canvas = canvas
        self.setAccessibleName("Overview of the drawing")
        self.setToolTip("Drag to move the view, turn the wheel to zoom")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        canvas.view_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, 130)

    def in_sight(self) -> QPolygonF:
        """What the canvas shows, logical pixels."""
        page, scale = self.page(), self.page().width() / self._canvas.view.size_doc.width
        pane = self._canvas.panes()[0].box
        placement = Placement(self._canvas.view, pane)
        corners = ((pane.x, pane.y), (pane.right, pane.y), (pane.right, pane.bottom), (pane.x, pane.bottom))
        places = [placement.to_doc(Point(*corner)) for corner in corners]
        return QPolygonF([QPointF(page.x() + place.x * scale, page.y() + place.y * scale) for place in places])

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_page(painter)
        page, visible = self.page(), self.in_sight()
        painter.setClipRect(page)
        whole = QPolygonF(page)
        if not visible.intersected(whole).isEmpty():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(SHADE)
            painter.drawPolygon(whole.subtracted(visible))
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        framed = visible.intersected(QPolygonF(page.adjusted(-1, -1, 1, 1)))
        for colour, width in FRAME_COLOURS:
            painter.setPen(QPen(colour, width))
            painter.drawPolygon(framed)
        self.paint_focus(painter)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            page, position = self.page(), event.position()
            scale = page.width() / self._canvas.view.size_doc.width
            self._canvas.centre_on(Point((position.x() - page.x()) / scale, (position.y() - page.y()) / scale))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._canvas.set_zoom(self._canvas.view.zoom * 2 ** (event.angleDelta().y() / 360))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (1, 0),
            Qt.Key.Key_Right: (-1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        dx, dy = steps.get(Qt.Key(event.key()), (0, 0))
        if (dx, dy) == (0, 0):
            super().keyPressEvent(event)
        else:
            self._canvas.pan(dx * STEP * self._canvas.width(), dy * STEP * self._canvas.height())


class Navigator(QWidget):
    def __init__(
        self,
        canvas: CanvasView,
        editor: Editor,
        actions: Sequence[QAction],
        *,
        guard: WheelGuard,
        returns: ReturnToCanvas,
    ) -> None:
        """`actions` become buttons at the bottom."""
        super().__init__()
        self._canvas = canvas
        self.thumbnail = Thumbnail(editor, self)
        self.overview = Overview(canvas, self.thumbnail)
        self.zoom = ValueField(
            "Zoom", 1, round(MAX_ZOOM * 100), suffix=" %", guard=guard, bend=3.0, tip="Zoom; on the canvas the wheel"
        )
        self.dial = QDial(wrapping=True)
        self.angle = QSpinBox(suffix="°")
        self._make_angle(guard, returns)
        returns.watch(self.zoom.number)
        self._lay_out(actions)
        self.zoom.value_changed.connect(lambda per_cent: canvas.set_zoom(per_cent / 100))
        canvas.view_changed.connect(self._show_view)
        self._show_view()

    def _make_angle(self, guard: WheelGuard, returns: ReturnToCanvas) -> None:
        self.dial.setFixedSize(34, 34)
        self.dial.setRange(-180, 180)
        self.dial.setPageStep(15)
        self.angle.setRange(-180, 180)
        self.angle.setWrapping(True)
        self.angle.setKeyboardTracking(False)
        self.angle.setObjectName("plain")  # without buttons: the dial does their work
        self.angle.setFixedWidth(self.fontMetrics().horizontalAdvance("-180°") + 24)
        for control in (self.dial, self.angle):
            control.setAccessibleName("Angle of the view")
            control.setToolTip("Angle of the view; on the canvas drag with Shift+Space")
            control.valueChanged.connect(self._canvas.set_angle)
        guard.watch(self.dial, self.angle)
        returns.watch(self.angle)

    def _lay_out(self, actions: Sequence[QAction]) -> None:
        turn = QHBoxLayout()
        turn.setSpacing(4)
        turn.addWidget(self.dial)
        turn.addWidget(self.angle)
        turn.addStretch(1)
        for action in actions:
            turn.addWidget(action_button(action, 18))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 8)
        column.setSpacing(6)
        column.addWidget(self.overview, 1)
        column.addWidget(self.zoom)
        column.addLayout(turn)

    def _show_view(self) -> None:
        view = self._canvas.view
        self.zoom.set_value(round(view.zoom * 100))
        for control in (self.dial, self.angle):
            with QSignalBlocker(control):
                control.setValue(round(view.angle))
