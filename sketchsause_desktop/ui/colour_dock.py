"""The two colours in hand: wheel, sliders, hex field, and the colours that were used before."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QRect, QRegularExpression, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen, QRegularExpressionValidator
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from sketchsause_desktop.app.recent_colours import RecentColours
from sketchsause_desktop.app.settings import Preferences, Settings
from sketchsause_desktop.core.colour_wheel import HSV, OKLCH
from sketchsause_desktop.core.colours import Colour, hex_of_colour
from sketchsause_desktop.core.palettes import Swatch
from sketchsause_desktop.ui.colour_sliders import HSV_CHANNELS, RGB_CHANNELS, ColourSliders
from sketchsause_desktop.ui.colour_wheel import ColourWheel
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard, action_button
from sketchsause_desktop.ui.swatch_grid import SwatchGrid

_WHEELS = {space.title: space for space in (HSV, OKLCH)}
_SLIDERS = {space.title: space for space in (HSV_CHANNELS, RGB_CHANNELS)}


class ColourPanel(QWidget):
    """Shows both colours and changes the foreground. `chosen` tells of the user's choices only."""

    chosen = Signal(tuple)  # Colour

    def __init__(
        self,
        *,
        settings: Settings,
        recent: RecentColours,
        actions: Sequence[QAction],
        guard: WheelGuard,
        returns: ReturnToCanvas,
    ) -> None:
        """`actions`: swap and default."""
        super().__init__()
        self._settings, self._recent = settings, recent
        self._colour: Colour = (0, 0, 0)
        self.wheel = ColourWheel()
        self.sliders = ColourSliders(guard, returns)
        self.pair = ColourPair()
        self.hex = _hex_field()
        self.recent = SwatchGrid("Recent colours", cell=20, rows=1)
        self.wheel_box = _choice(_WHEELS, "What the wheel shows", guard)
        self.sliders_box = _choice(_SLIDERS, "What the sliders are", guard)
        returns.watch(self.hex, self.wheel_box, self.sliders_box)
        self._lay_out(actions)
        self._connect()
        self._show_preferences(settings.preferences)
        self._show_recent()
        self.show_colours((0, 0, 0), (255, 255, 255))

    def _lay_out(self, actions: Sequence[QAction]) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for action in actions:
            buttons.addWidget(action_button(action))
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self.pair, 0, Qt.AlignmentFlag.AlignHCenter)
        side.addLayout(buttons)
        side.addStretch(1)
        side.addWidget(self.wheel_box)
        upper = QHBoxLayout()
        upper.setSpacing(6)
        upper.addWidget(self.wheel, 1)
        upper.addLayout(side)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.sliders_box)
        line.addWidget(self.hex, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 8)
        column.setSpacing(6)
        column.addLayout(upper, 1)
        column.addLayout(line)
        column.addWidget(self.sliders)
        column.addWidget(self.recent)

    def _connect(self) -> None:
        self.wheel.chosen.connect(self._choose)
        self.sliders.chosen.connect(self._choose)
        self.hex.editingFinished.connect(self._on_hex)
        self.recent.chosen.connect(lambda index: self._choose(self.recent.swatches[index].colour))
        self._recent.changed.connect(self._show_recent)
        self._settings.changed.connect(self._show_preferences)
        self.wheel_box.textActivated.connect(lambda title: self._keep(colour_wheel=title))
        self.sliders_box.textActivated.connect(lambda title: self._keep(colour_sliders=title))

    def show_colours(self, foreground: Colour, background: Colour) -> None:
        self.pair.show_colours(foreground, background)
        self._show(foreground)

    def _show(self, colour: Colour) -> None:
        self._colour = colour
        self.wheel.show_colour(colour)
        self.sliders.show_colour(colour)
        self.recent.mark(colour)
        if not self.hex.hasFocus():
            self.hex.setText(hex_of_colour(colour))

    def _choose(self, colour: Colour) -> None:
        self._show(colour)
        self.pair.show_colours(colour, self.pair.background)
        self.chosen.emit(colour)

    def _on_hex(self) -> None:
        colour = QColor("#" + self.hex.text().strip().lstrip("#"))
        if colour.isValid():
            rgb = (colour.red(), colour.green(), colour.blue())
            if rgb != self._colour:
                self._choose(rgb)
        self.hex.setText(hex_of_colour(self._colour))

    def _show_recent(self) -> None:
        self.recent.show_swatches([Swatch(colour=colour) for colour in self._recent.colours])

    def _show_preferences(self, preferences: Preferences) -> None:
        self.wheel.set_space(_WHEELS[preferences.colour_wheel])
        self.sliders.set_space(_SLIDERS[preferences.colour_sliders])
        self.wheel_box.setCurrentText(preferences.colour_wheel)
        self.sliders_box.setCurrentText(preferences.colour_sliders)

    def _keep(self, **changes: str) -> None:
        self._settings.change(replace(self._settings.preferences, **changes))  # type: ignore[arg-type]


class ColourPair(QWidget):
    """Foreground before background, as two overlapping squares."""

    def __init__(self) -> None:
        super().__init__()
        self.foreground: Colour = (0, 0, 0)
        self.background: Colour = (255, 255, 255)
        self.setFixedSize(54, 46)

    def show_colours(self, foreground: Colour, background: Colour) -> None:
        self.foreground, self.background = foreground, background
        names = hex_of_colour(foreground), hex_of_colour(background)
        self.setToolTip(f"Foreground {names[0]}\nBackground {names[1]}")
        self.setAccessibleName(f"Foreground {names[0]}, background {names[1]}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for rect, colour in ((QRect(20, 16, 33, 29), self.background), (QRect(1, 1, 33, 29), self.foreground)):
            painter.setPen(QPen(self.palette().window().color(), 3))
            painter.setBrush(QColor(*colour))
            painter.drawRoundedRect(rect.toRectF(), 4, 4)
            painter.setPen(QPen(self.palette().mid().color(), 1))
            painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()


def _hex_field() -> QLineEdit:
    field = QLineEdit(maxLength=9)
    field.setToolTip("Colour as #rrggbb or #rgb\nEnter takes it")
    field.setAccessibleName("Colour as hex number")
    field.setValidator(QRegularExpressionValidator(QRegularExpression(r"\s*#?[0-9A-Fa-f]{0,6}\s*")))
    field.setMinimumWidth(80)
    return field


def _choice(titles: Iterable[str], tip: str, guard: WheelGuard) -> QComboBox:
    box = QComboBox()
    box.addItems([*titles])
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    guard.watch(box)
    return box
