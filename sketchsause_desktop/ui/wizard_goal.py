"""First page: what the model is to do."""

from dataclasses import dataclass

from PySide6.QtWidgets import QButtonGroup, QComboBox, QLabel, QRadioButton, QVBoxLayout

from sketchsause_desktop.app.training_data import TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.ui.wizard_page import WizardPage


@dataclass(frozen=True)
class Goal:
    preset: str
    title: str
    words: str


GOALS = (
    Goal("lineart", "Colour line art in my style", "From pages in line art and the same pages in colour. Takes hints."),
    Goal("satmap", "Draw maps from satellite pictures", "From satellite tiles and the maps of the same places."),
    Goal("pictures", "Any picture to any other", "From pairs of pictures (pix2pix). Large and slow without a card."),
    Goal("cyclegan", "One kind of picture to another, unmatched", "From two folders without pairs (CycleGAN)."),
)
# As papers state them; slow, for comparing.
PAPERS = {
    "anime": "Sketch to colour, as pix2pix",
    "maps": "Satellite to map, WGAN-GP",
    "facades": "Labels to facades",
    "cityscapes": "Labels to street scenes",
    "edges2shoes": "Edges to shoes",
    "edges2handbags": "Edges to handbags",
}


class GoalPage(WizardPage):
    def __init__(self, draft: Draft, data: TrainingData) -> None:
        super().__init__("Goal", "What is the model to do?", "", draft, data)
        self.group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        for goal in GOALS:
            self._add(goal.preset, goal.title, goal.words)
        self._add("", "As a paper has it", "For comparing with what others published. Large and slow.")
        self.papers = QComboBox()
        self.papers.setAccessibleName("Which paper")
        for preset, title in PAPERS.items():
            self.papers.addItem(title, preset)
        self.body.addWidget(self.papers)
        self.body.addStretch(1)
        known = draft.preset if draft.preset in self.buttons else ""
        self.buttons[known].setChecked(True)
        self.papers.setCurrentIndex(max(0, self.papers.findData(draft.preset)))
        self.papers.setVisible(not known)
        self.group.buttonClicked.connect(self._on_chosen)
        self.papers.currentIndexChanged.connect(self._on_chosen)

    def _add(self, preset: str, title: str, words: str) -> None:
        button = QRadioButton(title)
        font = button.font()
        font.setBold(True)
        button.setFont(font)
        button.setAccessibleDescription(words)
        label = QLabel(words, wordWrap=True)
        label.setObjectName("dim")
        label.setIndent(24)
        self.group.addButton(button)
        self.buttons[preset] = button
        group = QVBoxLayout()
        group.setSpacing(1)
        group.addWidget(button)
        group.addWidget(label)
        self.body.addLayout(group)

    def _on_chosen(self) -> None:
        chosen = next(preset for preset, button in self.buttons.items() if button.isChecked())
        self.papers.setVisible(not chosen)
        preset = chosen or self.papers.currentData()
        if preset != self.draft.preset:
            self.draft.preset = preset
            self.draft.start_from, self.draft.start_settings = "", {}
            self.draft.own.clear()
            self.draft.pace = None
        self.refresh()
