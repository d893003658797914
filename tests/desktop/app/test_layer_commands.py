from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from models.errors import UserError
from sketchsause_desktop.app.clip_commands import ClipCommands
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.layer_commands import LayerCommands
from sketchsause_desktop.app.selection_commands import SelectionCommands
from sketchsause_desktop.core import canvas_actions
from sketchsause_desktop.core.clipboard import Clip
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layer_actions import rows_of
from sketchsause_desktop.core.layers import Blend, Group, Layer, Role
from sketchsause_desktop.core.selection import Selection


class Studio:
    def __init__(self) -> None:
        self.editor = Editor()
        self.editor.new(Size(200, 150))
        self.layers = LayerCommands(self.editor)
        self.selection = SelectionCommands(self.editor)
        self.clips = ClipCommands(self.editor)
        self.refused: list[UserError] = []
        self.editor.refused.connect(self.refused.append)

    @property
    def names(self) -> list[str]:
        return [node.name for node in rows_of(self.editor.document.layers)]

    @property
    def active(self) -> str:
        return self.editor.active_layer.name

    @property
    def steps(self) -> tuple[str, ...]:
        return self.editor.current.history.entries

    @property
    def selected(self) -> Selection:
        assert self.editor.selection is not None
        return self.editor.selection

    def paint(self, rect: Rect, colour: tuple[int, int, int, int]) -> None:
        """Into the active layer, outside the history."""
        layer = self.editor.active_layer
        assert isinstance(layer, Layer)
        layer.tiles.write(rect, np.full((rect.height, rect.width, 4), colour, np.uint8))


@pytest.fixture
def studio(qapp: QApplication) -> Studio:
    return Studio()


def test_new_layers_lie_above_the_active_one_and_become_active(studio: Studio) -> None:
    studio.layers.add_layer()
    assert (studio.names, studio.active) == (["Layer", "Line art", "AI colour"], "Layer")
    studio.editor.set_active_layer(studio.editor.document.ai_colour.layer_id)
    studio.layers.add_group()
    studio.layers.add_layer()
    assert (studio.names, studio.active) == (["Layer", "Line art", "Group", "Layer 2", "AI colour"], "Layer 2")


def test_each_command_is_one_step_and_undo_takes_them_all_back(studio: Studio) -> None:
    before = studio.names
    commands = studio.layers
    commands.add_layer()
    commands.duplicate()
    commands.merge_down()
    commands.group()
    commands.choose_neighbour(up=True)
    commands.rename(studio.editor.active_layer.layer_id, "Face")
    commands.flatten_group()
    commands.step(up=False)
    commands.remove()
    expected = (
        "Add layer, Duplicate layer, Merge down, Group layers, Rename layer, Flatten group, Move layer, Remove layer"
    )
    assert ", ".join(studio.steps) == expected
    assert studio.names == before
    studio.editor.go_to(7)
    assert studio.names == ["Line art", "Face", "AI colour"]
    studio.editor.go_to(0)
    assert studio.names == before
    assert not studio.refused


@pytest.mark.parametrize(("below", "heir"), [(0, "Layer"), (1, "Line art")])
def test_when_a_layer_goes_the_one_below_it_becomes_active(studio: Studio, below: int, heir: str) -> None:
    studio.layers.add_layer()
    studio.layers.add_layer()
    for _ in range(below):
        studio.layers.choose_neighbour(up=False)
    studio.layers.remove()
    assert studio.active == heir


def test_ungrouping_leaves_the_uppermost_of_the_group_active(studio: Studio) -> None:
    studio.layers.add_layer()
    studio.layers.group()
    studio.layers.add_layer()
    studio.layers.choose_neighbour(up=True)
    assert studio.active == "Group"
    studio.layers.ungroup()
    assert (studio.names, studio.active) == (["Layer 2", "Layer", "Line art", "AI colour"], "Layer 2")
    studio.layers.add_group()
    studio.layers.ungroup()
    assert (studio.names[0], studio.active) == ("Layer 2", "Layer 2")


def test_what_live_colour_needs_is_not_removed(studio: Studio) -> None:
    studio.layers.remove()
    assert studio.names == ["Line art", "AI colour"]
    studio.layers.set_role(Role.HINTS)
    assert [error.sentence for error in studio.refused] == ["A drawing keeps at least one line-art layer."] * 2
    studio.layers.choose_neighbour(up=False)
    studio.layers.remove()
    assert "locked" in studio.refused[-1].sentence
    assert studio.steps == ()


def test_what_is_locked_is_not_removed(studio: Studio) -> None:
    studio.layers.add_layer()
    studio.layers.set_locked(studio.editor.active_layer.layer_id, locked=True)
    studio.layers.remove()
    assert studio.active == "Layer"
    assert len(studio.refused) == 1


def test_detached_colours_are_an_ordinary_layer_with_the_same_pixels(studio: Studio) -> None:
    ai = studio.editor.document.ai_colour
    ai.tiles.write(Rect(0, 0, 20, 20), np.full((20, 20, 4), 255, np.uint8))
    studio.layers.detach_colours()
    layer = studio.editor.active_layer
    assert isinstance(layer, Layer)
    assert (layer.role, layer.locked) == (Role.PAINT, False)
    assert layer.tiles.snapshot() == ai.tiles.snapshot()
    assert studio.names == ["Line art", layer.name, "AI colour"]


def test_properties_and_one_drag_of_the_opacity_is_one_step(studio: Studio) -> None:
    commands, layer = studio.layers, studio.editor.active_layer
    token = object()
    for percent in (90, 70, 40):
        commands.set_opacity(layer.layer_id, percent / 100, token)
    commands.set_opacity(layer.layer_id, 0.3, object())
    assert studio.steps == ("Opacity", "Opacity")
    commands.set_blend(layer.layer_id, Blend.SCREEN)
    commands.set_visible(layer.layer_id, visible=False)
    commands.set_alpha_locked(layer.layer_id, locked=True)
    assert isinstance(layer, Layer)
    assert (layer.opacity, layer.blend, layer.visible, layer.alpha_locked) == (0.3, Blend.SCREEN, False, True)
    studio.editor.go_to(1)
    assert (layer.opacity, layer.blend, layer.visible, layer.alpha_locked) == (0.4, Blend.MULTIPLY, True, False)


def test_the_strength_of_the_ai_colours_is_no_step(studio: Studio) -> None:
    ai = studio.editor.document.ai_colour
    studio.layers.set_opacity(ai.layer_id, 0.5)
    assert ai.opacity == 0.5
    assert studio.steps == ()


def test_a_group_may_let_its_layers_through(studio: Studio) -> None:
    studio.layers.group()
    studio.layers.choose_neighbour(up=True)
    group = studio.editor.active_layer
    assert isinstance(group, Group)
    studio.layers.set_blend(group.layer_id, None)
    assert group.pass_through
    studio.layers.set_blend(group.layer_id, Blend.MULTIPLY)
    assert (group.pass_through, group.blend) == (False, Blend.MULTIPLY)


# The selection


def test_selections_of_the_menu(studio: Studio) -> None:
    canvas = studio.editor.document.rect
    studio.selection.all()
    assert studio.editor.selection == Selection.of_rect(canvas)
    studio.editor.set_selection(Selection.of_rect(Rect(50, 50, 40, 30)))
    studio.selection.grow(5)
    assert studio.selected.bounds == Rect(45, 45, 50, 40)
    studio.selection.shrink(5)
    assert studio.selected.bounds == Rect(50, 50, 40, 30)
    studio.selection.invert()
    assert studio.selected.coverage(Rect(60, 60, 1, 1))[0, 0] == 0
    assert studio.selected.coverage(Rect(0, 0, 1, 1))[0, 0] == 255
    studio.selection.none()
    assert studio.editor.document.selection is None
    assert studio.steps[-1] == "Deselect"


def test_a_selection_of_nothing_is_refused_and_the_old_one_stays(studio: Studio) -> None:
    studio.editor.set_selection(Selection.of_rect(Rect(50, 50, 4, 4)))
    studio.selection.shrink(10)
    studio.selection.layer()  # the line art is empty
    studio.selection.all()
    studio.selection.invert()
    assert len(studio.refused) == 3
    assert studio.editor.selection == Selection.of_rect(studio.editor.document.rect)


def test_the_selection_of_a_layer_is_its_alpha(studio: Studio) -> None:
    studio.paint(Rect(30, 40, 20, 10), (0, 0, 0, 99))
    studio.selection.layer()
    assert studio.editor.selection == Selection.of_coverage(Rect(30, 40, 20, 10), np.full((10, 20), 99, np.uint8))


# Cut, copy, paste


def test_cut_takes_away_what_is_selected_and_paste_puts_it_where_it_was(studio: Studio) -> None:
    studio.layers.add_layer()
    studio.paint(Rect(10, 10, 50, 50), (200, 100, 50, 255))
    studio.editor.set_selection(Selection.of_rect(Rect(20, 20, 10, 5)))
    before = studio.editor.document.composite(studio.editor.document.rect)
    clip = studio.clips.cut()
    assert clip is not None
    assert clip.rect == Rect(20, 20, 10, 5)
    assert (studio.editor.document.composite(Rect(20, 20, 10, 5)) == 255).all()
    studio.clips.paste(clip)
    assert np.array_equal(studio.editor.document.composite(studio.editor.document.rect), before)
    assert (studio.active, studio.steps[-2:]) == ("Pasted", ("Cut", "Paste"))


def test_what_cannot_be_copied_is_said(studio: Studio) -> None:
    assert studio.clips.copy() is None
    assert studio.clips.copy_merged() is None
    studio.layers.group()
    studio.layers.choose_neighbour(up=True)
    assert studio.clips.copy() is None
    studio.editor.set_active_layer(studio.editor.document.ai_colour.layer_id)
    assert studio.clips.cut() is None
    assert len(studio.refused) == 4


def test_an_untouched_drawing_takes_what_is_pasted_as_its_line_art(studio: Studio) -> None:
    clip = Clip(rect=Rect(-5, 0, 80, 60), pixels=np.full((60, 80, 4), 255, np.uint8))
    studio.clips.paste(clip)
    assert studio.editor.document.size == Size(80, 60)
    assert len(studio.editor.drawings) == 1
    assert len(studio.editor.document.line_art.tiles)
    assert studio.editor.is_modified


def test_paste_as_a_new_image_opens_another_drawing(studio: Studio) -> None:
    studio.layers.add_layer()
    first = studio.editor.current
    studio.clips.paste_as_new(Clip(rect=Rect(3, 4, 30, 20), pixels=np.full((20, 30, 4), 7, np.uint8)))
    assert studio.editor.current is not first
    assert studio.editor.document.size == Size(30, 20)
    assert studio.editor.is_modified
    assert first in studio.editor.drawings


def test_fill_covers_the_selection_with_the_foreground_colour(studio: Studio) -> None:
    studio.layers.add_layer()
    studio.editor.set_colours(replace(studio.editor.colours, foreground=(10, 20, 30)))
    studio.editor.set_selection(Selection.of_rect(Rect(5, 5, 10, 10)))
    studio.clips.fill()
    assert studio.editor.document.composite(Rect(5, 5, 1, 1))[0, 0].tolist() == [10, 20, 30, 255]
    assert studio.editor.document.composite(Rect(15, 15, 1, 1))[0, 0].tolist() == [255, 255, 255, 255]
    assert studio.steps[-1] == "Fill"


def choose(studio: Studio, *names: str) -> None:
    """The first of them is the active one."""
    ids = {node.name: node.layer_id for node in studio.editor.document.nodes()}
    studio.editor.set_active_layer(ids[names[0]], [ids[name] for name in names])


@pytest.fixture
def stack(studio: Studio) -> Studio:
    """One, Two and Three above the lines, each with paint."""
    for number, name in enumerate(("One", "Two", "Three")):
        studio.layers.add_layer()
        studio.layers.rename(studio.editor.active_layer.layer_id, name)
        studio.paint(Rect(10 * number, 0, 30, 30), (40 * number, 90, 0, 200))
    return studio


def test_several_layers_are_removed_grouped_moved_and_hidden_in_one_step_each(stack: Studio) -> None:
    layers, editor = stack.layers, stack.editor
    first, count = stack.names, len(stack.steps)
    assert first == ["Three", "Two", "One", "Line art", "AI colour"]
    choose(stack, "One", "Three")
    layers.group()
    assert stack.names == ["Group", "Three", "One", "Two", "Line art", "AI colour"]
    editor.undo()
    choose(stack, "One", "Two")
    layers.step(up=True)
    assert stack.names == ["Two", "One", "Three", "Line art", "AI colour"]
    layers.set_visible(editor.active_layer.layer_id, visible=False)
    assert [node.name for node in editor.document.nodes() if not node.visible] == ["One", "Two"]
    layers.set_visible(editor.document.line_art.layer_id, visible=False)  # not chosen: it alone
    assert not editor.document.line_art.visible
    layers.remove()
    assert stack.names == ["Three", "Line art", "AI colour"]
    assert stack.active == "Three"
    assert stack.steps[count:] == ("Move layers", "Hide layer", "Hide layer", "Remove layers")
    editor.go_to(count)
    assert stack.names == first
    assert all(node.visible for node in editor.document.nodes())


def test_several_layers_that_lie_one_on_the_other_become_one(stack: Studio) -> None:
    editor = stack.editor
    before = editor.export_pixels()
    choose(stack, "Three", "One", "Two")
    stack.layers.merge_down()
    assert stack.names == ["One", "Line art", "AI colour"]
    assert (stack.active, stack.steps[-1]) == ("One", "Merge layers")
    assert np.abs(editor.export_pixels().astype(int) - before).max() <= 2
    editor.undo()
    assert stack.names == ["Three", "Two", "One", "Line art", "AI colour"]
    choose(stack, "Three", "One")
    stack.layers.merge_down()
    assert "lie one on the other" in stack.refused[-1].sentence
    assert stack.names == ["Three", "Two", "One", "Line art", "AI colour"]


def test_what_is_refused_for_one_of_several_is_done_to_none(stack: Studio) -> None:
    choose(stack, "Two")
    stack.layers.set_locked(stack.editor.active_layer.layer_id, locked=True)
    count, names = len(stack.steps), stack.names
    choose(stack, "Three", "Two", "One")
    stack.layers.remove()
    stack.layers.merge_down()
    choose(stack, "One", "Line art")  # without which live colour cannot be
    stack.layers.remove()
    assert (stack.names, len(stack.steps), len(stack.refused)) == (names, count, 3)


def test_when_the_chosen_layers_are_all_in_a_group_the_group_becomes_active(stack: Studio) -> None:
    choose(stack, "One", "Two")
    stack.layers.group()
    choose(stack, "One", "Two")
    stack.layers.remove()
    assert (stack.names, stack.active) == (["Three", "Group", "Line art", "AI colour"], "Group")
    stack.editor.undo()
    assert [node.name for node in stack.editor.chosen_layers] == ["Group"]


@pytest.mark.parametrize("seed", range(4))
def test_any_commands_can_all_be_taken_back(studio: Studio, seed: int) -> None:
    """And whatever happens, a layer is active, and the layers that live colour needs are there."""
    random = Random(seed)
    editor, layers, clips, selection = studio.editor, studio.layers, studio.clips, studio.selection
    pasted = Clip(rect=Rect(20, 10, 60, 40), pixels=np.full((40, 60, 4), 90, np.uint8))
    commands: list[Callable[[], object]] = [
        layers.add_layer,
        layers.add_group,
        layers.duplicate,
        layers.remove,
        layers.merge_down,
        layers.group,
        layers.ungroup,
        layers.flatten_group,
        lambda: layers.step(up=random.random() < 0.5),
        lambda: layers.choose_neighbour(up=random.random() < 0.5),
        lambda: editor.set_active_layer(
            editor.active_layer.layer_id, random.sample([node.layer_id for node in editor.document.nodes()], 2)
        ),
        lambda: layers.set_role(random.choice((Role.PAINT, Role.LINE_ART, Role.HINTS))),
        lambda: layers.set_visible(editor.active_layer.layer_id, visible=random.random() < 0.7),
        lambda: layers.set_locked(editor.active_layer.layer_id, locked=random.random() < 0.3),
        lambda: layers.set_opacity(editor.active_layer.layer_id, random.random(), random.choice((None, "drag"))),
        lambda: layers.set_blend(editor.active_layer.layer_id, random.choice((*Blend, None))),
        lambda: clips.paste(pasted),
        clips.cut,
        clips.fill,
        editor.clear,
        editor.undo,
        editor.redo,
        selection.layer,
        selection.invert,
        lambda: selection.shrink(4),
        lambda: editor.do(canvas_actions.flip),
        lambda: editor.do(lambda document: canvas_actions.rotate(document, 90)),
    ]
    before = editor.document.composite(editor.document.rect)
    names = studio.names
    layers.add_layer()  # from now on it is not an untouched drawing, which a paste would replace
    for _ in range(150):
        random.choice(commands)()
        assert editor.active_layer in set(editor.document.nodes())
        assert editor.document.topmost(Role.LINE_ART)
        assert editor.document.topmost(Role.AI_COLOUR)
    after = editor.document.composite(editor.document.rect)
    count = len(editor.current.history)
    editor.go_to(0)
    assert (studio.names, editor.selection) == (names, None)
    assert np.array_equal(editor.document.composite(editor.document.rect), before)
    editor.go_to(count)
    assert np.array_equal(editor.document.composite(editor.document.rect), after)
