"""Dialogs that ask for numbers: canvas size, scale, angle, an amount of pixels."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.transforms import Resampling
from sketchsause_desktop.ui.dialogs import LONGEST_SIDE
from sketchsause_desktop.ui.fields import WheelGuard

_FILTERS = (("Smooth", Resampling.LANCZOS), ("Hard pixels", Resampling.NEAREST))
_ANCHORS = ("left", "middle", "right"), ("top", "middle", "bottom")


class _Form(QDialog):
    """A column of labelled controls, and what confirms them."""

    def __init__(self, parent: QWidget, title: str, confirm: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.guard = WheelGuard(self)
        self.form = QFormLayout(self)
        self.form.setContentsMargins(18, 16, 18, 14)
        self.form.setSpacing(10)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.addButton(QPushButton(confirm, default=True), QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def finish(self) -> None:
        """Put the buttons below everything else."""
        self.form.addRow(self._buttons)

    def ask(self) -> bool:
        return self.exec() == QDialog.DialogCode.Accepted


class _SizeForm(_Form):
    def __init__(self, parent: QWidget, title: str, confirm: str, size: Size) -> None:
        super().__init__(parent, title, confirm)
        # A canvas that came out of a file may be larger than what can be made here.
        highest = max(LONGEST_SIDE, size.width, size.height)
        self.width_box = QSpinBox(minimum=1, maximum=highest, suffix=" px", value=size.width)
        self.height_box = QSpinBox(minimum=1, maximum=highest, suffix=" px", value=size.height)
        self.guard.watch(self.width_box, self.height_box)
        self.form.addRow("&Width", self.width_box)
        self.form.addRow("&Height", self.height_box)

    @property
    def chosen(self) -> Size:
        return Size(self.width_box.value(), self.height_box.value())


class CanvasSizeDialog(_SizeForm):
    def __init__(self, parent: QWidget, size: Size) -> None:
        super().__init__(parent, "Canvas size", "Change size", size)
        self._anchors = QButtonGroup(self)
        self.form.addRow("Keep in place", self._anchor_buttons())
        self.finish()

    def _anchor_buttons(self) -> QWidget:
        field = QWidget()
        grid = QGridLayout(field)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        for row, vertical in enumerate(_ANCHORS[1]):
            for column, horizontal in enumerate(_ANCHORS[0]):
                name = "Middle" if row == column == 1 else f"{vertical} {horizontal}".capitalize()
                button = QToolButton()
                button.setText("•")
                button.setCheckable(True)
                button.setChecked(row == column == 1)
                button.setAccessibleName(name)
                button.setToolTip(f"{name} stays in place")
                button.setFixedSize(28, 28)
                self._anchors.addButton(button, 3 * row + column)
                grid.addWidget(button, row, column)
        grid.setColumnStretch(3, 1)
        return field

    @property
    def anchor(self) -> tuple[float, float]:
        """What stays in place, as in `canvas_actions.resize_canvas`."""
        row, column = divmod(self._anchors.checkedId(), 3)
        return column / 2, row / 2

    def set_anchor(self, column: int, row: int) -> None:
        self._anchors.button(3 * row + column).setChecked(True)


class ScaleDialog(_SizeForm):
    def __init__(self, parent: QWidget, size: Size) -> None:
        super().__init__(parent, "Scale image", "Scale", size)
        self._size = size
        self._is_linking = False
        self.linked = QCheckBox("&Keep proportions")
        self.linked.setChecked(True)
        self.filter = QComboBox()
        for name, resampling in _FILTERS:
            self.filter.addItem(name, resampling)
        self.guard.watch(self.filter)
        self.form.addRow("", self.linked)
        self.form.addRow("&Pixels", self.filter)
        self.finish()
        self.width_box.valueChanged.connect(self._on_width)
        self.height_box.valueChanged.connect(self._on_height)
        self.linked.toggled.connect(self._on_width)

    @property
    def resampling(self) -> Resampling:
        return _FILTERS[self.filter.currentIndex()][1]

    def _on_width(self) -> None:
        self._link(self.height_box, self.width_box.value() * self._size.height / self._size.width)

    def _on_height(self) -> None:
        self._link(self.width_box, self.height_box.value() * self._size.width / self._size.height)

    def _link(self, other: QSpinBox, value: float) -> None:
        if self.linked.isChecked() and not self._is_linking:
            self._is_linking = True
            other.setValue(max(1, round(value)))
            self._is_linking = False


class RotateDialog(_Form):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Rotate image", "Rotate")
        self.angle_box = QDoubleSpinBox(minimum=-180, maximum=180, decimals=1, suffix=" °", value=15)
        self.guard.watch(self.angle_box)
        self.form.addRow("&Clockwise by", self.angle_box)
        note = QLabel("The canvas grows so that all of it stays.")
        note.setObjectName("dim")
        note.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.form.addRow(note)
        self.finish()

    @property
    def degrees(self) -> float:
        return self.angle_box.value()


class AmountDialog(_Form):
    """How many pixels."""

    def __init__(
        self, parent: QWidget, title: str, label: str, value: float, highest: float, decimals: int = 0
    ) -> None:
        super().__init__(parent, title, "Apply")
        lowest = 10.0**-decimals
        self.box = QDoubleSpinBox(minimum=lowest, maximum=highest, decimals=decimals, suffix=" px", value=value)
        self.guard.watch(self.box)
        self.form.addRow(label, self.box)
        self.finish()

    @property
    def amount(self) -> float:
        return self.box.value()
