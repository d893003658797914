"""What is asked when a drawing is added to a collection, and when a model is to learn one."""

from collections.abc import Sequence

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.corrections import Collection, Corrections, is_name
from sketchsause_desktop.app.fine_tuning import FEWEST
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.ui.dialogs import ask_to_delete

WIDTH = 520  # logical pixels
_NONE = "There are no corrections yet. Correct the colours of a drawing, then choose AI ▸ Add to training set."
_WHAT = (
    "The model goes on from the one you choose, keeps what that one knows, and ends when pages that are held out "
    "get no better: about ten minutes on a laptop. You can paint meanwhile."
)


class AddPage(QDialog):
    """Asks for the collection."""

    def __init__(self, corrections: Corrections, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add to training set")
        self.box = QComboBox(editable=True)
        self.box.setAccessibleName("Collection")
        self._pages = {each.name: each.pages for each in corrections.all()}
        self.box.addItems(list(self._pages))
        self.box.setCurrentText(corrections.last if self._pages.get(corrections.last) else self._first(corrections))
        told = QLabel("Keeps the lines, your hints and the colours as you see them now, for a model to learn from.")
        told.setWordWrap(True)
        self.reason = QLabel()
        self.reason.setObjectName("dim")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = self.buttons.addButton("Add", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow("Collection", self.box)
        column = _column(self)
        column.addWidget(told)
        column.addLayout(form)
        column.addWidget(self.reason)
        column.addWidget(self.buttons)
        self.box.editTextChanged.connect(self._check)
        self.resize(WIDTH, 0)
        self._check()

    def _first(self, corrections: Corrections) -> str:
        return next(iter(self._pages), corrections.last)

    @property
    def name(self) -> str:
        return self.box.currentText().strip()

    def _check(self) -> None:
        self.add.setEnabled(is_name(self.name))
        pages = self._pages.get(self.name)
        new = "A new collection." if self.name else "Type a name."
        count = "One page so far." if pages == 1 else f"{pages} pages so far."
        self.reason.setText(new if pages is None else count)


class TeachDialog(QDialog):
    """Which collection, and which model it goes on from. Collections are opened and deleted here, too."""

    def __init__(self, corrections: Corrections, models: Sequence[ModelChoice], chosen: str, parent: QWidget) -> None:
        """`chosen` is the id of the model that is offered first."""
        super().__init__(parent)
        self._corrections = corrections
        self.setWindowTitle("Teach corrections")
        self.box = QComboBox()
        self.box.setAccessibleName("Collection")
        self.base = QComboBox()
        self.base.setAccessibleName("Model to go on from")
        self._models = list(models)
        for model in self._models:
            self.base.addItem(model.title, model.model_id)
        self.base.setCurrentIndex(max(0, self.base.findData(chosen)))
        self.told = QLabel(wordWrap=True)
        self.reason = QLabel(wordWrap=True)
        self.reason.setObjectName("dim")
        self._lay_out()
        self.box.currentIndexChanged.connect(self._check)
        self._show_collections()
        self.resize(WIDTH, 0)

    def _lay_out(self) -> None:
        self.open_folder = QPushButton("Open folder", autoDefault=False)
        self.open_folder.clicked.connect(self._on_open)
        self.delete = QPushButton("Delete…", autoDefault=False)
        self.delete.clicked.connect(self._on_delete)
        row = QHBoxLayout()
        row.addWidget(self.box, 1)
        row.addWidget(self.open_folder)
        row.addWidget(self.delete)
        form = QFormLayout()
        form.addRow("Collection", row)
        form.addRow("Go on from", self.base)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.begin = self.buttons.addButton("Begin", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = _column(self)
        column.addWidget(self.told)
        column.addLayout(form)
        column.addWidget(self.reason)
        column.addWidget(self.buttons)

    def _show_collections(self) -> None:
        self._collections = self._corrections.all()
        self.box.clear()
        for each in self._collections:
            self.box.addItem(f"{each.name} – {each.pages} page{'s' * (each.pages != 1)}")
        names = [each.name for each in self._collections]
        self.box.setCurrentIndex(names.index(self._corrections.last) if self._corrections.last in names else 0)
        self._check()

    @property
    def collection(self) -> Collection | None:
        row = self.box.currentIndex()
        return self._collections[row] if 0 <= row < len(self._collections) else None

    @property
    def model(self) -> ModelChoice:
        return self._models[self.base.currentIndex()]

    def _check(self, _row: int = 0) -> None:
        chosen = self.collection
        self.told.setText(_WHAT if chosen is not None else _NONE)
        missing = FEWEST - chosen.pages if chosen is not None else 0
        reason = f"{missing} more page{'s' * (missing != 1)} of this collection are needed." if missing > 0 else ""
        if missing == 1:
            reason = "One more page of this collection is needed."
        if not self._models:
            reason = "There is no model that colours line art to go on from."
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self.begin.setEnabled(chosen is not None and not reason)
        for part in (self.box, self.open_folder, self.delete):
            part.setEnabled(chosen is not None)

    def _on_open(self) -> None:
        if self.collection is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.collection.folder)))

    def _on_delete(self) -> None:
        if self.collection is not None and ask_delete(self, self.collection):
            self._corrections.delete(self.collection)
            self._show_collections()


def ask_delete(parent: QWidget, collection: Collection) -> bool:
    question = f"Delete the collection “{collection.name}” for good?"
    return ask_to_delete(parent, question, f"Its {collection.pages} pages go. Drawings and models stay.")


def _column(dialog: QDialog) -> QVBoxLayout:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(18, 16, 18, 14)
    column.setSpacing(12)
    return column
