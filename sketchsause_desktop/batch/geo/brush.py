"""What paints imagery, and how large the windows are in which it does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from models.scale import lens
from sketchsause_desktop.batch.scale import View
from sketchsause_desktop.core.pictures import Pixels

Metres = Callable[[], float | None]  # a pixel; None where nobody knows


class PaintWindow(Protocol):
    def __call__(self, pixels: Pixels, scale: float = 1.0) -> Pixels: ...


@dataclass(frozen=True)
class Brush:
    """What paints, in windows of `tile` pixels of which neighbours share `overlap`; how pictures are seen."""

    paint: PaintWindow
    tile: int
    overlap: int
    view: Callable[[Metres], View] = lambda _metres: View()
    is_stopped: Callable[[], bool] = lambda: False
    progress: Callable[[float], None] = lambda _share: None  # of the whole task, 0 to 1

    def at(self, metres: Metres) -> tuple["Brush", View]:
        """The brush for a picture of so many metres a pixel, whose windows then have more or fewer of its pixels."""
        view = self.view(metres)
        if view.scale == 1:
            return self, view
        windows = lens(self.tile, self.overlap, view.scale)
        paint = partial(self.paint, scale=view.scale)
        return replace(self, paint=paint, tile=windows.tile, overlap=windows.overlap), view
