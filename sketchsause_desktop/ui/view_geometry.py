"""Where the drawing lies in the view. Document pixels (`_doc`) meet device pixels (`_device`); Qt's own are logical.

Zoom is in device pixels per document pixel, so that 100 % is sharp on every screen, whatever its scale.
"""

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

    def fitted(self, pane: Size, margin: int) -> "View":
        """The whole drawing in `pane` (device pixels), never magnified."""
        width, height = max(1, pane.width - 2 * margin), max(1, pane.height - 2 * margin)
        zoom = min(width / self.size_doc.width, height / self.size_doc.height, 1.0)
        middle = Point(self.size_doc.width / 2, self.size_doc.height / 2)
        return replace(self, zoom=self._allowed(zoom), centre_doc=middle)

    def zoomed(self, zoom: float, pane: Rect, at_device: Point) -> "View":
        """Another zoom, with the document point under `at_device` staying where it is."""
        fixed_doc = Placement(self, pane).to_doc(at_device)
        new = replace(self, zoom=self._allowed(zoom))
        moved_to = Placement(new, pane).to_device(fixed_doc)
        return new.panned(at_device.x - moved_to.x, at_device.y - moved_to.y)

    def panned(self, dx_device: float, dy_device: float) -> "View":
        dx = dx_device / self.zoom * (-1 if self.mirrored else 1)
        x = min(max(self.centre_doc.x - dx, 0.0), float(self.size_doc.width))
        y = min(max(self.centre_doc.y - dy_device / self.zoom, 0.0), float(self.size_doc.height))
        return replace(self, centre_doc=Point(x, y))

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
        self._zoom_x = -view.zoom if view.mirrored else view.zoom
        self._origin_x = round(pane.x + pane.width / 2 - view.centre_doc.x * self._zoom_x)
        self._origin_y = round(pane.y + pane.height / 2 - view.centre_doc.y * view.zoom)

    def to_doc(self, point: Point) -> Point:
        return Point((point.x - self._origin_x) / self._zoom_x, (point.y - self._origin_y) / self.view.zoom)

    def to_device(self, point: Point) -> Point:
        return Point(self._origin_x + point.x * self._zoom_x, self._origin_y + point.y * self.view.zoom)

    def page_device(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the whole drawing."""
        size = self.view.size_doc
        ends = sorted((float(self._origin_x), self._origin_x + size.width * self._zoom_x))
        return ends[0], float(self._origin_y), ends[1], self._origin_y + size.height * self.view.zoom

    def box_to_device(self, box_doc: Rect, margin: int = 2) -> Rect:
        """The whole device pixels that a change in `box_doc` can touch, smoothing at its edges included."""
        grown = margin + (1 / self.view.zoom if self.view.zoom < 1 else 1)
        one = self.to_device(Point(box_doc.x - grown, box_doc.y - grown))
        two = self.to_device(Point(box_doc.right + grown, box_doc.bottom + grown))
        return _covering(min(one.x, two.x), one.y, max(one.x, two.x), two.y).intersected(self.pane)

    def box_to_doc(self, box_device: Rect) -> Rect:
        """The whole document pixels that show in `box_device`, cut to the drawing."""
        one = self.to_doc(Point(box_device.x, box_device.y))
        two = self.to_doc(Point(box_device.right, box_device.bottom))
        covering = _covering(min(one.x, two.x), one.y, max(one.x, two.x), two.y)
        return covering.intersected(Rect.of_size(self.view.size_doc))


def _covering(left: float, top: float, right: float, bottom: float) -> Rect:
    return Rect.from_edges(int(left // 1), int(top // 1), -int(-right // 1), -int(-bottom // 1))
