"""Which model colours: the entries of the AI ▸ Model menu, and the dialog that tells about one."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice, card_of, file_of
from sketchsause_desktop.ui.actions import new_command

NOT_RUN = "not run yet"


class ModelsRoom:
    def __init__(self, window: QWidget, live: Live, models: Sequence[ModelChoice], device: Callable[[], str]) -> None:
        """`device` tells in words where the chosen model ran last; "" where it has not."""
        self._window, self._live, self._models, self._device = window, live, models, device
        self.about = new_command(window, "About this mo&del…", self.show_card, None, "info", "How it was made")

    @property
    def chosen(self) -> ModelChoice | None:
        return next((each for each in self._models if each.model_id == self._live.model_id), None)

    @property
    def title(self) -> str:
        """That of the chosen one."""
        return "" if self.chosen is None else self.chosen.title

    def fill(self, menu: QMenu) -> None:
        choices = QActionGroup(menu)  # one of them is always chosen
        for model in self._models:
            entry = menu.addAction(model.full_title.replace("&", "&&"))
            entry.setCheckable(True)
            entry.setData(model.model_id)
            choices.addAction(entry)
            entry.triggered.connect(lambda _checked, model_id=model.model_id: self._live.set_model(model_id))
        menu.addSeparator()
        menu.addAction(self.about)
        menu.setEnabled(bool(self._models))
        self._menu = menu
        self._live.model_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.about.setEnabled(self.chosen is not None)
        for entry in self._menu.actions():
            entry.setChecked(entry.data() == self._live.model_id)

    def show_card(self) -> None:
        if self.chosen is not None:
            ModelCard(self.chosen, self._device() or NOT_RUN, self._window).exec()


class ModelCard(QDialog):
    def __init__(self, model: ModelChoice, device: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"About {model.title}")
        self.card = QTextBrowser(openExternalLinks=True)
        self.card.setAccessibleName(f"Card of {model.title}")
        features = QTextDocument.MarkdownFeature
        self.card.document().setMarkdown(
            card_of(model), features(features.MarkdownDialectGitHub.value | features.MarkdownNoHTML.value)
        )
        self.card.document().setDocumentMargin(10)
        self.card.moveCursor(QTextCursor.MoveOperation.Start)
        facts = QFormLayout(horizontalSpacing=14, verticalSpacing=4)
        for name, text in (
            ("Task", model.task),
            ("File", file_of(model)),
            ("Device", device),
            ("Licence", model.licence or "the file does not tell"),
        ):
            facts.addRow(name, _fact(name, text))
        title = QLabel(model.title)
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        title.setFont(font)
        buttons = QDialogButtonBox()
        close = QPushButton("Close", default=True)
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addWidget(title)
        column.addLayout(facts)
        column.addWidget(self.card, 1)
        column.addWidget(buttons)
        self.resize(min(720, parent.width() - 40), min(560, parent.height() - 60))
        self.card.setFocus()  # the arrow keys scroll it at once


def _fact(name: str, text: str) -> QLabel:
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setAccessibleName(name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
