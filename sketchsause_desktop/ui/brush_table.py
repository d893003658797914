"""What can be set of a brush by a whole number: its words, its range, where it is read and written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sketchsause_desktop.core.brush import MAX_BRUSH_SIZE, Brush, Follows
from sketchsause_desktop.core.pressure import PressureCurve

LONGEST_TAPER = 500  # px, on the slider
_Write: TypeAlias = Callable[[Brush, int], Brush]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A whole number that stands for something of a brush."""

    label: str
    tip: str
    read: Callable[[Brush], float]
    write: _Write
    lowest: int = 0
    highest: int = 100
    suffix: str = " %"
    bend: float = 1.0


SIZE = Setting(
    label="Size",
    tip="Size of the brush at full pressure, keys [ and ]",
    read=lambda brush: brush.size,
    write=lambda brush, value: replace(brush, size=float(value)),
    lowest=1,
    highest=round(MAX_BRUSH_SIZE),
    suffix=" px",
    bend=3.0,
)
OPACITY = Setting(
    label="Opacity",
    tip="The most that one stroke can cover",
    read=lambda brush: brush.opacity * 100,
    write=lambda brush, value: replace(brush, opacity=value / 100),
    lowest=1,
)
STROKE = (
    SIZE,
    OPACITY,
    Setting(
        label="Flow",
        tip="How much each dab adds; below 100 % paint builds up within a stroke",
        read=lambda brush: brush.flow * 100,
        write=lambda brush, value: replace(brush, flow=value / 100),
        lowest=1,
    ),
    Setting(
        label="Hardness",
        tip="How crisp the edge of a round tip is",
        read=lambda brush: brush.hardness * 100,
        write=lambda brush, value: replace(brush, hardness=value / 100),
    ),
    Setting(
        label="Spacing",
        tip="From dab to dab in parts of the size; 0 % is as close as a smooth line needs",
        read=lambda brush: brush.spacing * 100,
        write=lambda brush, value: replace(brush, spacing=value / 100),
        highest=300,
        bend=2.0,
    ),
    Setting(
        label="Scatter",
        tip="How far dabs stray from the path, in parts of the size",
        read=lambda brush: brush.scatter * 100,
        write=lambda brush, value: replace(brush, scatter=value / 100),
        highest=300,
        bend=2.0,
    ),
)
TIP = (
    Setting(
        label="Angle",
        tip="How far the tip is turned clockwise",
        read=lambda brush: brush.tip.angle % 360 if brush.tip else 0,
        write=lambda brush, value: replace(brush, tip=replace(brush.tip, angle=float(value))) if brush.tip else brush,
        highest=359,
        suffix="°",
    ),
    Setting(
        label="Random",
        tip="How far each dab is turned by chance",
        read=lambda brush: brush.tip.random_turn * 100 if brush.tip else 0,
        write=lambda brush, value: (
            replace(brush, tip=replace(brush.tip, random_turn=value / 100)) if brush.tip else brush
        ),
    ),
)
GRAIN = Setting(
    label="Depth",
    tip="How much less the valleys of the paper are covered",
    read=lambda brush: brush.grain.strength * 100 if brush.grain else 0,
    write=lambda brush, value: (
        replace(brush, grain=replace(brush.grain, strength=value / 100)) if brush.grain else brush
    ),
)
TAPER = (
    Setting(
        label="Start",
        tip="Over which length a stroke grows from nothing",
        read=lambda brush: brush.taper.start,
        write=lambda brush, value: replace(brush, taper=replace(brush.taper, start=float(value))),
        highest=LONGEST_TAPER,
        suffix=" px",
        bend=2.0,
    ),
    Setting(
        label="End",
        tip="Over which length a stroke comes to a point",
        read=lambda brush: brush.taper.end,
        write=lambda brush, value: replace(brush, taper=replace(brush.taper, end=float(value))),
        highest=LONGEST_TAPER,
        suffix=" px",
        bend=2.0,
    ),
)
TILT = (
    Setting(
        label="Width",
        tip="How much wider a flat pen draws",
        read=lambda brush: brush.size_by_tilt * 100,
        write=lambda brush, value: replace(brush, size_by_tilt=value / 100),
        highest=1000,
        bend=2.0,
    ),
    Setting(
        label="Fainter",
        tip="How much of the opacity a flat pen loses",
        read=lambda brush: brush.opacity_by_tilt * 100,
        write=lambda brush, value: replace(brush, opacity_by_tilt=value / 100),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Felt:
    """What pressure changes: how much of it, and by which curve."""

    title: str
    share: Setting
    curve: Callable[[Brush], PressureCurve]
    with_curve: Callable[[Brush, PressureCurve], Brush]


def _share(title: str, read: Callable[[Brush], float], write: Callable[[Brush, float], Brush]) -> Setting:
    return Setting(
        label="Amount",
        tip=f"How much of the {title} pressure decides",
        read=lambda brush: read(brush) * 100,
        write=lambda brush, value: write(brush, value / 100),
    )


FELT = (
    Felt(
        title="Size",
        share=_share("size", lambda b: b.size_by_pressure, lambda b, share: replace(b, size_by_pressure=share)),
        curve=lambda brush: brush.size_curve,
        with_curve=lambda brush, curve: replace(brush, size_curve=curve),
    ),
    Felt(
        title="Opacity",
        share=_share("opacity", lambda b: b.opacity_by_pressure, lambda b, part: replace(b, opacity_by_pressure=part)),
        curve=lambda brush: brush.opacity_curve,
        with_curve=lambda brush, curve: replace(brush, opacity_curve=curve),
    ),
    Felt(
        title="Flow",
        share=_share("flow", lambda b: b.flow_by_pressure, lambda b, share: replace(b, flow_by_pressure=share)),
        curve=lambda brush: brush.flow_curve,
        with_curve=lambda brush, curve: replace(brush, flow_curve=curve),
    ),
)
FOLLOWS = {Follows.NOTHING: "Stays upright", Follows.STROKE: "Follows the stroke", Follows.TILT: "Follows the pen"}
