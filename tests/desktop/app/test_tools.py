"""What each tool does to the drawing, without a window."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from models.errors import UserError
from sketchsause_desktop.app import moving
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.tool_handlers import make_handlers
from sketchsause_desktop.app.tool_options import GradientOptions, SelectOptions, Source, WandOptions
from sketchsause_desktop.app.toolbox import Colours
from sketchsause_desktop.app.tools import Modifier, Tool, ToolHandler
from sketchsause_desktop.core import layer_actions
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.brush import Brush, PenSample
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layers import Group, Layer, Role
from sketchsause_desktop.core.selection import Selection

CANVAS = Rect(0, 0, 200, 150)
NONE, SHIFT, ALT = Modifier.NONE, Modifier.SHIFT, Modifier.ALT
RED = (200, 30, 40)
WITHOUT_HANDLER = (Tool.HAND, Tool.LOCK)  # the view's, and that of tests/desktop/app/test_characters.py


@pytest.fixture
def editor(qapp: QCoreApplication) -> Editor:
    editor = Editor()
    editor.new(CANVAS.size)
    return editor


@pytest.fixture
def paint_layer(editor: Editor) -> Layer:
    """An ordinary layer under the lines, active."""
    layer = Layer(name="Paint", role=Role.PAINT)
    editor.do(lambda document: layer_actions.add(document, layer, Place(index=1)))
    editor.set_active_layer(layer.layer_id)
    return layer


def drag(editor: Editor, tool: Tool, *points: tuple[float, float], keys: Modifier = NONE) -> None:
    editor.set_tool(tool)
    handler = make_handlers(editor, lambda: 3.0)[tool]
    handler.press(PenSample(*points[0]), keys)
    for point in points[1:]:
        handler.move(PenSample(*point), keys)
    handler.release()
    assert handler.preview() == ()


def box_of_lines(editor: Editor, rect: Rect, gap: int = 0) -> None:
    """A closed frame of black lines, 2 px wide, with a gap at the top."""
    lines = np.full((CANVAS.height, CANVAS.width), 255, np.uint8)
    lines[rect.y - 2 : rect.bottom + 2, rect.x - 2 : rect.right + 2] = 0
    lines[rect.slices(CANVAS)] = 255
    lines[rect.y - 2 : rect.y, rect.x + 20 : rect.x + 20 + gap] = 255
    editor.document.line_art.tiles.write(CANVAS, np.dstack([lines, lines, lines, np.full_like(lines, 255)]))


def pixels(layer: Layer) -> Pixels:
    return layer.tiles.read(CANVAS)


def selected(editor: Editor) -> NDArray[np.uint8]:
    assert editor.selection is not None
    return editor.selection.coverage(CANVAS)


def refusals(editor: Editor) -> list[UserError]:
    said: list[UserError] = []
    editor.refused.connect(said.append)
    return said


def test_a_fill_stays_inside_its_lines_though_they_have_a_gap(editor: Editor, paint_layer: Layer) -> None:
    room = Rect(40, 30, 100, 80)
    box_of_lines(editor, room, gap=4)
    editor.set_foreground(RED)
    drag(editor, Tool.FILL, (90, 70))
    filled = pixels(paint_layer)
    assert (filled[room.slices(CANVAS)][6:] == (*RED, 255)).all()
    filled[room.grown(2).slices(CANVAS)] = 0
    assert not filled.any()
    assert editor.undo_text == "Fill"
    editor.undo()
    assert not pixels(paint_layer).any()


def test_a_fill_is_limited_by_the_selection(editor: Editor, paint_layer: Layer) -> None:
    editor.set_selection(Selection.of_rect(Rect(10, 10, 30, 20)))
    drag(editor, Tool.FILL, (20, 20))
    assert np.array_equal(pixels(paint_layer)[..., 3], selected(editor))
    editor.undo()
    drag(editor, Tool.FILL, (100, 100))
    assert not pixels(paint_layer).any()


def test_a_gradient_goes_from_one_colour_to_the_other(editor: Editor, paint_layer: Layer) -> None:
    editor.set_colours(Colours(foreground=(0, 0, 0), background=(250, 250, 250)))
    drag(editor, Tool.GRADIENT, (50, 75), (150, 75))
    row = pixels(paint_layer)[75, :, 0].astype(int)
    assert (row[:50].max(), row[150:].min()) == (0, 250)
    expected = (np.arange(50, 150) + 0.5 - 50) / 100 * 250
    assert np.abs(row[50:150] - expected).max() <= 1.5
    editor.undo()
    editor.set_options(replace(editor.options, gradient=GradientOptions(to_transparent=True)))
    drag(editor, Tool.GRADIENT, (50, 75), (150, 78), keys=SHIFT)  # held to the horizontal
    alpha = pixels(paint_layer)[..., 3]
    assert (np.abs(alpha[0].astype(int) - alpha[-1]) <= 1).all()
    assert (alpha[0, 10], alpha[0, 190]) == (255, 0)


def test_a_locked_alpha_is_kept_by_every_tool_that_paints(editor: Editor, paint_layer: Layer) -> None:
    editor.set_foreground(RED)
    drag(editor, Tool.BRUSH, (50, 50), (150, 50))
    paint_layer.alpha_locked = True
    alpha = pixels(paint_layer)[..., 3].copy()
    editor.set_foreground((0, 0, 255))
    for tool in (Tool.BRUSH, Tool.FILL, Tool.GRADIENT):
        before = pixels(paint_layer)
        drag(editor, tool, (60, 50), (140, 60))
        assert np.array_equal(pixels(paint_layer)[..., 3], alpha)
        assert (pixels(paint_layer) != before).any()
        editor.undo()


def test_the_picker_takes_what_is_seen_or_what_the_layer_holds(editor: Editor, paint_layer: Layer) -> None:
    paint_layer.tiles.write(Rect(0, 0, 50, 50), np.full((50, 50, 4), (*RED, 255), np.uint8))
    drag(editor, Tool.PICKER, (20, 20))
    assert editor.colours.foreground == RED
    drag(editor, Tool.PICKER, (100, 100), keys=ALT)
    assert editor.colours == Colours(foreground=RED, background=(255, 255, 255))
    editor.set_options(replace(editor.options, picker=replace(editor.options.picker, source=Source.LAYER)))
    drag(editor, Tool.PICKER, (100, 100))  # nothing there
    assert editor.colours.foreground == RED
    drag(editor, Tool.PICKER, (500, 100))  # off the canvas
    assert not editor.can_redo
    assert editor.undo_text == "Add layer"


def test_rectangles_are_selected_joined_and_taken_away(editor: Editor) -> None:
    wanted = np.zeros((CANVAS.height, CANVAS.width), np.uint8)
    drag(editor, Tool.RECT_SELECT, (10, 10), (60, 50))
    wanted[10:50, 10:60] = 255
    assert np.array_equal(selected(editor), wanted)
    drag(editor, Tool.RECT_SELECT, (80, 90), (40, 40), keys=SHIFT)
    wanted[40:90, 40:80] = 255
    assert np.array_equal(selected(editor), wanted)
    drag(editor, Tool.RECT_SELECT, (0, 0), (45, 45), keys=ALT)
    wanted[:45, :45] = 0
    assert np.array_equal(selected(editor), wanted)
    drag(editor, Tool.RECT_SELECT, (50, 0), (300, 300), keys=SHIFT | ALT)
    wanted[:, :50] = 0
    assert np.array_equal(selected(editor), wanted)
    drag(editor, Tool.RECT_SELECT, (5, 5), (6, 5))  # a click
    assert editor.selection is None
    for _ in range(5):
        editor.undo()
    assert (editor.selection, editor.can_undo) == (None, False)


def test_shift_held_during_the_drag_makes_a_square(editor: Editor) -> None:
    handler = make_handlers(editor, lambda: 3.0)[Tool.RECT_SELECT]
    handler.press(PenSample(20, 20), NONE)
    handler.move(PenSample(50, 80), SHIFT)
    assert len(handler.preview()) == 1
    handler.release()
    assert editor.selection == Selection.of_rect(Rect(20, 20, 60, 60))


def test_ellipse_and_lasso_select_the_area_they_go_round(editor: Editor) -> None:
    drag(editor, Tool.ELLIPSE_SELECT, (20, 30), (120, 90))
    assert selected(editor).sum() / 255 == pytest.approx(math.pi * 50 * 30, rel=0.01)
    drag(editor, Tool.LASSO, (10, 10), (110, 10), (10, 90))
    assert selected(editor).sum() / 255 == pytest.approx(100 * 80 / 2, rel=0.01)


def test_a_feather_softens_the_edge_and_keeps_the_amount(editor: Editor) -> None:
    editor.set_options(replace(editor.options, select=SelectOptions(feather=4.0)))
    drag(editor, Tool.RECT_SELECT, (60, 40), (140, 110))
    levels = selected(editor)
    assert levels.sum() / 255 == pytest.approx(80 * 70, rel=0.01)
    assert 107 <= levels[75, 60] <= 147
    assert 0 < levels[75, 55] < 128 < levels[75, 65] < 255


def test_the_wand_selects_a_region_or_all_of_its_colour(editor: Editor) -> None:
    room = Rect(40, 30, 100, 80)
    box_of_lines(editor, room)
    drag(editor, Tool.WAND, (90, 70))
    inside = selected(editor)[room.slices(CANVAS)]
    assert (inside == 255).all()
    assert selected(editor)[5, 5] == 0
    editor.set_options(replace(editor.options, wand=WandOptions(everywhere=True)))
    drag(editor, Tool.WAND, (90, 70))
    assert selected(editor)[5, 5] == 255
    assert selected(editor)[29, 90] == 0  # the line


def test_moving_a_layer_shifts_its_pixels(editor: Editor, paint_layer: Layer) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 4)).astype(np.uint8)
    noise[..., 3] = 255
    paint_layer.tiles.write(Rect(20, 30, 50, 40), noise)
    before = pixels(paint_layer)
    drag(editor, Tool.MOVE, (30, 30), (47, 90), (47, 41))
    assert np.array_equal(pixels(paint_layer), np.roll(before, (11, 17), (0, 1)))
    editor.undo()
    assert np.array_equal(pixels(paint_layer), before)


def test_moving_a_selection_takes_it_along_in_one_step(editor: Editor, paint_layer: Layer) -> None:
    paint_layer.tiles.write(CANVAS, np.full((150, 200, 4), (*RED, 255), np.uint8))
    editor.set_selection(Selection.of_rect(Rect(20, 20, 30, 30)))
    paint_layer.tiles.write(Rect(20, 20, 30, 30), np.full((30, 30, 4), 255, np.uint8))
    before = pixels(paint_layer)
    drag(editor, Tool.MOVE, (30, 30), (90, 70))
    after = before.copy()
    after[20:50, 20:50] = 0
    after[60:90, 80:110] = 255
    assert np.array_equal(pixels(paint_layer), after)
    assert editor.selection == Selection.of_rect(Rect(80, 60, 30, 30))
    editor.undo()
    assert np.array_equal(pixels(paint_layer), before)
    assert editor.selection == Selection.of_rect(Rect(20, 20, 30, 30))


def two_in_a_group(editor: Editor) -> tuple[Group, list[Layer]]:
    """A red square and a green one, in an active group; the green one is hidden in it."""
    layers = [Layer(name="Red", role=Role.PAINT), Layer(name="Green", role=Role.PAINT, visible=False)]
    for layer, place, colour in zip(layers, (20, 60), ((255, 0, 0, 255), (0, 255, 0, 255)), strict=True):
        layer.tiles.write(Rect(place, 20, 20, 20), np.full((20, 20, 4), colour, np.uint8))
    group = Group(name="Group", layers=[*layers])
    editor.do(lambda document: layer_actions.add(document, group, Place(index=1)))
    editor.set_active_layer(group.layer_id)
    return group, layers


def test_a_group_moves_with_all_it_holds_in_one_step(editor: Editor) -> None:
    _group, layers = two_in_a_group(editor)
    before, steps = [pixels(layer) for layer in layers], len(editor.current.history)
    drag(editor, Tool.MOVE, (50, 50), (80, 61))
    for layer, was in zip(layers, before, strict=True):
        assert np.array_equal(pixels(layer), np.roll(was, (11, 30), axis=(0, 1)))
    assert len(editor.current.history) == steps + 1
    editor.undo()
    assert all(np.array_equal(pixels(layer), was) for layer, was in zip(layers, before, strict=True))


def test_of_several_layers_what_is_selected_moves_and_the_selection_once(editor: Editor) -> None:
    _group, (red, green) = two_in_a_group(editor)
    green.visible = True
    editor.set_active_layer(red.layer_id, [green.layer_id])
    editor.set_selection(Selection.of_rect(Rect(30, 20, 40, 10)))
    drag(editor, Tool.MOVE, (50, 50), (50, 90))
    assert editor.selection == Selection.of_rect(Rect(30, 60, 40, 10))
    stay = {red.name: Rect(20, 20, 10, 10), green.name: Rect(70, 20, 10, 10)}
    went = {red.name: Rect(30, 60, 10, 10), green.name: Rect(60, 60, 10, 10)}
    for layer in (red, green):
        alpha = pixels(layer)[..., 3]
        assert alpha[stay[layer.name].slices(CANVAS)].min() == 255
        assert alpha[went[layer.name].slices(CANVAS)].min() == 255
        assert np.count_nonzero(alpha) == 400
    editor.undo()
    assert editor.selection == Selection.of_rect(Rect(30, 20, 40, 10))


def taken_up(editor: Editor, dx: int, dy: int) -> ToolHandler:
    """The move tool in the middle of a drag, when the events that waited have been told."""
    editor.set_tool(Tool.MOVE)
    handler = make_handlers(editor, lambda: 3.0)[Tool.MOVE]
    handler.press(PenSample(50, 50), NONE)
    handler.move(PenSample(55, 51), NONE)
    handler.move(PenSample(50 + dx, 50 + dy), NONE)
    QCoreApplication.processEvents()
    return handler


def test_what_is_moved_is_seen_on_its_way(editor: Editor, paint_layer: Layer) -> None:
    paint_layer.tiles.write(Rect(20, 20, 20, 20), np.full((20, 20, 4), (*RED, 255), np.uint8))
    before, steps = pixels(paint_layer), len(editor.current.history)
    changed: list[Rect] = []
    editor.region_changed.connect(changed.append)
    handler = taken_up(editor, 60, 40)
    assert np.array_equal(pixels(paint_layer), np.roll(before, (40, 60), (0, 1)))
    assert Rect.union_of(changed).contains(Rect(20, 20, 80, 60))
    assert handler.preview() == ()
    assert editor.is_drawing
    handler.move(PenSample(50, 50), NONE)
    QCoreApplication.processEvents()
    assert np.array_equal(pixels(paint_layer), before)
    handler.release()
    assert len(editor.current.history) == steps


@pytest.mark.parametrize("how", ["Escape", "undo", "another drawing", "another command"])
def test_a_move_that_is_broken_off_leaves_nothing_behind(editor: Editor, paint_layer: Layer, how: str) -> None:
    paint_layer.tiles.write(Rect(20, 20, 20, 20), np.full((20, 20, 4), (*RED, 255), np.uint8))
    editor.set_selection(Selection.of_rect(Rect(30, 20, 20, 20)))
    before, drawing, steps = pixels(paint_layer), editor.current, len(editor.current.history)
    handler = taken_up(editor, 60, 40)
    assert editor.selection == Selection.of_rect(Rect(30, 20, 20, 20))
    if how == "Escape":
        handler.cancel()
    elif how == "undo":
        editor.undo()
    elif how == "another drawing":
        editor.new(Size(10, 10))
    else:
        editor.do(partial(layer_actions.rename, layer_id=paint_layer.layer_id, name="Other"))
    handler.move(PenSample(0, 0), NONE)
    QCoreApplication.processEvents()
    handler.release()
    ended = how in ("another drawing", "another command")
    assert len(drawing.history) == steps + ended + (how == "another command")
    drawing.history.go_to(drawing.document, steps)
    assert np.array_equal(pixels(paint_layer), before)
    assert drawing.selection == Selection.of_rect(Rect(30, 20, 20, 20))


def test_what_is_too_large_to_be_moved_at_once_is_shown_by_its_outline(
    editor: Editor, paint_layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "LIVE_PIXELS", 0)
    paint_layer.tiles.write(CANVAS, np.full((150, 200, 4), (*RED, 255), np.uint8))
    before = pixels(paint_layer)
    handler = taken_up(editor, 30, 40)
    assert np.array_equal(pixels(paint_layer), before)
    (outline,) = handler.preview()
    assert min((point.x, point.y) for point in outline.points) == (30, 40)
    handler.release()
    assert not pixels(paint_layer)[:40].any()
    assert (handler.preview(), editor.undo_text) == ((), "Move")


def test_a_locked_layer_holds_its_group(editor: Editor) -> None:
    group, (red, green) = two_in_a_group(editor)
    green.locked = True
    said, before = refusals(editor), pixels(red)
    drag(editor, Tool.MOVE, (50, 50), (80, 61))
    assert "“Green” is locked." in str(said)
    assert np.array_equal(pixels(red), before)
    green.locked, group.visible = False, False
    drag(editor, Tool.MOVE, (50, 50), (80, 61))
    assert "“Group” is hidden." in str(said)


def test_shift_and_a_click_draw_a_straight_line_from_the_last_point(editor: Editor) -> None:
    editor.set_brush(Brush(size=6, size_by_pressure=0, hardness=1))
    drag(editor, Tool.BRUSH, (20, 20))
    drag(editor, Tool.BRUSH, (180, 100), keys=SHIFT)
    shown = editor.export_pixels()[..., 0]
    for step in range(11):
        assert shown[round(20 + 8 * step), round(20 + 16 * step)] < 40
    assert shown[100, 20] == 255
    editor.undo()
    assert editor.export_pixels()[60, 100].tolist() == [255, 255, 255]
    assert editor.can_undo  # the dot


def test_shift_and_a_drag_resize_the_brush_and_draw_nothing(editor: Editor) -> None:
    editor.set_brush(replace(editor.brush, size=20.0))
    drag(editor, Tool.BRUSH, (50, 50), (65, 50), (80, 50), keys=SHIFT)
    assert editor.brush.size == 50
    drag(editor, Tool.BRUSH, (100, 50), (-400, 50), keys=SHIFT)
    assert editor.brush.size == 1
    assert not editor.can_undo
    handler = make_handlers(editor, lambda: 3.0)[Tool.BRUSH]
    handler.press(PenSample(10, 10), SHIFT)
    handler.move(PenSample(60, 10), SHIFT)
    assert editor.brush.size == 51
    ring = np.array([(point.x, point.y) for point in handler.preview()[0].points])
    assert np.hypot(*(ring - (10, 10)).T) == pytest.approx(25.5)
    handler.cancel()
    assert editor.brush.size == 1


def test_the_hint_brush_makes_its_layer_and_that_is_one_step(editor: Editor) -> None:
    layers = len(editor.document.layers)
    told: list[int] = []
    editor.layers_changed.connect(lambda: told.append(len(editor.document.layers)))
    editor.set_foreground(RED)
    drag(editor, Tool.HINT, (50, 50), (120, 60))
    hints = editor.document.topmost(Role.HINTS)
    assert hints is not None
    assert editor.document.layers[-1] is hints
    assert pixels(hints)[50, 50].tolist() == [*RED, 255]
    assert not len(editor.document.line_art.tiles)
    drag(editor, Tool.HINT, (50, 90), (120, 90))
    assert len(editor.document.layers) == layers + 1
    editor.undo()
    editor.undo()
    assert (len(editor.document.layers), editor.can_undo) == (layers, False)
    editor.redo()
    assert pixels(hints)[50, 50].tolist() == [*RED, 255]
    assert (layers, layers + 1) == (told[-2], told[-1])


PAINTING = (Tool.BRUSH, Tool.FILL, Tool.GRADIENT)


@pytest.mark.parametrize(
    ("tool", "how"),
    [*product((*PAINTING, Tool.MOVE), ("hidden", "locked", "inside a hidden group", "AI colour"))]
    + [(tool, "group") for tool in PAINTING],
)
def test_what_cannot_be_painted_on_is_refused_in_words(
    editor: Editor, paint_layer: Layer, how: str, tool: Tool
) -> None:
    if "group" in how:
        editor.do(lambda document: layer_actions.group(document, [paint_layer.layer_id]))
        group = next(node for node in editor.document.nodes() if isinstance(node, Group))
        group.visible = how == "group"
        editor.set_active_layer(group.layer_id if how == "group" else paint_layer.layer_id)
    elif how == "AI colour":
        editor.set_active_layer(editor.document.ai_colour.layer_id)
    else:
        paint_layer.visible, paint_layer.locked = how != "hidden", how == "locked"
    said, step = refusals(editor), editor.current.history.state
    drag(editor, tool, (50, 50), (120, 60))
    assert len(said) == 1
    assert said[0].hint
    assert editor.current.history.state == step


def test_the_selection_limits_the_brush(editor: Editor) -> None:
    editor.set_selection(Selection.of_rect(Rect(80, 0, 40, 150)))
    drag(editor, Tool.BRUSH, (20, 75), (180, 75))
    columns = np.flatnonzero((editor.export_pixels()[..., 0] < 255).any(axis=0))
    assert (columns.min(), columns.max()) == (80, 119)


def run(editor: Editor, tools: Sequence[Tool]) -> None:
    generator = np.random.default_rng(len(tools))
    for tool in tools:
        points = generator.uniform(-20, 220, (3, 2)).tolist()
        drag(editor, tool, *(tuple(point) for point in points), keys=(NONE, SHIFT, ALT)[generator.integers(3)])


def test_any_tools_and_then_undoing_all_gives_the_start(editor: Editor, paint_layer: Layer) -> None:
    box_of_lines(editor, Rect(40, 30, 100, 80), gap=5)
    start = editor.document.snapshot()
    steps = len(editor.current.history)
    run(editor, [tool for tool in Tool if tool not in WITHOUT_HANDLER] * 4)
    assert len(editor.current.history) > steps + 10
    editor.go_to(steps)
    again = editor.document.snapshot()
    assert again.layers == start.layers
    assert editor.selection is None
    assert paint_layer.tiles.snapshot() == start.layers[1].tiles  # type: ignore[union-attr]


def test_another_size_is_told_as_another_view(editor: Editor) -> None:
    from sketchsause_desktop.core import canvas_actions

    told: list[Size] = []
    editor.document_replaced.connect(lambda: told.append(editor.document.size))
    editor.do(lambda document: canvas_actions.crop(document, Rect(10, 10, 50, 40)))
    editor.undo()
    editor.do(canvas_actions.flip)
    assert told == [Size(50, 40), CANVAS.size]


def test_a_drawing_works_without_line_art_and_ai_layer(editor: Editor, paint_layer: Layer) -> None:
    for layer in (editor.document.line_art, editor.document.ai_colour):
        editor.do(partial(layer_actions.remove, layer_id=layer.layer_id))
    said = refusals(editor)
    for tool in (tool for tool in Tool if tool not in WITHOUT_HANDLER):
        drag(editor, tool, (20, 20), (90, 90))
    editor.clear_result()
    editor.set_colour_strength(0.5)
    assert editor.colour_strength == 0.5
    editor.paste(np.zeros((20, 20), np.uint8))
    assert [error.sentence for error in said] == ["This drawing has no line art."]
    editor.set_active_layer(paint_layer.layer_id)
    assert editor.export_pixels().shape == (150, 200, 3)


@pytest.mark.parametrize("tool", [Tool.FILL, Tool.GRADIENT])
def test_colours_go_under_the_lines_and_that_is_one_step(editor: Editor, tool: Tool) -> None:
    box_of_lines(editor, Rect(40, 30, 100, 80))
    document, told = editor.document, list[str]()
    editor.coloured_under_lines.connect(told.append)
    lines, active = pixels(document.line_art), editor.active_layer
    editor.set_foreground(RED)
    drag(editor, tool, (60, 60), (120, 60))
    assert [layer.name for layer in document.layers] == ["AI colour", "Colours", "Line art"]
    colours = document.layers[1]
    assert isinstance(colours, Layer)
    assert colours.role is Role.PAINT
    assert pixels(colours)[60, 60, 3] == 255
    assert np.array_equal(pixels(document.line_art), lines)
    assert (editor.active_layer, told) == (active, ["Colours"])
    drag(editor, tool, (10, 10), (30, 10))
    assert len(document.layers) == 3
    editor.undo()
    editor.undo()
    assert (len(document.layers), editor.can_undo) == (2, False)
    editor.redo()
    assert document.layers[1] is colours
    assert pixels(colours)[60, 60, 3] == 255


def test_black_stays_in_the_lines_and_so_does_a_gradient_to_white(editor: Editor) -> None:
    for tool in (Tool.FILL, Tool.GRADIENT):
        drag(editor, tool, (60, 60), (120, 60))
        assert len(editor.document.layers) == 2
        assert pixels(editor.document.line_art)[60, 60].tolist()[3] == 255


def test_a_fill_of_nothing_makes_no_layer(editor: Editor) -> None:
    editor.set_foreground(RED)
    drag(editor, Tool.FILL, (500, 60))  # off the canvas
    assert len(editor.document.layers) == 2
    assert not editor.can_undo


def test_colours_go_below_all_lines_of_a_group_and_not_on_a_locked_layer(editor: Editor) -> None:
    more = Layer(name="More lines", role=Role.LINE_ART)
    editor.do(lambda document: layer_actions.add(document, more, Place(index=2)))
    ids = [editor.document.line_art.layer_id, editor.document.layers[1].layer_id]
    editor.do(lambda document: layer_actions.group(document, ids))
    editor.set_active_layer(more.layer_id)
    editor.set_foreground(RED)
    drag(editor, Tool.FILL, (60, 60))
    group = editor.document.layers[-1]
    assert isinstance(group, Group)
    assert [layer.name for layer in group.layers] == ["Colours", "Line art", "More lines"]
    group.layers[0].locked = True
    said, step = refusals(editor), editor.current.history.state
    drag(editor, Tool.FILL, (60, 60))
    assert (len(said), editor.current.history.state) == (1, step)
