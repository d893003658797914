"""Puts the characters into the window: library, panel, the lock tool, and the palettes that are used for colouring."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QDialog

from sketchsause_desktop.app.character_library import CharacterLibrary
from sketchsause_desktop.app.characters import Characters, LockTool
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.app.tools import Tool
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.pictures import read_picture
from sketchsause_desktop.ui.actions import Actions
from sketchsause_desktop.ui.busy import busy
from sketchsause_desktop.ui.canvas_pointer import CanvasPointer
from sketchsause_desktop.ui.characters_dock import CharactersPanel
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard
from sketchsause_desktop.ui.palette_dock import PalettePanel


class CharactersRoom(QObject):
    def __init__(
        self,
        *,
        editor: Editor,
        live: Live,
        settings: Settings,
        notices: Notices,
        actions: Actions,
        models: Sequence[ModelChoice],
        guard: WheelGuard,
        returns: ReturnToCanvas,
    ) -> None:
        super().__init__()
        self._notices = notices
        self.library = CharacterLibrary(settings.folder / "characters", notices, self)
        self.characters = Characters(editor, live, self.library, notices, self)
        self.panel = CharactersPanel(
            editor=editor,
            characters=self.characters,
            live=live,
            models=models,
            lock=actions.lock_region,
            ask_reference=self.ask_reference,
            guard=guard,
        )
        returns.watch(self.panel.box)

    def connect_to(self, pointer: CanvasPointer, palettes: PalettePanel) -> None:
        """Clicks of the lock tool, and palettes that are to be coloured in."""
        pointer.add_handler(Tool.LOCK, LockTool(self.characters))
        palettes.use_wanted.connect(self.characters.use_palette)

    def ask_reference(self, source: QMimeData | Path | None) -> None:
        """Let the user choose colours of a picture: one that was dropped, a file, or None to ask for it there."""
        from sketchsause_desktop.ui.reference_dialog import ReferenceDialog  # loaded when it is first needed

        dialog = ReferenceDialog(self.panel.window(), self._read)
        if isinstance(source, Path):
            dialog.open_path(source)
        elif source is not None:
            dialog.take(source)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.characters.add(dialog.character, in_use=True)
        dialog.deleteLater()

    def _read(self, path: Path) -> Pixels | None:
        try:
            with busy():
                return read_picture(path).pixels
        except Exception as error:  # noqa: BLE001 - `report` tells users' faults from the program's and logs those
            self._notices.report("reference", error)
            return None
