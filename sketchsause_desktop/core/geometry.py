"""Points, sizes and rectangles with their own arithmetic; y grows downwards, pixel (0, 0) covers [0, 1) x [0, 1)."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A place between pixels; the centre of the first pixel is (0.5, 0.5)."""

    x: float
    y: float

    def __add__(self, other: "Point") -> "Point":
        return Point(self.x + other.x, self.y + other.y)

    def __sub__(self, other: "Point") -> "Point":
        return Point(self.x - other.x, self.y - other.y)

    def __mul__(self, factor: float) -> "Point":
        return Point(self.x * factor, self.y * factor)

    def distance(self, other: "Point") -> float:
        return math.hypot(other.x - self.x, other.y - self.y)

    def towards(self, other: "Point", fraction: float) -> "Point":
        """The point at `fraction` of the way to `other`: 0 is here, 1 is there."""
        return Point(self.x + (other.x - self.x) * fraction, self.y + (other.y - self.y) * fraction)


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in whole pixels."""

    width: int
    height: int

    @property
    def is_empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    @property
    def area(self) -> int:
        return 0 if self.is_empty else self.width * self.height

    def fitted_to(self, long_side: int) -> "Size":
        """The size with the same proportions whose longer side is `long_side`; no side becomes 0."""
        factor = long_side / max(self.width, self.height)
        return Size(max(1, round(self.width * factor)), max(1, round(self.height * factor)))


@dataclass(frozen=True, slots=True)
class Rect:
    """Whole pixels, half open: it covers x <= column < right and y <= row < bottom. All empty ones mean "nothing"."""

    x: int
    y: int
    width: int
    height: int

    @staticmethod
    def from_edges(left: int, top: int, right: int, bottom: int) -> "Rect":
        return Rect(left, top, max(0, right - left), max(0, bottom - top))

    @staticmethod
    def of_size(size: Size) -> "Rect":
        return Rect(0, 0, size.width, size.height)

    @staticmethod
    def around(centre: Point, radius: float) -> "Rect":
        """The pixels that a disc can touch."""
        return Rect.from_edges(
            math.floor(centre.x - radius),
            math.floor(centre.y - radius),
            math.ceil(centre.x + radius),
            math.ceil(centre.y + radius),
        )

    @staticmethod
    def union_of(rects: Iterable["Rect"]) -> "Rect":
        result = EMPTY_RECT
        for rect in rects:
            result = result.united(rect)
        return result

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def is_empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    def intersected(self, other: "Rect") -> "Rect":
        # Called hundreds of times per event of the pen; comparisons are twice as fast as max, min and properties.
        x, y, other_x, other_y = self.x, self.y, other.x, other.y
        right, other_right = x + self.width, other_x + other.width
        bottom, other_bottom = y + self.height, other_y + other.height
        left = x if x > other_x else other_x
        top = y if y > other_y else other_y
        width = (right if right < other_right else other_right) - left
        height = (bottom if bottom < other_bottom else other_bottom) - top
        return Rect(left, top, width, height) if width > 0 and height > 0 else EMPTY_RECT

    def united(self, other: "Rect") -> "Rect":
        """The smallest rectangle round both."""
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        return Rect.from_edges(
            min(self.x, other.x), min(self.y, other.y), max(self.right, other.right), max(self.bottom, other.bottom)
        )

    def contains(self, other: "Rect") -> bool:
        return other.is_empty or (
            self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom
        )

    def moved(self, dx: int, dy: int) -> "Rect":
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, margin: int) -> "Rect":
        """Larger by `margin` on all sides; empty ones stay empty."""
        if self.is_empty:
            return EMPTY_RECT
        return Rect(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def slices(self, origin: "Rect") -> tuple[slice, slice]:
        """The rows and columns of this rectangle in an array whose first pixel is that of `origin`."""
        return (
            slice(self.y - origin.y, self.bottom - origin.y),
            slice(self.x - origin.x, self.right - origin.x),
        )

    def bands(self, height: int) -> Iterator["Rect"]:
        """This rectangle cut into strips of at most `height` rows, from the top."""
        for top in range(self.y, self.bottom, height):
            yield Rect.from_edges(self.x, top, self.right, min(top + height, self.bottom))

    def blocks(self, side: int) -> Iterator["Rect"]:
        """This rectangle cut where x or y is a multiple of `side`, row by row."""
        for top in range(self.y // side * side, self.bottom, side):
            for left in range(self.x // side * side, self.right, side):
                yield Rect(left, top, side, side).intersected(self)


EMPTY_RECT = Rect(0, 0, 0, 0)
