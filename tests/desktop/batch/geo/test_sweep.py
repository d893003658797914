"""Windows, their blending and what is in memory, on surfaces that are arrays."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sketchsause_desktop.batch.geo import sweep as sweep_module
from sketchsause_desktop.batch.geo.fill import filled
from sketchsause_desktop.batch.geo.sweep import Axis, Mask, StoppedError, sweep
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.pictures import Pixels


@dataclass
class Sheet:
    """A surface in memory; `wanted` are the cells (row, column) to be painted."""

    pixels: Pixels
    valid: Mask
    cell: int
    wanted: set[tuple[int, int]]
    written: dict[tuple[int, int], Pixels] = field(default_factory=dict)
    flushed: list[int] = field(default_factory=list)

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def cells(self) -> NDArray[np.int64]:
        return np.array(list(self.wanted), np.int64).reshape(-1, 2)

    def read(self, box: Rect) -> tuple[Pixels, Mask]:
        part = np.s_[box.y : box.bottom, box.x : box.right]
        return self.pixels[part], self.valid[part]

    def write(self, row: int, column: int, painted: Pixels) -> None:
        assert (row, column) not in self.written
        self.written[row, column] = painted

    def flush(self) -> None:
        self.flushed.append(len(self.written))

    def result(self) -> Pixels:
        whole = np.zeros_like(self.pixels)
        for (row, column), painted in self.written.items():
            part = whole[row * self.cell :, column * self.cell :][: self.cell, : self.cell]
            part[:] = painted[: part.shape[0], : part.shape[1]]
        return whole


def sheet(height: int, width: int, cell: int, wanted: set[tuple[int, int]] | None = None) -> Sheet:
    pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)
    everything = {(row, column) for row in range(-(-height // cell)) for column in range(-(-width // cell))}
    return Sheet(pixels, np.ones((height, width), bool), cell, everything if wanted is None else wanted)


def itself(pixels: Pixels) -> Pixels:
    return pixels


@given(st.integers(1, 700), st.integers(16, 200), st.data())
def test_the_shares_of_all_windows_sum_to_one(length: int, tile: int, data: st.DataObject) -> None:
    axis = Axis(length, tile, data.draw(st.integers(0, tile - 1)))
    assume(axis.count < 400)
    total = np.zeros(length)
    for index in range(axis.count):
        total[axis.start(index) : axis.start(index) + axis.window] += axis.share(index)
    assert np.allclose(total, 1)


@given(st.integers(1, 900), st.integers(16, 200), st.data())
def test_covering_finds_the_windows_that_a_search_finds(length: int, tile: int, data: st.DataObject) -> None:
    axis = Axis(length, tile, data.draw(st.integers(0, tile // 2)))
    first = data.draw(st.integers(0, length - 1))
    end = data.draw(st.integers(first + 1, length))
    starts = [axis.start(index) for index in range(axis.count)]
    slow = [i for i, start in enumerate(starts) if start < end and start + axis.window > first]
    assert list(axis.covering(first, end)) == slow


@pytest.mark.parametrize("size", [(1, 1), (20, 300), (130, 97), (256, 64)])
def test_painting_nothing_changes_nothing(size: tuple[int, int]) -> None:
    surface = sheet(*size, cell=32)
    sweep(surface, itself, tile=48, overlap=12)
    assert np.array_equal(surface.result(), surface.pixels)
    assert surface.flushed[-1] == len(surface.wanted)
    assert len(surface.flushed) == -(-size[0] // 32)


def test_it_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_module, "STRIP_COLUMNS", 3)
    told: list[float] = []
    sweep(sheet(200, 200, cell=32), itself, tile=64, overlap=16, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    assert len(set(told)) >= 9  # in three strips
    assert max(np.diff([0, *told])) < 0.2


def test_no_seam_where_windows_differ() -> None:
    """Each window in a brightness of its own: neighbours may differ by no more than the blend's slope."""
    surface = sheet(200, 200, cell=32)
    number = iter(range(1000))

    def moody(pixels: Pixels) -> Pixels:
        return np.full_like(pixels, 40 if next(number) % 2 else 200)

    sweep(surface, moody, tile=64, overlap=32)
    result = surface.result().astype(int)
    assert result.min() < 60
    assert result.max() > 180
    assert abs(np.diff(result, axis=0)).max() < 25
    assert abs(np.diff(result, axis=1)).max() < 25


def test_what_was_left_becomes_what_it_would_have_been() -> None:
    """A run that goes on paints the cells that are missing exactly as one run paints all."""

    def by_the_mean(pixels: Pixels) -> Pixels:
        return np.broadcast_to(pixels.mean(axis=(0, 1)).astype(np.uint8), pixels.shape)

    whole, rest = sheet(150, 150, 32), sheet(150, 150, 32, {(2, 1), (4, 4)})
    for surface in (whole, rest):
        sweep(surface, by_the_mean, tile=40, overlap=10)
    assert set(rest.written) == rest.wanted
    for place, painted in rest.written.items():
        assert np.array_equal(painted, whole.written[place]), place


def test_strips_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_the_mean(pixels: Pixels) -> Pixels:
        return np.broadcast_to(pixels.mean(axis=(0, 1)).astype(np.uint8), pixels.shape)

    results = []
    for columns in (128, 2):
        monkeypatch.setattr(sweep_module, "STRIP_COLUMNS", columns)
        surface = sheet(100, 230, 32)
        sweep(surface, by_the_mean, tile=40, overlap=10)
        results.append(surface.result())
    assert np.array_equal(results[0], results[1])


def test_far_apart_cells_cost_only_their_windows() -> None:
    surface = sheet(2000, 2000, 32, {(0, 0), (60, 60)})
    asked = []

    def counted(pixels: Pixels) -> Pixels:
        asked.append(pixels.shape)
        return pixels

    sweep(surface, counted, tile=64, overlap=16)
    assert len(asked) <= 8
    assert surface.flushed == [1, 2]


def test_windows_without_a_picture_are_not_painted_and_their_cells_still_come() -> None:
    surface = sheet(64, 128, 32)
    surface.valid[:, 64:] = False
    asked = []

    def counted(pixels: Pixels) -> Pixels:
        asked.append(pixels.shape)
        return pixels

    sweep(surface, counted, tile=32, overlap=0)
    assert len(asked) == 4
    assert set(surface.written) == surface.wanted
    assert not surface.written[0, 3].any()


def test_what_stands_in_holes_plays_no_part() -> None:
    random = np.random.default_rng(1)
    valid = random.random((60, 70)) > 0.4
    results = []
    for seed in (1, 2):
        surface = sheet(60, 70, 16)
        surface.valid = valid
        surface.pixels[~valid] = np.random.default_rng(seed).integers(0, 256, ((~valid).sum(), 3))

        def blurred(pixels: Pixels) -> Pixels:
            return ((pixels.astype(int) + np.roll(pixels, 1, 0) + np.roll(pixels, 1, 1)) // 3).astype(np.uint8)

        sweep(surface, blurred, tile=24, overlap=8)
        results.append(surface.result()[valid])
    assert np.array_equal(results[0], results[1])


def test_a_hole_is_filled_with_its_nearest_colour() -> None:
    pixels = np.zeros((3, 9, 3), np.uint8)
    pixels[:, :4], pixels[:, 4:] = (200, 10, 10), (9, 9, 9)
    valid = np.zeros((3, 9), bool)
    valid[1, 1] = True
    assert (filled(pixels, valid) == (200, 10, 10)).all()
    assert (pixels[:, 4:] == 9).all()


def test_it_stops_between_two_windows() -> None:
    surface = sheet(128, 128, 32)
    asked = []

    def counted(pixels: Pixels) -> Pixels:
        asked.append(1)
        return pixels

    with pytest.raises(StoppedError):
        sweep(surface, counted, tile=32, overlap=0, is_stopped=lambda: len(asked) == 6)
    assert len(asked) == 6
    assert surface.flushed == [4]
