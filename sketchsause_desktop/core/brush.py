"""What a brush is, and the cached stamps of its round tip."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Brush:
    """A round brush. Lengths in document pixels; fractions from 0 to 1.

    `size_by_pressure` 0 means that pressure does not change the size, 1 that the size goes from nothing to `size`;
    `opacity_by_pressure` likewise.
    """

    size: float = 12.0  # diameter at full pressure
    hardness: float = 0.9  # 1 = a crisp, anti-aliased edge; 0 = fades from the centre
    opacity: float = 1.0  # the most that one stroke can cover
    spacing: float = 0.08  # distance of two dabs as a fraction of the diameter
    colour: tuple[int, int, int] = (0, 0, 0)
    size_by_pressure: float = 0.6
    opacity_by_pressure: float = 0.0
    erases: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.size <= MAX_BRUSH_SIZE:
            raise ValueError(f"brush size {self.size} is outside 0..{MAX_BRUSH_SIZE}")
        for name in ("hardness", "opacity", "size_by_pressure", "opacity_by_pressure"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"brush {name} {getattr(self, name)} is outside 0..1")
        if self.spacing <= 0:
            raise ValueError(f"brush spacing {self.spacing} is not above 0")


MAX_BRUSH_SIZE = 1000.0
