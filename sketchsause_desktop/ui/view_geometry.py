"""Where the drawing lies in the view. Document pixels (`_doc`) meet device pixels (`_device`); Qt's own are logical.

Zoom is in device pixels per document pixel, so that 100 % is sharp on every screen, whatever its scale.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sketchsause_desktop.core.geometry import Point, Rect, Size

ORIGIN = Point(0.0, 0.0)
MAX_ZOOM = 32.0
MIN_LONG_SIDE = 48  # device pixels; a drawing is never made smaller than this
STEPS = (0.05, 0.0625, 0.0833, 0.125, 0.1667, 0.25, 0.3333, 0.5, 0.6667, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32)


@dataclass(frozen=True, kw_only=True)
class View:
    """How the drawing is looked at; what both halves of the split view share."""

    size_doc: Size
    zoom: float = 1.0
    centre_doc: Point = ORIGIN  # shown in the middle of the pane
    mirrored: bool = False
    angle: float = 0.0  # degrees; the drawing, mirrored or not, is turned clockwise by it; above -180, up to 180

    def fitted(self, pane: Size, margin: int) -> "View":
        """The whole drawing in `pane` (device pixels), never magnified."""
        width, height = max(1, pane.width - 2 * margin), max(1, pane.height - 2 * margin)
        cos, sin = (abs(part) for part in _direction(self.angle))
        turned_width = self.size_doc.width * cos + self.size_doc.height * sin
        turned_height = self.size_doc.width * sin + self.size_doc.height * cos
        zoom = min(width / turned_width, height / turned_height, 1.0)
        middle = Point(self.size_doc.width / 2, self.size_doc.height / 2)
        return replace(self, zoom=self._allowed(zoom), centre_doc=middle)

    def zoomed(self, zoom: float, pane: Rect, at_device: Point) -> "View":
        """Another zoom, with the document point under `at_device` staying where it is."""
        fixed_doc = Placement(self, pane).to_doc(at_device)
        new = replace(self, zoom=self._allowed(zoom))
        moved_to = Placement(new, pane).to_device(fixed_doc)
        return new.panned(at_device.x - moved_to.x, at_device.y - moved_to.y)

    def panned(self, dx_device: float, dy_device: float) -> "View":
        cos, sin = _direction(self.angle)
        dx = (dx_device * cos + dy_device * sin) / self.zoom * (-1 if self.mirrored else 1)
        dy = (dy_device * cos - dx_device * sin) / self.zoom
        return self.centred(Point(self.centre_doc.x - dx, self.centre_doc.y - dy))

    def centred(self, centre_doc: Point) -> "View":
        """With `centre_doc` in the middle, or the point of the drawing that is next to it."""
        x = min(max(centre_doc.x, 0.0), float(self.size_doc.width))
        y = min(max(centre_doc.y, 0.0), float(self.size_doc.height))
        return replace(self, centre_doc=Point(x, y))

    def rotated(self, angle: float) -> "View":
        """Turned about the middle of the pane until it stands at `angle`: degrees, any number of turns."""
        return replace(self, angle=180.0 - (180.0 - angle) % 360.0)

    def flipped(self, mirrored: bool) -> "View":
        """As a mirror beside the screen would show it: what was turned clockwise is then turned the other way."""
        return self if mirrored == self.mirrored else replace(self, mirrored=mirrored).rotated(-self.angle)

    @property
    def level(self) -> int:
        """How often the picture is halved before it is scaled by the rest, which lies between 1/2 and 1."""
        return max(0, math.floor(math.log2(1 / self.zoom) + 1e-6))

    def next_step(self, direction: int) -> float:
        """The round zoom above (`direction` 1) or below (-1) the present one."""
        if direction > 0:
            return min((step for step in STEPS if step > self.zoom * 1.01), default=MAX_ZOOM)
        return max((step for step in STEPS if step < self.zoom / 1.01), default=STEPS[0])

    def _allowed(self, zoom: float) -> float:
        smallest = min(1.0, MIN_LONG_SIDE / max(self.size_doc.width, self.size_doc.height))
        return min(max(zoom, smallest), MAX_ZOOM)


class Placement:
    """A view in one pane of the widget. The origin is a whole device pixel, which keeps 100 % free of blur."""

    def __init__(self, view: View, pane: Rect) -> None:
        self.view = view
        self.pane = pane
        self._direction = cos, sin = _direction(view.angle)
        self._zoom_x = zoom_x = -view.zoom if view.mirrored else view.zoom
        # A step to the right in the document is (xx, xy) on the screen, a step down (yx, yy).
        self._xx, self._xy = cos * zoom_x, sin * zoom_x
        self._yx, self._yy = -sin * view.zoom, cos * view.zoom
        x, y = view.centre_doc.x, view.centre_doc.y
        self._origin_x = round(pane.x + pane.width / 2 - (x * self._xx + y * self._yx))
        self._origin_y = round(pane.y + pane.height / 2 - (x * self._xy + y * self._yy))

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """Document to device in the order of QTransform: x = m11 x + m21 y + dx, y = m12 x + m22 y + dy."""
        return self._xx, self._xy, self._yx, self._yy, float(self._origin_x), float(self._origin_y)

    @property
    def is_straight(self) -> bool:
        """Whether the edges of the drawing run along those of the screen."""
        return self.view.angle % 90 == 0

    def to_doc(self, point: Point) -> Point:
        x, y = point.x - self._origin_x, point.y - self._origin_y
        cos, sin = self._direction
        return Point((x * cos + y * sin) / self._zoom_x, (y * cos - x * sin) / self.view.zoom)

    def to_device(self, point: Point) -> Point:
        return Point(
            self._origin_x + point.x * self._xx + point.y * self._yx,
            self._origin_y + point.x * self._xy + point.y * self._yy,
        )

    def page_device(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the whole drawing."""
        size = self.view.size_doc
        return _edges(self.to_device(corner) for corner in _corners(0, 0, size.width, size.height))

    def is_filled(self, box_device: Rect) -> bool:
        """Whether nothing but the drawing shows in the box."""
        size = self.view.size_doc
        corners = _corners(box_device.x, box_device.y, box_device.right, box_device.bottom)
        left, top, right, bottom = _edges(self.to_doc(corner) for corner in corners)
        return left >= 0 and top >= 0 and right <= size.width and bottom <= size.height

    def box_to_device(self, box_doc: Rect, margin: int = 2) -> Rect:
        """The whole device pixels that a change in `box_doc` can touch, smoothing at its edges included."""
        grown = margin + (1 / self.view.zoom if self.view.zoom < 1 else 1)
        corners = _corners(box_doc.x - grown, box_doc.y - grown, box_doc.right + grown, box_doc.bottom + grown)
        return _covering(self.to_device(corner) for corner in corners).intersected(self.pane)

    def box_to_doc(self, box_device: Rect) -> Rect:
        """The whole document pixels that show in `box_device`, cut to the drawing; at a slant some more."""
        corners = _corners(box_device.x, box_device.y, box_device.right, box_device.bottom)
        covering = _covering(self.to_doc(corner) for corner in corners)
        return covering.intersected(Rect.of_size(self.view.size_doc))


def _direction(angle: float) -> tuple[float, float]:
    """Cosine and sine of degrees; exact at right angles."""
    if angle % 90 == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(angle // 90) % 4]
    return math.cos(math.radians(angle)), math.sin(math.radians(angle))


def _corners(left: float, top: float, right: float, bottom: float) -> Iterator[Point]:
    return (Point(x, y) for y in (top, bottom) for x in (left, right))


def _edges(points: Iterable[Point]) -> tuple[float, float, float, float]:
    places = [(point.x, point.y) for point in points]
    columns, rows = zip(*places, strict=True)
    return min(columns), min(rows), max(columns), max(rows)


def _covering(points: Iterable[Point]) -> Rect:
    left, top, right, bottom = _edges(points)
    return Rect.from_edges(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
