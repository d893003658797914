"""Comparing in the window: its workspace, its command, and what goes when the window closes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from sketchsause_desktop.app.blind_store import BlindStore
from sketchsause_desktop.app.compare_job import Side
from sketchsause_desktop.app.compare_sides import sides_of, sides_of_run
from sketchsause_desktop.app.comparison import Comparison
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.model_shelf import ModelShelf
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_runs import Run, TrainingRuns
from sketchsause_desktop.ui.actions import new_command
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.workspaces import Workspaces

if TYPE_CHECKING:
    from sketchsause_desktop.ui.compare_workspace import CompareWorkspace


class CompareRoom(QObject):
    def __init__(
        self,
        window: QMainWindow,
        workspaces: Workspaces,
        comparison: Comparison,
        *,
        models: Sequence[ModelChoice],
        shelf: ModelShelf | None,
        runs: TrainingRuns | None,
        notices: Notices,
        theme: Theme,
        store: BlindStore | None = None,
    ) -> None:
        """Without a shelf the models stay those of `models`."""
        super().__init__(window)
        self._workspaces, self._comparison, self._models = workspaces, comparison, models
        self._shelf, self._runs, self._notices, self._theme = shelf, runs, notices, theme
        self._store = store or BlindStore()
        self.workspace: CompareWorkspace | None = None
        self.place = workspaces.add("&Compare", "Ctrl+4", self._make, "Two models on the same pictures")
        self.open = new_command(window, "&Compare models…", self.show, tip="See two models on the same pictures")
        if shelf is not None:
            shelf.changed.connect(self._show_sides)
        if runs is not None:
            runs.ended.connect(self._show_sides)
        workspaces.changed.connect(self._on_workspace)

    def fill(self, menu: QMenu) -> None:
        menu.addAction(self.open)

    def show(self) -> None:
        self._workspaces.show(self.place)

    def show_run(self, run: Run) -> None:
        """A training's two newest moments, or its model against what is chosen."""
        self.show()
        page, sides = self.workspace, sides_of_run(run)
        if page is None or not sides or self._comparison.is_active:
            return
        page.form.choose(page.form.a, sides[0])
        if len(sides) > 1:
            page.form.choose(page.form.b, sides[1])

    def sides(self) -> list[Side]:
        models = self._shelf.choices if self._shelf is not None else self._models
        return sides_of(models, self._runs.runs() if self._runs is not None else ())

    def close_down(self) -> None:
        if self.workspace is not None:
            self.workspace.close_down()
        self._comparison.close_down()

    def _make(self) -> QWidget:
        from sketchsause_desktop.ui.compare_workspace import CompareWorkspace  # not needed at the start

        self.workspace = CompareWorkspace(self._comparison, self._store, self.sides, self._notices, self._theme)
        return self.workspace

    def _on_workspace(self, place: int) -> None:
        if place == self.place:
            self._show_sides()

    def _show_sides(self) -> None:
        if self.workspace is not None:
            self.workspace.show_sides()
