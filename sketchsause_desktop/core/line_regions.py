"""The regions that line art encloses, as hints, flats and the hint brush see them; small gaps count as closed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.conditioning import paper_level
from models.hint_spread import LINE, pooled
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.regions import MAX_GAP, Labels, grown_labels, regions

WORKING_SIDE = 512  # px of the longer side at which a drawing is cut into regions
_GAP = 3  # px at that size, and at smaller ones
_OPEN_SHARE = 0.2  # of the picture; a region at its rim that is no smaller than this is a background, not a shape

Plane = NDArray[np.uint8]


@dataclass(frozen=True)
class LineRegions:
    """A drawing's regions at 1/`factor` of its size.

    `cores` has the regions alone; in `labels` they go under the lines too, up to the middle of each. Numbers are from
    1, 0 is what belongs to no region. `is_open` (N + 1,) tells the regions that no line holds together: large, and cut
    by the rim of the picture.
    """

    factor: int
    cores: Labels
    labels: Labels
    is_open: NDArray[np.bool_]

    def at(self, x: int, y: int) -> int:
        """The region at a pixel of the drawing; 0 outside and where there is none."""
        row, column = y // self.factor, x // self.factor
        if not (0 <= row < self.labels.shape[0] and 0 <= column < self.labels.shape[1]):
            return 0
        return int(self.labels[row, column])


@dataclass(frozen=True)
class FineRegions:
    """A drawing's regions, and the same at its own size, (H, W), with edges that follow its lines."""

    found: LineRegions
    labels: Labels

    @cached_property
    def boxes(self) -> list[tuple[slice, slice]]:
        """Round each region, from that of number 1 on."""
        from scipy import ndimage  # a start without hints need not wait for it

        answer: list[tuple[slice, slice]] = ndimage.find_objects(self.labels)
        return answer


def fine_regions(lines: Pixels) -> FineRegions:
    """The regions of line art (H, W, 3) on paper."""
    grey = grey_of(lines)
    found = line_regions(grey)
    return FineRegions(found, fine_labels(found, grey))


def line_regions(grey: Plane, side: int = WORKING_SIDE) -> LineRegions:
    """The regions between the lines of `grey` (H, W), dark lines on paper of any lightness."""
    factor = -(-max(grey.shape) // side)
    small = pooled(grey, factor, np.minimum, 255)
    gap = min(max(round(_GAP * max(small.shape) / WORKING_SIDE), _GAP), MAX_GAP)
    cores = regions(is_line(small), gap)
    return LineRegions(factor, cores, grown_labels(cores), _open(cores))


def fine_labels(found: LineRegions, grey: Plane) -> Labels:
    """The regions at the size of `grey`, the drawing they were found in, (H, W); their edges follow its lines."""
    if found.factor == 1:
        return found.labels
    height, width = grey.shape
    labels = found.cores.repeat(found.factor, 0)[:height].repeat(found.factor, 1)[:, :width]
    lines = is_line(grey)
    labels[lines] = 0
    return grown_labels(grown_labels(labels, ~lines))


def grey_of(lines: Pixels) -> Plane:
    """(H, W, 3) -> (H, W), the luma of ITU-R BT.601."""
    return np.asarray(Image.fromarray(lines).convert("L"))


def is_line(grey: Plane) -> NDArray[np.bool_]:
    return grey < LINE * paper_level(grey) / 255


def _open(cores: Labels) -> NDArray[np.bool_]:
    sizes = np.bincount(cores.ravel())
    touches = np.zeros(len(sizes), np.bool_)
    for rim in (cores[0], cores[-1], cores[:, 0], cores[:, -1]):
        touches[rim] = True
    touches[0] = False
    answer: NDArray[np.bool_] = touches & (sizes >= _OPEN_SHARE * cores.size)
    return answer
