"""What the model painted on its way: one grid of pictures for each time it was asked, and a slider through them."""

from pathlib import Path

from PySide6.QtCore import QRect, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QImageReader, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSlider, QVBoxLayout, QWidget

from sketchsause_desktop.app.run_history import RunHistory
from sketchsause_desktop.ui.fields import WheelGuard


class SamplesView(QWidget):
    """Follows the newest sample until the slider is moved away from the end."""

    def __init__(self, guard: WheelGuard) -> None:
        super().__init__()
        self._folder = Path()
        self._samples: list[tuple[int, str]] = []
        self._shown: Path | None = None
        self.picture = _Picture()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Which sample")
        self.slider.setPageStep(1)
        self.slider.setToolTip("From the first step to the last; the arrow keys go one by one")
        self.label = QLabel()
        self.label.setMinimumWidth(self.label.fontMetrics().horizontalAdvance("step 0000000"))
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        guard.watch(self.slider)
        self.slider.valueChanged.connect(self._show)
        self.caption = QLabel("Left to right: given, painted, with hints where the model takes them, wanted.")
        self.caption.setObjectName("dim")
        self.caption.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self.label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(self.picture)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.verticalScrollBar().setAccessibleName("Scroll the sample")
        column.addWidget(scroll, 1)
        column.addWidget(self.caption)
        column.addLayout(row)

    def show_history(self, folder: Path, history: RunHistory) -> None:
        was_last = self.slider.value() >= len(self._samples) - 1 or folder != self._folder
        self._folder, self._samples = folder, list(history.samples)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(0, len(self._samples) - 1))
            if was_last:
                self.slider.setValue(self.slider.maximum())
        self.slider.setEnabled(len(self._samples) > 1)
        self._show()

    @property
    def step(self) -> int | None:
        """Of the sample that is shown."""
        place = self.slider.value()
        return self._samples[place][0] if place < len(self._samples) else None

    def _show(self) -> None:
        if self.step is None:
            self._shown = None
            self.label.clear()
            self.caption.setVisible(False)
            self.picture.set_pixmap(QPixmap(), "The first pictures are painted before the first step.")
            return
        self.label.setText(f"step {self.step}")
        self.caption.setVisible(True)
        path = self._folder / self._samples[self.slider.value()][1]
        if path != self._shown:
            self._shown = path
            image = QImageReader(str(path)).read()
            missing = f"{path.name} is not there any more."
            self.picture.set_pixmap(QPixmap.fromImage(image) if not image.isNull() else QPixmap(), missing)
            self.picture.setAccessibleName(f"Sample of step {self.step}")


class _Picture(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._pixmap, self._words = QPixmap(), ""

    def set_pixmap(self, pixmap: QPixmap, words: str) -> None:
        """`words` are shown where there is no picture."""
        self._pixmap, self._words = pixmap, words
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @property
    def _shown_size(self) -> QSize:
        """As wide as there is room, but no pixel larger than two of the screen's."""
        width = min(self.width(), 2 * self._pixmap.width())
        return QSize(width, round(width * self._pixmap.height() / max(1, self._pixmap.width())))

    def _fit(self) -> None:
        self.setMinimumHeight(120 if self._pixmap.isNull() else self._shown_size.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._pixmap.isNull():
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._shown_size
        place = QRect((self.width() - size.width()) // 2, 0, size.width(), size.height())
        painter.drawPixmap(place, self._pixmap)
