"""The Output page: the model's name, where the results go, what it is trained on."""

import shutil
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from sketchsause_desktop.app.training_data import TrainingData
from sketchsause_desktop.app.training_draft import DEVICES, Draft
from sketchsause_desktop.ui.fields import WheelGuard
from sketchsause_desktop.ui.wizard_page import WizardPage


class OutputPage(WizardPage):
    def __init__(self, draft: Draft, data: TrainingData, runs_folder: Path) -> None:
        super().__init__("Output", "What is it called, and where does it go?", "", draft, data)
        self._runs_folder = runs_folder
        self._own_folder = False  # the user has chosen it
        self.name_field = QLineEdit(draft.title, placeholderText="A name to know the model by")
        self.folder = QLineEdit(str(draft.run or ""))
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._on_choose)
        row = QHBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(choose)
        self.device = QComboBox()
        for name, words in DEVICES.items():
            self.device.addItem(words, name)
        WheelGuard(self).watch(self.device)
        self.notes = QPlainTextEdit(draft.notes)
        self.notes.setPlaceholderText("For yourself: what you tried, and why")
        self.notes.setTabChangesFocus(True)
        self.space = QLabel(wordWrap=True)
        self.space.setObjectName("dim")
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("Na&me", self.name_field)
        place = QVBoxLayout()
        place.setSpacing(2)
        place.addLayout(row)
        place.addWidget(self.space)
        form.addRow("&Folder", place)
        form.labelForField(place).setBuddy(self.folder)  # type: ignore[attr-defined]
        form.addRow("&Trained on", self.device)
        form.addRow("N&otes", self.notes)
        self.body.addLayout(form)
        self.body.addStretch(1)
        self.name_field.textEdited.connect(self._on_title)
        self.folder.textEdited.connect(self._on_folder)
        self.device.currentIndexChanged.connect(self._on_device)
        self.notes.textChanged.connect(self._on_notes)

    def fault(self) -> str:
        return self.draft.run_fault() or self._space_fault()

    def initializePage(self) -> None:
        if not self.draft.title and self.draft.data is not None:
            self.draft.title = self.draft.data.name.replace("_", " ")
            self.name_field.setText(self.draft.title)
        if self.draft.run is None:
            self._suggest()
        self._show()

    def _suggest(self) -> None:
        self.draft.run = self.draft.suggest_run(self._runs_folder)
        self.folder.setText(str(self.draft.run))

    def _on_title(self, text: str) -> None:
        self.draft.title = text.strip()
        if not self._own_folder:
            self._suggest()
        self._show()

    def _on_folder(self, text: str) -> None:
        self._own_folder = True
        self.draft.run = Path(text.strip()).expanduser() if text.strip() else None
        self._show()

    def _on_choose(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "A new folder for the results", self.folder.text())
        if name:
            self.folder.setText(name)
            self._on_folder(name)

    def _on_device(self) -> None:
        self.draft.device = self.device.currentData()
        self._show()

    def _on_notes(self) -> None:
        self.draft.notes = self.notes.toPlainText().strip()

    # Space

    def _free(self) -> int | None:
        run = self.draft.run
        there = next((each for each in (run, *run.parents) if each.is_dir()), None) if run else None
        try:
            return shutil.disk_usage(there).free if there else None
        except OSError:
            return None

    def _space_fault(self) -> str:
        free, pace = self._free(), self.draft.pace
        if free is None or pace is None or pace.disk_bytes <= free:
            return ""
        needed = f"{pace.disk_bytes / 1e9:.1f} GB"
        return f"The training may need {needed} and {free / 1e9:.1f} GB are free there: choose another disk."

    def _show(self) -> None:
        free, pace = self._free(), self.draft.pace
        needed = f"Needs up to {pace.disk_bytes / 1e9:.1f} GB; " if pace else ""
        self.space.setText(f"{needed}{free / 1e9:.0f} GB are free there." if free is not None else "")
        self.refresh()
