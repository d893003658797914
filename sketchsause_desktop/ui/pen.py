"""Pointer events as they come, cleaned: the one place where positions and pressure of mouse and pen are repaired."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPointingDevice, QTabletEvent

MOUSE_PRESSURE = 1.0
FAINTEST = 0.02  # some drivers say 0 while the tip is down


@dataclass(frozen=True, kw_only=True)
class PenPoint:
    """One sample in view coordinates (logical pixels); pressure from 0 to 1."""

    position: QPointF
    pressure: float = MOUSE_PRESSURE
    tilt: tuple[float, float] = (0.0, 0.0)  # degrees from upright to the right and to the bottom of the view
    erases: bool = False  # the pen's other end


class PenCleaner:
    """Repairs what drivers send: missing, endless or zero pressure takes the last good value of the stroke."""

    def __init__(self) -> None:
        self._last_pressure: float | None = None

    def begin(self) -> None:
        self._last_pressure = None

    def clean(
        self, position: QPointF, pressure: float, tilt: tuple[float, float] = (0.0, 0.0), *, erases: bool = False
    ) -> PenPoint | None:
        """None when the sample has no usable position."""
        if not (math.isfinite(position.x()) and math.isfinite(position.y())):
            return None
        if math.isfinite(pressure) and pressure > 0:
            self._last_pressure = min(pressure, 1.0)
        if not all(map(math.isfinite, tilt)):
            tilt = (0.0, 0.0)
        return PenPoint(position=position, pressure=self._last_pressure or FAINTEST, tilt=tilt, erases=erases)

    def from_tablet(self, event: QTabletEvent) -> PenPoint | None:
        erases = event.pointerType() == QPointingDevice.PointerType.Eraser
        tilt = (float(event.xTilt()), float(event.yTilt()))
        return self.clean(event.position(), event.pressure(), tilt, erases=erases)
