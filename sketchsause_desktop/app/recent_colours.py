"""The colours that were painted with, newest first, kept in the settings."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.colours import Colour, colour_of_hex, hex_of_colour

MOST_RECENT = 16


class RecentColours(QObject):
    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._colours = _readable(settings.preferences.recent_colours)

    @property
    def colours(self) -> tuple[Colour, ...]:
        return self._colours

    def note(self, colour: Colour) -> None:
        """The colour was used now."""
        if self._colours[:1] == (colour,):
            return
        others = [other for other in self._colours if other != colour]
        self._colours = (colour, *others)[:MOST_RECENT]
        names = tuple(map(hex_of_colour, self._colours))
        self._settings.change(replace(self._settings.preferences, recent_colours=names))
        self.changed.emit()


def _readable(names: tuple[str, ...]) -> tuple[Colour, ...]:
    """Whatever stands in the file by hand: what is no colour is left out."""
    colours: dict[Colour, None] = {}
    for name in names:
        try:
            colours[colour_of_hex(name)] = None
        except UserError:
            continue
    return tuple(colours)[:MOST_RECENT]
