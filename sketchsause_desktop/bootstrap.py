"""The composition root: builds the services and the window and runs them, with or without a display."""

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from sketchsause_desktop.app.autosaving import Autosaving
from sketchsause_desktop.app.batch_run import BatchRun
from sketchsause_desktop.app.comparison import Comparison
from sketchsause_desktop.app.corrections import Corrections
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.model_shelf import ModelShelf
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.app.source_offer import SourceOffer
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.core.autosave import AutosaveStore
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.core.requests import InferenceEngine, InferenceRequest, InferenceResult
from sketchsause_desktop.inference.catalogue import Catalogue, default_catalogue
from sketchsause_desktop.ui import recovery
from sketchsause_desktop.ui.assets import resource_path
from sketchsause_desktop.ui.demo import run_demo
from sketchsause_desktop.ui.faults import Faults, start_log
from sketchsause_desktop.ui.main_window import MainWindow, Services
from sketchsause_desktop.ui.milestones import Milestones
from sketchsause_desktop.ui.signals import UnixSignals
from sketchsause_desktop.ui.theme import CHOICES, Theme

NAME = "sketchsause"
SAMPLE = resource_path("samples", "portrait.png")
DEMO_FOLDER = Path("sketchsause-demo")

_log = logging.getLogger(__name__)


def run_window(files: Sequence[Path]) -> int:
    """Show the window with `files`, or with the sample; returns the exit code."""
    log_file = start_log(platformdirs.user_log_path(NAME, appauthor=False))
    faults = Faults(log_file)
    faults.install()
    try:
        app, no_display = make_application()
        milestones = Milestones()
        settings = Settings()
        program = build(app, settings, default_catalogue(), log_file)
        autosaving = program.services.autosaving
        faults.tell(program.services.notices, autosaving.keep_now if autosaving else lambda: None)
        program.open_first(files)
        if no_display:
            program.window.files.opening.wait()
            return run_demo(program.window, program.services, DEMO_FOLDER, sys.stdout, no_display)
        return _run(app, program, milestones)
    finally:
        faults.uninstall()


def make_application() -> tuple["_Application", str]:
    """The application object, and why there is no display ("" where there is one); without one Qt draws into memory.

    Qt ends the process when it finds no display, unless the names it is given end with one that always works.
    """
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not chosen:
        names = ["wayland"] * bool(os.environ.get("WAYLAND_DISPLAY")) + ["xcb"] * bool(os.environ.get("DISPLAY"))
        os.environ["QT_QPA_PLATFORM"] = ";".join([*names, "offscreen"])
    # Every point of a stroke counts.
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressTabletEvents, False)
    app = _Application([NAME])
    app.setApplicationName("SketchSause")
    app.setDesktopFileName(NAME)
    if not chosen:
        os.environ.pop("QT_QPA_PLATFORM", None)  # child processes decide for themselves
    return app, "" if chosen or QApplication.platformName() != "offscreen" else _why_no_display()


def _why_no_display() -> str:
    named = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    return f"The display {named} cannot be used" if named else "There is no display"


@dataclass(frozen=True, kw_only=True)
class Program:
    """All there is while the window is open."""

    services: Services
    window: MainWindow

    def open_first(self, files: Sequence[Path]) -> None:
        """All of `files`, while the window comes up; the sample when there are none or none of them can be opened."""
        opening = self.window.files.opening
        if files:
            opening.ended.connect(self._open_sample, Qt.ConnectionType.SingleShotConnection)
            self.window.files.open_paths(files)
        else:
            self._open_sample()

    def _open_sample(self) -> None:
        """Unless there is something else."""
        if all(drawing.is_untouched for drawing in self.services.editor.drawings):
            self.window.files.open_sample(SAMPLE)


def build(app: QApplication, settings: Settings, catalogue: Catalogue, log_file: Path | None) -> Program:
    choice = next(choice for choice in CHOICES if choice == settings.preferences.theme)
    theme = Theme(app, choice, platformdirs.user_cache_path(NAME, appauthor=False))
    notices = Notices()
    editor = Editor()
    autosaving = Autosaving(editor, notices, AutosaveStore())
    shelf = ModelShelf(catalogue, notices)
    models = _choices(shelf, notices)
    live = Live(editor, _LateEngine(catalogue), notices, looks_at=shelf.looks_at)
    if models:
        live.set_model(_first(models, settings.preferences.model).model_id)
    SourceOffer(editor, live, notices, shelf.looks_at, parent=live)
    trainings = TrainingRuns(notices)
    trainings.changed.connect(lambda: live.set_background_load(trainings.is_working))
    services = Services(
        editor=editor,
        live=live,
        notices=notices,
        settings=settings,
        theme=theme,
        models=models,
        log_file=log_file,
        autosaving=autosaving,
        trainings=trainings,
        batch=BatchRun(notices, lambda name: catalogue.find(name).path),
        comparison=Comparison(),
        shelf=shelf,
        corrections=Corrections(notices),
    )
    return Program(services=services, window=MainWindow(services))


def _run(app: "_Application", program: Program, milestones: Milestones) -> int:
    window, services = program.window, program.services

    def after_first_paint() -> None:
        milestones.reach("window")
        services.live.set_enabled(services.settings.preferences.live)
        if not services.settings.preferences.welcomed:
            window.show_welcome()
        if services.trainings is not None:
            services.trainings.find()
        if window.batch_room is not None:
            window.batch_room.offer()
        if services.autosaving is not None:
            services.autosaving.start()
            recovery.offer(window, services.autosaving)

    def show_live_what_is_seen() -> None:
        services.live.set_visible(window.canvas.visible_doc(), window.canvas.view.zoom)

    window.canvas.view_changed.connect(show_live_what_is_seen)
    show_live_what_is_seen()
    # A turn later the picture is on the screen; only then the engine may take the processor.
    window.canvas.first_painted.connect(lambda: QTimer.singleShot(0, window, after_first_paint))
    window.canvas.result_painted.connect(lambda: milestones.reach("colour"))
    app.pen_near_changed.connect(window.pointer.set_pen_near)
    signals = UnixSignals(window.close)
    window.show()
    try:
        code = app.exec()
        if services.autosaving is not None:
            services.autosaving.close()
        return code
    finally:
        signals.restore()
        services.live.shutdown()
        if services.trainings is not None:
            services.trainings.stop_all()  # where the window was closed without a question
        if services.batch is not None:
            services.batch.close_down()
        if services.comparison is not None:
            services.comparison.close_down()
        if services.autosaving is not None:
            services.autosaving.stop()


def _choices(shelf: ModelShelf, notices: Notices) -> Sequence[ModelChoice]:
    """The models there are; when there are none the user is told what still works."""
    listing = shelf.scan()
    for fault in listing.faults:
        notices.post(f"model-{fault.id}", fault.sentence, level=Level.WARNING)
    if not listing.entries:
        notices.post(
            "no-model",
            "No model is installed, so nothing is coloured; drawing works.",
            f"Drop a .safetensors model onto this window, or put it into {shelf.folder} and start again.",
            Level.WARNING,
        )
    return shelf.choices


def _first(models: Sequence[ModelChoice], wanted: str) -> ModelChoice:
    """The one used last; else one that colours lines, which every drawing has, before one that does not."""
    return min(models, key=lambda model: (model.model_id != wanted, model.looks_at is not Role.LINE_ART))


class _Application(QApplication):
    """Qt tells of a pen that comes near or goes to the application object only."""

    pen_near_changed = Signal(bool)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.TabletEnterProximity, QEvent.Type.TabletLeaveProximity):
            self.pen_near_changed.emit(event.type() == QEvent.Type.TabletEnterProximity)
        return super().event(event)


class _LateEngine(InferenceEngine):
    """Imports what runs networks when the first request comes, on the worker's thread, after the window is there."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._engine: InferenceEngine | None = None

    def run(self, request: InferenceRequest) -> InferenceResult:
        if self._engine is None:
            from sketchsause_desktop.inference.engine import Engine

            self._engine = Engine(self._catalogue)
        return self._engine.run(request)
