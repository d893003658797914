"""A picture larger than memory through a network, in windows that overlap and are blended, from the top to the bottom.

The picture is a grid of cells, of which any may be missing: the blocks of a GeoTIFF, or the tiles of a map. Only what
the windows of one row still need is in memory. What a pixel becomes follows from its place alone, so that a run that
goes on where another was killed makes the same picture.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.tiling import blend_window
from sketchsause_desktop.batch.geo.fill import filled
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.pictures import Pixels

Mask = NDArray[np.bool_]  # (H, W), true where there is a picture
Paint = Callable[[Pixels], Pixels]  # (H, W, 3) -> (H, W, 3)

STRIP_COLUMNS = 128  # cells, at most; of 256 pixels they take 100 MB a row, and two rows are in memory
_STRIP_PIXELS = 32_000_000  # of the windows in a row of a strip: 12 bytes each


class StoppedError(Exception):
    """The batch was stopped inside a picture."""


class Surface(Protocol):
    """What is painted, and where the result goes. Cells at the right and lower rim may stick out of the picture."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def cell(self) -> int:
        """Side of a cell in pixels."""
        ...

    @property
    def cells(self) -> NDArray[np.int64]:
        """The cells that are wanted, (N, 2) of row and column."""
        ...

    def read(self, box: Rect) -> tuple[Pixels, Mask]:
        """(H, W, 3) and where it is valid."""
        ...

    def write(self, row: int, column: int, painted: Pixels) -> None:
        """(cell, cell, 3); zero where nothing is valid. Comes once for each wanted cell."""
        ...

    def flush(self) -> None:
        """Some cells have been written, and it will be a while until the next ones come."""
        ...


@dataclass(frozen=True)
class Axis:
    """Windows of `tile` pixels along a side of `length`, spread evenly, sharing at least `overlap` pixels."""

    length: int
    tile: int
    overlap: int

    @property
    def window(self) -> int:
        """Pixels of a window: a short side has one that is shorter."""
        return min(self.tile, self.length)

    @property
    def count(self) -> int:
        if self.length <= self.tile:
            return 1
        return math.ceil((self.length - self.overlap) / (self.tile - self.overlap))

    def start(self, index: int) -> int:
        return round(index * (self.length - self.tile) / (self.count - 1)) if self.count > 1 else 0

    def covering(self, first: int, end: int) -> range:
        """The windows that hold any of the pixels from `first` up to `end`."""
        if self.count == 1:
            return range(1)
        stride = (self.length - self.tile) / (self.count - 1)
        low = max(int((first - self.tile) / stride) - 1, 0)
        while low < self.count - 1 and self.start(low) + self.tile <= first:
            low += 1
        high = max(min(int(end / stride) + 2, self.count), low + 1)
        while high > low + 1 and self.start(high - 1) >= end:
            high -= 1
        return range(low, high)

    def share(self, index: int) -> NDArray[np.float32]:
        """What the window counts at each of its pixels; at each pixel the shares of all windows sum to 1."""
        ramp = blend_window(self.window, 1, self.overlap)[:, 0]
        total = np.zeros_like(ramp)
        here = self.start(index)
        for other in self.covering(here, here + self.window):
            offset = self.start(other) - here
            first, end = max(offset, 0), min(offset + self.window, self.window)
            total[first:end] += ramp[first - offset : end - offset]
        share: NDArray[np.float32] = ramp / total
        return share


def sweep(
    surface: Surface,
    paint: Paint,
    tile: int,
    overlap: int,
    is_stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] = lambda _share: None,
) -> None:
    """Paint all wanted cells of `surface`. Raises StoppedError between two windows once `is_stopped`.

    `progress` is told the share of the cells that are written, 0 to 1.

    From the top to the bottom in strips, so that what is in memory does not grow with the width; windows on the border
    of two strips are painted for both.
    """
    cells = surface.cells
    strips = cells[:, 1] // _strip_columns(surface.cell, tile)
    done = 0
    for strip in np.unique(strips):
        for written in _Sweep(surface, cells[strips == strip], paint, tile, overlap, is_stopped).run():
            done += written
            progress(done / len(cells))


def _strip_columns(cell: int, tile: int) -> int:
    """Cells beside each other that are painted together: fewer where windows of a picture seen reduced are tall."""
    tall = tile + 2 * cell
    return max(1, min(STRIP_COLUMNS, _STRIP_PIXELS // (tall * cell)))


class _Sweep:
    """One strip."""

    def __init__(
        self,
        surface: Surface,
        cells: NDArray[np.int64],
        paint: Paint,
        tile: int,
        overlap: int,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._surface = surface
        self._paint = paint
        self._is_stopped = is_stopped
        self._down = Axis(surface.height, tile, overlap)
        self._across = Axis(surface.width, tile, overlap)
        ordered = cells[np.lexsort((cells[:, 1], cells[:, 0]))]
        rows, firsts = np.unique(ordered[:, 0], return_index=True)
        parts = np.split(ordered[:, 1], firsts[1:])
        self._wanted = {int(row): part for row, part in zip(rows, parts, strict=True)}  # the columns of each row
        self._sums: dict[tuple[int, int], NDArray[np.float32]] = {}  # of cells that are not finished

    def run(self) -> Iterator[int]:
        """Do it; how many cells each row of windows has finished."""
        cell, rows = self._surface.cell, list(self._wanted)
        written = 0
        for index in self._window_rows():
            top = self._down.start(index)
            touched = [row for row in range(top // cell, -(-(top + self._down.window) // cell)) if row in self._wanted]
            self._paint_row(index, touched)
            is_last = index + 1 == self._down.count
            finished_to = self._surface.height if is_last else self._down.start(index + 1)
            finished = 0
            while written < len(rows) and min((rows[written] + 1) * cell, self._surface.height) <= finished_to:
                self._write_row(rows[written])
                finished += len(self._wanted[rows[written]])
                written += 1
            yield finished

    def _window_rows(self) -> Iterator[int]:
        last = -1
        for row in self._wanted:
            for index in self._down.covering(row * self._surface.cell, (row + 1) * self._surface.cell):
                if index > last:
                    yield index
                    last = index

    def _paint_row(self, index: int, touched: list[int]) -> None:
        wanted = {row: frozenset(self._wanted[row].tolist()) for row in touched}
        top, cell = self._down.start(index), self._surface.cell
        down = self._down.share(index)
        windows = {
            number
            for columns in wanted.values()
            for column in columns
            for number in self._across.covering(column * cell, (column + 1) * cell)
        }
        for number in sorted(windows):
            if self._is_stopped():
                raise StoppedError
            box = Rect(self._across.start(number), top, self._across.window, self._down.window)
            pixels, valid = self._surface.read(box)
            if valid.any():
                painted = self._paint(filled(pixels, valid)) * np.outer(down, self._across.share(number))[..., None]
                self._add(painted, box, wanted)

    def _add(self, painted: NDArray[np.float32], box: Rect, wanted: dict[int, frozenset[int]]) -> None:
        cell = self._surface.cell
        for row, columns in wanted.items():
            for column in range(box.x // cell, -(-box.right // cell)):
                if column not in columns:
                    continue
                place = Rect(column * cell, row * cell, cell, cell)
                part = place.intersected(box)
                total = self._sums.get((row, column))
                if total is None:
                    total = self._sums[row, column] = np.zeros((cell, cell, 3), np.float32)
                total[part.slices(place)] += painted[part.slices(box)]

    def _write_row(self, row: int) -> None:
        cell = self._surface.cell
        for column in self._wanted[row].tolist():
            total = self._sums.pop((row, column), None)
            if total is None:
                painted = np.zeros((cell, cell, 3), np.uint8)
            else:
                painted = np.clip(np.rint(total), 0, 255).astype(np.uint8)
            self._surface.write(row, column, painted)
        self._surface.flush()
