import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core import tiles as tiles_module
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.tiles import TILE, WHITE_TILE, Tiles, TileSnapshot, tile_rect, tiles_of

PAGE = Rect(-TILE, -TILE, 4 * TILE, 3 * TILE)  # some tiles with negative keys


@st.composite
def boxes(draw: st.DrawFn) -> Rect:
    left, right = sorted(draw(st.tuples(*[st.integers(PAGE.x, PAGE.right)] * 2)))
    top, bottom = sorted(draw(st.tuples(*[st.integers(PAGE.y, PAGE.bottom)] * 2)))
    return Rect.from_edges(left, top, right, bottom)


@st.composite
def writes(draw: st.DrawFn) -> tuple[Rect, Pixels]:
    rect = draw(boxes())
    kind = draw(st.sampled_from(["noise", "white", "nothing"]))
    if kind == "noise":
        pixels = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 256, (rect.height, rect.width, 4))
        return rect, pixels.astype(np.uint8)
    return rect, np.full((rect.height, rect.width, 4), 255 if kind == "white" else 0, np.uint8)


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(tiles_module).failed == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(writes(), max_size=5), boxes())
def test_tiles_read_what_a_plain_array_would(changes: list[tuple[Rect, Pixels]], asked: Rect) -> None:
    plain = np.zeros((PAGE.height, PAGE.width, 4), np.uint8)
    tiles = Tiles()
    for rect, pixels in changes:
        plain[rect.slices(PAGE)] = pixels
        tiles.write(rect, pixels)
    assert np.array_equal(tiles.read(PAGE), plain)
    assert np.array_equal(tiles.read(asked), plain[asked.slices(PAGE)])
    assert np.array_equal(tiles.snapshot().read(asked), plain[asked.slices(PAGE)])
    assert PAGE.contains(tiles.bounds())


@settings(max_examples=60, deadline=None)
@given(st.lists(writes(), min_size=2, max_size=6))
def test_a_snapshot_is_not_touched_by_what_is_written_later(changes: list[tuple[Rect, Pixels]]) -> None:
    tiles = Tiles()
    kept = []
    for rect, pixels in changes:
        tiles.write(rect, pixels)
        kept.append((tiles.snapshot(), tiles.read(PAGE)))
    for snapshot, plain in kept:
        assert np.array_equal(snapshot.read(PAGE), plain)


@settings(max_examples=60, deadline=None)
@given(st.lists(writes(), max_size=4), st.lists(writes(), max_size=4))
def test_restoring_tells_all_that_changed(first: list[tuple[Rect, Pixels]], then: list[tuple[Rect, Pixels]]) -> None:
    tiles = Tiles()
    for rect, pixels in first:
        tiles.write(rect, pixels)
    snapshot, plain = tiles.snapshot(), tiles.read(PAGE)
    for rect, pixels in then:
        tiles.write(rect, pixels)
    changed = (tiles.read(PAGE) != plain).any(axis=-1)
    told = tiles.restore(snapshot)
    assert np.array_equal(tiles.read(PAGE), plain)
    assert tiles.snapshot() == snapshot
    changed[told.slices(PAGE)] = False
    assert not changed.any()


def test_a_snapshot_copies_no_pixels_and_a_write_copies_one_tile() -> None:
    tiles = Tiles()
    tiles.writable((0, 0))[...] = 1
    tiles.writable((1, 0))[...] = 2
    before = tiles.snapshot()
    assert before.tile((0, 0)) is tiles.tile((0, 0))
    assert tiles.snapshot() is before
    tiles.writable((1, 0))[0, 0] = 9
    assert tiles.snapshot().changed_keys(before) == [(1, 0)]
    assert tiles.tile((0, 0)) is before.tile((0, 0))


def test_what_a_snapshot_holds_cannot_be_written() -> None:
    tiles = Tiles()
    tile = tiles.writable((0, 0))
    tiles.snapshot()
    with pytest.raises(ValueError, match="read-only"):
        tile[0, 0] = 1


def test_white_and_empty_tiles_take_no_memory() -> None:
    tiles = Tiles()
    rect = Rect(0, 0, 3 * TILE, TILE)
    tiles.write(rect, np.full((TILE, 3 * TILE, 4), 255, np.uint8))
    assert all(tiles.tile((column, 0)) is WHITE_TILE for column in range(3))
    tiles.write(rect, np.zeros((TILE, 3 * TILE, 4), np.uint8))
    assert len(tiles) == 0


def test_only_read_only_tiles_are_shared() -> None:
    with pytest.raises(AssertionError, match="read-only"):
        Tiles().replace({(0, 0): np.zeros((TILE, TILE, 4), np.uint8)})


@settings(max_examples=60, deadline=None)
@given(boxes(), st.integers(1, 3 * TILE), st.integers(1, 2 * TILE))
def test_adopting_replaces_the_window_and_nothing_else(window: Rect, width: int, height: int) -> None:
    canvas = Rect(0, 0, width, height)
    window = window.intersected(canvas)
    rng = np.random.default_rng(1)
    old = rng.integers(0, 256, (height, width, 4)).astype(np.uint8)
    new = rng.integers(0, 256, (window.height, window.width, 4)).astype(np.uint8)
    tiles = Tiles()
    tiles.write(canvas, old)
    tiles.adopt(TileSnapshot.cut(window, new), window, canvas)
    old[window.slices(canvas)] = new
    assert np.array_equal(tiles.read(canvas), old)


def test_adopting_the_whole_canvas_copies_nothing() -> None:
    canvas = Rect(0, 0, TILE + 10, TILE + 10)
    source = TileSnapshot.cut(canvas, np.full((canvas.height, canvas.width, 4), 7, np.uint8))
    tiles = Tiles()
    tiles.adopt(source, canvas, canvas)
    assert tiles.snapshot() == source


def test_equal_snapshots_share_their_tiles() -> None:
    pixels = np.full((TILE, TILE, 4), 7, np.uint8)
    one, other = (TileSnapshot.cut(tile_rect((0, 0)), pixels) for _ in range(2))
    assert one != other
    assert TileSnapshot({(0, 0): WHITE_TILE}) == TileSnapshot({(0, 0): WHITE_TILE})
    assert hash(TileSnapshot({(0, 0): WHITE_TILE})) == hash(TileSnapshot({(0, 0): WHITE_TILE}))
    assert one != "tiles"


def test_an_empty_rectangle_touches_no_tile() -> None:
    assert list(tiles_of(Rect(5, 5, 0, 10))) == []
