"""Characters of open drawings, without a window."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from models.errors import UserError
from sketchsause_desktop.app.character_library import CharacterLibrary
from sketchsause_desktop.app.characters import Characters, LockTool
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.saving import Saving
from sketchsause_desktop.app.tools import Modifier, Tool
from sketchsause_desktop.core import canvas_actions, layer_actions
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.characters import Character, NamedColour
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.core.palettes import Palette, Swatch
from sketchsause_desktop.core.selection_shapes import ellipse
from tests.desktop.app.fake_engine import FakeEngine

CANVAS = Rect(0, 0, 200, 150)
BROWN, PINK, GREEN = (122, 59, 29), (240, 200, 180), (20, 200, 60)
MIA = Character(name="Mia", colours=(NamedColour(colour=BROWN, name="hair"), NamedColour(colour=PINK, name="skin")))


@dataclass
class Studio:
    editor: Editor
    live: Live
    notices: Notices
    characters: Characters
    folder: Path

    def click(self, x: float, y: float) -> None:
        LockTool(self.characters).press(PenSample(x, y), Modifier.NONE)

    def hint(self) -> tuple[int, ...]:
        """The colour in the middle of the frame."""
        layer = self.editor.document.topmost(Role.HINTS)
        return () if layer is None else tuple(layer.tiles.read(CANVAS)[75, 100].tolist())

    def given(self) -> list[tuple[int, ...]]:
        """What the network gets."""
        return list(self.live.palette)

    def names(self) -> list[str]:
        return [each.name for each in self.characters.cast.characters]

    def colours(self) -> list[str]:
        return [each.name for each in self.characters.character.colours] if self.characters.character else []

    def steps(self) -> int:
        return len(self.editor.current.history)


def framed() -> Document:
    """A frame of lines."""
    lines = np.full((CANVAS.height, CANVAS.width), 255, np.uint8)
    lines[8:142, 8:192] = 0
    lines[10:140, 10:190] = 255
    return Document.from_line_art(lines)


@pytest.fixture
def studio(qapp: QCoreApplication, tmp_path: Path) -> Iterator[Studio]:
    editor, notices, folder = Editor(), Notices(), tmp_path / "characters"
    editor.open(framed(), "frame")
    live = Live(editor, FakeEngine(), notices)
    characters = Characters(editor, live, CharacterLibrary(folder, notices), notices)
    yield Studio(editor, live, notices, characters, folder)
    live.shutdown()


def test_each_edit_is_one_step_that_can_be_taken_back(studio: Studio) -> None:
    characters = studio.characters
    characters.add(MIA)
    edits = [
        lambda: characters.rename("  Mía 美亜 "),
        lambda: characters.add_colour(GREEN, "eyes"),
        lambda: characters.rename_colour(0, "Haare"),
        lambda: characters.move_colour(2, 0),
        lambda: characters.set_colour(1, (1, 2, 3)),
        lambda: characters.use(True),
        lambda: characters.remove_colour(0),
        characters.remove,
    ]
    seen = [characters.cast]
    for number, edit in enumerate(edits):
        edit()
        assert studio.steps() == number + 2
        assert characters.cast not in seen
        seen.append(characters.cast)
    for cast in reversed(seen[:-1]):
        studio.editor.undo()
        assert characters.cast == cast
    assert studio.editor.is_modified


def test_names_of_blanks_change_nothing(studio: Studio) -> None:
    studio.characters.add(MIA)
    before = studio.steps()
    studio.characters.rename(" \n\t")
    assert (studio.names(), studio.steps()) == (["Mia"], before)
    studio.characters.rename_colour(0, "  ")
    assert studio.colours() == ["#7a3b1d", "skin"]


def test_the_first_colour_makes_a_character(studio: Studio) -> None:
    studio.characters.add_colour(GREEN)
    assert (studio.names(), studio.colours()) == (["Character"], ["#14c83c"])
    assert studio.steps() == 1


def test_live_gets_the_colours_while_they_are_in_use(studio: Studio) -> None:
    characters = studio.characters
    characters.add(MIA)
    assert studio.given() == []
    characters.use(True)
    assert studio.given() == [BROWN, PINK]
    characters.set_colour(0, GREEN)
    assert studio.given() == [GREEN, PINK]
    characters.use(False)
    assert studio.given() == []
    studio.editor.undo()
    assert studio.given() == [GREEN, PINK]


def test_each_drawing_has_its_own(studio: Studio) -> None:
    first = studio.editor.current
    studio.characters.add(MIA, in_use=True)
    studio.editor.open(Document.new(Size(50, 50)), "other")
    assert (studio.names(), studio.given()) == ([], [])
    studio.editor.set_current(first)
    assert (studio.names(), studio.given()) == (["Mia"], [BROWN, PINK])


def test_another_canvas_size_shows_the_same_colour(studio: Studio) -> None:
    studio.characters.add(Character(name="Ren"))
    studio.characters.add(MIA)
    studio.characters.choose(1)
    studio.editor.do(canvas_actions.flip)
    studio.editor.do(lambda document: canvas_actions.scale(document, Size(100, 75)))
    assert (studio.characters.shown, studio.characters.chosen) == (1, 1)
    studio.editor.open(Document.new(Size(50, 50)), "other")
    assert (studio.characters.shown, studio.characters.chosen) == (0, 0)


def test_a_palette_that_is_used_again_is_not_added_again(studio: Studio) -> None:
    palette = Palette(name="Warm", swatches=(Swatch(colour=GREEN), Swatch(colour=PINK)))
    studio.characters.use_palette(palette)
    studio.characters.use(False)
    studio.characters.use_palette(palette)
    assert (studio.names(), studio.given()) == (["Warm"], [GREEN, PINK])
    large = tuple(Swatch(colour=(n % 256, n // 256, 0)) for n in range(10_000))
    studio.characters.use_palette(Palette(name="Many", swatches=large))
    assert studio.names() == ["Warm"]
    assert "has 10000 colours" in studio.notices.shown[-1].text


def test_a_click_locks_the_region_in_one_step_with_the_layer_it_needs(studio: Studio) -> None:
    studio.characters.add(MIA)
    studio.characters.take_in_hand(1)
    before = studio.steps()
    studio.click(20, 20)
    assert (studio.hint(), studio.steps()) == ((*PINK, 255), before + 1)
    studio.characters.set_colour(1, GREEN)
    assert studio.hint() == (*GREEN, 255)
    studio.editor.undo()
    studio.editor.undo()
    assert studio.hint() == ()
    studio.editor.redo()
    assert studio.hint() == (*PINK, 255)


def test_a_lock_repaints_only_where_it_is(studio: Studio) -> None:
    studio.characters.add(MIA)
    studio.click(20, 20)
    changed: list[Rect] = []
    studio.editor.region_changed.connect(changed.append)
    studio.characters.rename("Someone")
    assert changed == []
    studio.characters.set_colour(0, GREEN)
    assert len(changed) == 1


def test_clicks_that_lock_nothing_say_why_and_leave_no_trace(studio: Studio) -> None:
    refused: list[UserError] = []
    studio.editor.refused.connect(refused.append)
    studio.click(20, 20)
    studio.characters.add(MIA)
    before = studio.steps()
    studio.click(9, 50)
    studio.click(-5, 50)
    studio.editor.set_selection(ellipse(Rect(0, 0, 30, 30), CANVAS))
    studio.click(150, 100)
    sentences = [error.sentence for error in refused]
    assert ["no colour" in sentences[0], "line" in sentences[1], "outside of the drawing" in sentences[2]] == [True] * 3
    assert "outside of the selection" in sentences[3]
    assert (studio.hint(), studio.steps()) == ((), before + 1)


def test_a_drawing_without_lines_is_one_region(studio: Studio) -> None:
    studio.characters.add(MIA)
    lines = studio.editor.document.line_art
    studio.editor.do(lambda document: layer_actions.remove(document, lines.layer_id))
    studio.click(9, 50)
    assert studio.hint() == (*BROWN, 255)


def test_a_locked_hints_layer_is_said_and_kept(studio: Studio) -> None:
    refused: list[UserError] = []
    studio.editor.refused.connect(refused.append)
    studio.characters.add(MIA)
    studio.click(20, 20)
    layer = studio.editor.document.topmost(Role.HINTS)
    assert layer is not None
    layer.locked = True
    studio.characters.set_colour(0, GREEN)
    studio.characters.unlock(0)
    assert [error.sentence for error in refused] == ["“Hints” is locked."] * 2
    assert studio.hint() == (*BROWN, 255)


def test_unlocking_and_a_layer_that_is_gone(studio: Studio) -> None:
    studio.characters.add(MIA)
    studio.click(20, 20)
    studio.characters.unlock(0)
    assert studio.hint() == (0, 0, 0, 0)
    studio.editor.undo()
    layer = studio.editor.document.topmost(Role.HINTS)
    assert layer is not None
    studio.editor.do(lambda document: layer_actions.remove(document, layer.layer_id))
    studio.characters.set_colour(0, GREEN)
    assert studio.characters.cast.characters[0].colours[0].dabs == ()


def test_picking_adds_one_colour_and_gives_the_tool_back(studio: Studio) -> None:
    studio.characters.add(MIA)
    studio.editor.set_tool(Tool.ERASER)
    studio.characters.set_picking(True)
    assert studio.editor.tool is Tool.LOCK
    assert [notice.key for notice in studio.notices.shown] == ["pick"]
    studio.click(-4, 4)  # off the canvas
    assert studio.characters.is_picking
    studio.click(9, 50)
    assert studio.colours() == ["hair", "skin", "#000000"]
    assert (studio.characters.is_picking, studio.editor.tool) == (False, Tool.ERASER)
    studio.characters.set_picking(True)
    studio.editor.set_tool(Tool.BRUSH)
    assert (studio.characters.is_picking, studio.editor.tool) == (False, Tool.BRUSH)
    assert studio.notices.shown == ()


def test_the_library_outlives_the_program(studio: Studio) -> None:
    characters = studio.characters
    characters.add(MIA)
    studio.click(20, 20)
    characters.keep()
    characters.rename("Ünïcode / 美亜")
    characters.keep()
    again = CharacterLibrary(studio.folder, studio.notices)
    assert [each.name for each in again.characters.values()] == ["Mia", "Ünïcode / 美亜"]
    assert next(iter(again.characters.values())) == MIA  # no places in this drawing
    characters.take(again.key_of("Mia"))
    assert studio.names() == ["Ünïcode / 美亜", "Mia"]
    characters.set_colour(0, GREEN)
    characters.keep()
    assert len(CharacterLibrary(studio.folder, studio.notices).characters) == 2
    for key in list(characters.library.characters):
        characters.library.remove(key)
    assert list(studio.folder.iterdir()) == []


def test_a_damaged_file_in_the_library_hides_no_other(studio: Studio) -> None:
    studio.characters.add(MIA)
    studio.characters.keep()
    (studio.folder / "broken.json").write_text('{"format"')
    library = CharacterLibrary(studio.folder, studio.notices)
    assert [each.name for each in library.characters.values()] == ["Mia"]
    assert any("broken.json" in notice.text for notice in studio.notices.shown)
    assert library.keep(Character(name="Broken", colours=MIA.colours))
    assert (studio.folder / "broken.json").read_text() == '{"format"'


def test_a_library_that_cannot_be_written_is_said(studio: Studio) -> None:
    studio.folder.write_text("a file where the folder should be")
    studio.characters.add(MIA)
    studio.characters.keep()
    assert "cannot be made" in studio.notices.shown[-1].text
    assert studio.characters.library.characters == {}


def test_files_go_out_and_in(studio: Studio, tmp_path: Path) -> None:
    studio.characters.add(MIA)
    for name in ("m.json", "m.gpl"):
        studio.characters.show(0)
        studio.characters.export(tmp_path / name)
        studio.characters.import_file(tmp_path / name)
    assert studio.names() == ["Mia", "Mia 2", "Mia 3"]
    studio.characters.import_file(tmp_path / "gone.gpl")
    assert "gone.gpl cannot be read" in studio.notices.shown[-1].text


def test_a_format_that_cannot_keep_characters_says_so(studio: Studio, tmp_path: Path) -> None:
    saving = Saving(studio.notices)
    studio.characters.add(MIA)
    for name, words in (("d.psd", "without the characters"), ("d.ora", "Saved to")):
        assert saving.save(studio.editor.current, tmp_path / name)
        saving.wait()
        assert words in studio.notices.shown[-1].text
    assert "without" not in studio.notices.shown[-1].text
    saving.finish()
