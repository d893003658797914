"""Flats are plain, follow the lines, and make the result again together with shade and light."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchsause_desktop.core.blend import Pixels, premultiplied
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.flats import flat_colours, flats_layer, separated, separated_group
from sketchsause_desktop.core.layer_actions import Place, add, place_above
from sketchsause_desktop.core.layers import Role


def two_rooms(side: int = 120, pen: int = 4) -> Pixels:
    lines = np.full((side, side, 3), 255, np.uint8)
    lines[:, side // 2 : side // 2 + pen] = 0
    return lines


def noisy(colour: tuple[int, int, int], height: int, width: int) -> Pixels:
    random = np.random.default_rng(3)
    return np.clip(np.array(colour) + random.integers(-20, 21, (height, width, 3)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("side", [120, 2100])
def test_each_region_has_its_median_and_meets_the_other_under_the_line(side: int) -> None:
    lines = two_rooms(side)
    middle = side // 2
    colour = np.concatenate([noisy((200, 80, 60), side, middle), noisy((40, 90, 220), side, side - middle)], axis=1)
    colour[: side // 10, : side // 4] = 0  # what is spilt there moves a mean, not a median
    flat = flat_colours(colour, lines)
    assert len(np.unique(flat[::50].reshape(-1, 3), axis=0)) == 2
    assert np.abs(flat[50, 3].astype(int) - (200, 80, 60)).max() <= 3
    assert (flat[:, : middle + 2] == flat[0, 0]).all()
    assert (flat[:, middle + 2 :] == flat[0, -1]).all()


def test_a_gap_in_the_line_does_not_join_two_flats() -> None:
    lines = two_rooms()
    lines[50:52, 60:64] = 255
    colour = np.zeros_like(lines)
    colour[:, :62] = 200
    assert len(np.unique(flat_colours(colour, lines))) == 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (3, 3)])
@pytest.mark.parametrize("ink", [0, 255])
def test_any_shape_even_all_ink(shape: tuple[int, int], ink: int) -> None:
    flat = flat_colours(np.full((*shape, 3), 90, np.uint8), np.full((*shape, 3), ink, np.uint8))
    assert (flat == 90).all()


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 40))
def test_flats_shade_and_light_make_the_result_again(seed: int, height: int, width: int) -> None:
    random = np.random.default_rng(seed)
    colour = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    lines = np.where(random.random((height, width, 1)) < 0.2, np.uint8(0), np.uint8(255)).repeat(3, axis=2)
    flats, shade, light = (part.astype(int) for part in separated(colour, lines))
    assert np.abs((flats * shade + 127) // 255 + light - colour).max() <= 1


def drawing() -> Document:
    document = Document.from_line_art(two_rooms(200))
    document.ai_colour.tiles.write(document.rect, premultiplied(noisy((150, 120, 90), 200, 200)))
    return document


def test_the_group_looks_like_the_result_and_is_one_step() -> None:
    document = drawing()
    before = document.composite(document.rect).astype(int)
    group = separated_group(document.snapshot(), document.seen(Role.AI_COLOUR), document.seen(Role.LINE_ART))
    change = add(document, group, place_above(document, document.ai_colour.layer_id))
    assert np.abs(document.composite(document.rect).astype(int) - before).max() <= 2
    assert [layer.name for layer in group.layers] == ["Flats", "Shade", "Light"]
    change.undo(document)
    assert group not in document.layers


def test_colours_that_show_faintly_are_flattened_as_they_are_seen() -> None:
    document = drawing()
    document.ai_colour.opacity = 0.5
    layer = flats_layer(document.snapshot(), document.seen(Role.AI_COLOUR), document.seen(Role.LINE_ART))
    add(document, layer, Place(index=1))
    seen = document.composite(document.rect)[100, 20, :3].astype(int)
    assert np.abs(seen - (202, 187, 172)).max() <= 3


def test_a_region_for_each_dot_of_a_screen_tone_needs_little_memory() -> None:
    lines = np.zeros((400, 400, 3), np.uint8)
    lines[::2, ::2] = 255
    colour = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    tracemalloc.start()
    flat = flat_colours(colour, lines)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(flat[::2, ::2], colour[::2, ::2])  # each is as large as its only pixel
    assert peak < 120e6
