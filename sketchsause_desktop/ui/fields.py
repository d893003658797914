"""Small controls: a slider with its number, buttons, and what keeps the wheel and the keys where they belong."""

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from sketchsause_desktop.ui.icons import icon

_SLIDER_STEPS = 1000


class WheelGuard(QObject):
    """A control turns with the wheel only while it has the focus, so that scrolling past it changes nothing.

    While it has it, its page keys are its own and no command's.
    """

    def watch(self, *widgets: QWidget) -> None:
        for widget in widgets:
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        if isinstance(event, QKeyEvent) and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        return claims(event, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def claims(event: QEvent, *keys: Qt.Key) -> bool:
    """Whether Qt asks if the focused widget wants one of `keys` before any command gets it; says yes to that."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent) or event.key() not in keys:
        return False
    event.accept()
    return True


class ReturnToCanvas(QObject):
    """Enter and Escape in a number or text field hand the keyboard back to the canvas; so does the list of a box.

    While it has the keyboard, a box takes letters for the beginnings of its entries, not for tools.
    """

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas

    def watch(self, *widgets: QWidget) -> None:
        for widget in widgets:
            widget.installEventFilter(self)
            if isinstance(widget, QComboBox):
                widget.view().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QAbstractItemView):
            if event.type() == QEvent.Type.Hide:
                QTimer.singleShot(0, self, self.give_back)  # after Qt has given it back to the box
            return False
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in keys:
            if isinstance(watched, QAbstractSpinBox):
                watched.interpretText()
            self.give_back()
        return False

    def give_back(self) -> None:
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)


class ValueField(QWidget):
    """Label, slider and number for one whole value. `bend` above 1 gives the small values more of the slider."""

    value_changed = Signal(int)

    def __init__(
        self, label: str, lowest: int, highest: int, *, suffix: str, guard: WheelGuard, bend: float = 1.0, tip: str = ""
    ) -> None:
        super().__init__()
        self._lowest, self._highest, self._bend = lowest, highest, bend
        self.label = QLabel(label)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _SLIDER_STEPS)
        self.slider.setAccessibleName(label)
        self.slider.setPageStep(_SLIDER_STEPS // 10)
        self.slider.setSingleStep(_SLIDER_STEPS // 100)
        self.slider.setMinimumWidth(56)
        self.number = QSpinBox(minimum=lowest, maximum=highest, suffix=suffix)
        self.number.setAccessibleName(label)
        self.number.setObjectName("plain")  # the theme takes its buttons away; the slider does their work
        self.number.lineEdit().setTextMargins(2, 0, 3, 0)
        self.number.setKeyboardTracking(False)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        widest = max(f"{lowest}{suffix}", f"{highest}{suffix}", key=len)
        self.number.setFixedWidth(self.number.fontMetrics().horizontalAdvance(widest) + 24)
        self.label.setBuddy(self.number)
        self.setToolTip(tip or label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        guard.watch(self.slider, self.number)
        self.slider.valueChanged.connect(self._on_slider)
        self.number.valueChanged.connect(self._on_number)

    @property
    def value(self) -> int:
        return self.number.value()

    def set_value(self, value: int) -> None:
        """Show `value` without telling anybody."""
        with QSignalBlocker(self.number), QSignalBlocker(self.slider):
            self.number.setValue(value)
            self.slider.setValue(self._to_slider(value))

    def _to_slider(self, value: int) -> int:
        share: float = (value - self._lowest) / (self._highest - self._lowest)
        return round(math.pow(share, 1 / self._bend) * _SLIDER_STEPS)

    def _on_slider(self, position: int) -> None:
        share = math.pow(position / _SLIDER_STEPS, self._bend)
        value = self._lowest + round(share * (self._highest - self._lowest))
        with QSignalBlocker(self.number):
            self.number.setValue(value)
        self.value_changed.emit(value)

    def _on_number(self, value: int) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._to_slider(value))
        self.value_changed.emit(value)


def icon_button(icon_name: str, tip: str, run: Callable[[], object] | None = None) -> QToolButton:
    """A small button of a panel; its accessible name is `tip`."""
    button = _small(QToolButton(), 16)
    button.setIcon(icon(icon_name))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    if run is not None:
        button.clicked.connect(lambda _checked=False: run())
    return button


def action_button(action: QAction, side: int = 16) -> QToolButton:
    """A button for a command; `side` is that of its icon, logical pixels."""
    button = _small(QToolButton(), side)
    button.setDefaultAction(action)
    return button


def menu_button(menu: QMenu, tip: str) -> QToolButton:
    """Opens `menu`, which holds what is needed less often."""
    button = icon_button("more", tip)
    button.setObjectName("more")
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def _small(button: QToolButton, side: int) -> QToolButton:
    button.setIconSize(QSize(side, side))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
