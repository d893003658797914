"""The line at the bottom: size, zoom, device and milliseconds, what live colouring is doing."""

from datetime import datetime

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QStatusBar

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.live_state import mark, report_of
from sketchsause_desktop.ui.theme import Theme


class StatusLine(QStatusBar):
    def __init__(self, *, editor: Editor, live: Live, theme: Theme, canvas: CanvasView) -> None:
        super().__init__()
        self._editor, self._live, self._theme, self._canvas = editor, live, theme, canvas
        self.setSizeGripEnabled(False)
        self.size_label = self._label("Size of the drawing")
        self.zoom_label = self._label("Zoom and angle")
        self.device_label = self._label("Device and time of the last pass")
        self.kept_label = self._label("When the drawing was last kept for after a crash")
        self.saving_label = self._label("File that is being written")
        for label in (self.kept_label, self.saving_label):
            label.hide()
        self._mark = QLabel()
        self.live_label = self._label("State of live colouring")
        self.live_label.setMinimumWidth(self.fontMetrics().horizontalAdvance("Live, up to date") + 18)
        for widget in (self.size_label, self.zoom_label):
            self.addWidget(widget)
        for widget in (self.saving_label, self.kept_label, self.device_label, self._mark, self.live_label):
            self.addPermanentWidget(widget)
        editor.document_replaced.connect(self._show_document)
        canvas.view_changed.connect(self._show_zoom)
        live.pass_finished.connect(self._on_pass)
        for signal in (live.enabled_changed, live.busy_changed, live.reason_changed, live.model_changed):
            signal.connect(self._show_live)
        theme.changed.connect(self._show_live)
        self._show_document()
        self._show_zoom()
        self._show_live()

    def _label(self, name: str) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setToolTip(name)
        return label

    def show_autosaved(self, moment: datetime) -> None:
        self.kept_label.setText(f"autosaved {moment:%H:%M}")
        self.kept_label.show()

    def show_saving(self, fraction: float) -> None:
        """How far the file that is being written is, 0 to 1; 1 takes the words away."""
        self.saving_label.setText(f"saving {100 * fraction:.0f} %")
        self.saving_label.setVisible(fraction < 1)

    def _show_document(self) -> None:
        size = self._editor.document.size
        self.size_label.setText(f"{size.width} × {size.height} px")

    def _show_zoom(self) -> None:
        view = self._canvas.view
        per_cent = view.zoom * 100
        parts = [f"{per_cent:.0f} %" if per_cent >= 10 else f"{per_cent:.1f} %"]
        if view.angle:
            parts.append(f"{view.angle:.0f}°".replace("-", "−"))
        if view.mirrored:
            parts.append("mirrored")
        self.zoom_label.setText(", ".join(parts))

    def _on_pass(self, device: str, elapsed_ms: float) -> None:
        self.device_label.setText(f"{device}, {elapsed_ms:.0f} ms")

    def _show_live(self) -> None:
        report = report_of(self._live)
        self._mark.setPixmap(mark(report.state, self._theme, self.devicePixelRatioF(), 12).pixmap(QSize(12, 12)))
        self.live_label.setText(report.words)
