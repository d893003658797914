import time

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.ui.display_tiles import DisplayTiles

SIZE = Size(700, 530)  # no multiple of a tile
PAGE = Rect.of_size(SIZE)


class Picture:
    """A document that counts how many pixels it was asked for."""

    def __init__(self) -> None:
        self.pixels = np.full((SIZE.height, SIZE.width, 4), 255, np.uint8)
        self.composed = 0

    def compose(self, box: Rect) -> NDArray[np.uint8]:
        assert PAGE.contains(box)
        self.composed += box.size.area
        return self.pixels[box.slices(PAGE)]

    def paint(self, box: Rect, colour: int) -> None:
        self.pixels[(*box.slices(PAGE), slice(0, 3))] = colour


def shown(tiles: DisplayTiles, level: int) -> NDArray[np.uint8]:
    """The whole picture at `level`, RGB, cut to the drawing."""
    image, covered = tiles.image(level, PAGE)
    assert covered.contains(PAGE)
    plain = image.convertToFormat(QImage.Format.Format_RGBX8888)
    pixels = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine() // 4, 4)
    return pixels[: SIZE.height >> level, : SIZE.width >> level, :3].astype(np.uint8)


def expected(picture: Picture, level: int) -> NDArray[np.float64]:
    pixels = picture.pixels[..., :3].astype(np.float64)
    for _ in range(level):
        height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
        even = pixels[:height, :width]
        pixels = (even[0::2, 0::2] + even[0::2, 1::2] + even[1::2, 0::2] + even[1::2, 1::2]) / 4
    return pixels


def test_a_coarse_tile_seen_first_is_not_made_of_stale_fine_ones() -> None:
    picture = Picture()
    tiles = DisplayTiles(SIZE, picture.compose)
    shown(tiles, 0)
    picture.paint(PAGE, 40)
    tiles.outdate(PAGE)
    assert shown(tiles, 1).max() == 40


boxes = st.builds(
    Rect.from_edges, st.integers(0, 699), st.integers(0, 529), st.integers(1, 700), st.integers(1, 530)
).filter(lambda box: not box.is_empty)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(boxes, st.integers(0, 255), st.booleans()), max_size=6))
def test_after_any_changes_every_level_shows_the_document(changes: list[tuple[Rect, int, bool]]) -> None:
    picture = Picture()
    tiles = DisplayTiles(SIZE, picture.compose)
    shown(tiles, 2)
    for box, colour, by_network in changes:
        picture.paint(box, colour)
        if by_network:
            tiles.outdate(box)
            while tiles.is_stale:
                tiles.refresh(2, PAGE, time.perf_counter() + 0.001)
        else:
            tiles.change(box)
    for level in (2, 0, 1):
        difference = np.abs(shown(tiles, level) - expected(picture, level))
        assert difference.max() <= level + 0.51


def test_a_small_change_composes_a_small_box() -> None:
    picture = Picture()
    tiles = DisplayTiles(SIZE, picture.compose)
    shown(tiles, 1)
    picture.composed = 0
    box = Rect(300, 200, 20, 10)
    picture.paint(box, 7)
    tiles.change(box)
    assert shown(tiles, 1)[102, 155].tolist() == [7, 7, 7]
    assert picture.composed == box.size.area


def test_colours_of_the_network_show_only_once_they_are_refreshed() -> None:
    picture = Picture()
    tiles = DisplayTiles(SIZE, picture.compose)
    shown(tiles, 0)
    picture.paint(PAGE, 50)
    tiles.outdate(PAGE)
    assert shown(tiles, 0).min() == 255  # the old picture, at once
    done = tiles.refresh(0, PAGE, deadline=0)  # out of time: one tile
    assert 0 < done.size.area < PAGE.size.area
    while tiles.is_stale:
        tiles.refresh(0, PAGE, time.perf_counter() + 1)
    assert shown(tiles, 0).max() == 50
