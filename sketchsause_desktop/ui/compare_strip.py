"""The pictures of a comparison in small, one below the other; the chosen one is shown in large."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from sketchsause_desktop.app.compare_images import Thumbnails
from sketchsause_desktop.app.comparison import Compared
from sketchsause_desktop.ui.icons import picture_icon
from sketchsause_desktop.ui.images import to_image

_SIDE = 84  # logical pixels
_READ_SIDE = 2 * _SIDE  # for fine screens
_WIDTH = 118
_PATH = Qt.ItemDataRole.UserRole


class CompareStrip(QListWidget):
    chosen = Signal(int)  # the place of a picture

    def __init__(self) -> None:
        super().__init__()
        self.thumbnails = Thumbnails(_READ_SIDE, self)
        self.thumbnails.made.connect(self._on_made)
        self.setAccessibleName("Compared pictures")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.TopToBottom)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setGridSize(QSize(_WIDTH - 20, _SIDE + self.fontMetrics().height() + 10))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setFixedWidth(_WIDTH)
        self.currentRowChanged.connect(self._on_row)

    def add(self, picture: Compared) -> None:
        """The truth in small where there is one: line art looks alike."""
        path = picture.truth or picture.input
        item = QListWidgetItem(picture.name)
        item.setData(_PATH, str(path))
        item.setToolTip(picture.name)
        item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)
        empty = QPixmap(_SIDE, _SIDE)
        empty.fill(Qt.GlobalColor.transparent)
        item.setIcon(QIcon(empty))
        self.addItem(item)
        self.thumbnails.ask(path)

    def step(self, by: int) -> None:
        """To a neighbour; nothing happens past the ends."""
        row = self.currentRow() + by
        if 0 <= row < self.count():
            self.setCurrentRow(row)

    def close_down(self) -> None:
        self.thumbnails.close_down()

    def _on_made(self, path: Path, pixels: np.ndarray) -> None:
        for row in range(self.count()):
            item = self.item(row)
            if item.data(_PATH) == str(path):
                item.setIcon(picture_icon(QPixmap.fromImage(to_image(pixels))))

    def _on_row(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(row)
