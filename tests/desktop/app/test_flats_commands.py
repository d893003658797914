"""Flats are made beside the painting and become one step; nothing is kept for a drawing that is gone."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.flats_commands import FlatsCommands
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.blend import premultiplied
from sketchsause_desktop.core.canvas_actions import crop, flip
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layers import Group

NOT_KEPT = "Flats: not kept, for the drawing was closed, left, turned or resized meanwhile."


class Desk:
    def __init__(self) -> None:
        self.editor, self.notices = Editor(), Notices()
        self.commands = FlatsCommands(self.editor, self.notices)
        lines = np.full((80, 120), 255, np.uint8)
        lines[:, 60:63] = 0
        self.editor.open_pixels(lines, "Lines")

    def colour(self) -> None:
        document = self.editor.document
        slope = np.linspace(60, 200, 120).astype(np.uint8)
        pixels = np.broadcast_to(slope[None, :, None], (80, 120, 3))
        document.ai_colour.tiles.write(document.rect, premultiplied(np.ascontiguousarray(pixels)))

    @property
    def names(self) -> list[str]:
        return [node.name for node in self.editor.document.layers]

    @property
    def told(self) -> list[str]:
        return [notice.text for notice in self.notices.shown]


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.commands.finish()


def test_flats_are_one_step_above_the_ai_colours(desk: Desk) -> None:
    desk.colour()
    desk.commands.make_flats()
    assert desk.told == ["Flats: being made. You can go on painting."]
    desk.commands.wait()
    assert desk.names == ["AI colour", "Flats", "Line art"]
    assert desk.told == []
    seen = desk.editor.document.composite(desk.editor.document.rect)
    assert (seen[:, :60] == seen[0, 0]).all()
    assert desk.editor.undo_text == "Flats"
    desk.editor.undo()
    assert desk.names == ["AI colour", "Line art"]


def test_separating_keeps_the_look(desk: Desk) -> None:
    desk.colour()
    before = desk.editor.export_pixels().astype(int)
    desk.commands.separate()
    desk.commands.wait()
    group = desk.editor.document.layers[1]
    assert isinstance(group, Group)
    assert [layer.name for layer in group.layers] == ["Flats", "Shade", "Light"]
    assert np.abs(desk.editor.export_pixels() - before).max() <= 2
    desk.editor.undo()
    assert desk.names == ["AI colour", "Line art"]
    assert np.array_equal(desk.editor.export_pixels(), before)


def test_without_colours_it_is_said_what_to_do(desk: Desk) -> None:
    desk.commands.make_flats()
    assert desk.told == ["There are no AI colours to see."]
    assert desk.names == ["AI colour", "Line art"]


def test_painting_meanwhile_goes_on_and_a_second_call_waits_for_nothing(desk: Desk) -> None:
    desk.colour()
    desk.commands.make_flats()
    desk.commands.separate()  # one at a time
    desk.editor.document.line_art.tiles.write(desk.editor.document.rect, premultiplied(np.zeros((80, 120), np.uint8)))
    desk.commands.wait()
    assert desk.names == ["AI colour", "Flats", "Line art"]


@pytest.mark.parametrize("turned", [flip, partial(crop, rect=Rect(0, 0, 100, 80))])
def test_of_a_drawing_that_lies_otherwise_now_nothing_is_kept(
    desk: Desk, turned: Callable[[Document], Change | None]
) -> None:
    desk.colour()
    desk.commands.make_flats()
    assert desk.editor.do(turned)
    desk.commands.wait()
    assert desk.names == ["AI colour", "Line art"]
    assert desk.told == [NOT_KEPT]


def test_of_a_drawing_that_was_left_nothing_is_kept(desk: Desk) -> None:
    desk.colour()
    desk.commands.make_flats()
    desk.editor.new(Size(30, 30))
    desk.commands.wait()
    assert desk.names == ["AI colour", "Line art"]
    assert desk.told == [NOT_KEPT]
    desk.editor.set_current(desk.editor.drawings[0])
    assert desk.names == ["AI colour", "Line art"]
