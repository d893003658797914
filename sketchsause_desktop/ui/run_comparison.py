"""Several trainings beside each other: one kind of curve of each in the same plot, and the settings that differ."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.run_differences import Difference, differences
from sketchsause_desktop.app.run_history import RunHistory, Series, read_history
from sketchsause_desktop.app.training_runs import Run, TrainingRuns
from sketchsause_desktop.ui.curve_plot import CurvePlot, curve_title
from sketchsause_desktop.ui.fields import WheelGuard
from sketchsause_desktop.ui.theme import Theme

_REFRESH_MS = 1000
_GROUPS = ("measures", "losses", "rates")  # in the order of the list of curves
_MOST_ROWS = 7  # of the table, until it scrolls


class RunComparison(QWidget):
    def __init__(self, runs: TrainingRuns, theme: Theme, guard: WheelGuard) -> None:
        super().__init__()
        self._runs = runs
        self._compared: tuple[Run, ...] = ()
        self._background = Background("run-comparison", self)
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self._on_time)
        self.title = QLabel()
        self.title.setObjectName("heading")
        self.curves = ComparedCurves(theme, guard)
        self.words = QLabel()
        self.words.setObjectName("dim")
        self.table = QTableWidget()
        self.table.setObjectName("settings")
        self.table.setAccessibleName("Settings that differ")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.curves, 1)
        column.addWidget(self.words)
        column.addWidget(self.table)

    @property
    def folders(self) -> list[Path]:
        return [run.folder for run in self._compared]

    def show_runs(self, compared: Sequence[Run]) -> None:
        """What has ended is read from its file on another thread."""
        self._compared = tuple(compared)
        self.title.setText(f"{len(compared)} trainings compared")
        self.curves.show_histories({})
        self._show_differences(differences([run.spec for run in compared]))
        histories = {}
        unread = []
        for run in compared:
            job = self._runs.job(run.folder)
            if job is not None:
                histories[run.folder] = job.history
            else:
                unread.append(run.folder)
        self._read(self._compared, histories, unread)
        self._timer.start()

    def wait(self) -> None:
        """Until what is being read is shown."""
        self._background.wait()

    def close_down(self) -> None:
        """Join the thread that reads; the widget must not be used afterwards."""
        self._timer.stop()
        self._background.finish()

    def _read(self, compared: tuple[Run, ...], known: Mapping[Path, RunHistory], unread: Sequence[Path]) -> None:
        found: dict[Path, RunHistory] = {}

        def work() -> None:
            found.update((folder, read_history(folder)) for folder in unread)

        def then(error: Exception | None) -> None:
            if error is not None:
                raise error
            if self._compared is compared:
                self.curves.show_histories(_named(compared, {**known, **found}))

        self._background.run(work, then)

    def _on_time(self) -> None:
        jobs = (self._runs.job(folder) for folder in self.folders)
        if self.isVisible() and any(job is not None and job.is_active for job in jobs):
            self.curves.draw()

    def _show_differences(self, found: Sequence[Difference]) -> None:
        self.words.setText("Settings that differ" if found else "All settings are the same.")
        self.table.setVisible(bool(found))
        self.table.setColumnCount(len(self._compared))
        self.table.setRowCount(len(found))
        self.table.setHorizontalHeaderLabels(_names(self._compared))
        self.table.setVerticalHeaderLabels([each.name for each in found])
        for row, each in enumerate(found):
            self.table.verticalHeaderItem(row).setToolTip(each.sentence)
            for column, value in enumerate(each.values):
                item = QTableWidgetItem(value)
                item.setToolTip(value)
                self.table.setItem(row, column, item)
        height = self.table.fontMetrics().height() + 8
        self.table.verticalHeader().setDefaultSectionSize(height)
        head = self.table.horizontalHeader().sizeHint().height() + 2 * self.table.frameWidth()
        self.table.setFixedHeight(head + min(len(found), _MOST_ROWS) * height)


class ComparedCurves(CurvePlot):
    """One curve of each run; which one is chosen, validation measures first."""

    def __init__(self, theme: Theme, guard: WheelGuard) -> None:
        nothing = "None of these trainings has reported anything yet."
        super().__init__(theme, guard, choice_name="Which curve", nothing=nothing)
        self._histories: Mapping[str, RunHistory] = {}

    def show_histories(self, histories: Mapping[str, RunHistory]) -> None:
        """By the names of their runs."""
        self._histories = histories
        chosen = self.choice.currentText()
        names = [(group, name) for group in _GROUPS for each in histories.values() for name in each.curves[group]]
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for group, name in dict.fromkeys(names):
                self.choice.addItem(curve_title(name) if group != "rates" else "learning rate", (group, name))
            self.choice.setCurrentIndex(max(0, self.choice.findText(chosen)))
        self.choice.setEnabled(self.choice.count() > 1)
        self.draw_anew()

    def curves(self) -> Mapping[str, Series]:
        chosen = self.choice.currentData()
        if chosen is None:
            return {}
        group, name = chosen
        found = {title: each.curves[group].get(name) for title, each in self._histories.items()}
        return {title: series for title, series in found.items() if series is not None}


def _names(runs: Sequence[Run]) -> list[str]:
    """Titles; with the folder's name where there are several of the same."""
    titles = [run.spec.name for run in runs]
    return [
        title if titles.count(title) == 1 else f"{title} ({run.folder.name})"
        for run, title in zip(runs, titles, strict=True)
    ]


def _named(runs: Sequence[Run], histories: Mapping[Path, RunHistory]) -> dict[str, RunHistory]:
    return {name: histories[run.folder] for name, run in zip(_names(runs), runs, strict=True)}
