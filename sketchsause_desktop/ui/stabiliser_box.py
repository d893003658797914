"""How the hand is steadied: the kind of stabiliser and how strong it is."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from sketchsause_desktop.core.pointer_path import (
    LONGEST_STRING,
    MOST_AVERAGED,
    PulledString,
    Stabiliser,
    WeightedAverage,
)
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard

_KINDS: tuple[tuple[str, Stabiliser | None], ...] = (
    ("Off", None),
    ("Average", WeightedAverage()),
    ("String", PulledString()),
)


class StabiliserFields(QWidget):
    changed = Signal(object)  # Stabiliser or None, by the user

    def __init__(self, guard: WheelGuard, returns: ReturnToCanvas, label: str = "") -> None:
        super().__init__()
        self._shown: Stabiliser | None = None
        self.box = QComboBox()
        self.box.addItems([title for title, _ in _KINDS])
        self.box.setToolTip("Stabiliser\nAverage: of the last places of the pen. String: the brush is pulled on one")
        self.box.setAccessibleName("Stabiliser")
        self.strength = QSpinBox(minimum=1)
        self.strength.setObjectName("plain")
        self.strength.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.strength.setKeyboardTracking(False)
        self.strength.setFixedWidth(self.strength.fontMetrics().horizontalAdvance("500 px") + 24)
        self.strength.setAccessibleName("Strength of the stabiliser")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        if label:
            text = QLabel(label)
            text.setBuddy(self.box)
            row.addWidget(text)
        row.addWidget(self.box, 1)
        row.addWidget(self.strength)
        guard.watch(self.box, self.strength)
        returns.watch(self.box, self.strength)
        self.box.activated.connect(lambda row: self._tell(_KINDS[row][1]))
        self.strength.valueChanged.connect(lambda value: self._tell(_with_strength(self._shown, value)))
        self.show_stabiliser(None)

    def show_stabiliser(self, stabiliser: Stabiliser | None) -> None:
        self._shown = stabiliser
        kinds = [type(kind) for _, kind in _KINDS]
        with QSignalBlocker(self.strength):
            self.box.setCurrentIndex(kinds.index(type(stabiliser)))
            is_string = isinstance(stabiliser, PulledString)
            self.strength.setMaximum(round(LONGEST_STRING) if is_string else MOST_AVERAGED)
            self.strength.setSuffix(" px" if is_string else "")
            self.strength.setToolTip("Length of the string" if is_string else "How many places are averaged")
            self.strength.setEnabled(stabiliser is not None)
            self.strength.setValue(_strength(stabiliser))

    def _tell(self, stabiliser: Stabiliser | None) -> None:
        if stabiliser != self._shown:
            self.show_stabiliser(stabiliser)
            self.changed.emit(stabiliser)


def _strength(stabiliser: Stabiliser | None) -> int:
    if isinstance(stabiliser, PulledString):
        return round(stabiliser.length)
    return stabiliser.samples if stabiliser is not None else 1


def _with_strength(stabiliser: Stabiliser | None, value: int) -> Stabiliser | None:
    if isinstance(stabiliser, PulledString):
        return replace(stabiliser, length=float(value))
    return replace(stabiliser, samples=value) if stabiliser is not None else None
