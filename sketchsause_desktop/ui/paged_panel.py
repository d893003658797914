"""A panel with several pages, of which one is shown."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout, QWidget


class PagedPanel(QWidget):
    """The titles stand side by side over the page; where two docks more would leave the tabs' names no room."""

    def __init__(self, pages: Mapping[str, QWidget]) -> None:
        super().__init__()
        self.stack = QStackedWidget()
        self.buttons: list[QToolButton] = []
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 0)
        row.setSpacing(4)
        for number, (title, page) in enumerate(pages.items()):
            button = QToolButton()
            button.setText(title)
            button.setCheckable(True)
            button.setObjectName("segment")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            group.addButton(button, number)
            row.addWidget(button)
            self.buttons.append(button)
            self.stack.addWidget(page)
        group.idClicked.connect(self.stack.setCurrentIndex)
        self.stack.currentChanged.connect(lambda number: self.buttons[number].setChecked(True))
        self.buttons[0].setChecked(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.stack, 1)

    def show_page(self, page: QWidget) -> None:
        self.stack.setCurrentWidget(page)
