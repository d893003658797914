"""What one paints with, put together: the libraries, the Colour, Palette and Brush panels, and their commands."""

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QWidget

from sketchsause_desktop.app.brush_library import BrushLibrary
from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.hand import remembered, take_up
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.palette_library import PaletteLibrary
from sketchsause_desktop.app.recent_colours import RecentColours
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.colours import Colour
from sketchsause_desktop.core.document import RESULT
from sketchsause_desktop.ui.actions import Actions
from sketchsause_desktop.ui.brush_dock import BrushPanel
from sketchsause_desktop.ui.canvas_pointer import CanvasPointer
from sketchsause_desktop.ui.colour_dock import ColourPanel
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard
from sketchsause_desktop.ui.paged_panel import PagedPanel
from sketchsause_desktop.ui.palette_dock import PalettePanel
from sketchsause_desktop.ui.panels import Panels

PRESSURE_MISSING = (
    "The pen's pressure does not change, so lines keep one width.",
    "If it should, look at the settings of the tablet's driver; on Windows try it with Windows Ink switched on.",
)
_KEEP_MS = 500  # after a stroke; just then its colours are to be seen
_PAINTS = frozenset({"Brush", "Hint", "Fill", "Gradient"})  # steps of the history that use the foreground colour


class PaintRoom(QObject):
    def __init__(
        self,
        *,
        editor: Editor,
        settings: Settings,
        notices: Notices,
        actions: Actions,
        guard: WheelGuard,
        returns: ReturnToCanvas,
    ) -> None:
        super().__init__()
        self._editor, self._settings, self._actions, self._notices = editor, settings, actions, notices
        self.brushes = BrushLibrary(settings.folder / "brushes", notices, self)
        self.palettes = PaletteLibrary(settings.folder / "palettes", notices, self)
        self.recent = RecentColours(settings, self)
        take_up(editor, settings.preferences, self.brushes.presets)
        self.colour_panel = ColourPanel(
            settings=settings,
            recent=self.recent,
            actions=(actions.swap_colours, actions.default_colours),
            guard=guard,
            returns=returns,
        )
        self.palette_panel = PalettePanel(library=self.palettes, settings=settings, picture=self._picture, guard=guard)
        returns.watch(self.palette_panel.box)
        self.brush_panel = BrushPanel(
            library=self.brushes, editor=editor, notices=notices, guard=guard, returns=returns
        )
        self._brush_dock: QDockWidget | None = None
        self._connect()
        self._show_colours()

    def add_docks(self, panels: Panels, characters: QWidget) -> None:
        """`characters` is a panel that shares the dock of the palettes."""
        self.palette_pages = PagedPanel({"Palettes": self.palette_panel, "Characters": characters})
        panels.add_dock("Colour", "colour", self.colour_panel, height=350)
        panels.add_dock("Palette", "palette", self.palette_pages, tab_of="colour")
        self._brush_dock = panels.add_dock("Brush", "brush", self.brush_panel, tab_of="colour")

    def watch_pen(self, pointer: CanvasPointer) -> None:
        pointer.pressure_missing.connect(lambda: self._notices.post("pressure", *PRESSURE_MISSING))

    def _connect(self) -> None:
        editor, actions = self._editor, self._actions
        self.colour_panel.chosen.connect(self._on_colour_chosen)
        self.palette_panel.chosen.connect(self._on_colour_chosen)
        editor.colours_changed.connect(self._show_colours)
        editor.history_changed.connect(self._note_colour)
        self._used: list[Colour] = []  # colours still to be kept among the recent ones
        self._keeping = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._keeping.timeout.connect(self._keep_colours)
        actions.swap_colours.triggered.connect(lambda _checked=False: editor.swap_colours())
        actions.default_colours.triggered.connect(lambda _checked=False: editor.default_colours())
        actions.brush_settings.triggered.connect(lambda _checked=False: self._show_brush_dock())

    def remember(self) -> None:
        """What is in hand, for the next start."""
        self._keep_colours()
        self._settings.change(remembered(self._editor, self._settings.preferences))

    def _picture(self) -> Pixels:
        document = self._editor.document
        return document.composite(document.rect, RESULT)

    def _on_colour_chosen(self, colour: Colour) -> None:
        """A colour is for painting: the eraser makes way for the brush."""
        self._editor.set_foreground(colour)
        if self._editor.tool is Tool.ERASER:
            self._editor.set_tool(Tool.BRUSH)

    def _show_colours(self) -> None:
        colours = self._editor.colours
        self.colour_panel.show_colours(colours.foreground, colours.background)
        self.palette_panel.show_colour(colours.foreground)

    def _note_colour(self) -> None:
        if not self._editor.is_drawing and self._editor.undo_text in _PAINTS:
            self._used.append(self._editor.colours.foreground)
            self._keeping.start()

    def _keep_colours(self) -> None:
        for colour in self._used:
            self.recent.note(colour)
        self._used.clear()

    def _show_brush_dock(self) -> None:
        """In front, with the keyboard in it."""
        if self._brush_dock is not None:
            self._brush_dock.show()
            self._brush_dock.raise_()
            self.brush_panel.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
