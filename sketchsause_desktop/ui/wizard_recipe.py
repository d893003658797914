"""The Recipe page: how long and how carefully, and what that will take on this machine."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QProgressBar, QPushButton, QRadioButton, QVBoxLayout

from sketchsause_desktop.app.run_history import duration_words
from sketchsause_desktop.app.training_data import TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.app.training_recipes import Estimate, Pace, Recipe
from sketchsause_desktop.ui.wizard_options import OptionsForm
from sketchsause_desktop.ui.wizard_page import WizardPage

_WORDS = {
    Recipe.QUICK: ("Quick test", "About 10 minutes here. Enough to see whether the pairs are right."),
    Recipe.STANDARD: ("Standard", "What most sets need. The best state is kept, too."),
    Recipe.BEST: ("Best", "Five times as long as Standard. The best state is kept, too."),
    Recipe.ADVANCED: ("Advanced", "Every option of the trainer, beginning with Standard."),
}
_LEFT = 250


class RecipePage(WizardPage):
    def __init__(self, draft: Draft, data: TrainingData) -> None:
        super().__init__("Recipe", "How long, and how carefully?", "", draft, data)
        self._probed_for: tuple[str, ...] = ()
        self._probe_fault = ""
        self.group = QButtonGroup(self)
        self.buttons: dict[Recipe, QRadioButton] = {}
        self.heading = QLabel("On this machine")
        self.figures = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.doubts = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.doubts.setObjectName("dim")
        self.progress = QProgressBar(minimum=0, maximum=0)
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.progress.setAccessibleName("Trying some steps")
        self.probe = QPushButton("Try again")
        self.probe.setToolTip("Ten steps that are thrown away, to see how long the training takes")
        self.form = OptionsForm()
        self._spare = QLabel()
        self._lay_out()
        self.group.buttonClicked.connect(self._on_recipe)
        self.probe.clicked.connect(self._probe)
        self.form.option_changed.connect(self._on_option)
        self.form.fault_changed.connect(self._show)
        data.probed.connect(self._on_probed)
        data.failed.connect(self._on_failed)

    def _radios(self) -> QVBoxLayout:
        left = QVBoxLayout()
        for recipe, (title, words) in _WORDS.items():
            button = QRadioButton(title)
            button.setAccessibleDescription(words)
            label = QLabel(words, wordWrap=True)
            label.setObjectName("dim")
            label.setIndent(24)
            label.setFixedWidth(_LEFT)
            self.group.addButton(button)
            self.buttons[recipe] = button
            group = QVBoxLayout()
            group.setSpacing(1)
            group.addWidget(button)
            group.addWidget(label)
            left.addLayout(group)
        left.addStretch(1)
        return left

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(8)
        for part in (self.heading, self.figures, self.progress):
            right.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self.probe)
        row.addStretch(1)
        right.addLayout(row)
        right.addWidget(self.doubts)
        right.addWidget(self.form, 1)
        right.addWidget(self._spare, 1)
        columns = QHBoxLayout()
        columns.setSpacing(18)
        columns.addLayout(self._radios())
        columns.addLayout(right, 1)
        self.body.addLayout(columns, 1)

    def fault(self) -> str:
        if self.draft.recipe is Recipe.ADVANCED and self.form.fault:
            return self.form.fault
        faults = self.draft.faults()
        if faults:
            return " ".join(faults)
        if self.is_waiting():
            return "Some steps are being tried, so that the test takes about ten minutes."
        return self._probe_fault

    def is_waiting(self) -> bool:
        return self._is_probing and self.draft.recipe is Recipe.QUICK and not self.draft.faults()

    @property
    def _is_probing(self) -> bool:
        return not self.progress.isHidden()

    def initializePage(self) -> None:
        self.buttons[self.draft.recipe].setChecked(True)
        self._probe_if_needed()
        self._show_options()
        self._show()

    def _on_recipe(self) -> None:
        self.draft.recipe = next(recipe for recipe, button in self.buttons.items() if button.isChecked())
        self._probe_if_needed()
        self._show_options()
        self._show()

    def _on_option(self, key: str, text: str) -> None:
        self.draft.own[key] = text
        self._show()

    # The probe

    def _probe_if_needed(self) -> None:
        if self._probed_for != self.draft.pace_key and not self.draft.faults():
            self._probe()

    def _probe(self) -> None:
        self._probed_for, self._probe_fault, self.draft.pace = self.draft.pace_key, "", None
        self.progress.show()
        self.data.probe(self.draft)
        self._show()

    def _on_probed(self, result: dict[str, object]) -> None:
        self.progress.hide()
        self.draft.pace = Pace.from_result(result)
        self._show_options()
        self._show()

    def _on_failed(self, sentence: str) -> None:
        if self._is_probing:
            self.progress.hide()
            self._probe_fault = sentence
            self._show()

    # What is shown

    def _show_options(self) -> None:
        if self.draft.recipe is Recipe.ADVANCED:
            self.form.show_values(self.draft.preset, self.draft.values())

    def _show(self) -> None:
        advanced = self.draft.recipe is Recipe.ADVANCED
        self.form.setVisible(advanced)
        self._spare.setVisible(not advanced)
        estimate = self.draft.estimate()
        is_stale = advanced and self.draft.pace is not None and self._probed_for != self.draft.pace_key
        if self._is_probing:
            self.figures.setText("Ten steps are tried and thrown away …")
        elif estimate is None:
            self.figures.setText("It is not known yet how long this takes.")
        else:
            stale = "\nThe options have changed since it was tried." if is_stale else ""
            self.figures.setText(estimate_words(estimate) + stale)
        self.probe.setVisible(is_stale or bool(self._probe_fault))
        doubts = self.draft.doubts()
        self.doubts.setText("\n".join(f"⚠ {each}" for each in doubts))
        self.doubts.setVisible(bool(doubts))
        self.refresh()


def estimate_words(estimate: Estimate) -> str:
    """Time, memory and disk, a line each."""
    epochs = f"{estimate.epochs} times through all pairs, {_short(estimate.seconds_an_epoch)} each"
    lines = [
        f"About {duration_words(estimate.seconds)}: {estimate.steps} steps, {epochs}.",
        f"{estimate.memory_bytes / 1e9:.1f} GB of memory"
        + (f", {estimate.device_bytes / 1e9:.1f} GB of the graphics card's" if estimate.device_bytes else "")
        + f", up to {estimate.disk_bytes / 1e9:.1f} GB on the disk.",
    ]
    return "\n".join(lines)


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else duration_words(seconds)
