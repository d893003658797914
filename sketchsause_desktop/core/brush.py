"""What a brush is: frozen values, compared with ==. Lengths in document pixels; fractions from 0 to 1."""

import enum
import math
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.pressure import LINEAR, PressureCurve

Coverage: TypeAlias = NDArray[np.uint8]  # (height, width): 0 = untouched, 255 = covered

MAX_BRUSH_SIZE = 1000.0
MAX_TEXTURE_SIDE = 1024
MAX_SPACING = 10.0
MAX_TAPER = 2000.0
FLATTEST_TILT = 60.0  # degrees from upright; pens do not tell more
SMALLEST_STEP = 0.5  # px between dabs of a textured tip
SMALLEST_DAB = 1.0  # px; thinner dabs are drawn at this size and fainter


class PenSample(NamedTuple):
    """Where the pen is, in document pixels, and how it is held."""

    x: float
    y: float
    pressure: float = 1.0  # 0 to 1
    tilt_x: float = 0.0  # degrees from upright towards the right, -60 to 60
    tilt_y: float = 0.0  # and towards the bottom

    def distance(self, other: "PenSample") -> float:
        return math.hypot(other.x - self.x, other.y - self.y)

    @property
    def lean(self) -> float:
        """0 = upright, 1 = as flat as pens tell."""
        return min(math.hypot(self.tilt_x, self.tilt_y) / FLATTEST_TILT, 1.0)


@dataclass(frozen=True, kw_only=True)
class Texture:
    """A grey picture, (height, width) bytes row by row: 255 covers, 0 does not."""

    width: int
    height: int
    levels: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not (0 < self.width <= MAX_TEXTURE_SIDE and 0 < self.height <= MAX_TEXTURE_SIDE):
            raise ValueError(f"a texture of {self.width} x {self.height} pixels is not within 1..{MAX_TEXTURE_SIDE}")
        if len(self.levels) != self.width * self.height:
            raise ValueError(f"{len(self.levels)} bytes do not fill a texture of {self.width} x {self.height} pixels")

    @staticmethod
    def of(levels: Coverage) -> "Texture":
        return Texture(width=levels.shape[1], height=levels.shape[0], levels=levels.tobytes())

    @property
    def array(self) -> Coverage:
        """Read-only, (height, width)."""
        return np.frombuffer(self.levels, np.uint8).reshape(self.height, self.width)


class Follows(enum.Enum):
    """What turns a tip."""

    NOTHING = "nothing"
    STROKE = "stroke"  # the direction the pen goes; the picture shows the tip as it is on the way to the right
    TILT = "tilt"  # the direction the pen leans; the picture shows the tip of a pen that leans to the right


@dataclass(frozen=True, kw_only=True)
class Tip:
    """A textured tip. Its longer side is as long as the brush's size."""

    texture: Texture
    angle: float = 0.0  # degrees, clockwise
    follows: Follows = Follows.NOTHING
    random_turn: float = 0.0  # 1 = each dab at any angle, 0.5 = up to a quarter turn to both sides

    def __post_init__(self) -> None:
        if not (-360 <= self.angle <= 360 and 0 <= self.random_turn <= 1):
            raise ValueError(f"the tip's angle {self.angle} or random turn {self.random_turn} is out of range")


@dataclass(frozen=True, kw_only=True)
class Grain:
    """Paper, repeated all over the document. 255 is a peak, which takes all paint; 0 a valley."""

    texture: Texture
    strength: float = 0.5  # how much less a valley is covered: 1 = not at all

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise ValueError(f"the grain's strength {self.strength} must lie in 0..1")


@dataclass(frozen=True, kw_only=True)
class Taper:
    """Over which length a stroke grows from nothing and comes to a point. A shorter stroke shares its length out."""

    start: float = 0.0
    end: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.start <= MAX_TAPER and 0 <= self.end <= MAX_TAPER):
            raise ValueError(f"the tapered ends {self.start} and {self.end} must lie in 0..{MAX_TAPER:.0f} px")


NO_TAPER = Taper()


@dataclass(frozen=True, kw_only=True)
class Brush:
    """A brush with a round tip, or a textured one.

    `size_by_pressure` 0 means that pressure does not change the size, 1 that the size goes from nothing to `size`;
    opacity and flow likewise. The curves say how pressure is felt for each.
    """

    size: float = 12.0  # diameter at full pressure
    hardness: float = 0.9  # of a round tip: 1 = a crisp, anti-aliased edge; 0 = fades from the centre
    opacity: float = 1.0  # the most that one stroke can cover
    flow: float = 1.0  # how far one dab goes towards that; 1 = all the way, so that nothing builds up in a stroke
    spacing: float = 0.0  # distance of two dabs as a fraction of the diameter; 0 = so close that a line looks smooth
    colour: tuple[int, int, int] = (0, 0, 0)
    size_by_pressure: float = 0.6
    opacity_by_pressure: float = 0.0
    flow_by_pressure: float = 0.0
    size_curve: PressureCurve = LINEAR
    opacity_curve: PressureCurve = LINEAR
    flow_curve: PressureCurve = LINEAR
    size_by_tilt: float = 0.0  # a flat pen draws so many times wider in addition: 2 = three times as wide
    opacity_by_tilt: float = 0.0  # how much of the opacity a flat pen loses
    scatter: float = 0.0  # how far dabs stray from the path, as a fraction of the diameter
    tip: Tip | None = None  # None = round
    grain: Grain | None = None
    taper: Taper = NO_TAPER
    multiplies: bool = False  # darkens what is there, as a marker does, instead of covering it
    erases: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.size <= MAX_BRUSH_SIZE:
            raise ValueError(f"brush size {self.size} is outside 0..{MAX_BRUSH_SIZE}")
        fractions = (self.hardness, self.opacity, self.flow, self.opacity_by_tilt)
        by_pressure = (self.size_by_pressure, self.opacity_by_pressure, self.flow_by_pressure)
        if not all(0 <= fraction <= 1 for fraction in fractions + by_pressure):
            raise ValueError(f"hardness, opacity, flow {fractions} and pressure {by_pressure} must lie in 0..1")
        lengths = (self.spacing, self.scatter, self.size_by_tilt)
        if not all(0 <= length <= MAX_SPACING for length in lengths):
            raise ValueError(f"brush spacing, scatter and width by tilt {lengths} must lie in 0..{MAX_SPACING:.0f}")

    @property
    def builds_up(self) -> bool:
        """Whether dabs of one stroke add up where they meet."""
        return self.flow < 1 or self.flow_by_pressure > 0

    def size_at(self, pressure: float, lean: float = 0.0) -> float:
        size = self.size * (1 - self.size_by_pressure * (1 - self.size_curve(pressure)))
        if lean and self.size_by_tilt:
            size = min(size * (1 + self.size_by_tilt * lean), MAX_BRUSH_SIZE)
        return size

    def opacity_at(self, pressure: float, lean: float = 0.0) -> float:
        opacity = self.opacity * (1 - self.opacity_by_pressure * (1 - self.opacity_curve(pressure)))
        return opacity * (1 - self.opacity_by_tilt * lean)

    def flow_at(self, pressure: float) -> float:
        return self.flow * (1 - self.flow_by_pressure * (1 - self.flow_curve(pressure)))

    def step_of(self, size: float) -> float:
        """The distance from a dab of that size to the next."""
        size = max(size, SMALLEST_DAB)
        if self.tip is not None and self.spacing:
            return max(self.spacing * size, SMALLEST_STEP)
        smooth = math.sqrt(0.2 * size)  # the rim of a line then waves by 1/20 px: step^2 / (4 * size)
        return max(self.spacing * size, smooth)
