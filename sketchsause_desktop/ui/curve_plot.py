"""Curves over steps. pyqtgraph draws them; it is imported with the first, since that takes half a second."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sketchsause_desktop.app.run_history import Series, drawable
from sketchsause_desktop.ui.fields import ValueField, WheelGuard, icon_button
from sketchsause_desktop.ui.theme import Shade, Theme

_COLOURS: dict[Shade, tuple[str, ...]] = {
    "dark": ("#ff9a66", "#6cb8ff", "#7fd88f", "#d7a6ff", "#ffd866", "#c3c9d1"),
    "light": ("#c2490f", "#1b66b3", "#1d8a4b", "#7a3fb0", "#8a6a00", "#555b63"),
}
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_LEGEND_OPACITY = 205  # of 255
_WIDEST_WINDOW = 0.1  # of all points, at full smoothing


class CurvePlot(QWidget):
    """Those of `curves`, for what is chosen in `choice`; smoothed and on a log axis as one likes."""

    def __init__(self, theme: Theme, guard: WheelGuard, *, choice_name: str, nothing: str) -> None:
        """`nothing` is shown while there are no curves."""
        super().__init__()
        self._theme = theme
        self._plot: Any = None  # pyqtgraph has no types
        self._drawn: dict[str, Any] = {}
        self.choice = QComboBox()
        self.choice.setAccessibleName(choice_name)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.smoothing = ValueField("Smooth", 0, 100, suffix=" %", guard=guard, tip="The mean over more points")
        self.smoothing.set_value(20)
        self.smoothing.setMaximumWidth(240)
        self.log = QCheckBox("Log axis")
        self.fit = icon_button("fit", "Show the whole run", self._on_fit)
        guard.watch(self.choice)
        self._nothing = QLabel(nothing, wordWrap=True)
        self._nothing.setObjectName("dim")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.choice.currentIndexChanged.connect(self.draw_anew)
        self.smoothing.value_changed.connect(self.draw)
        self.log.toggled.connect(self.draw_anew)
        theme.changed.connect(self.draw_anew)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.choice)
        row.addStretch(1)
        row.addWidget(self.smoothing, 1)
        row.addWidget(self.log)
        row.addWidget(self.fit)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addLayout(row)
        self._column.addWidget(self._nothing, 1)

    @abstractmethod
    def curves(self) -> Mapping[str, Series]:
        """By a name of their own."""

    def title(self, name: str) -> str:
        """As the legend has it."""
        return name

    @property
    def drawn(self) -> list[str]:
        """The names of the curves that are shown."""
        return list(self._drawn)

    def draw_anew(self) -> None:
        """Forget what is drawn, and how one looks at it."""
        if self._plot is not None:
            self._plot.clear()
            self._drawn.clear()
            self._dress()
        self.draw()

    def draw(self) -> None:
        """What the curves hold now."""
        curves = {name: each for name, each in self.curves().items() if len(each)}
        self._nothing.setVisible(not curves)
        if self._plot is None:
            if not curves:
                return
            self._make_plot()
        self._plot.setVisible(bool(curves))
        share = _WIDEST_WINDOW * self.smoothing.value / 100
        for number, (name, series) in enumerate(curves.items()):
            if name not in self._drawn:
                self._drawn[name] = self._plot.plot(name=self.title(name), pen=self._pen(number))
                self._drawn[name].setDownsampling(auto=True, method="peak")
                self._drawn[name].setClipToView(True)
            self._drawn[name].setData(*drawable(series, share))

    def _make_plot(self) -> None:
        import pyqtgraph

        self._plot = pyqtgraph.PlotWidget()
        self._plot.setAccessibleName("Curves of the run")
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.addLegend(offset=(-8, 8))
        self._plot.setLabel("bottom", "step")
        self._plot.getPlotItem().layout.setContentsMargins(0, 0, 0, 6)  # the label stands five pixels below its axis
        for side in ("left", "bottom"):
            self._plot.getAxis(side).enableAutoSIPrefix(False)
            self._plot.getAxis(side).setStyle(maxTickLevel=0)  # a grid is slow to draw
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
        legend = self._plot.getPlotItem().legend
        legend.setLabelTextColor(QColor(text))
        behind = self.palette().color(QPalette.ColorRole.Base)
        behind.setAlpha(_LEGEND_OPACITY)  # a curve that passes below is seen, and the words are read
        legend.setBrush(behind)
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


def curve_title(name: str) -> str:
    """Of a loss, a measure or a rate."""
    return _TITLES.get(name, name.replace("_", " "))
