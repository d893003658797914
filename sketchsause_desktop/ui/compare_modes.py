"""The bar above a compared picture: how it is looked at, what the difference is of, and the zoom."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from sketchsause_desktop.app.compare_difference import GAINS, ramp
from sketchsause_desktop.app.compare_images import Difference
from sketchsause_desktop.ui.compare_view import CompareView, Mode
from sketchsause_desktop.ui.fields import WheelGuard, icon_button

_MODES = {
    Mode.SLIDER: ("Slider", "A left of the line, B right of it; drag the line, or move it with the arrow keys"),
    Mode.SIDE: ("Side by side", "Both in whole; they zoom and move together"),
    Mode.DIFFERENCE: ("Difference", "Where two pictures differ, and how much"),
}
_PAIRS = {("a", "b"): "A against B", ("a", "truth"): "A against the truth", ("b", "truth"): "B against the truth"}


class CompareModes(QWidget):
    changed = Signal()

    def __init__(self, view: CompareView, guard: WheelGuard) -> None:
        super().__init__()
        self._view = view
        self._group = QButtonGroup(self)
        self.buttons: dict[Mode, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for mode, (words, tip) in _MODES.items():
            button = QToolButton()
            button.setText(words)
            button.setToolTip(f"{tip}\nKey: V for the next way")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button)
            self.buttons[mode] = button
            row.addWidget(button)
        self.buttons[Mode.SLIDER].setChecked(True)
        self.pair = QComboBox()
        self.pair.setAccessibleName("What is set against what")
        self.gain = QComboBox()
        self.gain.setAccessibleName("How much the difference is multiplied")
        for gain in GAINS:
            self.gain.addItem(f"× {gain}", gain)
        self.gain.setCurrentIndex(1)
        self.legend = _Legend()
        self._difference = (self.pair, self.gain, self.legend)
        guard.watch(self.pair, self.gain)
        row.addSpacing(8)
        for part in self._difference:
            row.addWidget(part)
        row.addStretch(1)
        self.zoom = QLabel()
        self.zoom.setAccessibleName("Zoom")
        row.addWidget(self.zoom)
        row.addWidget(icon_button("fit", "The whole picture (2)", view.fit))
        row.addWidget(icon_button("actual-size", "Each pixel on one of the screen (1)", lambda: view.set_zoom(1.0)))
        self.show_truth(False)
        self._group.buttonToggled.connect(self._on_toggled)
        self.pair.currentIndexChanged.connect(self._on_changed)
        self.gain.currentIndexChanged.connect(self._on_changed)
        view.view_changed.connect(self._show_zoom)
        self._show()

    @property
    def mode(self) -> Mode:
        return next(mode for mode, button in self.buttons.items() if button.isChecked())

    def choose(self, mode: Mode) -> None:
        self.buttons[mode].setChecked(True)

    def next_mode(self) -> None:
        modes = list(self.buttons)
        self.choose(modes[(modes.index(self.mode) + 1) % len(modes)])

    @property
    def difference(self) -> Difference | None:
        """What is asked for; None where the mode is another."""
        if self.mode is not Mode.DIFFERENCE:
            return None
        one, other = self.pair.currentData()
        return Difference(one=one, other=other, gain=self.gain.currentData())

    @property
    def pair_words(self) -> str:
        return str(self.pair.currentText())

    def show_truth(self, has_truth: bool) -> None:
        """Offer to set against the truth, where there is one."""
        chosen = self.pair.currentData()
        with QSignalBlocker(self.pair):
            self.pair.clear()
            for roles, words in _PAIRS.items():
                if has_truth or "truth" not in roles:
                    self.pair.addItem(words, roles)
            places = [row for row in range(self.pair.count()) if self.pair.itemData(row) == chosen]
            self.pair.setCurrentIndex(places[0] if places else 0)

    def _on_toggled(self, _button: object, is_on: bool) -> None:
        if is_on:
            self._on_changed()

    def _on_changed(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        for part in self._difference:
            part.setVisible(self.mode is Mode.DIFFERENCE)
        self.legend.show_gain(self.gain.currentData())

    def _show_zoom(self) -> None:
        self.zoom.setText("" if self._view.is_empty else f"{self._view.zoom * 100:.0f} %")


class _Legend(QWidget):
    """What the colours of the difference mean: from 0 to the difference that is white."""

    def __init__(self) -> None:
        super().__init__()
        self._top = 255
        self._colours = ramp()
        self.setFixedHeight(self.fontMetrics().height() + 8)
        self.setFixedWidth(210)
        self.setAccessibleName("Legend of the difference")

    def show_gain(self, gain: int) -> None:
        self._top = -(-255 // gain)
        self.setToolTip(
            "The largest of the differences in red, green and blue, of 255.\n"
            f"Black is the same; what differs by {self._top} or more is as bright as can be."
        )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = self.fontMetrics()
        first, last = "same", f"{self._top} of 255"
        left, right = metrics.horizontalAdvance(first) + 6, metrics.horizontalAdvance(last) + 6
        bar = self.rect().adjusted(left, 6, -right, -6)
        shades = QLinearGradient(bar.left(), 0, bar.right(), 0)
        for place in range(0, 256, 51):
            shades.setColorAt(place / 255, QColor(*self._colours[place].tolist()))
        painter.fillRect(bar, QBrush(shades))
        painter.setPen(self.palette().mid().color())
        painter.drawRect(bar)
        painter.setPen(self.palette().windowText().color())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignLeft, first)
        painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignRight, last)
        painter.end()
