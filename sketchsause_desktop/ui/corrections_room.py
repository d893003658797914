"""Learning from corrections: the command that adds the drawing, and the question what is to be learned."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QMenu

from sketchsause_desktop.app.corrections import Corrections
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.ui.actions import new_command


class CorrectionsRoom(QObject):
    def __init__(
        self,
        window: QMainWindow,
        *,
        corrections: Corrections,
        editor: Editor,
        runs: TrainingRuns,
        models: Callable[[], Sequence[ModelChoice]],
        chosen: Callable[[], str],
    ) -> None:
        """`models` gives those there are, `chosen` the id of the one that colours."""
        super().__init__(window)
        self._window, self._corrections, self._editor, self._runs = window, corrections, editor, runs
        self._models, self._chosen = models, chosen
        self.add_command = new_command(
            window,
            "Add to &training set…",
            self.add,
            "Ctrl+Alt+T",
            tip="Keep lines, hints and corrected colours, for a model to learn from",
        )

    def fill(self, menu: QMenu) -> None:
        menu.addSeparator()
        menu.addAction(self.add_command)

    def add(self) -> None:
        from sketchsause_desktop.ui.corrections_dialogs import AddPage  # loaded when it is first needed

        self._editor.end_stroke()
        dialog = AddPage(self._corrections, self._window)
        if dialog.exec():
            self._corrections.add(self._editor.document.snapshot(), self._editor.title, dialog.name)
        dialog.deleteLater()

    def teach(self) -> None:
        from sketchsause_desktop.ui.corrections_dialogs import TeachDialog

        usable = [model for model in self._models() if model.looks_at is Role.LINE_ART and model.path is not None]
        dialog = TeachDialog(self._corrections, usable, self._chosen(), self._window)
        if dialog.exec() and dialog.collection is not None:
            self._corrections.teach(dialog.collection, dialog.model, self._runs)
        dialog.deleteLater()

    def finish(self) -> None:
        """Join the thread that writes pages, after the one in hand."""
        self._corrections.wait()
        self._corrections.finish()
