"""The curves of a run. pyqtgraph draws them; it is imported with the first, since that takes half a second."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sketchsause_desktop.app.run_history import RunHistory, smoothed
from sketchsause_desktop.ui.fields import ValueField, WheelGuard, icon_button
from sketchsause_desktop.ui.theme import Shade, Theme

_GROUPS = {"losses": "Losses", "measures": "Measures on held-out pairs", "rates": "Learning rate"}
_COLOURS: dict[Shade, tuple[str, ...]] = {
    "dark": ("#ff9a66", "#6cb8ff", "#7fd88f", "#d7a6ff", "#ffd866", "#c3c9d1"),
    "light": ("#c2490f", "#1b66b3", "#1d8a4b", "#7a3fb0", "#8a6a00", "#555b63"),
}
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_WIDEST_WINDOW = 0.1  # of all points, at full smoothing


class CurvesView(QWidget):
    """One group of curves at a time, smoothed and on a log axis as one likes."""

    def __init__(self, theme: Theme, guard: WheelGuard) -> None:
        super().__init__()
        self._theme = theme
        self._history = RunHistory()
        self._plot: Any = None  # pyqtgraph has no types
        self._drawn: dict[str, Any] = {}
        self.group = QComboBox()
        self.group.setAccessibleName("Which curves")
        for name, title in _GROUPS.items():
            self.group.addItem(title, name)
        self.smoothing = ValueField("Smooth", 0, 100, suffix=" %", guard=guard, tip="The mean over more points")
        self.smoothing.set_value(20)
        self.smoothing.setMaximumWidth(240)
        self.log = QCheckBox("Log axis")
        self.fit = icon_button("fit", "Show the whole run", self._on_fit)
        guard.watch(self.group)
        self._nothing = QLabel("The curves begin with the first reports.")
        self._nothing.setObjectName("dim")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.group.currentIndexChanged.connect(self._draw_anew)
        self.smoothing.value_changed.connect(self._draw)
        self.log.toggled.connect(self._draw_anew)
        theme.changed.connect(self._draw_anew)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.group)
        row.addStretch(1)
        row.addWidget(self.smoothing, 1)
        row.addWidget(self.log)
        row.addWidget(self.fit)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addLayout(row)
        self._column.addWidget(self._nothing, 1)

    def show_history(self, history: RunHistory) -> None:
        """Draw what `history` holds now; another run's curves go."""
        if history is not self._history:
            self._history = history
            self._draw_anew()
        else:
            self._draw()

    @property
    def drawn(self) -> list[str]:
        """The names of the curves that are shown."""
        return list(self._drawn)

    def _draw_anew(self) -> None:
        if self._plot is not None:
            self._plot.clear()
            self._drawn.clear()
            self._dress()
        self._draw()

    def _draw(self) -> None:
        curves = {name: each for name, each in self._history.curves[self.group.currentData()].items() if len(each)}
        self._nothing.setVisible(not curves)
        if self._plot is None:
            if not curves:
                return
            self._make_plot()
        self._plot.setVisible(bool(curves))
        share = _WIDEST_WINDOW * self.smoothing.value / 100
        for number, (name, series) in enumerate(curves.items()):
            if name not in self._drawn:
                self._drawn[name] = self._plot.plot(name=_title(name), pen=self._pen(number))
                self._drawn[name].setDownsampling(auto=True, method="peak")
                self._drawn[name].setClipToView(True)
            self._drawn[name].setData(series.steps, smoothed(series.values, share))

    def _make_plot(self) -> None:
        import pyqtgraph

        self._plot = pyqtgraph.PlotWidget()
        self._plot.setAccessibleName("Curves of the run")
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.addLegend(offset=(-8, 8))
        self._plot.setLabel("bottom", "step")
        self._plot.getPlotItem().layout.setContentsMargins(0, 0, 0, 6)  # the label stands five pixels below its axis
        self._plot.getAxis("bottom").enableAutoSIPrefix(False)
        self._plot.getAxis("left").enableAutoSIPrefix(False)
        self._plot.showGrid(x=True, y=True, alpha=0.15)
        self._column.addWidget(self._plot, 1)
        self._dress()

    def _dress(self) -> None:
        """The theme's colours, and the axis."""
        text = self.palette().color(QPalette.ColorRole.WindowText)
        self._plot.setBackground(self.palette().color(QPalette.ColorRole.Base))
        for side in ("left", "bottom"):
            self._plot.getAxis(side).setPen(QColor(text))
            self._plot.getAxis(side).setTextPen(QColor(text))
        self._plot.getPlotItem().legend.setLabelTextColor(QColor(text))
        self._plot.setLogMode(y=self.log.isChecked())
        self._plot.enableAutoRange()

    def _pen(self, number: int) -> QPen:
        """Colours and strokes go round at different lengths, so that no two are told apart by colour alone."""
        colours = _COLOURS[self._theme.shade]
        width = 1.6 * self.devicePixelRatioF()  # a cosmetic pen counts pixels of the screen
        pen = QPen(QColor(colours[number % len(colours)]), width, _STYLES[number % len(_STYLES)])
        pen.setCosmetic(True)
        return pen

    def _on_fit(self) -> None:
        if self._plot is not None:
            self._plot.enableAutoRange()


_TITLES = {
    "d": "discriminator",
    "g": "generator",
    "gan": "adversarial",
    "l1": "L1",
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "psnr_hinted": "PSNR with hints, dB",
    "ssim_hinted": "SSIM with hints",
}


def _title(name: str) -> str:
    return _TITLES.get(name, name.replace("_", " "))
