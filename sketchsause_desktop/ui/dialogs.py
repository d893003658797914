"""The few dialogs: a new drawing, work that would be lost, files, about, what runs where."""

import enum
import platform
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.ui.fields import WheelGuard
from sketchsause_desktop.ui.icons import app_icon

LONGEST_SIDE = 8192
_PRESETS: tuple[tuple[str, Size], ...] = (
    ("Portrait, 1200 × 1600", Size(1200, 1600)),
    ("Landscape, 1600 × 1200", Size(1600, 1200)),
    ("Square, 1024 × 1024", Size(1024, 1024)),
    ("A4 at 150 dpi, 1240 × 1754", Size(1240, 1754)),
    ("A4 at 300 dpi, 2480 × 3508", Size(2480, 3508)),
)


class Answer(enum.Enum):
    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class NewDrawingDialog(QDialog):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("New drawing")
        guard = WheelGuard(self)
        self._preset = QComboBox()
        for name, size in _PRESETS:
            self._preset.addItem(name, (size.width, size.height))
        self._preset.addItem("Own size", None)
        self._width = QSpinBox(minimum=16, maximum=LONGEST_SIDE, suffix=" px", value=_PRESETS[0][1].width)
        self._height = QSpinBox(minimum=16, maximum=LONGEST_SIDE, suffix=" px", value=_PRESETS[0][1].height)
        guard.watch(self._preset, self._width, self._height)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        make = QPushButton("Create", default=True)
        buttons.addButton(make, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.setContentsMargins(18, 16, 18, 14)
        form.setSpacing(10)
        form.addRow("&Preset", self._preset)
        form.addRow("&Width", self._width)
        form.addRow("&Height", self._height)
        form.addRow(buttons)
        self._preset.currentIndexChanged.connect(self._on_preset)
        for box in (self._width, self._height):
            box.valueChanged.connect(self._on_size)

    @property
    def chosen(self) -> Size:
        return Size(self._width.value(), self._height.value())

    def _on_preset(self) -> None:
        size = self._preset.currentData()
        if size is not None:
            self._width.setValue(size[0])
            self._height.setValue(size[1])

    def _on_size(self) -> None:
        if self._preset.currentData() not in (None, (self.chosen.width, self.chosen.height)):
            row = self._preset.findData((self.chosen.width, self.chosen.height))
            self._preset.setCurrentIndex(row if row >= 0 else self._preset.count() - 1)


def ask_new(parent: QWidget) -> Size | None:
    dialog = NewDrawingDialog(parent)
    return dialog.chosen if dialog.exec() == QDialog.DialogCode.Accepted else None


def ask_unsaved(parent: QWidget, title: str) -> Answer:
    box = QMessageBox(parent)
    box.setWindowTitle("SketchSause")
    box.setText(f"“{title}” has changes that are not saved.")
    save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    if box.clickedButton() is save:
        return Answer.SAVE
    return Answer.DISCARD if box.clickedButton() is discard else Answer.CANCEL


def ask_replace(parent: QWidget, name: str) -> bool:
    """Whether a file that another program wrote meanwhile may be replaced."""
    box = QMessageBox(parent)
    box.setWindowTitle("SketchSause")
    box.setText(f"{name} was changed by another program since it was opened here.")
    box.setInformativeText("Saving replaces that version. “Save as” keeps both.")
    replace = box.addButton("Replace it", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.exec()
    return box.clickedButton() is replace


def ask_open(parent: QWidget, folder: str, suffixes: frozenset[str]) -> list[Path]:
    kinds = " ".join(f"*{suffix}" for suffix in sorted(suffixes))
    names, _ = QFileDialog.getOpenFileNames(parent, "Open", folder, f"Drawings and pictures ({kinds});;All files (*)")
    return [Path(name) for name in names]


LAYERED = ("OpenRaster, with all layers (*.ora)", "Photoshop, with all layers (*.psd)")
PICTURES = ("PNG (*.png)", "JPEG (*.jpg)", "WebP (*.webp)", "TIFF (*.tiff)", "Photoshop, with all layers (*.psd)")


def ask_save(parent: QWidget, title: str, suggestion: Path) -> Path | None:
    return _chosen(file_dialog(parent, title, suggestion, LAYERED))


def ask_export(parent: QWidget, suggestion: Path) -> Path | None:
    return _chosen(file_dialog(parent, "Export", suggestion, PICTURES))


def _chosen(dialog: QFileDialog) -> Path | None:
    return Path(dialog.selectedFiles()[0]) if dialog.exec() else None


def file_dialog(parent: QWidget, title: str, suggestion: Path, filters: Sequence[str]) -> QFileDialog:
    """It adds the suffix itself, so that it asks before the file that is really written is replaced."""
    dialog = QFileDialog(parent, title, str(suggestion.parent))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilters(filters)
    wanted = suggestion.suffix.lower()
    dialog.selectNameFilter(next((each for each in filters if f"*{wanted})" in each), filters[0]))
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(_suffix_in(chosen)))
    dialog.setDefaultSuffix(_suffix_in(dialog.selectedNameFilter()))
    dialog.selectFile(suggestion.name)
    room = parent.screen().availableGeometry()
    dialog.resize(min(760, room.width() - 40), min(480, room.height() - 60))
    return dialog


def _suffix_in(name_filter: str) -> str:
    """ "png" out of "PNG (*.png)"."""
    return name_filter.rpartition("*.")[2].rstrip(")")


def show_about(parent: QWidget) -> None:
    box = QMessageBox(parent)
    box.setWindowTitle("About SketchSause")
    box.setIconPixmap(app_icon().pixmap(QSize(72, 72), parent.devicePixelRatioF()))
    box.setText(f"<b>SketchSause {_version('sketchsause')}</b>")
    box.setInformativeText(
        "Line art is coloured under your pen, on your own machine: no account, no upload, no telemetry.\n\n"
        "Under the MIT licence."
    )
    box.exec()


def show_device_report(parent: QWidget, text: str) -> None:
    dialog = QDialog(parent)
    dialog.setWindowTitle("Device report")
    view = QPlainTextEdit(text, readOnly=True)
    view.setAccessibleName("Device report")
    copy = QPushButton("Copy")
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
    close = QPushButton("Close", default=True)
    close.clicked.connect(dialog.accept)
    row = QHBoxLayout()
    row.addWidget(QLabel("Nothing of this leaves the machine unless you send it."), 1)
    row.addWidget(copy)
    row.addWidget(close)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 16, 16, 14)
    column.setSpacing(12)
    column.addWidget(view)
    column.addLayout(row)
    dialog.resize(min(560, parent.width() - 40), min(380, parent.height() - 40))
    dialog.exec()


def device_report(window: QWidget, *, last_pass: str, models: list[str], log_file: Path | None) -> str:
    """What runs where, as plain lines."""
    screen = window.screen().size()
    lines = [
        f"SketchSause {_version('sketchsause')}",
        f"System: {platform.platform()}",
        f"Python {platform.python_version()}, Qt {qVersion()}, PySide6 {_version('PySide6-Essentials')}",
        f"ONNX Runtime {_version('onnxruntime')}, torch {_version('torch')}",
        f"Screen: {screen.width()} × {screen.height()} at scale {window.devicePixelRatioF():g}"
        f" ({QGuiApplication.platformName()})",
        f"Models: {', '.join(models) or 'none'}",
        f"Colouring: {last_pass or 'not run yet'}",
        f"Log: {log_file or 'none'}",
    ]
    return "\n".join(lines)


def _version(package: str) -> str:
    from importlib import metadata  # slow to load, seldom needed

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "from source" if package == "sketchsause" else "(not installed)"


def ask_to_delete(parent: QWidget, question: str, what_goes: str) -> bool:
    """Cancel unless one says otherwise."""
    box = QMessageBox(parent)
    box.setWindowTitle("SketchSause")
    box.setText(question)
    box.setInformativeText(what_goes)
    delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    return box.clickedButton() is delete
