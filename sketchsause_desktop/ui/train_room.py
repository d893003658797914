"""Training in the window: its workspace, its place in the status line, and the question on leaving."""

import enum
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QMessageBox, QStatusBar, QToolButton, QWidget

from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_job import JobState
from sketchsause_desktop.app.training_runs import Run, TrainingRuns
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.train_workspace import TrainWorkspace
from sketchsause_desktop.ui.workspaces import Workspaces


class Leaving(enum.Enum):
    KEEP = "keep running"
    STOP = "stop"
    CANCEL = "cancel"


class TrainRoom(QObject):
    def __init__(
        self, window: QMainWindow, workspaces: Workspaces, runs: TrainingRuns, notices: Notices, theme: Theme
    ) -> None:
        super().__init__(window)
        self._window, self._workspaces, self._runs = window, workspaces, runs
        self._notices, self._theme = notices, theme
        self.teach: Callable[[], None] | None = None  # ask which corrections a model is to learn
        self.use: Callable[[Run], None] | None = None  # let a run's model colour the canvas
        self.compare: Callable[[Run], None] | None = None  # show what a run has kept side by side
        self.workspace: TrainWorkspace | None = None
        self.place = workspaces.add("&Train", "Ctrl+3", self._make, "Teach a model your own pages")
        self.status = QToolButton()
        self.status.setAutoRaise(True)
        self.status.setAccessibleName("Training")
        self.status.setToolTip("Show the training")
        self.status.clicked.connect(lambda: workspaces.show(self.place))
        self.status.hide()
        runs.changed.connect(self._show_status)
        runs.started.connect(lambda job: job.event_told.connect(lambda _event: self._show_status()))

    def add_status(self, line: QStatusBar) -> None:
        line.addPermanentWidget(self.status)
        self._show_status()

    def _make(self) -> QWidget:
        self.workspace = TrainWorkspace(self._runs, self._notices, self._theme)
        self.workspace.dashboard.use.setVisible(self.use is not None)
        self.workspace.teach.setVisible(self.teach is not None)
        self.workspace.teach.clicked.connect(self._on_teach)
        self.workspace.dashboard.use_asked.connect(self._on_use)
        self.workspace.dashboard.compare.setVisible(self.compare is not None)
        self.workspace.dashboard.compare_asked.connect(self._on_compare)
        return self.workspace

    def _on_teach(self) -> None:
        if self.teach is not None:
            self.teach()

    def _on_use(self, run: Run) -> None:
        if self.use is not None:
            self.use(run)

    def _on_compare(self, run: Run) -> None:
        if self.compare is not None:
            self.compare(run)

    def _show_status(self) -> None:
        job = self._runs.active
        self.status.setVisible(job is not None)
        if job is not None:
            share = "paused" if job.state is JobState.PAUSED else f"{job.history.fraction * 100:.0f} %"
            self.status.setText(f"training {share} ▸")

    # Leaving

    def may_leave(self) -> bool:
        """Ask what becomes of a training that would end with the program, and see to it."""
        job = self._runs.own_active
        if job is None:
            return True
        choice = ask_leaving(self._window, job.spec.name)
        if choice is Leaving.CANCEL:
            return False
        with busy():
            if choice is Leaving.STOP:
                self._runs.stop_all()
            elif not self._runs.keep_running():
                self._notices.post("training", "The training could not go on by itself; it is saved and was stopped.")
                return False
        return True

    def close_down(self) -> None:
        if self.workspace is not None:
            self.workspace.close_down()


def ask_leaving(parent: QWidget, name: str) -> Leaving:
    box = QMessageBox(parent)
    box.setWindowTitle("SketchSause")
    box.setText(f"“{name}” is being trained. What is to become of it?")
    box.setInformativeText("Stopped, it is saved and can be resumed. Kept running, the next start finds it again.")
    keep = box.addButton("Keep running", QMessageBox.ButtonRole.AcceptRole)
    stop = box.addButton("Stop it", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(cancel)
    box.exec()
    return {keep: Leaving.KEEP, stop: Leaving.STOP}.get(box.clickedButton(), Leaving.CANCEL)  # type: ignore[call-overload, no-any-return]
