"""The palettes there are: those that come with the program, and the user's, each a .gpl file in a folder of theirs."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.palette_files import read_palette, write_palette
from sketchsause_desktop.core.palettes import MAX_SWATCHES, Palette, Swatch

_SUFFIX = ".gpl"
_NOTICE = "palettes"


def shipped_folder() -> Path:
    return Path(__file__).resolve().parents[2] / "resources" / "palettes"


class PaletteLibrary(QObject):
    """Palettes by their keys, the names of their files. A change of a shipped one is a copy of one's own under its key.

    What a file or the disk refuses becomes a notice, and the call says so by what it returns.
    """

    changed = Signal(str)  # the key of what changed; "" = the list itself

    def __init__(self, folder: Path, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._notices = folder, notices
        self._shipped = {path.name: read_palette(path) for path in sorted(shipped_folder().glob(f"*{_SUFFIX}"))}
        self._own: dict[str, Palette] = {}
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            try:
                self._own[path.name] = read_palette(path)
            except UserError as error:
                notices.report(f"{_NOTICE}-{path.name}", error)

    @property
    def palettes(self) -> dict[str, Palette]:
        """By key, in the order in which they are shown: by name."""
        together = self._shipped | self._own
        return dict(sorted(together.items(), key=lambda item: (item[1].name.casefold(), item[0])))

    def is_own(self, key: str) -> bool:
        """Whether removing it is possible; of a changed shipped one the shipped one comes back."""
        return key in self._own

    def add(self, palette: Palette) -> str:
        """Keep a new palette, which is not empty; returns its key, "" if it could not be kept."""
        key = self._free_key(palette.name)
        return key if self._keep(key, palette, is_new=True) else ""

    def change(self, key: str, palette: Palette) -> bool:
        return palette == self.palettes[key] or self._keep(key, palette)

    def rename(self, key: str, name: str) -> bool:
        return self.change(key, replace(self.palettes[key], name=" ".join(name.split()) or "Palette"))

    def remove(self, key: str) -> None:
        if key not in self._own:
            return
        try:
            (self._folder / key).unlink(missing_ok=True)
        except OSError as error:
            self._notices.report(_NOTICE, UserError(f"The palette cannot be removed: {error.strerror}."))
            return
        del self._own[key]
        self.changed.emit("")

    def add_swatch(self, key: str, swatch: Swatch) -> bool:
        palette = self.palettes[key]
        if len(palette.swatches) >= MAX_SWATCHES:
            self._notices.post(_NOTICE, f"A palette has room for {MAX_SWATCHES} colours.", "Start another one.")
            return False
        return self.change(key, replace(palette, swatches=(*palette.swatches, swatch)))

    def put_swatch(self, key: str, index: int, swatch: Swatch | None) -> bool:
        """Another swatch in the place of one; None takes it away, but for the last: no file holds an empty palette."""
        palette = self.palettes[key]
        swatches = list(palette.swatches)
        if swatch is None and len(swatches) == 1:
            self._notices.post(_NOTICE, "A palette keeps its last colour.", "Delete the palette from its menu instead.")
            return False
        swatches[index : index + 1] = [swatch] if swatch is not None else []
        return self.change(key, replace(palette, swatches=tuple(swatches)))

    def import_file(self, path: Path) -> str:
        """Take a palette file over; returns the key, "" if that was not possible."""
        try:
            palette = read_palette(path)
        except UserError as error:
            self._notices.report(_NOTICE, error)
            return ""
        return self.add(palette)

    def export(self, key: str, path: Path) -> bool:
        try:
            write_palette(self.palettes[key], path)
        except UserError as error:
            self._notices.report(_NOTICE, error)
            return False
        return True

    def _keep(self, key: str, palette: Palette, is_new: bool = False) -> bool:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_palette(palette, self._folder / key)
        except (UserError, OSError) as error:
            self._notices.report(_NOTICE, error if isinstance(error, UserError) else _no_folder(self._folder, error))
            return False
        renamed = is_new or palette.name != self.palettes[key].name
        self._own[key] = palette
        self.changed.emit("" if renamed else key)
        return True

    def _free_key(self, name: str) -> str:
        stem = "".join(letter if letter.isalnum() else "-" for letter in name)[:40].strip("-").lower() or "palette"
        key, number = f"{stem}{_SUFFIX}", 2
        while key in self._shipped or key in self._own or (self._folder / key).exists():
            key, number = f"{stem}-{number}{_SUFFIX}", number + 1
        return key


def _no_folder(folder: Path, error: OSError) -> UserError:
    return UserError(f"The folder {folder} cannot be made: {error.strerror}.", "Make room, or change its permissions.")
