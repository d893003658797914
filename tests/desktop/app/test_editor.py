import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QThread
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.core.brush import Brush, PenSample
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.requests import InferenceRequest
from tests.desktop.app.fake_engine import FakeEngine, colour_of

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def editor(qapp: QCoreApplication) -> Editor:
    editor = Editor()
    editor.new(Size(300, 200))
    return editor


def _draw(editor: Editor, *places: tuple[float, float], pressure: float = 1.0) -> None:
    editor.begin_stroke(PenSample(*places[0], pressure))
    for place in places[1:]:
        editor.extend_stroke(PenSample(*place, pressure))
    editor.end_stroke()


def _shown(editor: Editor) -> list[int]:
    """How dark each 50 px cell is."""
    pixels = editor.export_pixels()[..., 0].astype(int)
    return [int((255 - pixels[y : y + 50, x : x + 50]).sum()) for y in (0, 50, 100, 150) for x in range(0, 300, 50)]


def test_a_drag_is_one_step_that_can_be_undone(editor: Editor) -> None:
    start = editor.export_pixels()
    assert (editor.can_undo, editor.is_modified) == (False, False)
    _draw(editor, (20, 20), (150, 100), (280, 20))
    painted = editor.export_pixels()
    assert (painted != start).any()
    assert (editor.can_undo, editor.undo_text, editor.is_modified) == (True, "Brush", True)
    editor.undo()
    assert np.array_equal(editor.export_pixels(), start)
    assert (editor.can_undo, editor.redo_text, editor.is_modified) == (False, "Brush", False)
    editor.redo()
    assert np.array_equal(editor.export_pixels(), painted)


def test_saving_and_undoing_back_to_it_makes_it_unmodified(editor: Editor) -> None:
    _draw(editor, (20, 20), (150, 100))
    editor.mark_saved()
    said = [editor.is_modified]
    _draw(editor, (20, 90))
    said.append(editor.is_modified)
    for _ in range(2):
        editor.undo()
        said.append(editor.is_modified)
    assert said == [False, True, False, True]


def test_painting_tells_where_it_changed(editor: Editor) -> None:
    told: list[Rect] = []
    editor.region_changed.connect(told.append)
    before = editor.export_pixels()
    revision = editor.document.revision
    _draw(editor, (20, 20), (150, 100), (280, 20))
    changed = (editor.export_pixels() != before).any(axis=-1)
    for rect in told:
        assert editor.document.rect.contains(rect)
        changed[rect.slices(editor.document.rect)] = False
    assert told
    assert not changed.any()
    assert editor.document.revision == revision + len(told)


def test_the_eraser_has_its_own_brush_and_erases(editor: Editor) -> None:
    _draw(editor, (20, 100), (280, 100))
    editor.set_tool(Tool.ERASER)
    editor.set_brush(dataclasses.replace(editor.brush, size=80, hardness=1, size_by_pressure=0))
    eraser = editor.brush
    _draw(editor, (20, 100), (280, 100))
    assert (editor.export_pixels() == 255).all()
    assert editor.undo_text == "Eraser"
    editor.set_tool(Tool.BRUSH)
    assert (eraser.erases, editor.brush) == (True, Brush())


def test_the_other_end_of_the_pen_erases_with_the_brush_in_hand(editor: Editor) -> None:
    _draw(editor, (150, 100))
    editor.begin_stroke(PenSample(150, 100), erase=True)
    editor.end_stroke()
    assert (editor.export_pixels() == 255).all()
    assert editor.tool is Tool.BRUSH


def test_the_hand_paints_nothing(editor: Editor) -> None:
    editor.set_tool(Tool.HAND)
    _draw(editor, (20, 20), (150, 100))
    assert not editor.is_modified
    assert editor.brush == Brush()


def test_cancelling_takes_a_stroke_back_without_a_step(editor: Editor) -> None:
    _draw(editor, (20, 100))
    before = editor.export_pixels()
    editor.begin_stroke(PenSample(20, 20))
    editor.extend_stroke(PenSample(200, 150))
    assert editor.is_drawing
    editor.cancel_stroke()
    assert np.array_equal(editor.export_pixels(), before)
    editor.undo()
    assert not editor.can_undo


def test_undo_during_a_stroke_takes_that_stroke_back(editor: Editor) -> None:
    _draw(editor, (20, 100))
    before = editor.export_pixels()
    editor.begin_stroke(PenSample(20, 20))
    editor.extend_stroke(PenSample(200, 150))
    editor.undo()
    assert not editor.is_drawing
    assert np.array_equal(editor.export_pixels(), before)
    assert editor.can_undo


def test_another_tool_ends_the_stroke(editor: Editor) -> None:
    editor.begin_stroke(PenSample(20, 20))
    editor.set_tool(Tool.HAND)
    assert not editor.is_drawing
    assert editor.undo_text == "Brush"


def test_changing_the_brush_during_a_stroke_is_for_the_next_one(editor: Editor) -> None:
    editor.begin_stroke(PenSample(20, 50))
    editor.set_brush(Brush(size=100, colour=(255, 0, 0)))
    editor.extend_stroke(PenSample(200, 50))
    editor.end_stroke()
    assert (editor.export_pixels()[60:] == 255).all()


def test_signals_come_only_for_real_changes(editor: Editor, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(editor.tool_changed), qtbot.assertNotEmitted(editor.brush_changed):
        editor.set_tool(Tool.BRUSH)
        editor.set_brush(Brush())
    with qtbot.waitSignals([editor.tool_changed, editor.brush_changed]):
        editor.set_tool(Tool.ERASER)
    with qtbot.assertNotEmitted(editor.region_changed), qtbot.assertNotEmitted(editor.history_changed):
        editor.undo()
        editor.redo()
        editor.clear()


def test_opening_replaces_the_document_and_its_history(editor: Editor, qtbot: QtBot) -> None:
    _draw(editor, (20, 20))
    editor.begin_stroke(PenSample(50, 50))
    grey = np.random.default_rng(0).integers(0, 256, (50, 80)).astype(np.uint8)
    with qtbot.waitSignal(editor.document_replaced):
        editor.open_pixels(grey, "sketch")
    assert (editor.title, editor.is_modified, editor.can_undo, editor.is_drawing) == ("sketch", False, False, False)
    assert np.array_equal(editor.export_pixels()[..., 1], grey)
    editor.extend_stroke(PenSample(60, 60))  # the pen is still down
    editor.end_stroke()
    assert np.array_equal(editor.export_pixels()[..., 1], grey)


def test_clear_empties_the_lines_and_can_be_undone(editor: Editor) -> None:
    _draw(editor, (20, 20), (150, 100))
    painted = editor.export_pixels()
    editor.clear()
    assert (editor.export_pixels() == 255).all()
    assert len(editor.document.line_art.tiles) == 0
    editor.undo()
    assert np.array_equal(editor.export_pixels(), painted)


def test_a_pasted_picture_does_not_hide_the_lines(editor: Editor) -> None:
    _draw(editor, (20, 100), (280, 100))
    painted = _shown(editor)
    scan = np.full((100, 200), 255, np.uint8)
    scan[10:20, 10:190] = 0
    editor.paste(scan)
    assert (editor.export_pixels()[60:70, 60:240] == 0).all()
    assert all(after >= before for before, after in zip(painted, _shown(editor), strict=True))
    assert editor.undo_text == "Paste"
    editor.undo()
    assert _shown(editor) == painted


def test_a_picture_too_large_is_pasted_smaller(editor: Editor) -> None:
    _draw(editor, (1, 1))
    editor.paste(np.zeros((1000, 500, 3), np.uint8))
    pixels = editor.export_pixels()[..., 0]
    assert pixels.shape == (200, 300)
    assert (pixels[:, 100:200] == 0).all()
    assert (pixels[:, :99][100:] == 255).all()


def test_pasting_into_an_untouched_drawing_gives_it_the_pictures_size(editor: Editor) -> None:
    editor.paste(np.zeros((1000, 500, 3), np.uint8))
    assert editor.document.size == Size(500, 1000)
    assert editor.is_modified


def _result_for(editor: Editor, revision: int) -> None:
    document = editor.document
    request = InferenceRequest(
        document_id=document.document_id, revision=revision, window=document.rect, lines=(), model_id="m"
    )
    assert editor.show_result(FakeEngine().run(request))


def test_a_result_lies_under_the_lines_and_is_no_step(editor: Editor, qtbot: QtBot) -> None:
    _draw(editor, (20, 100), (280, 100))
    revision = editor.document.revision
    with qtbot.waitSignal(editor.result_changed) as told, qtbot.assertNotEmitted(editor.region_changed):
        _result_for(editor, 9)
    assert told.args == [editor.document.rect]
    assert editor.export_pixels()[0, 0].tolist() == list(colour_of(9)[:3])
    assert editor.export_pixels()[100, 150].tolist() == [0, 0, 0]
    assert editor.document.revision == revision
    editor.undo()
    assert (editor.export_pixels() == colour_of(9)[:3]).all()
    assert not editor.is_modified


def test_the_strength_fades_the_colours_and_stays_with_the_next_drawing(editor: Editor, qtbot: QtBot) -> None:
    _result_for(editor, 0)
    with qtbot.waitSignal(editor.result_changed):
        editor.set_colour_strength(0.5)
    assert editor.export_pixels()[0, 0].tolist() == [127, 127, 166]
    editor.new(Size(10, 10))
    assert editor.document.ai_colour.opacity == 0.5


def test_a_result_of_another_document_is_refused(editor: Editor) -> None:
    document = editor.document
    request = InferenceRequest(
        document_id=document.document_id, revision=0, window=document.rect, lines=(), model_id="m"
    )
    editor.new(Size(300, 200))
    assert not editor.show_result(FakeEngine().run(request))
    assert (editor.export_pixels() == 255).all()


def test_calls_from_another_thread_are_refused(editor: Editor) -> None:
    refused: list[Exception] = []

    class Stranger(QThread):
        def run(self) -> None:
            try:
                editor.begin_stroke(PenSample(1, 1))
            except RuntimeError as error:
                refused.append(error)

    stranger = Stranger()
    stranger.start()
    stranger.wait()
    assert "another thread" in str(refused[0])


actions = st.lists(
    st.one_of(
        st.tuples(st.just("draw"), st.floats(-10, 310), st.floats(-10, 210)),
        st.tuples(st.just("erase"), st.floats(-10, 310), st.floats(-10, 210)),
        st.tuples(st.sampled_from(["undo", "redo", "clear", "paste", "cancel", "result"]), st.just(0.0), st.just(0.0)),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions)
def test_any_actions_and_then_undoing_all_gives_the_start(
    editor: Editor, sequence: list[tuple[str, float, float]]
) -> None:
    editor.open_pixels(np.random.default_rng(3).integers(0, 256, (200, 300)).astype(np.uint8), "noise")
    start = editor.document.line_art.tiles.read(Rect(0, 0, 512, 512))
    for name, x, y in sequence:
        match name:
            case "draw" | "erase":
                editor.set_tool(Tool.BRUSH if name == "draw" else Tool.ERASER)
                _draw(editor, (x, y), (y, x))
            case "paste":
                editor.paste(np.full((50, 60, 4), (1, 2, 3, 90), np.uint8))
            case "cancel":
                editor.begin_stroke(PenSample(100, 100))
                editor.cancel_stroke()
            case "result":
                _result_for(editor, editor.document.revision)
            case _:
                getattr(editor, name)()
    while editor.can_undo:
        editor.undo()
    assert np.array_equal(editor.document.line_art.tiles.read(Rect(0, 0, 512, 512)), start)
    assert not editor.is_modified
