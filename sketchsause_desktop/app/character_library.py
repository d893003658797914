"""The user's own characters, for every drawing: each a .json file in a folder of theirs."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.character_files import CHARACTER_SUFFIX, read_character, write_character
from sketchsause_desktop.core.characters import Character

_NOTICE = "characters"


class CharacterLibrary(QObject):
    """Characters by their keys, the names of their files. What a file or the disk refuses becomes a notice."""

    changed = Signal()

    def __init__(self, folder: Path, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._notices = folder, notices
        self._characters: dict[str, Character] = {}
        for path in sorted(folder.glob(f"*{CHARACTER_SUFFIX}")):
            try:
                self._characters[path.name] = read_character(path)
            except UserError as error:
                notices.report(f"{_NOTICE}-{path.name}", error)

    @property
    def characters(self) -> dict[str, Character]:
        """By key, in the order of their names."""
        return dict(sorted(self._characters.items(), key=lambda item: (item[1].name.casefold(), item[0])))

    def key_of(self, name: str) -> str:
        """ "" when no character has that name."""
        return next((key for key, character in self.characters.items() if character.name == name), "")

    def keep(self, character: Character) -> bool:
        """Write it down without its places in the drawing; it takes the place of the one that has its name."""
        character = character.without_dabs()
        key = self.key_of(character.name) or self._free_key(character.name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_character(character, self._folder / key)
        except UserError as error:
            self._notices.report(_NOTICE, error)
            return False
        except OSError as error:
            sentence = f"The folder {self._folder} cannot be made: {error.strerror}."
            self._notices.report(_NOTICE, UserError(sentence, "Make room, or change its permissions."))
            return False
        self._characters[key] = character
        self.changed.emit()
        return True

    def remove(self, key: str) -> None:
        try:
            (self._folder / key).unlink(missing_ok=True)
        except OSError as error:
            self._notices.report(_NOTICE, UserError(f"The character cannot be removed: {error.strerror}."))
            return
        del self._characters[key]
        self.changed.emit()

    def _free_key(self, name: str) -> str:
        stem = "".join(letter if letter.isalnum() else "-" for letter in name)[:40].strip("-").lower() or "character"
        key, number = f"{stem}{CHARACTER_SUFFIX}", 2
        while key in self._characters or (self._folder / key).exists():
            key, number = f"{stem}-{number}{CHARACTER_SUFFIX}", number + 1
        return key
