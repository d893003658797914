"""The window: puts canvas, bars, panels and menus together and connects the commands to what they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.autosaving import Autosaving
from sketchsause_desktop.app.batch_run import BatchRun
from sketchsause_desktop.app.comparison import Comparison
from sketchsause_desktop.app.corrections import Corrections
from sketchsause_desktop.app.device_test import DeviceTest
from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.model_shelf import ModelShelf
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.results import Results
from sketchsause_desktop.app.settings import Preferences, Settings
from sketchsause_desktop.app.training_runs import TrainingRuns
from sketchsause_desktop.core.brush import MAX_BRUSH_SIZE
from sketchsause_desktop.ui.actions import Actions, titled
from sketchsause_desktop.ui.ai_dock import AiPanel
from sketchsause_desktop.ui.batch_room import BatchRoom
from sketchsause_desktop.ui.canvas_pointer import CanvasPointer
from sketchsause_desktop.ui.canvas_view import CanvasView, ViewMode
from sketchsause_desktop.ui.characters_room import CharactersRoom
from sketchsause_desktop.ui.clipboard import Clipboard
from sketchsause_desktop.ui.compare_room import CompareRoom
from sketchsause_desktop.ui.corrections_room import CorrectionsRoom
from sketchsause_desktop.ui.drawing_tabs import DrawingTabs
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard
from sketchsause_desktop.ui.files import Files
from sketchsause_desktop.ui.hints_room import HintsRoom
from sketchsause_desktop.ui.icons import app_icon
from sketchsause_desktop.ui.layers_room import LayersRoom
from sketchsause_desktop.ui.menus import Menus
from sketchsause_desktop.ui.models_room import ModelsRoom, models_apart
from sketchsause_desktop.ui.notice_bar import NoticeBar
from sketchsause_desktop.ui.paint_room import PaintRoom
from sketchsause_desktop.ui.panels import Panels
from sketchsause_desktop.ui.result_views import ResultViews
from sketchsause_desktop.ui.results_room import ResultsRoom
from sketchsause_desktop.ui.shortcuts import Shortcuts
from sketchsause_desktop.ui.status import StatusLine
from sketchsause_desktop.ui.theme import CHOICES, Theme
from sketchsause_desktop.ui.tool_options import ToolOptions
from sketchsause_desktop.ui.train_room import TrainRoom
from sketchsause_desktop.ui.use_in_paint import UseInPaint
from sketchsause_desktop.ui.view_room import ViewRoom
from sketchsause_desktop.ui.welcome import Welcome, first_call_outs
from sketchsause_desktop.ui.workspaces import Workspaces

LAYOUT_VERSION = 1
SMALL_SCREEN = 1500  # logical pixels of width; below it the window starts maximised


@dataclass(frozen=True, kw_only=True)
class Services:
    """What the window works with; made in `bootstrap`, faked in tests."""

    editor: Editor
    live: Live
    notices: Notices
    settings: Settings
    theme: Theme
    models: Sequence[ModelChoice]
    log_file: Path | None = None
    autosaving: Autosaving | None = None
    trainings: TrainingRuns | None = None
    batch: BatchRun | None = None
    comparison: Comparison | None = None
    shelf: ModelShelf | None = None
    corrections: Corrections | None = None


class MainWindow(QMainWindow):
    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._editor, self._live, self._settings = services.editor, services.live, services.settings
        self._last_pass = ""
        self._welcome: Welcome | None = None
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.actions_ = Actions(self)
        self.canvas = CanvasView(self._editor, services.theme, self)
        self.pointer = CanvasPointer(self.canvas, self._editor)
        self.files = Files(
            self._editor,
            services.notices,
            self._settings,
            self,
            colours_are_late=lambda: self._live.is_late,
            is_dragging=lambda: self.pointer.is_dragging,
        )
        self.clipboard = Clipboard(self._editor, services.notices, self.actions_, self.files.drop)
        self.setCentralWidget(self._make_middle())
        self._make_bars()
        self._make_docks()
        self._make_menus()
        self.notice_bar = NoticeBar(services.notices, self.canvas)
        self._make_status()
        self._make_workspaces()
        self._connect_commands()
        self._connect_choices()
        self._connect_state()
        self._show_preferences(self._settings.preferences)
        self.shortcuts = Shortcuts(self, self._settings)
        self._restore_layout()
        self.canvas.setFocus()

    # Parts

    def _make_middle(self) -> QWidget:
        """The canvas under the tabs of the drawings."""
        self.tabs = DrawingTabs(self._editor)
        self.tabs.close_asked.connect(self.files.close_drawing)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.canvas, 1)
        self.workspaces = Workspaces(self, middle)
        return self.workspaces.stack

    def _make_bars(self) -> None:
        services, a = self._services, self.actions_
        guard, returns = WheelGuard(self), ReturnToCanvas(self.canvas)
        self.paint = PaintRoom(
            editor=self._editor,
            settings=self._settings,
            notices=services.notices,
            actions=a,
            guard=guard,
            returns=returns,
        )
        self.paint.watch_pen(self.pointer)
        self.options = ToolOptions(
            actions=a,
            editor=self._editor,
            live=self._live,
            theme=services.theme,
            library=self.paint.brushes,
            models=services.models,
            guard=guard,
            returns=returns,
        )
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.options)
        self.tools = QToolBar("Tools")
        self.tools.setObjectName("tools")
        self.tools.setMovable(False)
        self.tools.setIconSize(QSize(22, 22))
        self.tools.addActions(list(a.tool_actions.values()))
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.tools.addWidget(space)
        self.tools.addActions([a.fit, a.actual_size, a.mirror])
        for button in self.tools.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.tools)
        self.view_room = ViewRoom(self, self.canvas, self._editor, self._settings, a, guard=guard, returns=returns)
        self.layers_room = LayersRoom(self, self._editor, self.canvas, guard, returns)
        self.models_room = ModelsRoom(
            self, self._live, services.models, lambda: self._last_pass, services.notices, services.shelf
        )
        self.models_room.models_changed.connect(self._on_models_changed)
        self.results = Results(self._editor, lambda: self.models_room.title, self)
        self.result_views = ResultViews(self, self.canvas, self._editor, services.theme, self._settings, a)
        self.results_room = ResultsRoom(self, self.results, self.canvas, self._live, self.layers_room.layer_menu.detach)
        self.characters_room = CharactersRoom(
            editor=self._editor,
            live=self._live,
            settings=self._settings,
            notices=services.notices,
            actions=a,
            models=services.models,
            guard=guard,
            returns=returns,
        )
        self.characters_room.connect_to(self.pointer, self.paint.palette_panel)
        self.ai_panel = AiPanel(actions=a, live=self._live, theme=services.theme, guard=guard, returns=returns)
        self.hints_room = HintsRoom(
            self,
            canvas=self.canvas,
            editor=self._editor,
            live=self._live,
            notices=services.notices,
            settings=self._settings,
            theme=services.theme,
        )
        self.hints_room.join(self.ai_panel)

    def _make_docks(self) -> None:
        self.panels = Panels(self, self.canvas, (self.options, self.tools))
        self.paint.add_docks(self.panels, self.characters_room.panel)
        self.panels.add_dock("AI", "ai", self.ai_panel, height=190, short_tab_of="colour")
        self.layers_room.add_docks(self.panels)
        self.view_room.add_dock(self.panels)
        self.results_room.add_dock(self.panels)
        self.result_views.add_dock(self.panels)
        self.panels.arrange()

    def _make_menus(self) -> None:
        self.menus = Menus(self, self.actions_, self.files)
        self.view_room.fill(self.menus.view, self.actions_.overlay)
        self.result_views.fill(self.menus.view, self.actions_.split)
        self.view_room.fill_split(self.menus.view, self.menus.themes.menuAction())
        self.menus.edit.addSeparator()
        self.menus.edit.addAction(self.actions_.shortcuts)
        self.layers_room.add_menus(before=self.menus.tools.menuAction())
        self.results_room.fill(self.menus.ai, self.menus.model.menuAction())
        self.hints_room.fill(self.menus.ai)
        for action in self.panels.toggles():
            self.menus.panels.addAction(action)
        self.models_room.fill(self.menus.model)

    def _make_status(self) -> None:
        services, saving = self._services, self.files.saving
        status = StatusLine(editor=self._editor, live=self._live, theme=services.theme, canvas=self.canvas)
        saving.progressed.connect(status.show_saving)
        saving.busy_changed.connect(lambda is_busy: status.show_saving(0.0 if is_busy else 1.0))
        if services.autosaving is not None:
            services.autosaving.saved.connect(status.show_autosaved)
        self.setStatusBar(status)

    def _make_workspaces(self) -> None:
        services = self._services
        self.batch_room: BatchRoom | None = None
        if services.batch is not None:
            self.batch_room = BatchRoom(
                self,
                self.workspaces,
                services.batch,
                models=services.models,
                model=lambda: self._live.model_id,
                notices=services.notices,
                theme=services.theme,
            )
            self.batch_room.fill(self.menus.ai)
            self.batch_room.add_status(self.statusBar())
        self.train_room: TrainRoom | None = None
        self.corrections_room: CorrectionsRoom | None = None
        if services.trainings is not None:
            self.train_room = TrainRoom(self, self.workspaces, services.trainings, services.notices, services.theme)
            self.train_room.add_status(self.statusBar())
            if services.shelf is not None:
                show_canvas = partial(self.workspaces.show, 0)
                use = UseInPaint(services.trainings, services.shelf, self.models_room, services.notices, show_canvas)
                self.train_room.use = use.use
            self._make_corrections(self.train_room, services.trainings)
        self._make_comparison()
        self.workspaces.install(self.menus.panels, self.panels)
        self.workspaces.changed.connect(self._show_welcome_in)

    def _make_comparison(self) -> None:
        services = self._services
        self.compare_room: CompareRoom | None = None
        if services.comparison is None:
            return
        self.compare_room = CompareRoom(
            self,
            self.workspaces,
            services.comparison,
            models=services.models,
            shelf=services.shelf,
            runs=services.trainings,
            notices=services.notices,
            theme=services.theme,
        )
        self.compare_room.fill(self.menus.ai)
        if self.train_room is not None:
            self.train_room.compare = self.compare_room.show_run

    def _make_corrections(self, room: TrainRoom, runs: TrainingRuns) -> None:
        if self._services.corrections is None:
            return
        self.corrections_room = CorrectionsRoom(
            self,
            corrections=self._services.corrections,
            editor=self._editor,
            runs=runs,
            models=lambda: self.models_room.models,
            chosen=lambda: self._live.model_id,
        )
        self.corrections_room.fill(self.menus.ai)
        room.teach = self.corrections_room.teach

    # Commands

    def _connect_commands(self) -> None:
        a, files, canvas = self.actions_, self.files, self.canvas
        commands: list[tuple[QAction, Callable[[], object]]] = [
            (a.new, files.new),
            (a.open, files.open),
            (a.save, files.save),
            (a.save_as, files.save_as),
            (a.save_copy, files.save_copy),
            (a.export, files.export),
            (a.export_again, files.export_again),
            (a.close, files.close),
            (a.quit, self.close),
            (a.undo, self._editor.undo),
            (a.redo, self._editor.redo),
            (a.zoom_in, lambda: canvas.step_zoom(1)),
            (a.zoom_out, lambda: canvas.step_zoom(-1)),
            (a.fit, canvas.fit),
            (a.actual_size, lambda: canvas.set_zoom(1.0)),
            (a.overlay, lambda: self._set_mode(ViewMode.OVERLAY)),
            (a.split, lambda: self._set_mode(ViewMode.SPLIT)),
            (a.reset_layout, self._reset_layout),
            (a.smaller, lambda: self._grow_brush(1 / 1.2)),
            (a.larger, lambda: self._grow_brush(1.2)),
            (a.colour_once, self._live.run_once),
            (a.welcome, self.show_welcome),
            (a.about, self._show_about),
            (a.device_report, self._show_device_report),
            (a.shortcuts, self._show_shortcuts),
            (a.next_drawing, lambda: self.tabs.step(1)),
            (a.previous_drawing, lambda: self.tabs.step(-1)),
            (a.next_panel, self.panels.focus_next),
        ]
        for action, command in commands:
            action.triggered.connect(lambda _checked=False, command=command: command())

    def _connect_choices(self) -> None:
        """The commands that stay on or choose one of several."""
        a, canvas = self.actions_, self.canvas
        for tool, action in a.tool_actions.items():
            action.triggered.connect(lambda _checked=False, tool=tool: self._editor.set_tool(tool))
        for action, choice in zip((a.theme_system, a.theme_dark, a.theme_light), CHOICES, strict=True):
            action.triggered.connect(lambda _checked=False, choice=choice: self._keep(theme=choice))
        a.mirror.toggled.connect(canvas.set_mirrored)
        a.live.triggered.connect(self._on_live_triggered)
        a.canvas_only.toggled.connect(self.panels.set_canvas_only)
        a.canvas_only.toggled.connect(self.tabs.setHidden)
        a.full_screen.toggled.connect(self._set_full_screen)
        # Tab walks through the controls everywhere but on the canvas.
        a.canvas_only.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        canvas.addAction(a.canvas_only)

    def _connect_state(self) -> None:
        self._editor.history_changed.connect(self._show_history)
        self._editor.drawings_changed.connect(self._show_history)
        self._editor.refused.connect(partial(self._services.notices.report, "refused"))
        self._editor.history_changed.connect(partial(self._services.notices.withdraw, "refused"))
        once = Qt.ConnectionType.SingleShotConnection
        self._editor.coloured_under_lines.connect(self._tell_of_colours, once)
        self._editor.region_changed.connect(self._end_welcome)  # nothing lies over the canvas while one paints
        self._editor.document_replaced.connect(self._on_document_replaced)
        self._editor.tool_changed.connect(self._show_tool)
        self._live.enabled_changed.connect(self.actions_.live.setChecked)
        self._live.model_changed.connect(self._on_model_changed)
        self._live.pass_finished.connect(self._on_pass)
        self.device_test = DeviceTest(self._live, self._settings, self._services.notices, self)
        self._settings.changed.connect(self._show_preferences)
        self.ai_panel.strength_changed.connect(lambda value: self._editor.set_colour_strength(value / 100))
        self.files.export_target_changed.connect(self._show_history)
        self._show_history()
        self._show_tool(self._editor.tool)
        self._show_model()

    def _keep(self, **changes: object) -> None:
        self._settings.change(replace(self._settings.preferences, **changes))  # type: ignore[arg-type]

    def _grow_brush(self, factor: float) -> None:
        brush = self._editor.brush
        wanted = brush.size * factor
        if abs(wanted - brush.size) < 1:
            wanted = brush.size + (1 if factor > 1 else -1)
        self._editor.set_brush(replace(brush, size=float(min(max(round(wanted), 1), MAX_BRUSH_SIZE))))

    def _set_mode(self, mode: ViewMode) -> None:
        self._keep(view_mode=mode.value)

    def _tell_of_colours(self, layer: str) -> None:
        self._services.notices.post(
            "colours", f"The colour went to “{layer}”, under the lines.", "Black and white stay in the line art."
        )

    def _on_document_replaced(self) -> None:
        self.ai_panel.show_strength(self._editor.colour_strength)
        self._show_history()

    def _on_live_triggered(self, on: bool) -> None:
        self._live.set_enabled(on)
        self._keep(live=on)

    def _on_model_changed(self, model_id: str) -> None:
        self._last_pass = ""
        self._keep(model=model_id)
        self._show_model()

    def _on_models_changed(self) -> None:
        self.options.show_models(self.models_room.models)
        self.characters_room.panel.show_models(self.models_room.models)

    def _on_pass(self, device: str, elapsed_ms: float) -> None:
        self._last_pass = f"{device}, {elapsed_ms:.0f} ms"

    def _set_full_screen(self, on: bool) -> None:
        state = self.windowState()
        full = Qt.WindowState.WindowFullScreen
        self.setWindowState(state | full if on else state & ~full)

    def _show_about(self) -> None:
        from sketchsause_desktop.ui import dialogs  # here and below: loaded when first needed, not at the start

        dialogs.show_about(self)

    def _show_device_report(self) -> None:
        from sketchsause_desktop.ui import dialogs

        models = [model.model_id for model in self.models_room.models]
        text = dialogs.device_report(self, last_pass=self._last_pass, models=models, log_file=self._services.log_file)
        dialogs.show_device_report(self, text)

    def _show_shortcuts(self) -> None:
        from sketchsause_desktop.ui.shortcuts_dialog import ShortcutsDialog

        ShortcutsDialog(self.shortcuts, self).exec()

    # State to widgets

    def _show_preferences(self, preferences: Preferences) -> None:
        a = self.actions_
        choice = next(choice for choice in CHOICES if choice == preferences.theme)
        self._services.theme.choose(choice)
        for action, own in zip((a.theme_system, a.theme_dark, a.theme_light), CHOICES, strict=True):
            action.setChecked(own == choice)
        mode = ViewMode.SPLIT if preferences.view_mode == ViewMode.SPLIT.value else ViewMode.OVERLAY
        self.canvas.set_mode(mode)
        a.split.setChecked(mode is ViewMode.SPLIT)
        a.overlay.setChecked(mode is ViewMode.OVERLAY)

    def _show_history(self) -> None:
        a, editor = self.actions_, self._editor
        a.undo.setEnabled(editor.can_undo)
        a.redo.setEnabled(editor.can_redo)
        a.undo.setText(f"&Undo {editor.undo_text}".strip())
        a.redo.setText(f"&Redo {editor.redo_text}".strip())
        a.undo.setToolTip(titled(f"Undo {editor.undo_text}".strip(), a.undo))
        a.redo.setToolTip(titled(f"Redo {editor.redo_text}".strip(), a.redo))
        a.export_again.setEnabled(self.files.can_export_again)
        self.setWindowTitle(f"{editor.title}[*] – SketchSause")
        self.setWindowModified(editor.is_modified)

    def _show_tool(self, tool: Tool) -> None:
        self.actions_.tool_actions[tool].setChecked(True)

    def _show_model(self) -> None:
        model_id = self._live.model_id
        self.actions_.live.setEnabled(bool(model_id))
        self.actions_.colour_once.setEnabled(bool(model_id))

    # Layout

    def _restore_layout(self) -> None:
        geometry, docks = self._settings.layout("geometry"), self._settings.layout(self.panels.layout_name)
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            free = self.screen().availableGeometry()
            self.resize(min(1440, round(free.width() * 0.9)), min(940, round(free.height() * 0.9)))
            if free.width() < SMALL_SCREEN:
                self.setWindowState(Qt.WindowState.WindowMaximized)
        if not docks.isEmpty():
            self.restoreState(docks, LAYOUT_VERSION)

    def _reset_layout(self) -> None:
        self._settings.forget_layout()
        self.actions_.canvas_only.setChecked(False)
        self.panels.arrange()

    # First start

    def show_welcome(self) -> None:
        self._end_welcome()
        call_outs = first_call_outs(self, self.canvas, self.options.live_button, self.actions_)
        self._welcome = Welcome(self, call_outs, self._room_for_call_outs)
        self._welcome.ended.connect(self._on_welcome_ended)

    def _show_welcome_in(self, workspace: int) -> None:
        """The call-outs are about painting."""
        if self._welcome is not None:
            self._welcome.setVisible(workspace == 0)

    def _room_for_call_outs(self) -> QRect:
        return self.rect().adjusted(0, 0, 0, -self.statusBar().height())

    def _end_welcome(self) -> None:
        if self._welcome is not None:
            self._welcome.end()

    def _on_welcome_ended(self) -> None:
        self._welcome = None
        self._keep(welcomed=True)

    # Events

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.files.look_after()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            _accept_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """The program it comes from waits until this returns, so questions are asked afterwards."""
        _accept_copy(event)
        given, kept = event.mimeData(), QMimeData()
        if given.hasUrls():
            kept.setUrls(given.urls())
        if given.hasImage():
            kept.setImageData(given.imageData())
        QTimer.singleShot(0, self, lambda: self._on_dropped(kept))

    def _on_dropped(self, mime: QMimeData) -> None:
        self.activateWindow()
        models, rest = models_apart(mime)
        if models:
            self.models_room.bring(models)
        if rest is not None:
            self.files.drop(rest)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()  # until all is well: an event that is left by an error must not close the window
        rooms = [room for room in (self.batch_room, self.train_room) if room is not None]
        if not self.files.may_leave() or not all(room.may_leave() for room in rooms):
            return
        self.workspaces.show(0)
        self.actions_.canvas_only.setChecked(False)
        self.result_views.close()
        self.paint.remember()
        self._settings.keep_layout("geometry", self.saveGeometry())
        self._settings.keep_layout(self.panels.layout_name, self.saveState(LAYOUT_VERSION))
        self._live.shutdown()
        self.hints_room.finish()
        for room in rooms:
            room.close_down()
        self.models_room.jobs.finish()
        if self.compare_room is not None:
            self.compare_room.close_down()
        if self.corrections_room is not None:
            self.corrections_room.finish()
        self.clipboard.leave()
        self.files.finish()
        event.accept()


def _accept_copy(event: QDropEvent) -> None:
    """Never a move, after which the other program may delete its file."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
