"""The Start from page: nothing, or a model that knows something already."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from sketchsause_desktop.app.training_data import TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.app.training_start import StartChoice, start_choices
from sketchsause_desktop.ui.wizard_page import WizardPage

_INTRO = (
    "A model that knows something already needs far fewer pages and far less time. What it knew and is not shown any "
    "more fades slowly."
)
_NOTHING = StartChoice(name="", title="Nothing", fits=True, words="It learns everything from your pairs.")


class StartPage(WizardPage):
    def __init__(self, draft: Draft, data: TrainingData, runs: Callable[[], list[tuple[str, Path]]]) -> None:
        """`runs` lists the models of trainings, (title, file)."""
        super().__init__("Start from", "What does it begin with?", _INTRO, draft, data)
        self._runs = runs
        self._choices: list[StartChoice] = []
        self._offered_for = ""
        self.list = QListWidget()
        self.list.setAccessibleName("What the training begins with")
        self.list.setSpacing(3)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._on_chosen)
        self.body.addWidget(self.list, 1)

    def initializePage(self) -> None:
        found = start_choices(self.draft.plain, self._runs())
        fitting, others = [c for c in found if c.fits], [c for c in found if not c.fits]
        self._choices = [*fitting, _NOTHING, *others]
        if self._offered_for != self.draft.preset:  # the first one is offered once, then what was chosen stays
            self._offered_for = self.draft.preset
            if not self.draft.start_from:
                self._take(self._choices[0])
        with QSignalBlocker(self.list):
            self.list.clear()
            for choice in self._choices:
                item = QListWidgetItem(f"{choice.title}\n{choice.words}")
                if not choice.fits:
                    item.setFlags(Qt.ItemFlag.NoItemFlags)
                    item.setToolTip("It does not fit this training")
                self.list.addItem(item)
            names = [choice.name for choice in self._choices]
            wanted = self.draft.start_from
            self.list.setCurrentRow(names.index(wanted) if wanted in names else names.index(""))
        self.refresh()

    def _on_chosen(self, row: int) -> None:
        if 0 <= row < len(self._choices) and self._choices[row].fits:
            self._take(self._choices[row])

    def _take(self, choice: StartChoice) -> None:
        self.draft.start_from, self.draft.start_settings = choice.name, dict(choice.settings)
        self.draft.start_title = choice.title if choice.name else ""
