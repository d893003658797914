"""The Train workspace: the trainings on this machine at the left, the chosen one beside them."""

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QPoint, QSignalBlocker, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_job import TrainingJob
from sketchsause_desktop.app.training_runs import Run, TrainingRuns, moved_data_fault
from sketchsause_desktop.app.training_spec import with_notes
from sketchsause_desktop.ui.dialogs import ask_to_delete
from sketchsause_desktop.ui.fields import WheelGuard
from sketchsause_desktop.ui.notice_bar import NoticeBar
from sketchsause_desktop.ui.run_comparison import RunComparison
from sketchsause_desktop.ui.run_dashboard import RunDashboard
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.training_wizard import TrainingWizard, open_wizard
from sketchsause_desktop.ui.workspace_page import WorkspacePage

_FOLDER = Qt.ItemDataRole.UserRole
_MARKS = {"running": "▶", "waiting": "…", "done": "✓", "stopped": "■", "cut off": "!", "not begun": "○"}
_LIST_WIDTH = 232
_ALONE = QItemSelectionModel.SelectionFlag.ClearAndSelect


class TrainWorkspace(WorkspacePage):
    def __init__(self, runs: TrainingRuns, notices: Notices, theme: Theme) -> None:
        super().__init__()
        self._runs, self._theme, self._notices = runs, theme, notices
        self._background = Background("moved-pairs", self)
        self.wizard: TrainingWizard | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Trainings")
        self.list.setSpacing(1)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.dashboard = RunDashboard(runs, theme, WheelGuard(self))
        self.comparison = RunComparison(runs, theme, WheelGuard(self))
        self._how_to_compare = QLabel("Ctrl and a click on another training compares them.", wordWrap=True)
        self._how_to_compare.setObjectName("dim")
        self._nothing = QLabel(
            "Nothing has been trained here yet.\n\n“New training…” begins with a folder of pairs.",
            wordWrap=True,
        )
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setObjectName("dim")
        self._lay_out()
        self.notice_bar = NoticeBar(notices, self)
        self.list.itemSelectionChanged.connect(self._on_chosen)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.dashboard.resume_asked.connect(self._resume)
        self.dashboard.folder_asked.connect(_open_folder)
        self.dashboard.rename_asked.connect(self._rename)
        self.dashboard.place_asked.connect(self._on_place_asked)
        self.dashboard.delete_asked.connect(self._delete)
        runs.changed.connect(self._show)
        runs.started.connect(self._on_started)
        self._show()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(10, 10, 0, 10)
        column.setSpacing(8)
        self.new = QPushButton("New training…")
        self.new.setToolTip("Teach a model a folder of pairs")
        self.new.clicked.connect(self._on_new)
        self.teach = QPushButton("Teach corrections…")
        self.teach.setToolTip("Teach a model the drawings that you have corrected")
        self.teach.hide()  # until somebody says what it does
        column.addWidget(self.new)
        column.addWidget(self.teach)
        column.addWidget(self.list, 1)
        column.addWidget(self._how_to_compare)
        side = QWidget()
        side.setFixedWidth(_LIST_WIDTH)
        side.setLayout(column)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(self.dashboard)
        self._pages.addWidget(self.comparison)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self._pages, 1)

    def choose(self, folder: Path) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(_FOLDER) == str(folder):
                self.list.setCurrentRow(row, _ALONE)

    def close_down(self) -> None:
        self._background.finish()
        self.dashboard.close_down()
        self.comparison.close_down()

    # The list

    def _show(self) -> None:
        runs = self._runs.runs()
        chosen, selected = self.dashboard.folder, self._selected
        with QSignalBlocker(self.list):
            while self.list.count() > len(runs):
                self.list.takeItem(self.list.count() - 1)
            while self.list.count() < len(runs):
                self.list.addItem("")
            for row, run in enumerate(runs):
                _fill(self.list.item(row), run)
                if run.folder == chosen:
                    self.list.setCurrentRow(row, QItemSelectionModel.SelectionFlag.NoUpdate)
                self.list.item(row).setSelected(str(run.folder) in selected)
        self._how_to_compare.setVisible(len(runs) > 1)
        if not runs:
            self._pages.setCurrentWidget(self._nothing)
        elif not self._selected:
            self.list.setCurrentRow(0, _ALONE)
        elif set(self._selected) != set(selected):  # one of them was deleted
            self._on_chosen()

    @property
    def _selected(self) -> list[str]:
        """The folders of the chosen runs, in the order of the list."""
        rows = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(_FOLDER) for item in rows if item.isSelected()]

    def _on_chosen(self) -> None:
        selected = self._selected
        runs = [run for run in self._runs.runs() if str(run.folder) in selected]
        if len(runs) > 1:
            self._pages.setCurrentWidget(self.comparison)
            self.comparison.show_runs(runs)
        elif runs:
            self._show_run(runs[0])

    def _on_started(self, job: TrainingJob) -> None:
        """Show it, but for what one is comparing."""
        if self._pages.currentWidget() is not self.comparison:
            self.choose(job.spec.run)

    def _on_menu(self, position: QPoint) -> None:
        is_one = self._pages.currentWidget() is self.dashboard
        if is_one and self.list.itemAt(position) is not None:  # the click has chosen it
            self.dashboard.menu.popup(self.list.viewport().mapToGlobal(position))

    def _show_run(self, run: Run) -> None:
        self._pages.setCurrentWidget(self.dashboard)
        self.dashboard.show_run(run)

    # What is done with one

    def _on_new(self) -> None:
        self.wizard = open_wizard(self, self._runs, self._theme, self._runs.try_start)

    def _resume(self, run: Run) -> None:
        self._runs.attempt(lambda: self._runs.resume(run.folder))

    def _on_place_asked(self, run: Run) -> None:
        folder = QFileDialog.getExistingDirectory(self, f"Where the pairs of {run.spec.name} are now")
        if folder:
            self.move_data(run, Path(folder))

    def move_data(self, run: Run, data: Path) -> None:
        """Go on with the pairs in the folder `data`, if they are those that the run has begun with."""
        found: list[Exception | None] = []

        def then(error: Exception | None) -> None:
            fault = error or found[0]
            if fault is not None:
                self._notices.report("training", fault)
                return
            self._runs.move_data(run.folder, data)
            self._resume(run)

        self._background.run(lambda: found.append(moved_data_fault(run.folder, data)), then)

    def wait(self) -> None:
        """Until pairs that have moved were looked at."""
        self._background.wait()

    def _rename(self, run: Run) -> None:
        title, is_wanted = QInputDialog.getText(self, "Title", "Title of the training:", text=run.spec.name)
        if not is_wanted:
            return
        notes, is_wanted = QInputDialog.getMultiLineText(self, "Notes", "Notes for yourself:", run.spec.notes)
        if is_wanted:
            spec = with_notes(run.spec, title=title.strip(), notes=notes)
            self._runs.attempt(lambda: self._runs.rename(run.folder, spec))

    def _delete(self, run: Run) -> None:
        if ask_delete(self, run):
            self._runs.attempt(lambda: self._runs.delete(run.folder))


def ask_delete(parent: QWidget, run: Run) -> bool:
    what_goes = "Its states, samples and model go. The pairs it learned from stay, as does a model in use."
    return ask_to_delete(parent, f"Delete the training “{run.spec.name}” for good?", what_goes)


def _fill(item: QListWidgetItem, run: Run) -> None:
    item.setText(f"{_MARKS[run.state]}  {run.spec.name}\n     {run.state}")
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{run.spec.name}, {run.state}")
    item.setToolTip(f"{run.folder}\n{run.spec.notes}".strip())
    item.setData(_FOLDER, str(run.folder))


def _open_folder(run: Run) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder)))
