"""The characters of the drawing in front: what the panel does with them, and what Live gets of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from models.errors import UserError
from sketchsause_desktop.app.character_library import CharacterLibrary
from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.fill_tools import limit_of, pixel_at
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.painting import hints_layer
from sketchsause_desktop.app.tools import ClickTool, Modifier
from sketchsause_desktop.core import character_locks
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.character_files import read_character, write_character
from sketchsause_desktop.core.character_locks import change_cast, region_at
from sketchsause_desktop.core.characters import Cast, Character, NamedColour, character_of, one_line
from sketchsause_desktop.core.colours import Colour, hex_of_colour
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.history import Change, Together
from sketchsause_desktop.core.palettes import Palette
from sketchsause_desktop.core.picker import picked

_NOTICE = "characters"
_PICKING = "pick"
T = TypeVar("T")


class Characters(QObject):
    """Every change is one step of the drawing's history. One character is shown, one of its colours chosen."""

    changed = Signal()  # the characters of the drawing in front, or which drawing that is
    chosen_changed = Signal()  # which character is shown, which colour is chosen
    picking_changed = Signal(bool)

    def __init__(
        self, editor: Editor, live: Live, library: CharacterLibrary, notices: Notices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.library = library
        self._editor, self._live, self._notices = editor, live, notices
        self._seen: Cast | None = None
        self._document_id = editor.document.document_id
        self._shown = self._chosen = 0
        self._tool_before: Tool | None = None  # while the next click picks a colour
        editor.history_changed.connect(self._look)
        editor.document_replaced.connect(self._on_document_replaced)
        editor.tool_changed.connect(self._on_tool_changed)
        self._look()

    def _look(self) -> None:
        if self.cast is self._seen:
            return
        self._seen = self.cast
        self._live.set_palette(self.cast.palette)
        self.changed.emit()

    def _on_document_replaced(self) -> None:
        """Another drawing, or a canvas of another size."""
        if self._editor.document.document_id != self._document_id:
            self._document_id = self._editor.document.document_id
            self._shown, self._chosen = self.cast.in_use or 0, 0
        self._look()

    # What is shown

    @property
    def cast(self) -> Cast:
        return self._editor.document.cast

    @property
    def shown(self) -> int:
        """The place of the character that the panel shows; 0 as well when there is none."""
        return max(0, min(self._shown, len(self.cast.characters) - 1))

    @property
    def character(self) -> Character | None:
        return self.cast.characters[self.shown] if self.cast.characters else None

    @property
    def chosen(self) -> int:
        """The place of the chosen colour; 0 as well when there is none."""
        return max(0, min(self._chosen, len(self.character.colours) - 1)) if self.character else 0

    def show(self, index: int) -> None:
        self._shown, self._chosen = index, 0
        self.chosen_changed.emit()

    def choose(self, index: int) -> None:
        """Choose the colour that regions are locked to."""
        if index != self._chosen and self.character is not None and 0 <= index < len(self.character.colours):
            self._chosen = index
            self.chosen_changed.emit()

    def take_in_hand(self, index: int) -> None:
        """Choose a colour, and make it the foreground colour."""
        self.choose(index)
        if self.character is not None and self.character.colours:
            self._editor.set_foreground(self.character.colours[self.chosen].colour)

    # Characters

    def add(self, character: Character, *, in_use: bool = False) -> None:
        """Put a character into the drawing and show it; with `in_use` the network gets its colours at once."""

        def act(document: Document) -> Change | None:
            cast = document.cast.added(character.without_dabs())
            if in_use:
                cast = replace(cast, in_use=len(cast.characters) - 1)
            return change_cast(document, cast, "Add character")

        if self._editor.do(act):
            self.show(len(self.cast.characters) - 1)

    def rename(self, name: str) -> None:
        """A name of blanks is left out; one that another character has gets a number."""
        wanted = one_line(name)
        if self.character is not None and wanted not in ("", self.character.name):
            self._change("Rename character", lambda character: replace(character, name=self.cast.free_name(wanted)))

    def remove(self) -> None:
        """Its hints stay where they are, as hints like any others."""
        if self.character is not None:
            index = self.shown
            self._editor.do(lambda document: change_cast(document, document.cast.removed(index), "Delete character"))

    @property
    def is_in_use(self) -> bool:
        """Whether the network is given the colours of the character that is shown."""
        return self.cast.in_use == self.shown

    def use(self, on: bool) -> None:
        """Give the network the colours of the character that is shown, or its freedom back."""
        cast = replace(self.cast, in_use=self.shown if on and self.character else None)
        name = "Use for colouring" if on else "Colour freely"
        self._editor.do(lambda document: change_cast(document, cast, name))

    def use_palette(self, palette: Palette) -> None:
        """Put a palette into the drawing, unless it is there, and give the network its colours."""
        character = self._try(lambda: character_of(palette))
        if character is None:
            return
        there = [each.without_dabs() for each in self.cast.characters]
        if character in there:
            self.show(there.index(character))
            self.use(True)
        else:
            self.add(character, in_use=True)

    # Colours

    def add_colour(self, colour: Colour, name: str = "") -> bool:
        """At the end, chosen; False when there is no room."""
        named = NamedColour(colour=colour, name=one_line(name) or hex_of_colour(colour))
        if self.character is None:
            self.add(Character(name="Character", colours=(named,)))
            return True
        if not self._change("Add colour", lambda each: replace(each, colours=(*each.colours, named))):
            return False
        self.choose(len(self.character.colours) - 1)
        return True

    def rename_colour(self, index: int, name: str) -> None:
        """A name of blanks becomes the colour's number."""

        def renamed(character: Character) -> Character:
            named = character.colours[index]
            return character.put(index, replace(named, name=one_line(name) or hex_of_colour(named.colour)))

        self._change("Rename colour", renamed)

    def move_colour(self, index: int, to: int) -> None:
        if self.character is not None and index != to and 0 <= to < len(self.character.colours):
            self._change("Move colour", lambda character: character.moved(index, to))
            self.choose(to)

    def remove_colour(self, index: int) -> None:
        self._change("Remove colour", lambda character: character.put(index))

    def set_colour(self, index: int, colour: Colour) -> None:
        """The hints of its locks follow."""
        place = (self.shown, index)
        self._editor.do(lambda document: character_locks.set_colour(document, place, colour))

    def unlock(self, index: int) -> None:
        """Erase the hints of a colour's locks."""
        place = (self.shown, index)
        self._editor.do(lambda document: character_locks.unlock(document, place))

    def _change(self, name: str, change: Callable[[Character], Character]) -> bool:
        index = self.shown

        def act(document: Document) -> Change | None:
            cast = document.cast
            return change_cast(document, cast.put(index, change(cast.characters[index])), name)

        return self.character is not None and self._editor.do(act)

    # Locks

    def lock(self, seed: tuple[int, int]) -> None:
        """Lock the region round a pixel (column, row) to the chosen colour."""
        if self.character is None or not self.character.colours:
            self._editor.refused.emit(
                UserError("There is no colour to lock the region to.", "Add one in the Characters panel first.")
            )
            return
        place = (self.shown, self.chosen)
        options = self._editor.options.fill.region

        def act(document: Document) -> Change | None:
            area = region_at(document, seed, options, limit_of(document))
            layer, made = hints_layer(document)
            try:
                change = character_locks.lock(document, layer, place, area)
            except UserError:
                if made is not None:
                    made.undo(document)
                raise
            return Together(name=change.name, changes=(made, change)) if made is not None and change else change

        self._editor.do(act)

    # Picking

    @property
    def is_picking(self) -> bool:
        """Whether the next click on the drawing adds the colour there."""
        return self._tool_before is not None

    def set_picking(self, on: bool) -> None:
        if on == self.is_picking:
            return
        before, self._tool_before = self._tool_before, self._editor.tool if on else None
        self._editor.set_tool(before if before is not None else Tool.LOCK)
        self._tell_picking()

    def pick(self, seed: tuple[int, int]) -> None:
        """Add the colour of a pixel (column, row) of what is seen."""
        document = self._editor.document
        colour = picked(document.composite, document.rect, *seed)
        if colour is not None:
            self.set_picking(False)
            self.add_colour(colour[:3])

    def _on_tool_changed(self, tool: Tool) -> None:
        if self.is_picking and tool is not Tool.LOCK:
            self._tool_before = None
            self._tell_picking()

    def _tell_picking(self) -> None:
        if self.is_picking:
            self._notices.post(_PICKING, "Click a place in the drawing: its colour is added.")
        else:
            self._notices.withdraw(_PICKING)
        self.picking_changed.emit(self.is_picking)

    # Library and files

    def take(self, key: str) -> None:
        """Copy a character of the library into the drawing."""
        self.add(self.library.characters[key])

    def keep(self) -> None:
        """Copy the character that is shown into the library."""
        if self.character is not None and self.library.keep(self.character):
            self._notices.post(_NOTICE, f"“{self.character.name}” is in the library for other drawings.")

    def import_file(self, path: Path) -> None:
        character = self._try(lambda: read_character(path))
        if character is not None:
            self.add(character)

    def export(self, path: Path) -> None:
        character = self.character
        if character is not None:
            self._try(lambda: write_character(character, path))

    def _try(self, work: Callable[[], T]) -> T | None:
        """The value of `work`; None, with a notice, when a file could not be used."""
        try:
            value = work()
        except UserError as error:
            self._notices.report(_NOTICE, error)
            return None
        self._notices.withdraw(_NOTICE)
        return value


class LockTool(ClickTool):
    """A click locks the region under it; while a colour is to be picked, it picks that."""

    def __init__(self, characters: Characters) -> None:
        self._characters = characters

    def press(self, sample: PenSample, _modifiers: Modifier) -> None:
        if self._characters.is_picking:
            self._characters.pick(pixel_at(sample))
        else:
            self._characters.lock(pixel_at(sample))
