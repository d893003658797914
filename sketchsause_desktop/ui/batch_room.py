"""Batches in the window: workspace, status line, the offer at the start, the question on leaving."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox, QStatusBar, QToolButton, QWidget

from sketchsause_desktop.app.batch_run import BatchRun
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.ui.actions import new_command
from sketchsause_desktop.ui.batch_words import short_words
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.workspaces import Workspaces

if TYPE_CHECKING:
    from sketchsause_desktop.ui.batch_workspace import BatchWorkspace

_OFFER = "batch-unfinished"


class BatchRoom(QObject):
    def __init__(
        self,
        window: QMainWindow,
        workspaces: Workspaces,
        run: BatchRun,
        *,
        models: Sequence[ModelChoice],
        model: Callable[[], str],
        notices: Notices,
        theme: Theme,
    ) -> None:
        """`model` is the id of the one in use, with which a batch begins."""
        super().__init__(window)
        self._window, self._workspaces, self._run = window, workspaces, run
        self._models, self._model, self._notices, self._theme = models, model, notices, theme
        self._offered: BatchJob | None = None
        self.workspace: BatchWorkspace | None = None
        self.place = workspaces.add("&Batch", "Ctrl+2", self._make, "Convert whole folders")
        self.open = new_command(window, "&Batch convert…", self.show, tip="Convert whole folders while you paint on")
        self.status = QToolButton()
        self.status.setAutoRaise(True)
        self.status.setAccessibleName("Batch")
        self.status.setToolTip("Show the batch")
        self.status.clicked.connect(self.show)
        self.status.hide()
        run.state_changed.connect(self._show_status)
        run.progressed.connect(self._show_status)
        run.ended.connect(self._on_ended)
        notices.acted.connect(self._on_acted)
        notices.withdrawn.connect(self._on_withdrawn)

    def fill(self, menu: QMenu) -> None:
        menu.addSeparator()
        menu.addAction(self.open)

    def add_status(self, line: QStatusBar) -> None:
        line.addPermanentWidget(self.status)
        self._show_status()

    def show(self) -> None:
        self._workspaces.show(self.place)

    def _make(self) -> QWidget:
        from sketchsause_desktop.ui.batch_workspace import BatchWorkspace  # not needed at the start

        self.workspace = BatchWorkspace(self._run, self._models, self._notices, self._theme)
        if self._model():
            self.workspace.form.choose_model(self._model())
        return self.workspace

    def _show_status(self) -> None:
        self.status.setVisible(self._run.is_active)
        self.status.setText(short_words(self._run))

    def _on_ended(self) -> None:
        """Who looks at the batch sees it there."""
        words, level = self._run.end_words()
        if words and self._workspaces.current != self.place:
            self._notices.post("batch", words, level=level)

    # Left over from an earlier start

    def offer(self) -> None:
        """A notice about a batch that was cut off, if there is one; who closes it will not be asked again."""
        self._offered = self._run.unfinished()
        if self._offered is not None:
            self._notices.post(
                _OFFER,
                f"The batch into “{self._offered.output_folder.name}” has not come to its end.",
                action="Go on",
                lasts=True,
            )

    def _on_acted(self, key: str) -> None:
        if key == _OFFER and self._offered is not None:
            job, self._offered = self._offered, None
            self.show()
            if self.workspace is not None:
                self.workspace.go_on(job)

    def _on_withdrawn(self, key: str) -> None:
        """Also told when the button was pressed: then the batch is kept anew as it starts."""
        if key == _OFFER and self._offered is not None:
            self._run.forget(self._offered)

    # Leaving

    def may_leave(self) -> bool:
        """Ask what becomes of a batch that would end with the program, and see to it."""
        if not self._run.is_active:
            return True
        if not ask_leaving(self._window, f"{self._run.done_now} of {self._run.started_with}"):
            return False
        with busy():
            self._run.stop_and_wait()
        return True

    def close_down(self) -> None:
        if self.workspace is not None:
            self.workspace.close_down()
        self._run.close_down()


def ask_leaving(parent: QWidget, where: str) -> bool:
    """Whether the batch may be stopped. `where` is "12 of 37"."""
    box = QMessageBox(parent)
    box.setWindowTitle("SketchSause")
    box.setText(f"A batch is running; {where} pictures are done. Stop it?")
    box.setInformativeText("What is begun is finished, and the next start offers to go on.")
    stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stop)
    box.setEscapeButton(cancel)
    box.exec()
    return box.clickedButton() is stop
