"""What an export asks beside the file: quality where the format loses something, the paper where it can be left out."""

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from sketchsause_desktop.app.drawing import Export
from sketchsause_desktop.ui.fields import ValueField, WheelGuard

_LOSSY = frozenset({".jpg", ".jpeg", ".webp"})
_TRANSPARENT = frozenset({".png", ".webp", ".tif", ".tiff"})


class ExportDialog(QDialog):
    def __init__(self, parent: QWidget, export: Export) -> None:
        super().__init__(parent)
        self._export = export
        self.setWindowTitle("Export")
        suffix = export.path.suffix.lower()
        self.quality = ValueField(
            "Quality",
            1,
            100,
            suffix="",
            guard=WheelGuard(self),
            tip="Higher looks better and takes more room; 100 keeps WebP whole",
        )
        self.quality.set_value(export.quality)
        self.quality.setVisible(suffix in _LOSSY)
        self.paper = QCheckBox("White &paper")
        self.paper.setToolTip("Without it the picture is transparent where nothing was drawn")
        self.paper.setChecked(export.on_paper)
        self.paper.setVisible(suffix in _TRANSPARENT)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(QPushButton("Export", default=True), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        for widget in (QLabel(export.path.name), self.quality, self.paper, buttons):
            column.addWidget(widget)

    @property
    def chosen(self) -> Export:
        return replace(self._export, quality=self.quality.value, on_paper=self.paper.isChecked())


def ask(parent: QWidget, export: Export) -> Export | None:
    """The same with what the user chose; formats with nothing to choose ask nothing. None = cancelled."""
    if export.path.suffix.lower() not in _LOSSY | _TRANSPARENT:
        return export
    dialog = ExportDialog(parent, export)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return dialog.chosen if accepted else None
