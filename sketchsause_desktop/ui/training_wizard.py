"""The training wizard: Goal → Data → Check → Split → Start from → Recipe → Output → Summary."""

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget, QWizard

from sketchsause_desktop.app.training_data import TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.app.training_spec import TrainingSpec
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.wizard_check import CheckPage
from sketchsause_desktop.ui.wizard_data import DataPage
from sketchsause_desktop.ui.wizard_goal import GoalPage
from sketchsause_desktop.ui.wizard_output import OutputPage
from sketchsause_desktop.ui.wizard_page import Seen, WizardPage
from sketchsause_desktop.ui.wizard_recipe import RecipePage
from sketchsause_desktop.ui.wizard_split import SplitPage
from sketchsause_desktop.ui.wizard_start import StartPage
from sketchsause_desktop.ui.wizard_summary import SummaryPage

Begin: TypeAlias = Callable[[TrainingSpec], str]
_SIZE = (880, 620)
_HERE = "▸ "  # before the step that is shown


class TrainingWizard(QWizard):
    """Puts `draft` together. Finish calls `begin`, which answers why not, or ""; what it refuses is told on the last
    page, and nothing is lost."""

    def __init__(
        self,
        parent: QWidget,
        runs: TrainingRuns,
        theme: Theme,
        begin: Begin,
        draft: Draft | None = None,
    ) -> None:
        super().__init__(parent)
        self.draft = draft or Draft()
        self._begin = begin
        self.data = TrainingData(self)
        seen = Seen()
        self.goal = GoalPage(self.draft, self.data)
        self.pairs = DataPage(self.draft, self.data, seen, theme)
        self.check = CheckPage(self.draft, self.data, seen)
        self.split = SplitPage(self.draft, self.data, seen)
        self.start = StartPage(self.draft, self.data, runs.models)
        self.recipe = RecipePage(self.draft, self.data)
        self.output = OutputPage(self.draft, self.data, runs.folder)
        self.summary = SummaryPage(self.draft, self.data, seen)
        self.pages: tuple[WizardPage, ...] = (
            self.goal, self.pairs, self.check, self.split, self.start, self.recipe, self.output, self.summary,
        )  # fmt: skip
        for page in self.pages:
            self.addPage(page)
            for button in page.findChildren(QPushButton):
                button.setAutoDefault(False)  # Enter is for Next, and for Begin
        self.setWindowTitle("New training")
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.setOption(QWizard.WizardOption.NoDefaultButton, False)
        self.setButtonText(QWizard.WizardButton.FinishButton, "Begin")
        self._make_side()
        self.currentIdChanged.connect(self._on_page)
        room = self.screen().availableGeometry()
        self.resize(min(_SIZE[0], room.width() - 20), min(_SIZE[1], room.height() - 60))

    def _make_side(self) -> None:
        side = QWidget(self)  # setSideWidget alone leaves it to Python, which would delete it
        column = QVBoxLayout(side)
        column.setContentsMargins(16, 18, 18, 12)
        column.setSpacing(9)
        self._steps = [QLabel(page.name) for page in self.pages]
        for label in self._steps:
            column.addWidget(label)
        column.addStretch(1)
        self.setSideWidget(side)
        for label, page in zip(self._steps, self.pages, strict=True):
            _name_step(label, page.name, is_here=True)
            label.ensurePolished()
        widest = max(label.sizeHint().width() for label in self._steps)
        for label in self._steps:
            label.setMinimumWidth(widest)  # the pages would move sideways with the step that is bold

    def _on_page(self, page_id: int) -> None:
        for number, (page, label) in enumerate(zip(self.pages, self._steps, strict=True)):
            is_here = page is self.page(page_id)
            _name_step(label, page.name, is_here=is_here)
            label.setEnabled(number <= self.pages.index(self.currentPage()) if page_id >= 0 else False)

    def accept(self) -> None:
        self.summary.refused = self._begin(self.draft.spec())
        if self.summary.refused:
            self.summary.refresh()
        else:
            super().accept()

    def done(self, result: int) -> None:
        self.data.close_down()
        super().done(result)


def open_wizard(
    parent: QWidget,
    runs: TrainingRuns,
    theme: Theme,
    begin: Begin,
    draft: Draft | None = None,
) -> TrainingWizard:
    """The wizard over `parent`, which goes on; it goes when it is closed."""
    wizard = TrainingWizard(parent, runs, theme, begin, draft)
    wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    wizard.open()
    return wizard


def _name_step(label: QLabel, name: str, *, is_here: bool) -> None:
    label.setText(f"{_HERE if is_here else ''}{name}")
    font = label.font()
    font.setBold(is_here)
    label.setFont(font)
