"""The brush presets there are: those that come with the program, and the user's, each a file in a folder of theirs."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.brush_files import SUFFIX, read_brush_file, read_brush_folder, save_preset
from sketchsause_desktop.core.brush_presets import LONGEST_NAME, BrushPreset, shipped_presets

_NOTICE = "brushes"
_BLACK = (0, 0, 0)


def uncoloured(preset: BrushPreset) -> BrushPreset:
    """As it is kept: presets say nothing of the colour."""
    return replace(preset, brush=preset.coloured(_BLACK))


class BrushLibrary(QObject):
    """Presets by their names, of which each is there once. Saving a shipped one makes one's own that hides it.

    What a file or the disk refuses becomes a notice, and the call says so by what it returns.
    """

    changed = Signal()

    def __init__(self, folder: Path, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._notices = folder, notices
        self._shipped = {preset.name: preset for preset in shipped_presets()}
        self._own: dict[str, BrushPreset] = {}
        self._files: dict[str, Path] = {}  # of one's own
        found, faults = read_brush_folder(folder)
        for number, fault in enumerate(faults):
            notices.report(f"{_NOTICE}-{number}", fault)
        for path, preset in found.items():
            name = preset.name if preset.name not in self._own else self._free_name(preset.name)
            self._own[name], self._files[name] = replace(preset, name=name), path

    @property
    def presets(self) -> dict[str, BrushPreset]:
        """By name, shipped ones first."""
        return self._shipped | self._own

    def is_own(self, name: str) -> bool:
        return name in self._own

    def is_changed(self, preset: BrushPreset) -> bool:
        """Whether a preset in hand is not as it is kept."""
        kept = self.presets.get(preset.name)
        return kept is None or uncoloured(kept) != uncoloured(preset)

    def save(self, preset: BrushPreset) -> bool:
        """Keep it under its name, in place of what had that name."""
        path = self._files.get(preset.name) or self._free_path(preset.name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            save_preset(preset, path)
        except (UserError, OSError) as error:
            known = error if isinstance(error, UserError) else UserError(f"{self._folder} cannot be made: {error}.")
            self._notices.report(_NOTICE, known)
            return False
        self._own[preset.name], self._files[preset.name] = uncoloured(preset), path
        self.changed.emit()
        return True

    def add(self, preset: BrushPreset) -> str:
        """Keep one more, under its name or one like it; returns the name, "" if that was not possible."""
        name = self._free_name(preset.name)
        return name if self.save(replace(preset, name=name)) else ""

    def rename(self, name: str, wanted: str) -> str:
        """One's own; returns its name then."""
        wanted = _usable(wanted)
        if name not in self._own or not wanted or wanted == name:
            return name
        wanted = self._free_name(wanted)
        path = self._files[name]
        if not self.save(replace(self._own[name], name=wanted)):
            return name
        path.unlink(missing_ok=True)
        del self._own[name], self._files[name]
        self.changed.emit()
        return wanted

    def remove(self, name: str) -> None:
        """One's own; a shipped one that it hid is there again."""
        if name not in self._own:
            return
        try:
            self._files[name].unlink(missing_ok=True)
        except OSError as error:
            self._notices.report(_NOTICE, UserError(f"The brush cannot be removed: {error.strerror}."))
            return
        del self._own[name], self._files[name]
        self.changed.emit()

    def import_file(self, path: Path) -> str:
        """Take a brush file over; returns its name, "" if that was not possible."""
        try:
            return self.add(read_brush_file(path))
        except UserError as error:
            self._notices.report(_NOTICE, error)
            return ""

    def export(self, preset: BrushPreset, path: Path) -> bool:
        try:
            save_preset(preset, path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX))
        except UserError as error:
            self._notices.report(_NOTICE, error)
            return False
        return True

    def _free_name(self, name: str) -> str:
        name = _usable(name) or "Brush"
        free, number = name, 2
        while free in self._shipped or free in self._own:
            ending = f" {number}"
            free, number = name[: LONGEST_NAME - len(ending)] + ending, number + 1
        return free

    def _free_path(self, name: str) -> Path:
        stem = "".join(letter if letter.isalnum() else "-" for letter in name)[:40].strip("-").lower() or "brush"
        path, number = self._folder / f"{stem}{SUFFIX}", 2
        while path.exists():
            path, number = self._folder / f"{stem}-{number}{SUFFIX}", number + 1
        return path


def _usable(name: str) -> str:
    return "".join(letter for letter in " ".join(name.split()) if letter.isprintable())[:LONGEST_NAME]
