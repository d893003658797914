"""Puts what one does with hints and regions into the window: how strongly hints pull, the region they would colour,
and flats of the result."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMainWindow, QMenu

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.flats_commands import FlatsCommands
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.ui.actions import new_action
from sketchsause_desktop.ui.ai_dock import AiPanel
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.hint_hover import HintHover
from sketchsause_desktop.ui.theme import Theme

_KEEP_MS = 400  # after the last move of the slider its value is written down


class HintsRoom(QObject):
    def __init__(
        self,
        window: QMainWindow,
        *,
        canvas: CanvasView,
        editor: Editor,
        live: Live,
        notices: Notices,
        settings: Settings,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._live, self._settings = live, settings
        self._keeping = QTimer(self, interval=_KEEP_MS, singleShot=True)
        self._keeping.timeout.connect(self._keep)
        self.hover = HintHover(canvas, editor, theme)
        self.flats_commands = FlatsCommands(editor, notices, self)
        self.flats = new_action(window, "&Flats", tip="A layer with one plain colour for each region of the line art")
        self.separate = new_action(
            window, "&Separate flats and shade", tip="The AI colours as layers: flats, shade and light"
        )
        self.flats.triggered.connect(self.flats_commands.make_flats)
        self.separate.triggered.connect(self.flats_commands.separate)
        live.set_pull(settings.preferences.hint_strength / 100)

    def fill(self, menu: QMenu) -> None:
        menu.addSeparator()
        menu.addActions([self.flats, self.separate])

    def join(self, panel: AiPanel) -> None:
        """Let the panel's slider set the pull of the hints."""
        panel.hint_strength.set_value(round(self._live.pull * 100))
        panel.hint_strength.value_changed.connect(self._on_strength)

    def _on_strength(self, per_cent: int) -> None:
        self._live.set_pull(per_cent / 100)
        self._keeping.start()

    def _keep(self) -> None:
        self._settings.change(replace(self._settings.preferences, hint_strength=round(self._live.pull * 100)))

    def finish(self) -> None:
        """Keep what was set and join the threads."""
        if self._keeping.isActive():
            self._keeping.stop()
            self._keep()
        self.hover.finish()
        self.flats_commands.finish()
