"""Every option of the trainer, a section at a time, each with its sentence."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.training_draft import PAGE_OF, all_options, option_fault, option_text, option_value
from sketchsause_desktop.ui.fields import WheelGuard

_SECTIONS = {
    "schedule": "How long",
    "optimiser": "Steps",
    "run": "Run",
    "data": "Pictures",
    "loss": "What counts",
    "gan": "Critic's part",
    "discriminator": "Critic",
    "model": "Network",
    "cycle": "Unmatched pictures",
}
_FIELD_WIDTH = 170


class OptionsForm(QWidget):
    """`option_changed` brings a key and its value as TOML has it, once that can be."""

    option_changed = Signal(str, str)
    fault_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._preset = ""
        self._guard = WheelGuard(self)
        self._rows: dict[str, _Row] = {}
        self._faults: dict[str, str] = {}
        self.section = QComboBox()
        self.section.setAccessibleName("Which options")
        for name, title in _SECTIONS.items():
            self.section.addItem(title, name)
        self.filter = QLineEdit(placeholderText="Find an option", clearButtonEnabled=True)
        self.filter.setAccessibleName("Find an option")
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self._column.addStretch(1)
        inner = QWidget()
        inner.setLayout(self._column)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        top = QHBoxLayout()
        top.addWidget(self.section)
        top.addWidget(self.filter, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(scroll, 1)
        self._guard.watch(self.section)
        self.section.currentIndexChanged.connect(self._show_wanted)
        self.filter.textChanged.connect(self._show_wanted)

    @property
    def fault(self) -> str:
        return next(iter(self._faults.values()), "")

    def show_values(self, preset: str, values: dict[str, str]) -> None:
        """What each option is, as TOML has it."""
        if not self._rows:
            self._make_rows()
        self._preset = preset
        self._faults.clear()
        for key, row in self._rows.items():
            row.show_value(values[key])
        self._show_wanted()

    def row(self, key: str) -> "_Row":
        return self._rows[key]

    def _make_rows(self) -> None:
        for option in all_options():
            row = _Row(option.key, option.kind, option.choices, option.sentence, self._guard, self._on_edited)
            self._rows[option.key] = row
            self._column.insertWidget(self._column.count() - 1, row)

    def _show_wanted(self) -> None:
        wanted, section = self.filter.text().strip().lower(), self.section.currentData()
        self.section.setEnabled(not wanted)
        for key, row in self._rows.items():
            row.setVisible(wanted in row.words if wanted else key.startswith(f"{section}."))

    def _on_edited(self, key: str, text: str) -> None:
        fault = option_fault(self._preset, key, text)
        if fault:
            self._faults[key] = fault
        else:
            self._faults.pop(key, None)
            self.option_changed.emit(key, text)
        self.fault_changed.emit()


class _Row(QFrame):
    """An option: its name, its value, its sentence."""

    def __init__(
        self, key: str, kind: str, choices: tuple[str, ...], sentence: str, guard: WheelGuard,
        edited: Callable[[str, str], object],
    ) -> None:  # fmt: skip
        super().__init__()
        self.words = f"{key} {sentence}".lower()
        name = QLabel(key.rpartition(".")[2].replace("_", " "))
        name.setToolTip(key)
        self.field: QCheckBox | QComboBox | QLineEdit
        if kind == "switch":
            self.field = QCheckBox()
            self.field.toggled.connect(lambda on: edited(key, "true" if on else "false"))
        elif kind == "choice":
            self.field = QComboBox()
            self.field.addItems(choices)
            self.field.currentTextChanged.connect(lambda text: edited(key, option_text("choice", text)))
            guard.watch(self.field)
        else:
            self.field = QLineEdit()
            self.field.textEdited.connect(lambda text: edited(key, option_text(kind, text)))
        self._kind = kind
        self.field.setFixedWidth(_FIELD_WIDTH)
        self.field.setAccessibleName(key)
        self.field.setAccessibleDescription(sentence)
        self.field.setEnabled(key not in PAGE_OF)
        where = f" Chosen on the page “{PAGE_OF[key]}”." if key in PAGE_OF else ""
        words = QLabel(sentence + where, wordWrap=True)
        words.setObjectName("dim")
        line = QHBoxLayout()
        line.addWidget(name, 1)
        line.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 10, 4)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(words)

    def show_value(self, text: str) -> None:
        value = option_value(self._kind, text)
        with QSignalBlocker(self.field):
            if isinstance(self.field, QCheckBox):
                self.field.setChecked(text == "true")
            elif isinstance(self.field, QComboBox):
                self.field.setCurrentText(value)
            else:
                self.field.setText(value)
