import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import EMPTY_RECT, Point, Rect, Size
from sketchsause_desktop.core.history import History, TileChange
from sketchsause_desktop.core.stroke import Stroke
from sketchsause_desktop.core.tiles import TILE

SIZE = Size(2 * TILE + 30, TILE + 30)
TILE_BYTES = TILE * TILE * 4

coordinates = st.floats(-20, 300)
strokes = st.tuples(
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=3), st.floats(1, 60), st.booleans()
)


def _paint(document: Document, history: History, drag: list[tuple[float, float]], size: float, erases: bool) -> None:
    layer = document.line_art
    stroke = Stroke(layer.tiles, Brush(size=size, opacity=0.7, erases=erases), document.rect)
    stroke.begin(Point(*drag[0]), 1)
    for place in drag[1:]:
        stroke.extend(Point(*place), 0.5)
    change = TileChange.of("Brush", layer, stroke.before)
    if change is not None:
        history.push(change)


def _noise() -> Document:
    return Document.from_line_art(np.random.default_rng(0).integers(0, 256, (SIZE.height, SIZE.width)).astype(np.uint8))


@settings(max_examples=40, deadline=None)
@given(st.lists(strokes, max_size=6), st.booleans())
def test_undoing_all_gives_the_start_and_redoing_all_the_end(
    drags: list[tuple[list[tuple[float, float]], float, bool]], empty: bool
) -> None:
    document, history = Document.new(SIZE) if empty else _noise(), History()
    start, state = document.composite(document.rect), history.state
    start_tiles = document.line_art.tiles.snapshot()
    for drag, size, erases in drags:
        _paint(document, history, drag, size, erases)
    end, end_state = document.composite(document.rect), history.state
    while history.undo_name:
        shown = document.composite(document.rect)
        dirty = history.undo(document).intersected(document.rect)
        changed = (shown != document.composite(document.rect)).any(axis=-1)
        changed[dirty.slices(document.rect)] = False
        assert not changed.any()
    assert np.array_equal(document.composite(document.rect), start)
    assert document.line_art.tiles.snapshot() == start_tiles
    assert history.state == state
    while history.redo_name:
        history.redo(document)
    assert np.array_equal(document.composite(document.rect), end)
    assert history.state == end_state


def _filled(document: Document, history: History, value: int) -> None:
    """One step that writes one tile."""
    layer = document.line_art
    before = layer.tiles.snapshot()
    layer.tiles.write(Rect(0, 0, TILE, TILE), np.full((TILE, TILE, 4), value, np.uint8))
    change = TileChange.of(f"Fill {value}", layer, before)
    assert change is not None
    history.push(change)


def test_the_oldest_steps_go_when_the_budget_is_spent() -> None:
    document, history = Document.new(SIZE), History(budget_bytes=4 * TILE_BYTES)
    for value in range(1, 10):
        _filled(document, history, value)
    assert len(history) == 3  # four tiles: each step shares one with the next
    assert history.held_bytes == 4 * TILE_BYTES
    while history.undo_name:
        history.undo(document)
    assert document.line_art.tiles.read(Rect(0, 0, 1, 1)).tolist() == [[[6, 6, 6, 6]]]


def test_the_newest_step_is_kept_whatever_its_size() -> None:
    document, history = Document.new(SIZE), History(budget_bytes=1)
    _filled(document, history, 1)
    _filled(document, history, 2)
    assert len(history) == 1


def test_a_new_step_ends_what_could_be_redone() -> None:
    document, history = Document.new(SIZE), History()
    _filled(document, history, 1)
    _filled(document, history, 2)
    history.undo(document)
    assert (history.undo_name, history.redo_name) == ("Fill 1", "Fill 2")
    _filled(document, history, 3)
    assert history.redo_name == ""
    assert history.redo(document) == EMPTY_RECT
    assert history.held_bytes == 2 * TILE_BYTES


def test_a_state_is_never_named_twice() -> None:
    document, history = Document.new(SIZE), History()
    _filled(document, history, 1)
    lost = history.state
    history.undo(document)
    _filled(document, history, 2)
    assert history.state != lost


def test_a_stroke_that_changes_nothing_is_no_step() -> None:
    document = Document.new(SIZE)
    layer = document.line_art
    stroke = Stroke(layer.tiles, Brush(erases=True), document.rect)
    stroke.begin(Point(5, 5), 1)
    assert TileChange.of("Eraser", layer, stroke.before) is None
    assert History().undo(document) == EMPTY_RECT
