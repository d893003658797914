"""Regions locked to a character's colour."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from sketchsause_desktop.core import canvas_actions, layer_actions
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.character_locks import heart_of, is_there, lock, region_at, set_colour, unlock
from sketchsause_desktop.core.characters import Cast, Character, NamedColour
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.fill import Area, FillOptions
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.history import Change
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layers import Layer, Role

CANVAS = Rect(0, 0, 200, 150)
LEFT, RIGHT = Rect(10, 10, 80, 130), Rect(110, 10, 80, 130)
HAIR, SKIN = (0, 0), (0, 1)
BROWN, PINK, GREEN = (122, 59, 29), (240, 200, 180), (20, 200, 60)
OPTIONS = FillOptions(gap=6)


def two_rooms() -> tuple[Document, Layer]:
    """Two frames of lines, the left one with a gap, a hints layer and a character."""
    lines = np.full((CANVAS.height, CANVAS.width), 255, np.uint8)
    for room in (LEFT, RIGHT):
        lines[room.grown(2).slices(CANVAS)] = 0
        lines[room.slices(CANVAS)] = 255
    lines[6:11, 40:44] = 255
    document = Document.from_line_art(lines)
    hints = Layer(name="Hints", role=Role.HINTS)
    layer_actions.add(document, hints, Place(index=2))
    colours = (NamedColour(colour=BROWN, name="hair"), NamedColour(colour=PINK, name="skin"))
    document.cast = Cast(characters=(Character(name="Mia", colours=colours),))
    return document, hints


def click(document: Document, layer: Layer, place: tuple[int, int], seed: tuple[int, int]) -> Change | None:
    return lock(document, layer, place, region_at(document, seed, OPTIONS))


def pixels(layer: Layer) -> Pixels:
    return layer.tiles.read(CANVAS)


def colours_in(layer: Layer, room: Rect) -> set[tuple[int, ...]]:
    """Of what is opaque there."""
    inside = pixels(layer)[room.slices(CANVAS)].reshape(-1, 4)
    return {tuple(colour[:3]) for colour in inside[inside[:, 3] == 255].tolist()}


def dabs(document: Document, place: tuple[int, int]) -> int:
    return len(document.cast.characters[place[0]].colours[place[1]].dabs)


def test_a_click_puts_a_hint_well_inside_the_region_and_nowhere_else() -> None:
    document, hints = two_rooms()
    assert click(document, hints, HAIR, (15, 15)) is not None
    assert colours_in(hints, LEFT) == {BROWN}
    (dab,) = document.cast.characters[0].colours[0].dabs
    assert abs(dab.x - 50) <= 1
    assert 40 < dab.y < 110
    outside = pixels(hints)
    outside[LEFT.slices(CANVAS)] = 0
    assert not outside.any()


def test_a_lock_is_taken_back_and_done_again_as_one_step() -> None:
    document, hints = two_rooms()
    before = document.cast
    change = click(document, hints, HAIR, (15, 15))
    assert change is not None
    after, drawn = document.cast, pixels(hints)
    change.undo(document)
    assert document.cast == before
    assert not pixels(hints).any()
    change.redo(document)
    assert document.cast == after
    assert np.array_equal(pixels(hints), drawn)


def test_the_hints_follow_their_colour_and_leave_the_others_alone() -> None:
    document, hints = two_rooms()
    click(document, hints, HAIR, (15, 15))
    click(document, hints, SKIN, (150, 60))
    change = set_colour(document, HAIR, GREEN)
    assert change is not None
    assert (colours_in(hints, LEFT), colours_in(hints, RIGHT)) == ({GREEN}, {PINK})
    left = pixels(hints)[LEFT.slices(CANVAS)].reshape(-1, 4)
    assert (left[left[:, 3] > 40, 0] < 30).all()  # the soft rim has lost its brown too
    change.undo(document)
    assert colours_in(hints, LEFT) == {BROWN}
    assert document.cast.characters[0].colours[0].colour == BROWN


def test_a_region_has_one_lock() -> None:
    document, hints = two_rooms()
    click(document, hints, HAIR, (15, 15))
    assert click(document, hints, HAIR, (60, 100)) is None
    assert click(document, hints, SKIN, (60, 100)) is not None
    assert (dabs(document, HAIR), dabs(document, SKIN)) == (0, 1)
    assert colours_in(hints, LEFT) == {PINK}


def test_what_was_erased_or_painted_over_is_no_lock_any_more() -> None:
    document, hints = two_rooms()
    click(document, hints, HAIR, (15, 15))
    click(document, hints, HAIR, (150, 60))
    hints.tiles.write(RIGHT, np.full((RIGHT.height, RIGHT.width, 4), (9, 9, 9, 255), np.uint8))
    set_colour(document, HAIR, GREEN)
    assert dabs(document, HAIR) == 1
    assert (colours_in(hints, LEFT), colours_in(hints, RIGHT)) == ({GREEN}, {(9, 9, 9)})


def test_a_lock_whose_layer_is_gone_stops_nothing_and_lives_again_with_it() -> None:
    document, hints = two_rooms()
    click(document, hints, HAIR, (15, 15))
    removed = layer_actions.remove(document, hints.layer_id)
    change = set_colour(document, HAIR, GREEN)
    assert change is not None
    assert dabs(document, HAIR) == 0
    change.undo(document)
    removed.undo(document)
    named = document.cast.characters[0].colours[0]
    assert is_there(document, named.dabs[0], BROWN)


def test_a_locked_layer_is_refused_before_anything_is_changed() -> None:
    document, hints = two_rooms()
    click(document, hints, HAIR, (15, 15))
    hints.locked = True
    before, drawn = document.cast, pixels(hints)
    acts: list[Callable[[], object]] = [
        lambda: set_colour(document, HAIR, GREEN),
        lambda: unlock(document, HAIR),
        lambda: click(document, hints, SKIN, (15, 15)),
    ]
    for act in acts:
        with pytest.raises(UserError, match="locked"):
            act()
    assert document.cast == before
    assert np.array_equal(pixels(hints), drawn)


def test_unlocking_erases_the_hints() -> None:
    document, hints = two_rooms()
    click(document, hints, HAIR, (15, 15))
    assert unlock(document, HAIR) is not None
    assert not pixels(hints).any()
    assert unlock(document, HAIR) is None


def test_lines_and_what_is_outside_are_refused() -> None:
    document, _hints = two_rooms()
    for seed, sentence in (((9, 60), "line"), ((-3, 5), "outside of the drawing"), ((200, 5), "outside")):
        with pytest.raises(UserError, match=sentence):
            region_at(document, seed, OPTIONS)
    with pytest.raises(UserError, match="selection"):
        region_at(document, (50, 50), OPTIONS, lambda rect: np.zeros((rect.height, rect.width), np.uint8))


@pytest.mark.parametrize(
    "turned",
    [
        canvas_actions.flip,
        lambda document: canvas_actions.flip(document, upside_down=True),
        lambda document: canvas_actions.rotate(document, 90),
        lambda document: canvas_actions.rotate(document, 180),
        lambda document: canvas_actions.rotate(document, 270),
        lambda document: canvas_actions.rotate(document, 17),
        lambda document: canvas_actions.scale(document, Size(300, 225)),
        lambda document: canvas_actions.crop(document, Rect(5, 20, 90, 110)),
        lambda document: canvas_actions.resize_canvas(document, Size(260, 190), (0.5, 0)),
    ],
)
def test_hints_are_found_again_after_the_canvas_has_changed(turned: Callable[[Document], Change]) -> None:
    document, hints = two_rooms()
    click(document, hints, HAIR, (15, 15))
    before = document.cast
    change = turned(document)
    after = document.cast
    set_colour(document, HAIR, GREEN)
    drawn = hints.tiles.read(document.rect).reshape(-1, 4)
    solid = drawn[drawn[:, 3] == 255]
    assert len(solid) > 10
    assert (np.abs(solid[:, :3].astype(int) - GREEN) <= 2).all()
    document.cast = after
    change.undo(document)
    assert document.cast == before


def test_hints_that_were_cut_off_are_let_go() -> None:
    document, hints = two_rooms()
    click(document, hints, HAIR, (15, 15))
    canvas_actions.crop(document, Rect(100, 0, 100, 150))
    set_colour(document, HAIR, GREEN)
    assert dabs(document, HAIR) == 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 60))
def test_the_heart_lies_in_the_region_whatever_its_shape(seed: int, width: int, height: int) -> None:
    coverage = np.where(np.random.default_rng(seed).random((height, width)) < 0.7, 255, 0).astype(np.uint8)
    coverage[height // 2, width // 2] = 255
    heart = heart_of(Area(Rect(7, 3, width, height), coverage), 500)
    assert coverage[int(heart.y) - 3, int(heart.x) - 7] == 255


@pytest.mark.parametrize("height", [1, 3000])
def test_large_and_thin_regions_have_a_heart_too(height: int) -> None:
    coverage = np.full((height, 5000), 255, np.uint8)
    heart = heart_of(Area(Rect(0, 0, 5000, height), coverage), 5000)
    assert 0 <= heart.y < height
    assert 0 < heart.radius <= 5000 / 48
