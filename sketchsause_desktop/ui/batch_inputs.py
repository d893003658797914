"""What a batch converts, or a comparison is about: pictures and folders, filled by drops or by the two buttons."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.core.documents_io import OPENABLE_SUFFIXES
from sketchsause_desktop.ui.fields import icon_button
from sketchsause_desktop.ui.icons import icon

_PATH = Qt.ItemDataRole.UserRole
_LIST_HEIGHT = 92  # logical pixels: three entries


class BatchInputs(QWidget):
    changed = Signal()

    def __init__(self, purpose: str = "convert", suffixes: Collection[str] = OPENABLE_SUFFIXES) -> None:
        """`purpose` is what is done with them, as a verb; `suffixes` are of the files that are offered."""
        super().__init__()
        self._purpose, self._suffixes = purpose, suffixes
        self._paths: dict[Path, None] = {}
        self.list = QListWidget()
        self.list.setAccessibleName(f"Pictures and folders to {purpose}")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(_LIST_HEIGHT)
        self.add_files = QPushButton("Pictures…")
        self.add_files.setToolTip("Add pictures")
        self.add_files.clicked.connect(self._on_files)
        self.add_folder = QPushButton("Folder…")
        self.add_folder.setToolTip("Add a folder of pictures")
        self.add_folder.clicked.connect(self._on_folder)
        self.remove = icon_button("trash", "Take the chosen ones out of the list; the files stay", self._on_remove)
        delete = QAction(self.list)
        delete.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        delete.triggered.connect(self._on_remove)
        self.list.addAction(delete)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.add_files, 1)
        row.addWidget(self.add_folder, 1)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.list)
        column.addLayout(row)
        self.list.itemSelectionChanged.connect(self._show_remove)
        self._show_remove()

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(self._paths)

    def add(self, paths: Iterable[Path]) -> None:
        """Those that are there already are passed over."""
        new = [path for path in dict.fromkeys(map(Path.absolute, paths)) if path not in self._paths]
        for path in new:
            self._paths[path] = None
            self.list.addItem(_item(path))
        if new:
            self.changed.emit()

    def set_paths(self, paths: Sequence[Path]) -> None:
        """In the place of all that are there; nobody is told."""
        self._paths.clear()
        self.list.clear()
        for path in paths:
            self._paths[path] = None
            self.list.addItem(_item(path))

    def _on_files(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(self._suffixes))
        names, _ = QFileDialog.getOpenFileNames(self, f"Pictures to {self._purpose}", "", f"Pictures ({endings})")
        self.add(map(Path, names))

    def _on_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, f"Folder to {self._purpose}")
        if name:
            self.add([Path(name)])

    def _on_remove(self) -> None:
        chosen = self.list.selectedItems()
        for item in chosen:
            self._paths.pop(Path(item.data(_PATH)), None)
            self.list.takeItem(self.list.row(item))
        if chosen:
            self.changed.emit()

    def _show_remove(self) -> None:
        self.remove.setEnabled(bool(self.list.selectedItems()))


def _item(path: Path) -> QListWidgetItem:
    item = QListWidgetItem(icon("folder" if path.is_dir() else "source"), path.name or str(path))
    item.setToolTip(str(path))
    item.setData(_PATH, str(path))
    return item
