"""Pairs out of coloured pages: where they go, and how the lines look, shown on one of the pages."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.training_data import TrainingData
from sketchsause_desktop.ui.fields import ValueField, WheelGuard
from sketchsause_desktop.ui.images import to_image

# Name, label, lowest, highest and usual value of the slider, what one of it is, a tip.
_SLIDERS = (
    ("thickness", "Thickness", 3, 20, 6, 0.1, "How wide the pen is"),
    ("strength", "Strength", 3, 25, 10, 0.1, "How many faint edges become lines"),
    ("softness", "Softness", 1, 30, 6, 0.01, "Low is hard ink, high a soft pencil"),
    ("ink", "Grey", 0, 140, 40, 1.0, "0 is black ink"),
)


class LineStyleDialog(QDialog):
    """The source is only read. `made` brings the folder that holds lines and colours."""

    made = Signal(object)  # Path

    def __init__(self, parent: QWidget, data: TrainingData, source: Path | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Pairs from coloured pages")
        self._data, self._page = data, 0
        self.source = QLineEdit(str(source or ""), placeholderText="A folder of coloured pages")
        self.out = QLineEdit(placeholderText="A new folder for lines and colours")
        self.varied = QCheckBox("Another style of line for each page")
        self.varied.setToolTip("The model then copes with every pen; without it all pages get the lines shown here")
        self.varied.setChecked(True)
        guard = WheelGuard(self)
        self.sliders = {
            name: ValueField(label, lowest, highest, suffix="", guard=guard, tip=tip)
            for name, label, lowest, highest, _, _, tip in _SLIDERS
        }
        for name, _, _, _, usual, _, _ in _SLIDERS:
            self.sliders[name].set_value(usual)
            self.sliders[name].value_changed.connect(self._draw)
        self.pictures = [_Shown("The page"), _Shown("Its lines")]
        self.reason = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.progress = QProgressBar()
        self.progress.hide()
        self.progress.setAccessibleName("Progress")
        self._lay_out()
        self.source.textChanged.connect(self._on_source)
        self.out.textChanged.connect(self._check)
        self.varied.toggled.connect(self._draw)
        data.lines_drawn.connect(self._on_drawn)
        data.progressed.connect(self._on_progress)
        data.made.connect(self._on_made)
        data.failed.connect(self._on_failed)
        self._on_source()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Coloured pages", _with_button(self.source, self._choose_source))
        form.addRow("Pairs go to", _with_button(self.out, self._choose_out))
        row = QHBoxLayout()
        row.setSpacing(10)
        for picture in self.pictures:
            row.addWidget(picture, 1)
        self.another = QPushButton("Another page")
        self.another.clicked.connect(self._on_another)
        line = QHBoxLayout()
        line.addWidget(self.varied, 1)
        line.addWidget(self.another)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.begin = QPushButton("Make pairs", default=True)
        buttons.addButton(self.begin, QDialogButtonBox.ButtonRole.ActionRole)
        self.begin.clicked.connect(self._on_begin)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addLayout(form)
        column.addLayout(row, 1)
        column.addLayout(line)
        for slider in self.sliders.values():
            slider.label.setMinimumWidth(80)
            column.addWidget(slider)
        column.addWidget(self.reason)
        column.addWidget(self.progress)
        column.addWidget(buttons)
        room = self.screen().availableGeometry()
        self.resize(min(720, room.width() - 60), min(640, room.height() - 80))

    @property
    def style_values(self) -> dict[str, float]:
        return {name: round(self.sliders[name].value * unit, 4) for name, _, _, _, _, unit, _ in _SLIDERS}

    def _fault(self) -> str:
        source, out = (Path(each.text().strip()).expanduser() for each in (self.source, self.out))
        if not self.source.text().strip() or not source.is_dir():
            return "Choose the folder that holds the coloured pages."
        if not self.out.text().strip():
            return "Choose a folder for the pairs."
        if out.absolute().is_relative_to(source.absolute()):
            return "The pairs would lie among the pages: choose a folder elsewhere."
        return ""

    def _check(self) -> None:
        fault = self._fault()
        self.begin.setEnabled(not fault and not self._data.is_busy)
        self.reason.setText(fault)

    # The preview

    def _on_source(self) -> None:
        source = self.source.text().strip()
        if source and Path(source).is_dir():
            folder = Path(source).expanduser().absolute()
            self.out.setText(str(folder.with_name(f"{folder.name}-pairs")))
        self._draw()
        self._check()

    def _on_another(self) -> None:
        self._page += 1
        self._draw()

    def _draw(self) -> None:
        for slider in self.sliders.values():
            slider.setEnabled(not self.varied.isChecked())
        source = Path(self.source.text().strip() or "-").expanduser()
        if source.is_dir():
            self._data.draw_lines(source, self._page, self.style_values)

    def _on_drawn(self, picture: np.ndarray | None, lines: np.ndarray | None) -> None:
        if picture is None or lines is None:
            self.reason.setText("There is no page in this folder that can be read.")
            return
        self.pictures[0].show_picture(picture)
        self.pictures[1].show_picture(np.repeat(lines[..., None], 3, axis=2))

    # Making

    def _on_begin(self) -> None:
        self.progress.setRange(0, 0)
        self.progress.show()
        style = None if self.varied.isChecked() else self.style_values
        source, out = (Path(each.text().strip()).expanduser().absolute() for each in (self.source, self.out))
        self._data.make(source, out, style)
        self._check()

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def _on_made(self, out: Path, _sentence: str) -> None:
        self.made.emit(out)
        self.accept()

    def _on_failed(self, sentence: str) -> None:
        self.progress.hide()
        self._check()
        self.reason.setText(f"⚠ {sentence}")

    def reject(self) -> None:
        self._data.stop()
        super().reject()

    def _choose_source(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Coloured pages", self.source.text())
        if folder:
            self.source.setText(folder)

    def _choose_out(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Pairs go to", str(Path(self.out.text()).parent))
        if folder:
            self.out.setText(folder)


class _Shown(QLabel):
    """A picture as large as there is room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(120, 120)

    def show_picture(self, rgb: np.ndarray) -> None:
        self._pixmap = QPixmap.fromImage(to_image(rgb))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._pixmap.isNull():
            return
        ratio = self.devicePixelRatioF()
        kept, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        scaled = self._pixmap.scaled(self.size() * ratio, kept, smooth)
        scaled.setDevicePixelRatio(ratio)
        self.setPixmap(scaled)


def _with_button(field: QLineEdit, choose: object) -> QHBoxLayout:
    button = QPushButton("Choose…")
    button.clicked.connect(choose)
    row = QHBoxLayout()
    row.addWidget(field, 1)
    row.addWidget(button)
    return row
