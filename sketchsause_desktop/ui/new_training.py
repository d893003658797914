"""What a training begins with: a folder of pairs, a preset, a name."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.training_runs import new_run_folder
from sketchsause_desktop.app.training_spec import TrainingSpec

PRESETS = {
    "lineart": "Colour line art, with hints (ours)",
    "satmap": "Satellite tiles to maps (ours)",
    "anime": "Sketch to colour, as pix2pix (large and slow)",
    "maps": "Satellite tiles to maps, WGAN-GP (large and slow)",
}


class NewTraining(QDialog):
    """Begin is greyed, with the reason in words, until there is a folder."""

    def __init__(self, parent: QWidget, runs_folder: Path) -> None:
        super().__init__(parent)
        self._runs_folder = runs_folder
        self.setWindowTitle("New training")
        self.data = QLineEdit(placeholderText="Side-by-side sheets, or two folders such as lines and colours")
        self.preset = QComboBox()
        for name, words in PRESETS.items():
            self.preset.addItem(words, name)
        self.title = QLineEdit(placeholderText="A name to know it by")
        self.reason = QLabel(wordWrap=True)
        self.reason.setObjectName("dim")
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._on_choose)
        row = QHBoxLayout()
        row.addWidget(self.data, 1)
        row.addWidget(choose)
        form = QFormLayout()
        form.addRow("Folder of pairs", row)
        form.addRow("Goal", self.preset)
        form.addRow("Title", self.title)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.begin = self.buttons.addButton("Begin", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.reason)
        column.addWidget(self.buttons)
        self.resize(560, 0)
        self.data.textChanged.connect(self._check)
        self._check()

    @property
    def spec(self) -> TrainingSpec:
        data = Path(self.data.text()).expanduser().absolute()
        title = self.title.text().strip() or data.name
        run = new_run_folder(self._runs_folder, title)
        return TrainingSpec(preset=self.preset.currentData(), data=data, run=run, title=title)

    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of pairs", self.data.text())
        if folder:
            self.data.setText(folder)

    def _check(self) -> None:
        text = self.data.text().strip()
        is_there = bool(text) and Path(text).expanduser().is_dir()
        self.begin.setEnabled(is_there)
        command = "The same on the command line: " + self.spec.command_line() if is_there else ""
        missing = "Choose the folder that holds the pairs." if not text else f"{text} is not a folder."
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setText(command or missing)
