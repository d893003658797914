"""What live colour came to: applied, kept, shown again."""

from functools import partial
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app import results as results_module
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.results import Results
from sketchsause_desktop.core.canvas_actions import crop
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layer_actions import group
from sketchsause_desktop.core.layers import Group, Layer, Role
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.tiles import TileSnapshot

RED, BLUE = (200, 20, 30, 255), (20, 30, 200, 255)
Colour: TypeAlias = tuple[int, int, int, int]


@pytest.fixture
def editor(qapp: QCoreApplication) -> Editor:
    editor = Editor()
    editor.new(Size(150, 140))
    return editor


@pytest.fixture
def results(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> Results:
    monkeypatch.setattr(results_module, "REST_MS", 0)
    return Results(editor, lambda: "Line art")


def lay(editor: Editor, colour: Colour) -> TileSnapshot:
    """As if the network had answered."""
    pixels = np.broadcast_to(np.array(colour, np.uint8), (140, 150, 4)).copy()
    tiles = TileSnapshot.cut(editor.document.rect, pixels)
    editor.show_colours(tiles)
    return tiles


def applied(editor: Editor) -> list[Layer]:
    return [layer for layer in editor.document.leaves() if layer.name.startswith("Applied")]


def is_newest(results: Results, red: int) -> bool:
    return bool(results.all) and int(results.all[0].tiles.read(Rect(0, 0, 1, 1))[0, 0, 0]) == red


def pixel(layer: Layer, x: int, y: int) -> Colour:
    red, green, blue, alpha = layer.tiles.read(Rect(x, y, 1, 1))[0, 0].tolist()
    return red, green, blue, alpha


def test_applied_colours_lie_right_above_those_that_go_on(editor: Editor, results: Results) -> None:
    lay(editor, RED)
    assert results.apply()
    roles = [(layer.role, layer.name) for layer in editor.document.leaves()]
    assert roles.index((Role.PAINT, "Applied colours")) == roles.index((Role.AI_COLOUR, "AI colour")) + 1
    lay(editor, BLUE)
    assert pixel(applied(editor)[0], 5, 5) == RED
    assert results.apply()
    assert [pixel(layer, 5, 5) for layer in applied(editor)] == [BLUE]  # into the same layer
    editor.undo()
    assert [pixel(layer, 5, 5) for layer in applied(editor)] == [RED]
    editor.undo()
    assert not applied(editor)


def test_a_new_layer_for_each_where_that_is_asked_for(editor: Editor, results: Results) -> None:
    for colour in (RED, BLUE):
        lay(editor, colour)
        assert results.apply_as_layer()
    assert [pixel(layer, 5, 5) for layer in applied(editor)] == [BLUE, RED]  # each right above the AI colours
    assert editor.undo_text == "Apply as new layer"


def test_only_what_is_selected_is_applied(editor: Editor, results: Results) -> None:
    lay(editor, RED)
    editor.set_selection(Selection.of_rect(Rect(10, 10, 20, 20)))
    assert results.apply()
    layer = applied(editor)[0]
    assert (pixel(layer, 15, 15), pixel(layer, 50, 50)) == (RED, (0, 0, 0, 0))


def seen(editor: Editor) -> NDArray[np.int16]:
    return editor.document.composite(editor.document.rect).astype(np.int16)


@pytest.mark.parametrize("strength", [0.5, 0.13, 1.0])
def test_applying_changes_nothing_that_is_seen_however_strong_the_colours_are(
    editor: Editor, results: Results, strength: float
) -> None:
    lay(editor, RED)
    below = Layer(name="Below", role=Role.PAINT)
    below.tiles.write(Rect(0, 0, 60, 140), np.full((140, 60, 4), (0, 90, 0, 255), np.uint8))
    editor.document.layers.insert(0, below)
    editor.set_colour_strength(strength)
    before = seen(editor)
    assert results.apply()
    assert np.abs(seen(editor) - before).max() <= 1
    lay(editor, BLUE)  # Live goes on below
    assert np.abs(seen(editor) - before).max() <= 1
    editor.undo()
    assert np.abs(seen(editor) - before).max() > 1


def test_what_is_applied_inside_a_group_is_faded_with_it_once(editor: Editor, results: Results) -> None:
    lay(editor, RED)
    editor.do(lambda document: group(document, [document.ai_colour.layer_id]))
    holder = next(node for node in editor.document.nodes() if isinstance(node, Group))
    holder.opacity = 0.5
    editor.set_colour_strength(0.5)
    before = seen(editor)
    assert results.apply()
    assert holder.layers[-1] is applied(editor)[0]
    assert np.abs(seen(editor) - before).max() <= 2


def test_colours_that_cannot_be_seen_are_not_applied(editor: Editor, results: Results, qtbot: QtBot) -> None:
    lay(editor, RED)
    editor.set_colour_strength(0.0)
    with qtbot.waitSignal(editor.refused) as refused:
        assert not results.apply()
    assert refused.args is not None
    assert "Strength" in str(refused.args[0])
    editor.set_colour_strength(1.0)
    editor.document.ai_colour.visible = False
    with qtbot.waitSignal(editor.refused):
        assert not results.apply_as_layer()
    assert not applied(editor)


def test_a_layer_that_was_faded_or_locked_is_left_alone(editor: Editor, results: Results) -> None:
    lay(editor, RED)
    assert results.apply()
    applied(editor)[0].locked = True
    lay(editor, BLUE)
    assert results.apply()
    assert {pixel(layer, 5, 5) for layer in applied(editor)} == {RED, BLUE}


def test_without_colours_a_sentence_says_what_to_do(editor: Editor, results: Results, qtbot: QtBot) -> None:
    with qtbot.waitSignal(editor.refused) as refused:
        assert not results.apply()
    assert refused.args is not None
    assert isinstance(refused.args[0], UserError)
    assert "F9" in str(refused.args[0])
    assert not editor.can_undo


def test_results_are_kept_newest_first_and_shown_again(editor: Editor, results: Results, qtbot: QtBot) -> None:
    first = lay(editor, RED)
    qtbot.waitUntil(lambda: len(results.all) == 1)
    lay(editor, BLUE)
    qtbot.waitUntil(lambda: len(results.all) == 2)
    newest, oldest = results.all
    assert (oldest.tiles, oldest.model) == (first, "Line art")
    assert oldest.thumbnail[3, 3].tolist() == list(RED)
    results.show_again(oldest.number)
    assert pixel(editor.document.ai_colour, 5, 5) == RED
    assert not editor.can_undo  # no step of the history
    qtbot.wait(30)
    assert results.all == (newest, oldest)  # what is shown again is no new one


def test_what_is_to_be_kept_outlasts_others_and_discarded_ones_go(
    editor: Editor, results: Results, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_module, "MOST", 3)
    for level in range(6):
        lay(editor, (level, level, level, 255))
        qtbot.waitUntil(partial(is_newest, results, level))
        if level == 0:
            results.keep(results.all[0].number, True)
    levels = [int(each.tiles.read(Rect(0, 0, 1, 1))[0, 0, 0]) for each in results.all]
    assert levels == [5, 4, 3, 0]
    results.discard(results.all[1].number)
    results.keep(results.all[-1].number, False)
    assert [each.is_kept for each in results.all] == [False, False, False]


def test_the_budget_holds_but_for_the_newest(
    editor: Editor, results: Results, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_module, "BUDGET_BYTES", 1)
    for level in (1, 2):
        lay(editor, (level, level, level, 255))
        qtbot.waitUntil(partial(is_newest, results, level))
    assert len(results.all) == 1


def test_each_drawing_has_its_own_and_a_closed_one_none(editor: Editor, results: Results, qtbot: QtBot) -> None:
    lay(editor, RED)
    qtbot.waitUntil(lambda: len(results.all) == 1)
    first = editor.current
    results.apply()  # else a new drawing would take its place
    editor.new(Size(50, 50))
    assert not results.all
    editor.set_current(first)
    assert len(results.all) == 1
    closed_id = first.document.document_id
    editor.close_drawing(first)
    assert not list(results.all)
    assert closed_id not in results._results


def test_those_of_another_size_wait_until_it_is_back(editor: Editor, results: Results, qtbot: QtBot) -> None:
    lay(editor, RED)
    qtbot.waitUntil(lambda: len(results.all) == 1)
    assert editor.do(lambda document: crop(document, Rect(0, 0, 80, 70)))
    assert not results.all
    editor.undo()
    assert len(results.all) == 1
