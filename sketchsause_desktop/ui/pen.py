"""Pointer events as they come, cleaned: the one place where positions and pressure of mouse and pen are repaired."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPointingDevice, QTabletEvent

MOUSE_PRESSURE = 1.0
FAINTEST = 0.02  # some drivers say 0 while the tip is down
FLAT_STROKES = 3  # of one pressure in a row, before the user is told
FEWEST_SAMPLES = 8  # shorter strokes tell nothing


@dataclass(frozen=True, kw_only=True)
class PenPoint:
    """One sample in view coordinates (logical pixels); pressure from 0 to 1."""

    position: QPointF
    pressure: float = MOUSE_PRESSURE
    tilt: tuple[float, float] = (0.0, 0.0)  # degrees from upright to the right and to the bottom of the view
    erases: bool = False  # the pen's other end


class PressureWatch:
    """Notices a pen whose pressure never changes: a few strokes of it in a row are a driver's fault, not a hand's."""

    def __init__(self) -> None:
        self._seen: set[float] = set()
        self._samples = 0
        self._flat_strokes = 0
        self._is_over = False  # pressure works, or the user has been told

    def begin(self) -> None:
        """The pen comes down."""
        self._seen.clear()
        self._samples = 0

    def see(self, pressure: float) -> None:
        self._samples += 1
        if len(self._seen) < 2 and math.isfinite(pressure) and pressure > 0:  # a false zero is no change
            self._seen.add(pressure)

    def end(self) -> bool:
        """The pen was lifted; True once, when it is time to tell the user."""
        if self._is_over or self._samples < FEWEST_SAMPLES:
            return False
        if len(self._seen) > 1:
            self._is_over = True
            return False
        self._flat_strokes += 1
        self._is_over = self._flat_strokes >= FLAT_STROKES
        return self._is_over


class PenCleaner:
    """Repairs what drivers send: missing, endless or zero pressure takes the last good value of the stroke."""

    def __init__(self) -> None:
        self._last_pressure: float | None = None
        self.watch = PressureWatch()

    def begin(self) -> None:
        self._last_pressure = None
        self.watch.begin()

    def clean(
        self, position: QPointF, pressure: float, tilt: tuple[float, float] = (0.0, 0.0), *, erases: bool = False
    ) -> PenPoint | None:
        """None when the sample has no usable position."""
        if not (math.isfinite(position.x()) and math.isfinite(position.y())):
            return None
        self.watch.see(pressure)
        if math.isfinite(pressure) and pressure > 0:
            self._last_pressure = min(pressure, 1.0)
        if not all(map(math.isfinite, tilt)):
            tilt = (0.0, 0.0)
        return PenPoint(position=position, pressure=self._last_pressure or FAINTEST, tilt=tilt, erases=erases)

    def from_tablet(self, event: QTabletEvent) -> PenPoint | None:
        erases = event.pointerType() == QPointingDevice.PointerType.Eraser
        tilt = (float(event.xTilt()), float(event.yTilt()))
        return self.clean(event.position(), event.pressure(), tilt, erases=erases)
