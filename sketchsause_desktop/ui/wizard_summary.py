"""The last page: the training in a plain sentence, and the same job as a command line."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton

from sketchsause_desktop.app.run_history import duration_words
from sketchsause_desktop.app.training_data import TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.ui.wizard_goal import GOALS, PAPERS
from sketchsause_desktop.ui.wizard_page import Seen, WizardPage
from sketchsause_desktop.ui.wizard_recipe import estimate_words


class SummaryPage(WizardPage):
    def __init__(self, draft: Draft, data: TrainingData, seen: Seen) -> None:
        super().__init__("Summary", "Ready", "", draft, data)
        self._seen = seen
        self.setFinalPage(True)
        self.sentence = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.figures = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.figures.setObjectName("dim")
        self.command = QPlainTextEdit(readOnly=True)
        self.command.setAccessibleName("The same training as a command line")
        self.command.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.copy = QPushButton("Copy")
        self.copy.clicked.connect(self._on_copy)
        self.refused = ""  # why it could not begin
        row = QHBoxLayout()
        label = QLabel("The same on the command line, with the same losses:")
        label.setObjectName("dim")
        row.addWidget(label, 1)
        row.addWidget(self.copy)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self.figures)
        self.body.addSpacing(8)
        self.body.addLayout(row)
        self.body.addWidget(self.command, 1)

    def fault(self) -> str:
        return self.refused

    def initializePage(self) -> None:
        self.refused = ""
        self.sentence.setText(summary_of(self.draft, len(self._seen.look.names.get("val", ()))))
        estimate = self.draft.estimate()
        self.figures.setText(estimate_words(estimate) if estimate else "")
        self.command.setPlainText(self.draft.spec().command_line())
        self.refresh()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.command.toPlainText())
        self.copy.setText("Copied")


def summary_of(draft: Draft, watched: int) -> str:
    """What will be done, as one would say it."""
    titles = {goal.preset: goal.title for goal in GOALS} | PAPERS
    goal = titles.get(draft.preset, draft.preset)
    begin = f"begins with what “{draft.start_title}” knows and " if draft.start_from else "begins with nothing and "
    learn = f"learns from {draft.pairs} pairs of {draft.data}"
    watch = f", {watched} more are watched" if watched else ""
    out = f" ({len(draft.exclude)} are left out)" if draft.exclude else ""
    estimate = draft.estimate()
    time = f" It takes about {duration_words(estimate.seconds)} here." if estimate else ""
    name = f"“{draft.title or 'The model'}” ({goal.lower()})"
    return f"{name} {begin}{learn}{watch}{out}.{time} One can paint meanwhile."
