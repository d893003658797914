"""The menu of the Characters panel: whole characters, made, named, deleted, brought in and out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QMessageBox, QWidget

from sketchsause_desktop.app.characters import Characters
from sketchsause_desktop.core.character_files import CHARACTER_SUFFIXES

_FILES = "Characters and palettes (" + " ".join(f"*{suffix}" for suffix in CHARACTER_SUFFIXES) + ")"
_KINDS = ("SketchSause character (*.json)", "GIMP palette (*.gpl)", "Photoshop (*.aco)", "Adobe swatches (*.ase)")


class CharacterMenu(QMenu):
    def __init__(
        self,
        panel: QWidget,
        characters: Characters,
        ask_new: Callable[[], None],
        ask_reference: Callable[[], None],
    ) -> None:
        super().__init__("Characters", panel)
        self._panel, self._characters = panel, characters
        self.addAction("&New…", ask_new)
        self.addAction("From a re&ference picture…", ask_reference)
        self.addSeparator()
        self.from_library = self.addMenu("From the &library")
        self.keep = self.addAction("&Keep in the library", self._keep)
        self.remove_from_library = self.addMenu("Remo&ve from the library")
        self.addSeparator()
        self.addAction("&Import…", self._ask_import)
        self.export = self.addAction("&Export…", self._ask_export)
        self.addSeparator()
        self.rename = self.addAction("&Rename…", self._ask_name)
        self.delete = self.addAction("&Delete…", self._ask_delete)
        self.aboutToShow.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        character, library = self._characters.character, self._characters.library
        for action in (self.keep, self.export):
            action.setEnabled(bool(character and character.colours))
        for action in (self.rename, self.delete):
            action.setEnabled(character is not None)
        for menu, use in ((self.from_library, self._characters.take), (self.remove_from_library, self._ask_remove)):
            menu.clear()
            menu.setEnabled(bool(library.characters))
            for key, kept in library.characters.items():
                menu.addAction(kept.name.replace("&", "&&"), partial(use, key))

    def _keep(self) -> None:
        character, library = self._characters.character, self._characters.library
        if character is None:
            return
        there = library.characters.get(library.key_of(character.name))
        if there not in (None, character.without_dabs()) and not _confirmed(
            self._panel, f"Replace “{character.name}” in the library?", "Replace"
        ):
            return
        self._characters.keep()

    def _ask_remove(self, key: str) -> None:
        name = self._characters.library.characters[key].name
        if _confirmed(self._panel, f"Remove “{name}” from the library? Drawings keep theirs.", "Remove"):
            self._characters.library.remove(key)

    def _ask_import(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self._panel, "Import characters", "", _FILES)
        for name in names:
            self._characters.import_file(Path(name))

    def _ask_export(self) -> None:
        from sketchsause_desktop.ui.dialogs import file_dialog  # loaded when it is first needed

        character = self._characters.character
        if character is not None:
            dialog = file_dialog(self._panel, "Export character", Path(f"{character.name}.json"), _KINDS)
            if dialog.exec():
                self._characters.export(Path(dialog.selectedFiles()[0]))

    def _ask_name(self) -> None:
        character = self._characters.character
        if character is not None:
            name, given = QInputDialog.getText(self._panel, "Rename character", "Name:", text=character.name)
            if given:
                self._characters.rename(name)

    def _ask_delete(self) -> None:
        character = self._characters.character
        if character is not None and _confirmed(self._panel, f"Delete “{character.name}” from the drawing?", "Delete"):
            self._characters.remove()


def _confirmed(parent: QWidget, question: str, verb: str) -> bool:
    box = QMessageBox(parent)
    box.setWindowTitle("SketchSause")
    box.setText(question)
    sure = box.addButton(verb, QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    return box.clickedButton() is sure
