"""How each tool works: frozen values, kept by the editor. Those of the brushes are their presets."""

import enum
from dataclasses import dataclass, field

from sketchsause_desktop.core import fill
from sketchsause_desktop.core.picker import PICK_SIDES

MAX_FEATHER = 250.0


class Source(enum.Enum):
    """What a tool looks at."""

    LAYER = "layer"  # the layer that tools work on
    LINE_ART = "line_art"  # all visible line art on white paper
    PICTURE = "picture"  # what is seen


class SelectMode(enum.Enum):
    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


class GradientShape(enum.Enum):
    LINEAR = "linear"
    RADIAL = "radial"


@dataclass(frozen=True, kw_only=True)
class FillOptions:
    """`gap`, `tolerance` and `expand` as in `core.fill`, whose limits they keep."""

    gap: int = 6
    tolerance: int = 48
    expand: int = 2
    smooth: bool = True
    source: Source = Source.LINE_ART

    def __post_init__(self) -> None:
        _ = self.region  # raises ValueError where a number is out of range

    @property
    def region(self) -> fill.FillOptions:
        return fill.FillOptions(tolerance=self.tolerance, gap=self.gap, expand=self.expand, smooth=self.smooth)


@dataclass(frozen=True, kw_only=True)
class WandOptions(FillOptions):
    source: Source = Source.PICTURE
    gap: int = 0
    expand: int = 0
    everywhere: bool = False  # all pixels of a similar colour, not only those that touch each other


@dataclass(frozen=True, kw_only=True)
class GradientOptions:
    """From the foreground colour to the background colour, or to nothing."""

    shape: GradientShape = GradientShape.LINEAR
    to_transparent: bool = False
    reverse: bool = False


@dataclass(frozen=True, kw_only=True)
class PickerOptions:
    source: Source = Source.PICTURE
    side: int = 1  # px of the square whose mean colour is taken

    def __post_init__(self) -> None:
        if self.side not in PICK_SIDES:
            raise ValueError(f"a square of {self.side} pixels is none of {PICK_SIDES}")


@dataclass(frozen=True, kw_only=True)
class SelectOptions:
    """For all tools that select. `feather` is the standard deviation in pixels of how softly the edge fades."""

    mode: SelectMode = SelectMode.REPLACE
    feather: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.feather <= MAX_FEATHER:
            raise ValueError(f"a feather of {self.feather} pixels is outside 0..{MAX_FEATHER:.0f}")


@dataclass(frozen=True, kw_only=True)
class Options:
    """Those of all tools. `editor.set_options(replace(editor.options, fill=...))` changes some."""

    fill: FillOptions = field(default_factory=FillOptions)
    wand: WandOptions = field(default_factory=WandOptions)
    gradient: GradientOptions = field(default_factory=GradientOptions)
    picker: PickerOptions = field(default_factory=PickerOptions)
    select: SelectOptions = field(default_factory=SelectOptions)
