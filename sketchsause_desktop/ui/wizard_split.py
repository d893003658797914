"""The Split page: what is learned from, what is watched meanwhile, what is kept for measuring."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QPushButton, QVBoxLayout

from sketchsause_desktop.app.training_data import DataLook, TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.ui.fields import ValueField, WheelGuard
from sketchsause_desktop.ui.wizard_page import Seen, WizardPage

_INTRO = (
    "Most pairs are learned from. A few are watched while it learns, and a few are kept for measuring at the end: "
    "they show how it does with pages that it does not know."
)
_PARTS = {"train": "Learned from", "val": "Watched", "test": "Kept for measuring"}
_MOST_NAMES = 500
_MOST_SHARE = 45  # percent


class SplitPage(WizardPage):
    def __init__(self, draft: Draft, data: TrainingData, seen: Seen) -> None:
        super().__init__("Split", "Which pairs are kept apart?", _INTRO, draft, data)
        self._seen = seen
        guard = WheelGuard(self)
        self.watched = ValueField("Watched", 0, _MOST_SHARE, suffix=" %", guard=guard, tip="Measured while it learns")
        self.kept = ValueField("Kept apart", 0, _MOST_SHARE, suffix=" %", guard=guard, tip="For measuring at the end")
        self.deal = QPushButton("Deal anew")
        self.deal.setToolTip("Other pairs by chance; the same number always gives the same")
        self.told = QLabel(wordWrap=True)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.watched, 1)
        row.addWidget(self.kept, 1)
        row.addWidget(self.deal)
        self.body.addLayout(row)
        self.body.addWidget(self.told)
        columns = QHBoxLayout()
        columns.setSpacing(12)
        self.titles: dict[str, QLabel] = {}
        self.names: dict[str, QListWidget] = {}
        for part, title in _PARTS.items():
            self.titles[part], self.names[part] = QLabel(title), QListWidget()
            self.names[part].setAccessibleName(title)
            self.names[part].setFocusPolicy(Qt.FocusPolicy.TabFocus)
            column = QVBoxLayout()
            column.addWidget(self.titles[part])
            column.addWidget(self.names[part], 1)
            columns.addLayout(column, 1)
        self.body.addLayout(columns, 1)
        self.watched.value_changed.connect(self._on_shares)
        self.kept.value_changed.connect(self._on_shares)
        self.deal.clicked.connect(self._on_deal)
        data.looked.connect(self._on_looked)

    def fault(self) -> str:
        return "" if self._seen.look.to_learn_from else "Nothing is left to learn from: lower the other two."

    def initializePage(self) -> None:
        self.watched.set_value(round(100 * self.draft.val_share))
        self.kept.set_value(round(100 * self.draft.test_share))
        self._show()

    def _on_shares(self) -> None:
        self.draft.val_share, self.draft.test_share = self.watched.value / 100, self.kept.value / 100
        self.data.look(self.draft)

    def _on_deal(self) -> None:
        self.draft.seed += 1
        self.data.look(self.draft)

    def _on_looked(self, _look: DataLook) -> None:
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        look = self._seen.look
        for control in (self.watched, self.kept, self.deal):
            control.setEnabled(not look.given_splits and not look.is_unpaired)
        words = "The folders say themselves which pairs these are." if look.given_splits else ""
        if not look.names.get("val") and not look.names.get("test"):
            words += " Nothing is watched: only what is learned from can be measured."
        self.told.setText(words.strip())
        self.told.setVisible(bool(words))
        for part, title in _PARTS.items():
            names = look.names.get(part, [])
            self.titles[part].setText(f"{title}: {len(names)}")
            self.names[part].clear()
            self.names[part].addItems(names[:_MOST_NAMES])
        self.refresh()
