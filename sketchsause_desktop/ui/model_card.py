"""The dialog that tells about a model: its file, its card, what it painted; and what can be done with it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.model_choices import ModelChoice, card_of, file_of
from sketchsause_desktop.app.model_shelf import picture_of


class ModelCard(QDialog):
    """The buttons close it and ask for what they say; a model that came with the program can only be exported."""

    rename_asked = Signal(object)  # ModelChoice
    export_asked = Signal(object)
    delete_asked = Signal(object)

    def __init__(self, model: ModelChoice, device: str, parent: QWidget, *, own: bool = False) -> None:
        super().__init__(parent)
        self._model = model
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
        title = QLabel(model.title, textFormat=Qt.TextFormat.PlainText)
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        title.setFont(font)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.card, 3)
        path = picture_of(model)
        if path is not None:
            self.picture = _Picture(str(path))
            middle.addWidget(self.picture, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addWidget(title)
        column.addLayout(facts)
        column.addLayout(middle, 1)
        column.addLayout(self._make_buttons(own))
        self.resize(min(960 if path is not None else 720, parent.width() - 40), min(560, parent.height() - 60))
        self.card.setFocus()  # the arrow keys scroll it at once

    def _make_buttons(self, own: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.rename = self._button("Rename…", self.rename_asked, "Give it another name")
        self.export = self._button("Export…", self.export_asked, "Write it to a file, for here or for other programs")
        self.delete = self._button("Delete…", self.delete_asked, "Delete its file")
        for button in (self.rename, self.delete):
            button.setVisible(own)
        self.export.setVisible(self._model.path is not None)
        close = QPushButton("Close", default=True)
        close.clicked.connect(self.reject)
        for button in (self.rename, self.export, self.delete):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _button(self, text: str, asked: object, tip: str) -> QPushButton:
        button = QPushButton(text, autoDefault=False)
        button.setToolTip(tip)
        button.clicked.connect(lambda: self._ask(asked))
        return button

    def _ask(self, asked: object) -> None:
        self.accept()
        asked.emit(self._model)  # type: ignore[attr-defined]


class _Picture(QLabel):
    """As large as there is room, never larger than it is."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._whole = QPixmap(path)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setAccessibleName("What the model painted of held-out pairs")
        self.setToolTip("Lines, painted, painted with hints, truth")

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        ratio = self.devicePixelRatioF()
        room = self.size() * ratio
        fitted = self._whole
        if fitted.width() > room.width() or fitted.height() > room.height():
            fitted = fitted.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        fitted.setDevicePixelRatio(ratio)
        self.setPixmap(fitted)


def _fact(name: str, text: str) -> QLabel:
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setAccessibleName(name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
