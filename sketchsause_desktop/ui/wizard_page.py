"""What the pages of the training wizard have in common: Next is greyed, with the reason in words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStyle, QVBoxLayout, QWizardPage

from sketchsause_desktop.app.training_data import DataLook, TrainingData
from sketchsause_desktop.app.training_draft import Draft


class WizardPage(QWizardPage):
    """`fault` of a subclass says why one cannot go on. `refresh` shows it."""

    def __init__(self, name: str, title: str, intro: str, draft: Draft, data: TrainingData) -> None:
        """`name` is the page's in the list at the side."""
        super().__init__()
        self.name, self.draft, self.data = name, draft, data
        self.setTitle(title)
        self.intro = QLabel(intro, wordWrap=True)
        self.intro.setObjectName("dim")
        self.intro.setVisible(bool(intro))
        self.reason = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.reason.setAccessibleName("Why one cannot go on")
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        column = QVBoxLayout(self)
        left = self.style().pixelMetric(QStyle.PixelMetric.PM_LayoutLeftMargin)  # by which QWizard indents the title
        column.setContentsMargins(left, 4, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.intro)
        column.addLayout(self.body, 1)
        column.addWidget(self.reason)

    def fault(self) -> str:
        """Why one cannot go on; "" where one can."""
        return ""

    def is_waiting(self) -> bool:
        """Whether `fault` passes by itself."""
        return False

    def isComplete(self) -> bool:
        return not self.fault()

    def initializePage(self) -> None:
        self.refresh()

    def cleanupPage(self) -> None:
        """Going back forgets nothing."""

    def refresh(self) -> None:
        fault = self.fault()
        self.reason.setText(fault if self.is_waiting() else f"⚠ {fault}")
        self.reason.setVisible(bool(fault))
        self.completeChanged.emit()


class Seen:
    """What was found out about the data; all pages look at the same."""

    def __init__(self) -> None:
        self.look = DataLook(fault="Choose the folder that holds the pairs.")
