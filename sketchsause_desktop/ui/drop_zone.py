"""What a workspace shows before the first picture: where to drop some, and what becomes of them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget


class DropZone(QWidget):
    def __init__(self, heading: str, words: str) -> None:
        super().__init__()
        title = QLabel(heading)
        title.setObjectName("heading")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        more = QLabel(words, wordWrap=True)
        more.setObjectName("dim")
        more.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._frame = QFrame()
        self._frame.setObjectName("drop-zone")
        inside = QVBoxLayout(self._frame)
        inside.addStretch(1)
        inside.addWidget(title)
        inside.addWidget(more)
        inside.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 14, 14, 14)
        column.addWidget(self._frame)

    def set_lit(self, on: bool) -> None:
        self._frame.setProperty("lit", on)
        self._frame.style().unpolish(self._frame)
        self._frame.style().polish(self._frame)
