"""A training's model colours the canvas: the finished one, or the one that it is at the moment."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from sketchsause_desktop.app.model_shelf import NOTICE, ModelShelf
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.training_job import JobState, TrainingJob
from sketchsause_desktop.app.training_runs import Run, TrainingRuns
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.models_room import ModelsRoom


class UseInPaint(QObject):
    def __init__(
        self, runs: TrainingRuns, shelf: ModelShelf, room: ModelsRoom, notices: Notices, show_canvas: Callable[[], None]
    ) -> None:
        super().__init__(room)
        self._runs, self._shelf, self._room, self._notices = runs, shelf, room, notices
        self._show_canvas = show_canvas
        self._awaited: TrainingJob | None = None  # it was asked to save its model

    def use(self, run: Run) -> None:
        """Of one that runs the model is saved first, which takes a step."""
        job = self._runs.job(run.folder)
        if job is None or job.state is not JobState.RUNNING:
            self._take(run, is_finished=job is None or not job.is_active)
            return
        if self._awaited is None:
            self._awaited = job
            job.event_told.connect(self._on_event)
            job.ended.connect(self._on_ended)
            job.save()
        self._notices.post(NOTICE, f"{run.spec.name} saves its model after this step; then it colours.")

    def _on_event(self, event: object) -> None:
        if isinstance(event, dict) and event.get("event") == "saved" and str(event.get("path", "")).startswith("model"):
            self._on_saved(is_finished=False)

    def _on_ended(self) -> None:
        self._on_saved(is_finished=True)

    def _on_saved(self, *, is_finished: bool) -> None:
        job, self._awaited = self._awaited, None
        if job is None:
            return
        job.event_told.disconnect(self._on_event)
        job.ended.disconnect(self._on_ended)
        run = next((each for each in self._runs.runs() if each.folder == job.spec.run), None)
        if run is not None:
            self._take(run, is_finished=is_finished)

    def _take(self, run: Run, *, is_finished: bool) -> None:
        with busy():
            choice = self._shelf.attempt(lambda: self._shelf.keep_run(run.spec, is_finished=is_finished))
        if choice is None:
            return
        self._room.use(choice)
        self._show_canvas()
        self._notices.post(NOTICE, f"{choice.title} colours now.", "It is in AI ▸ Model with the others.")
