"""The drawing as QImages for the canvas: tiles of the merged picture at full size and halved, made when first seen.

A change marks boxes as out of date. The user's own changes are redone when the tile is next painted; a new result of
the network covers the whole picture, so it is redone in slices of a few milliseconds while the old colours still show.
"""

import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColorTransform, QImage, QPainter

from sketchsause_desktop.core.geometry import EMPTY_RECT, Rect, Size

TILE = 256
MAX_TILES = 1024  # 256 MB; the tiles out of sight go first

Key = tuple[int, int, int]  # level (each halves), column, row
Compose = Callable[[Rect], NDArray[np.uint8]]  # document box inside the canvas -> opaque RGBA


class DisplayTiles:
    """One way of looking at one document (overlay, own paint, result)."""

    def __init__(self, size_doc: Size, compose: Compose, colours: QColorTransform | None = None) -> None:
        """`colours` turns those of the document into those of the screen."""
        self._page = Rect.of_size(size_doc)
        self._compose = compose
        self._colours = colours
        self._images: dict[Key, QImage] = {}
        self._changed: dict[Key, Rect] = {}  # document boxes to redo before the tile is shown again
        self._stale: dict[Key, Rect] = {}  # document boxes to redo in slices

    def change(self, box_doc: Rect) -> None:
        """The user's own pixels changed: what is painted next shows it."""
        self._mark(self._changed, box_doc)

    def outdate(self, box_doc: Rect) -> None:
        """A result arrived: `refresh` shows it piece by piece."""
        self._mark(self._stale, box_doc)

    def _mark(self, marks: dict[Key, Rect], box_doc: Rect) -> None:
        for key in self._images:
            inside = _tile_box(key).intersected(box_doc)
            if not inside.is_empty:
                marks[key] = marks.get(key, EMPTY_RECT).united(inside)

    @property
    def is_stale(self) -> bool:
        return bool(self._stale)

    def refresh(self, level: int, visible_doc: Rect, deadline: float) -> Rect:
        """Redo stale tiles until `deadline` (perf_counter), those in sight; returns the document box that is new.

        Stale tiles out of sight are dropped: they are made again when they come into view.
        """
        done = EMPTY_RECT
        for key in sorted(self._stale, key=lambda key: (key[0], key[2], key[1])):
            box = self._stale.pop(key)
            if _tile_box(key).intersected(visible_doc).is_empty or key[0] > level:
                self._drop(key)
                continue
            self._redo(key, box)
            if key[0] == level:
                done = done.united(box)
            if time.perf_counter() > deadline:
                break
        return done

    def image(self, level: int, box_doc: Rect) -> tuple[QImage, Rect]:
        """The pixels of `box_doc` at `level`, and the document box they cover (a little more, on even pixels)."""
        step = 1 << level
        left, top = box_doc.x // step, box_doc.y // step
        right, bottom = -(-box_doc.right // step), -(-box_doc.bottom // step)
        image = QImage(max(1, right - left), max(1, bottom - top), QImage.Format.Format_RGB32)
        painter = QPainter(image)
        for row in range(top // TILE, (bottom - 1) // TILE + 1):
            for column in range(left // TILE, (right - 1) // TILE + 1):
                painter.drawImage(QPoint(column * TILE - left, row * TILE - top), self._tile((level, column, row)))
        painter.end()
        self._trim()
        return image, Rect(left * step, top * step, image.width() * step, image.height() * step)

    def _tile(self, key: Key) -> QImage:
        image = self._images.get(key)
        if image is None:
            image = QImage(TILE, TILE, QImage.Format.Format_RGB32)
            image.fill(Qt.GlobalColor.white)
            self._images[key] = image
            self._stale.pop(key, None)
            self._changed.pop(key, None)
            self._redo(key, _tile_box(key))
        elif key in self._changed:
            self._redo(key, self._changed.pop(key))
        else:  # used last, trimmed last
            self._images[key] = self._images.pop(key)
        return image

    def _redo(self, key: Key, box_doc: Rect) -> None:
        box_doc = box_doc.intersected(self._page)
        if box_doc.is_empty:
            return
        if key[0] == 0:
            self._compose_into(self._images[key], key, box_doc)
        else:
            self._halve_into(self._images[key], key, box_doc)

    def _compose_into(self, image: QImage, key: Key, box_doc: Rect) -> None:
        pixels = np.ascontiguousarray(self._compose(box_doc))
        source = QImage(pixels.data, box_doc.width, box_doc.height, box_doc.width * 4, QImage.Format.Format_RGBX8888)
        converted = source.convertToFormat(QImage.Format.Format_RGB32)  # four times faster than to let the painter
        if self._colours is not None:
            converted.applyColorTransform(self._colours)
        painter = QPainter(image)
        painter.drawImage(QPoint(box_doc.x - key[1] * TILE, box_doc.y - key[2] * TILE), converted)
        painter.end()

    def _halve_into(self, image: QImage, key: Key, box_doc: Rect) -> None:
        _level, column, row = key
        painter = QPainter(image)
        for child in _children(key):
            inside = _tile_box(child).intersected(box_doc)
            if inside.is_empty:
                continue
            if child in self._images and child in self._stale:
                self._redo(child, self._stale.pop(child))
            half = _in_tile(inside, child, 2)
            double = self._tile(child).copy(half.x() * 2, half.y() * 2, half.width() * 2, half.height() * 2)
            # The mean of four; a painter that scales by one half is less exact.
            small = double.scaled(half.size(), mode=Qt.TransformationMode.SmoothTransformation)
            corner = QPoint((child[1] - 2 * column) * TILE // 2, (child[2] - 2 * row) * TILE // 2)
            painter.drawImage(corner + half.topLeft(), small)
        painter.end()

    def _trim(self) -> None:
        while len(self._images) > MAX_TILES:
            self._drop(next(iter(self._images)))

    def _drop(self, key: Key) -> None:
        self._images.pop(key, None)
        self._changed.pop(key, None)
        self._stale.pop(key, None)


def _tile_box(key: Key) -> Rect:
    """The document box of a tile; at the edges it reaches beyond the drawing."""
    side = TILE << key[0]
    return Rect(key[1] * side, key[2] * side, side, side)


def _children(key: Key) -> Iterator[Key]:
    level, column, row = key
    for dy in (0, 1):
        for dx in (0, 1):
            yield level - 1, 2 * column + dx, 2 * row + dy


def _in_tile(box_doc: Rect, key: Key, divisor: int) -> QRect:
    """The pixels of tile `key` that `box_doc` touches, in units of `divisor` of them, rounded outwards."""
    step = (1 << key[0]) * divisor
    tile = _tile_box(key)
    left, top = (box_doc.x - tile.x) // step, (box_doc.y - tile.y) // step
    right, bottom = -(-(box_doc.right - tile.x) // step), -(-(box_doc.bottom - tile.y) // step)
    return QRect(left, top, right - left, bottom - top)
