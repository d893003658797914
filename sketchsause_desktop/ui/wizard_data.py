"""The Data page: a folder of pairs, what was understood of it, and which side is given."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea

from sketchsause_desktop.app.training_data import DataLook, TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.ui.images import local_files
from sketchsause_desktop.ui.line_style_dialog import LineStyleDialog
from sketchsause_desktop.ui.pair_pictures import PairPictures, SheetPicture
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.wizard_page import Seen, WizardPage

_TYPING_MS = 400
_INTRO = (
    "Drop a folder here, or choose it. It holds side-by-side sheets, or two folders such as lines and colours whose "
    "files have the same names. Nothing in it is changed."
)


class DataPage(WizardPage):
    def __init__(self, draft: Draft, data: TrainingData, seen: Seen, theme: Theme) -> None:
        super().__init__("Data", "Which pictures does it learn from?", _INTRO, draft, data)
        self._seen, self._is_looking = seen, False
        self.setAcceptDrops(True)
        self.folder = QLineEdit(placeholderText="The folder of the pairs")
        self.folder.setAccessibleName("The folder of the pairs")
        self.folder.setText(str(draft.data) if draft.data else "")
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._on_choose)
        row = QHBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(choose)
        self.summary = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.sheet = SheetPicture(theme.accent())
        self.pictures = PairPictures()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.pictures)
        self.body.addLayout(row)
        self.body.addWidget(self.summary)
        self.hint = QLabel("Drag the line to where the two pictures meet.", wordWrap=True)
        self.hint.setObjectName("dim")
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.sheet, 3)
        line.addWidget(self.hint, 1)
        self.body.addLayout(line)
        self.body.addWidget(scroll, 1)
        self._make_buttons()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._on_typed)
        self.folder.textEdited.connect(lambda _text: self._typing.start())
        self.folder.editingFinished.connect(self._on_typed)
        self.sheet.cut_changed.connect(self._on_cut)
        data.looked.connect(self._on_looked)
        self._show()

    def _make_buttons(self) -> None:
        self.swap = QPushButton("Swap direction")
        self.swap.setToolTip("The other side is what the model is given")
        self.swap.clicked.connect(self._on_swap)
        self.are_sheets = QPushButton("They are sheets")
        self.are_sheets.setToolTip("Each file holds two pictures side by side")
        self.are_sheets.clicked.connect(self._on_sheets)
        self.make = QPushButton("Make pairs from coloured pages…")
        self.make.setToolTip("Lines are drawn from coloured pages; the pages stay as they are")
        self.make.clicked.connect(self._on_make)
        row = QHBoxLayout()
        for button in (self.swap, self.are_sheets, self.make):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)

    def fault(self) -> str:
        return "The folder is being looked at." if self._is_looking else self._seen.look.fault

    def is_waiting(self) -> bool:
        return self._is_looking

    def initializePage(self) -> None:
        self.make.setVisible(self.draft.preset in ("lineart", "anime", "pictures"))
        self._look()

    def set_folder(self, folder: Path) -> None:
        """Another folder; what was chosen for the one before is forgotten."""
        self.folder.setText(str(folder))
        self._on_typed()

    # What is done

    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of pairs", self.folder.text())
        if folder:
            self.set_folder(Path(folder))

    def _on_typed(self) -> None:
        self._typing.stop()
        text = self.folder.text().strip()
        folder = Path(text).expanduser().absolute() if text else None
        if folder != self.draft.data:
            self.draft.data = folder
            self.draft.direction, self.draft.input_half, self.draft.cut = "auto", "auto", 0.5
            self.draft.exclude, self.draft.pace = (), None
            self._look()

    def _on_swap(self) -> None:
        look = self._seen.look
        if look.is_sheets:
            self.draft.input_half = "left" if look.swapped else "right"
        else:
            self.draft.direction = "AtoB" if look.swapped else "BtoA"
        self._look()

    def _on_sheets(self) -> None:
        self.draft.input_half = "left"
        self._look()

    def _on_cut(self, cut: float) -> None:
        self.draft.cut = cut
        if self.draft.input_half == "auto":
            self.draft.input_half = "right" if self._seen.look.swapped else "left"
        self._look()

    def _on_make(self) -> None:
        dialog = LineStyleDialog(self, self.data, self.draft.data)
        dialog.made.connect(self.set_folder)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = local_files(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.set_folder(files[0] if files[0].is_dir() else files[0].parent)

    # What was found

    def _look(self) -> None:
        self._is_looking = self.draft.data is not None
        self.data.look(self.draft)
        self.refresh()

    def _on_looked(self, look: DataLook) -> None:
        self._is_looking = False
        self._seen.look = look
        self.draft.pairs = look.to_learn_from
        self._show()

    def _show(self) -> None:
        look = self._seen.look
        self.summary.setText(look.summary)
        self.summary.setVisible(bool(look.summary))
        self.pictures.show_pairs(look.previews)
        for part in (self.sheet, self.hint):
            part.setVisible(look.is_sheets and bool(look.previews))
        if look.is_sheets and look.previews:
            self.sheet.show_sheet(look.previews[0], self.draft.cut)
        self.swap.setVisible(bool(look.previews))
        self.are_sheets.setVisible(look.stands_alone)
        self.refresh()
