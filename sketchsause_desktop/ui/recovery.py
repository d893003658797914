"""At the start after a crash: which of the drawings that were left are to be opened."""

import enum
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QDate, QLocale, QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.autosaving import Autosaving
from sketchsause_desktop.core.autosave import Recoverable
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.icons import picture_icon

_THUMBNAIL = QSize(104, 78)
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class Choice(enum.Enum):
    OPEN = "open"
    DISCARD = "discard"
    LATER = "later"


class RecoveryDialog(QDialog):
    def __init__(self, parent: QWidget, left: Sequence[Recoverable]) -> None:
        super().__init__(parent)
        self.choice = Choice.LATER
        self._left = left
        self.setWindowTitle("Drawings that were not saved")
        words = QLabel("SketchSause ended unexpectedly. These drawings were kept; open those you want back.")
        words.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Drawings to open")
        self.list.setIconSize(_THUMBNAIL)
        self.list.setSpacing(2)
        for each in left:
            self.list.addItem(_item(each))
        self.list.setCurrentRow(0)
        self.list.itemChanged.connect(self._show_count)
        self._buttons = self._make_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addWidget(words)
        column.addWidget(self.list, 1)
        column.addWidget(self._buttons)
        self.resize(min(560, parent.width() - 40), min(420, parent.height() - 40))
        self._show_count()

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.open_button = QPushButton("Open all", default=True)
        self.discard_button = QPushButton("Discard…")
        self.later_button = QPushButton("Later")
        self.open_button.setToolTip("Open the drawings that are ticked; the others stay for the next start")
        self.discard_button.setToolTip("Delete the drawings that are ticked")
        self.later_button.setToolTip("Ask again at the next start (Esc)")
        buttons.addButton(self.open_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.discard_button, QDialogButtonBox.ButtonRole.DestructiveRole)
        buttons.addButton(self.later_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.open_button.clicked.connect(lambda: self._end(Choice.OPEN))
        self.discard_button.clicked.connect(self._discard)
        self.later_button.clicked.connect(self.reject)
        return buttons

    @property
    def chosen(self) -> list[Recoverable]:
        rows = (row for row in range(self.list.count()) if self.list.item(row).checkState() == _CHECKED)
        return [self._left[row] for row in rows]

    def _show_count(self) -> None:
        count = len(self.chosen)
        self.open_button.setText("Open all" if count == len(self._left) else f"Open {count}" if count else "Open")
        self.open_button.setEnabled(count > 0)
        self.discard_button.setEnabled(count > 0)

    def _discard(self) -> None:
        count = len(self.chosen)
        names = f"“{self.chosen[0].name}”" if count == 1 else f"{count} drawings"
        if ask_discard(self, names):
            self._end(Choice.DISCARD)

    def _end(self, choice: Choice) -> None:
        self.choice = choice
        self.accept()


def _item(left: Recoverable) -> QListWidgetItem:
    item = QListWidgetItem(f"{left.name}\n{_when(left.saved_at)}" + ("\nDamaged in part" if left.is_damaged else ""))
    thumbnail = QPixmap()
    if left.thumbnail is None or not thumbnail.loadFromData(left.thumbnail):
        thumbnail = QPixmap(_THUMBNAIL)
        thumbnail.fill(Qt.GlobalColor.lightGray)
    item.setIcon(picture_icon(thumbnail))
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(_CHECKED)
    if left.original is not None:
        item.setToolTip(str(left.original))
    return item


def _when(moment: datetime) -> str:
    """ "today 14:02", or the day and the time as the system writes them."""
    local, locale = moment.astimezone(), QLocale.system()
    time = f"{local:%H:%M}"
    if local.date() == datetime.now().astimezone().date():
        return f"today {time}"
    return f"{locale.toString(QDate(local.year, local.month, local.day), QLocale.FormatType.ShortFormat)} {time}"


def ask_discard(parent: QWidget, names: str) -> bool:
    box = QMessageBox(parent)
    box.setWindowTitle("SketchSause")
    box.setText(f"Delete {names} for good?")
    discard = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    return box.clickedButton() is discard


def offer(parent: QWidget, autosaving: Autosaving) -> None:
    """Ask about what was left by copies that crashed, if there is anything."""
    left = autosaving.recoverable()
    if not left:
        return
    dialog = RecoveryDialog(parent, left)
    dialog.exec()
    for each in dialog.chosen:
        if dialog.choice is Choice.OPEN:
            autosaving.recover(each)
        elif dialog.choice is Choice.DISCARD:
            autosaving.discard(each)
    dialog.deleteLater()
    with busy():
        autosaving.wait()
