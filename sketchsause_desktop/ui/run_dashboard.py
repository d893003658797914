"""One training as one watches it: where it is, its curves and samples, and what can be done with it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.background import Background
from sketchsause_desktop.app.run_history import RunHistory, duration_words, read_history
from sketchsause_desktop.app.training_job import JobState, TrainingJob
from sketchsause_desktop.app.training_runs import Run, TrainingRuns
from sketchsause_desktop.ui.fields import WheelGuard, menu_button
from sketchsause_desktop.ui.run_curves import CurvesView
from sketchsause_desktop.ui.run_samples import SamplesView
from sketchsause_desktop.ui.theme import Theme

_REFRESH_MS = 300  # however many events come
_WARNINGS = 3  # the newest
_STATES = {
    JobState.WAITING: "Waits for the training before it",
    JobState.STARTING: "Starting: reading the pairs, building the networks",
    JobState.PAUSED: "Paused",
    JobState.STOPPING: "Stopping: the step is finished and everything saved",
}
_ENDS = {
    "done": "Trained to its end",
    "stopped": "Stopped; it can go on",
    "cut off": "Cut off; it can go on where it was saved last",
    "not begun": "Not begun",
    "running": "Runs in another window or a terminal",
    "waiting": "Waits",
}


class RunDashboard(QWidget):
    delete_asked = Signal(object)  # Run
    rename_asked = Signal(object)
    folder_asked = Signal(object)
    resume_asked = Signal(object)
    use_asked = Signal(object)
    place_asked = Signal(object)  # where its pairs are now
    compare_asked = Signal(object)

    def __init__(self, runs: TrainingRuns, theme: Theme, guard: WheelGuard) -> None:
        super().__init__()
        self._runs = runs
        self._run: Run | None = None
        self._job: TrainingJob | None = None
        self._history = RunHistory()
        self._lacks_data = False  # the folder of its pairs is gone
        self._background = Background("run-history", self)
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self._show_history)
        self.title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.title.setObjectName("heading")
        self.state = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.facts = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.facts.setObjectName("dim")
        self.warnings = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.warnings.setAccessibleName("Warnings")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.progress.setAccessibleName("Progress of the training")
        self.curves = CurvesView(theme, guard)
        self.samples = SamplesView(guard)
        self._make_buttons()
        self._lay_out()
        runs.changed.connect(self._show_state)

    def _make_buttons(self) -> None:
        self.pause = _button("Pause", "Wait, and leave the processor to others", self._on_pause)
        self.resume = _button("Resume", "Go on", self._on_resume)
        self.locate = _button("Where is it now?…", "Choose the folder that its pairs are in now", self._on_find)
        self.stop_epoch = _button("Stop after epoch", "Finish the epoch, save and end", self._on_stop_epoch)
        self.stop = _button("Stop now", "Finish the step, save and end", self._on_stop)
        self.sample = _button("Sample now", "Paint the watched pictures as it is now", self._on_sample)
        self.cancel = _button("Cancel", "Take it out of the queue; it can be begun later", self._on_cancel)
        self.save = _button("Save now", "Save the state and the model as they are now", self._on_save)
        self.use = _button("Use in Paint", "Let its model, as it is now, colour the canvas", self._on_use)
        menu = self.menu = QMenu(self)
        menu.addAction("Open &folder", lambda: self._ask(self.folder_asked))
        menu.addAction("&Title and notes…", lambda: self._ask(self.rename_asked))
        self.compare = menu.addAction("&Compare its models…", lambda: self._ask(self.compare_asked))
        menu.addSeparator()
        self.delete = menu.addAction("&Delete…", lambda: self._ask(self.delete_asked))
        self.more: QToolButton = menu_button(menu, "More to do with this training")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (
            self.cancel, self.pause, self.resume, self.locate, self.stop_epoch, self.stop, self.sample, self.save,
        ):  # fmt: skip
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.use)
        buttons.addWidget(self.more)
        middle = QSplitter(Qt.Orientation.Horizontal)
        middle.setChildrenCollapsible(False)
        middle.setHandleWidth(7)
        middle.addWidget(self.curves)
        middle.addWidget(self.samples)
        middle.setStretchFactor(0, 3)
        middle.setStretchFactor(1, 2)
        middle.setSizes([600, 400])
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        for part in (self.title, self.state, self.progress, self.facts):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addWidget(self.warnings)
        column.addWidget(middle, 1)

    @property
    def folder(self) -> Path | None:
        return self._run.folder if self._run else None

    def show_run(self, run: Run) -> None:
        """What has ended is read from its file on another thread; what runs tells itself."""
        is_other = self._run is None or run.folder != self._run.folder
        self._run = run
        self._find_job(is_other=is_other)
        self._show_state()

    def close_down(self) -> None:
        """Join the thread that reads; the widget must not be used afterwards."""
        self._background.finish()

    def wait(self) -> None:
        """Until what is being read is shown."""
        self._background.wait()

    def _find_job(self, *, is_other: bool) -> None:
        """Look at the run's job where there is one, else at its file."""
        assert self._run is not None
        job = self._runs.job(self._run.folder)
        had_one = self._job is not None
        if job is not None:
            self._attach(job)
        elif is_other or had_one:
            self._attach(None)
            self._read(self._run.folder)

    def _attach(self, job: TrainingJob | None) -> None:
        if job is self._job and job is not None:
            return
        if self._job is not None:
            self._job.event_told.disconnect(self._on_event)
        self._job = job
        self._history = job.history if job is not None else RunHistory()
        if job is not None:
            job.event_told.connect(self._on_event)
        self._show_history()

    def _read(self, folder: Path) -> None:
        found: list[RunHistory] = []

        def read_it() -> None:
            found.append(read_history(folder))

        def then(error: Exception | None) -> None:
            if error is not None:
                raise error
            if self._run is not None and self._run.folder == folder and self._job is None:
                self._history = found[0]
                self._show_history()
                self._show_state()

        self._background.run(read_it, then)

    def _on_event(self, _event: object) -> None:
        if self.isVisible() and not self._timer.isActive():  # else it is drawn when it is looked at
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._job is not None:
            self._timer.start()

    # What is shown

    def _show_history(self) -> None:
        if self._run is None:
            return
        self.curves.show_history(self._history)
        self.samples.show_history(self._run.folder, self._history)
        told = [sentence for _, sentence in self._history.warnings][-_WARNINGS:]
        self.warnings.setText("\n".join(f"⚠ {sentence}" for sentence in dict.fromkeys(told)))
        self.warnings.setVisible(bool(told))
        self._show_facts()

    def _show_facts(self) -> None:
        history = self._history
        self.progress.setRange(0, max(1, history.total_steps))
        self.progress.setValue(history.step)
        self.facts.setText(" · ".join(facts_of(history)))
        if self._run is not None:
            self.state.setText(self._state_words(self._run, self._job))

    def _show_state(self) -> None:
        if self._run is None:
            return
        folder = self._run.folder
        run = next((each for each in self._runs.runs() if each.folder == folder), None)
        if run is None:  # deleted
            return
        self._run = run
        self._find_job(is_other=False)
        job = self._job
        is_active = job is not None and job.is_active
        self.title.setText(run.spec.name)
        is_paused = job is not None and job.state is JobState.PAUSED
        is_going = job is not None and job.state is JobState.RUNNING
        self.cancel.setVisible(run.state == "waiting")
        self.pause.setVisible(is_active and not is_paused)
        self.pause.setEnabled(is_going)
        may_go_on = not is_active and run.state in ("stopped", "cut off", "not begun")
        self._lacks_data = may_go_on and not run.spec.data.is_dir()
        self.locate.setVisible(self._lacks_data)
        self.resume.setVisible(is_paused or (may_go_on and not self._lacks_data))
        self.resume.setText("Begin" if run.state == "not begun" else "Resume")
        for button in (self.stop_epoch, self.stop, self.sample, self.save):
            button.setVisible(is_active)
            button.setEnabled(is_going)
        may_be_forced = job is not None and job.may_be_forced
        self.stop.setText("End by force" if may_be_forced else "Stop now")
        self.stop.setEnabled(is_going or is_paused or may_be_forced)
        self.delete.setEnabled(not is_active)
        self.use.setEnabled(run.has_model or is_going)
        self.compare.setEnabled(run.has_model)
        self._show_facts()

    def _state_words(self, run: Run, job: TrainingJob | None) -> str:
        if self._lacks_data:
            return f"{_ENDS[run.state]}, but its pairs are not in {run.spec.data} any more."
        if job is None:
            return _ENDS[run.state] + "."
        if job.state is JobState.RUNNING:
            history = job.history
            left = history.seconds_left
            words = f"Step {history.step} of {history.total_steps}, epoch {history.epoch + 1}"
            return f"{words}; about {duration_words(left)} left." if left is not None else f"{words}."
        if job.state is JobState.ENDED:
            end = _ENDS[run.state]
            return f"{job.sentence} {end}." if job.sentence else f"{end}."
        return _STATES[job.state] + "."

    # What is done

    def _on_find(self) -> None:
        self._ask(self.place_asked)

    def _on_cancel(self) -> None:
        if self._job is not None:
            self._runs.cancel(self._job)

    def _on_pause(self) -> None:
        if self._job is not None:
            self._job.pause()

    def _on_resume(self) -> None:
        if self._job is not None and self._job.is_active:
            self._job.resume()
        else:
            self._ask(self.resume_asked)

    def _on_stop_epoch(self) -> None:
        if self._job is not None:
            self._job.stop_after_epoch()
            self.stop_epoch.setEnabled(False)

    def _on_stop(self) -> None:
        if self._job is not None and self._job.may_be_forced:
            self._job.force()
        elif self._job is not None:
            self._job.stop()

    def _on_sample(self) -> None:
        if self._job is not None:
            self._job.sample()

    def _on_save(self) -> None:
        if self._job is not None:
            self._job.save()

    def _on_use(self) -> None:
        self._ask(self.use_asked)

    def _ask(self, signal: SignalInstance) -> None:
        if self._run is not None:
            signal.emit(self._run)


def facts_of(history: RunHistory) -> list[str]:
    """Speed, memory, device and the last measures, as far as they are known."""
    facts = []
    if history.pairs:
        facts.append(f"{history.pairs} pairs to learn from")
    if history.steps_per_s and not history.reason:
        pace = history.steps_per_s
        facts.append(f"{pace:.1f} steps a second" if pace >= 1 else f"{1 / pace:.1f} s a step")
    if history.memory_mb:
        facts.append(f"{history.memory_mb / 1024:.1f} GB of memory")
    if history.device_mb:
        facts.append(f"{history.device_mb / 1024:.1f} GB on the card")
    if history.device:
        facts.append("CPU" if history.device == "cpu" else history.device)
    psnr = history.curves["measures"].get("psnr_hinted") or history.curves["measures"].get("psnr")
    if psnr is not None and psnr.last is not None:
        facts.append(f"PSNR {psnr.last:.1f} dB on held-out pairs")
    return facts


def _button(text: str, tip: str, run: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: run())
    return button
