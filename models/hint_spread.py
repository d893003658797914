"""Hints spread over their regions: each pixel gets the colour of the hint that is nearest on a way round the lines.

A hint is a few dabs; what the artist means is the hair, the sleeve, the sky. A network that is shown bare dabs must
learn to carry a colour across its whole receptive field; shown the spread colours, it need only decide how far to
believe them, for which `closeness` tells how near the hint is. Regions without a hint are left to the network: shown
the colours of other regions, however faintly, it took one red strand for a red drawing.
"""

from typing import NamedTuple

import numpy as np

_STEPS = 8  # levels of darkness a line is climbed by; fewer than the noise of a scan
LINE = 160  # lightness below which a pixel separates regions
_REACH = 40.0  # pixels in which the closeness falls to 1/e
_FINEST = 320  # pixels of the longer side that a picture is flooded at
_COLOUR_BITS = 4  # colours that differ by less count as one hint while they spread


class Spread(NamedTuple):
    """`colours` uint8 (H, W, 3), of use where the closeness is not 0. `closeness` float32 (H, W) in [0, 1].

    The closeness is 1 on the hints themselves, 0.4 to 0.8 in the regions they lie in, 0 elsewhere.
    """

    colours: np.ndarray
    closeness: np.ndarray


def spread_hints(lightness: np.ndarray, hints: np.ndarray) -> Spread:
    """`lightness` uint8 (H, W) of the line art; `hints` uint8 (H, W, 4), alpha above one half where hinted.

    A watershed (Beucher & Lantuejoul 1979) with the hints as its springs: paper is flooded in order of distance, faint
    lines are crossed last and dark ones never. Pictures of more than 320 pixels are flooded at a part of their size.
    """
    mask = hints[..., 3] > 127
    if not mask.any():
        return Spread(np.zeros((*mask.shape, 3), np.uint8), np.zeros(mask.shape, np.float32))
    factor = -(-max(mask.shape) // _FINEST)
    labels, palette = _numbered(hints[..., :3], mask)
    spread = _flooded(pooled(lightness, factor, np.minimum, 255), pooled(labels, factor, np.maximum, 0), palette)
    colours, closeness = (_enlarged(each, factor, mask.shape) for each in spread)
    colours[mask], closeness[mask] = hints[mask, :3], 1.0
    return Spread(colours, closeness)


def _flooded(lightness: np.ndarray, labels: np.ndarray, palette: np.ndarray) -> Spread:
    from scipy import ndimage  # half a second for both, which a start without hints need not wait for
    from skimage.segmentation import watershed

    paper = (lightness >= LINE) | (labels > 0)  # a stroke across a line colours both sides
    walls = (255 - lightness) // (256 // _STEPS)
    owners: np.ndarray = watershed(walls, labels, mask=paper)  # type: ignore[no-untyped-call]
    away = np.exp(ndimage.distance_transform_edt(labels == 0).astype(np.float32) / -_REACH)
    return Spread(palette[owners], np.where(owners > 0, 0.4 + 0.4 * away, 0).astype(np.float32))


def pooled(values: np.ndarray, factor: int, keep: np.ufunc, beyond: int) -> np.ndarray:
    """One value for each square of `factor` pixels; `beyond` fills up the last ones. (H, W) -> (H / f, W / f)."""
    if factor == 1:
        return values
    height, width = values.shape
    filled = np.pad(values, ((0, -height % factor), (0, -width % factor)), constant_values=beyond)
    rows = keep.reduce(filled.reshape(-1, factor, filled.shape[1]), axis=1)
    pooled: np.ndarray = keep.reduce(rows.reshape(len(rows), -1, factor), axis=2)
    return pooled


def _enlarged(values: np.ndarray, factor: int, shape: tuple[int, ...]) -> np.ndarray:
    return values.repeat(factor, 0).repeat(factor, 1)[: shape[0], : shape[1]].copy()


def _numbered(rgb: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels int32 (H, W), 0 where nothing is hinted, and the mean colour of each label, uint8 (labels + 1, 3)."""
    hinted = rgb[mask]
    shift = 8 - _COLOUR_BITS
    coarse = (hinted >> shift).astype(np.int32)
    codes = (coarse[:, 0] << 2 * _COLOUR_BITS) | (coarse[:, 1] << _COLOUR_BITS) | coarse[:, 2]
    _, numbers, counts = np.unique(codes, return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(numbers, hinted[:, channel]) for channel in range(3)], axis=1)
    palette = np.zeros((len(counts) + 1, 3), np.uint8)
    palette[1:] = np.rint(sums / counts[:, None])
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = numbers + 1
    return labels, palette
