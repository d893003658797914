"""A window of its own that shows the result alone: for a second screen, or beside the drawing."""

from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.ui.canvas_pointer import WHEEL_NOTCH, ZOOM_PER_NOTCH
from sketchsause_desktop.ui.canvas_view import CanvasView, ViewMode
from sketchsause_desktop.ui.theme import Theme

STEP = 0.1  # of the view, for an arrow key
_LAYOUT = "result-window"
_MARGIN = 16  # logical pixels
_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_ZOOMS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class ResultView(CanvasView):
    """The result, to look at: dragging, the wheel, arrows, plus and minus move it; nothing paints on it."""

    moved = Signal()  # by its user

    def __init__(self, editor: Editor, theme: Theme) -> None:
        super().__init__(editor, theme)
        self._held: QPointF | None = None
        self.set_mode(ViewMode.RESULT)
        self.setAccessibleName("Result")
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            way, self._held = event.position() - self._held, event.position()
            self.pan(way.x(), way.y())
            self.moved.emit()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._held = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / WHEEL_NOTCH
        self.set_zoom(self.view.zoom * ZOOM_PER_NOTCH**notches, event.position())
        self.moved.emit()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS:
            dx, dy = _ARROWS[key]
            self.pan(dx * STEP * self.width(), dy * STEP * self.height())
        elif key in _ZOOMS:
            self.step_zoom(_ZOOMS[key])
        else:
            super().keyPressEvent(event)
            return
        self.moved.emit()


class ResultWindow(QWidget):
    """Follows the zoom and the place of `canvas`, and leads them, as long as its box is checked."""

    closed = Signal()

    def __init__(self, parent: QWidget, canvas: CanvasView, editor: Editor, theme: Theme, settings: Settings) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._canvas, self._editor, self._settings = canvas, editor, settings
        self.view = ResultView(editor, theme)
        self.link = QCheckBox("&Same zoom as the drawing")
        self.link.setChecked(settings.preferences.result_follows)
        self.link.setToolTip("Show the same part of the picture in both windows")
        fit = QPushButton("&Fit")
        fit.setToolTip("Show the whole picture")
        fit.clicked.connect(self._on_fit)
        self._zoom = QLabel()
        self._zoom.setAccessibleName("Zoom")
        self._lay_out(fit)
        self.link.toggled.connect(self._on_link)
        self.view.moved.connect(self._on_moved)
        self.view.view_changed.connect(self._show_zoom)
        canvas.view_changed.connect(self._follow)
        editor.document_replaced.connect(self._follow)  # after the view itself has changed the drawing
        editor.drawings_changed.connect(self._show_title)
        self._show_title()
        self._place()
        self._follow()
        self._show_zoom()
        self.view.setFocus()  # the arrows move the picture at once

    def _lay_out(self, fit: QPushButton) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(12)
        row.addWidget(self.link)
        row.addStretch(1)
        row.addWidget(self._zoom)
        row.addWidget(fit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addLayout(row)

    def _place(self) -> None:
        """Where it was last, else over the lower right of the canvas, so that much of the drawing can still be seen."""
        state = self._settings.layout(_LAYOUT)
        if state.isEmpty() or not self.restoreGeometry(state):
            canvas = self._canvas
            size = QSize(round(canvas.width() * 0.45), round(canvas.height() * 0.6))
            corner = QPoint(canvas.width() - size.width() - _MARGIN, canvas.height() - size.height() - _MARGIN)
            self.setGeometry(QRect(canvas.mapToGlobal(corner), size))

    @property
    def is_linked(self) -> bool:
        return bool(self.link.isChecked())

    def _follow(self) -> None:
        if self.is_linked:
            self.view.set_view(self._canvas.view)

    def _on_moved(self) -> None:
        if self.is_linked:
            self._canvas.set_view(self.view.view)

    def _on_link(self, on: bool) -> None:
        self._settings.change(replace(self._settings.preferences, result_follows=on))
        self._follow()

    def _on_fit(self) -> None:
        (self._canvas if self.is_linked else self.view).fit()

    def _show_zoom(self) -> None:
        self._zoom.setText(f"{self.view.view.zoom * 100:.0f} %")

    def _show_title(self) -> None:
        self.setWindowTitle(f"Result of {self._editor.title}")

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.keep_layout(_LAYOUT, self.saveGeometry())
        event.accept()
        self.closed.emit()
