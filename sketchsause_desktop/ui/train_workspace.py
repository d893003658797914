"""The Train workspace: the trainings on this machine at the left, the chosen one beside them."""

from pathlib import Path

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
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

from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_runs import Run, TrainingRuns
from sketchsause_desktop.app.training_spec import with_notes
from sketchsause_desktop.ui.dialogs import ask_to_delete
from sketchsause_desktop.ui.fields import WheelGuard
from sketchsause_desktop.ui.notice_bar import NoticeBar
from sketchsause_desktop.ui.run_dashboard import RunDashboard
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.training_wizard import TrainingWizard, open_wizard
from sketchsause_desktop.ui.workspace_page import WorkspacePage

_FOLDER = Qt.ItemDataRole.UserRole
_MARKS = {"running": "▶", "waiting": "…", "done": "✓", "stopped": "■", "cut off": "!", "not begun": "○"}
_LIST_WIDTH = 232


class TrainWorkspace(WorkspacePage):
    def __init__(self, runs: TrainingRuns, notices: Notices, theme: Theme) -> None:
        super().__init__()
        self._runs, self._theme = runs, theme
        self.wizard: TrainingWizard | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Trainings")
        self.list.setSpacing(1)
        self.dashboard = RunDashboard(runs, theme, WheelGuard(self))
        self._nothing = QLabel(
            "Nothing has been trained here yet.\n\n“New training…” begins with a folder of pairs.",
            wordWrap=True,
        )
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setObjectName("dim")
        self._lay_out()
        self.notice_bar = NoticeBar(notices, self)
        self.list.currentItemChanged.connect(self._on_chosen)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.dashboard.resume_asked.connect(self._resume)
        self.dashboard.folder_asked.connect(_open_folder)
        self.dashboard.rename_asked.connect(self._rename)
        self.dashboard.delete_asked.connect(self._delete)
        runs.changed.connect(self._show)
        runs.started.connect(lambda job: self.choose(job.spec.run))
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
        side = QWidget()
        side.setFixedWidth(_LIST_WIDTH)
        side.setLayout(column)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(self.dashboard)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self._pages, 1)

    def choose(self, folder: Path) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(_FOLDER) == str(folder):
                self.list.setCurrentRow(row)

    def close_down(self) -> None:
        self.dashboard.close_down()

    # The list

    def _show(self) -> None:
        runs = self._runs.runs()
        chosen = self.dashboard.folder
        with QSignalBlocker(self.list):
            while self.list.count() > len(runs):
                self.list.takeItem(self.list.count() - 1)
            while self.list.count() < len(runs):
                self.list.addItem("")
            for row, run in enumerate(runs):
                _fill(self.list.item(row), run)
                if run.folder == chosen:
                    self.list.setCurrentRow(row)
        if not runs:
            self._pages.setCurrentWidget(self._nothing)
        elif all(run.folder != chosen for run in runs):
            with QSignalBlocker(self.list):
                self.list.setCurrentRow(0)
            self._show_run(runs[0])

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        folder = item.data(_FOLDER) if item is not None else ""
        run = next((each for each in self._runs.runs() if str(each.folder) == folder), None)
        if run is not None:
            self._show_run(run)

    def _on_menu(self, position: QPoint) -> None:
        if self.list.itemAt(position) is not None:  # the click has chosen it
            self.dashboard.menu.popup(self.list.viewport().mapToGlobal(position))

    def _show_run(self, run: Run) -> None:
        self._pages.setCurrentWidget(self.dashboard)
        self.dashboard.show_run(run)

    # What is done with one

    def _on_new(self) -> None:
        self.wizard = open_wizard(self, self._runs, self._theme, self._runs.try_start)

    def _resume(self, run: Run) -> None:
        self._runs.attempt(lambda: self._runs.resume(run.folder))

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
