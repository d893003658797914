"""What a map shows, measured: roads found, water and parks in their places, in the palette of pix2pix's maps."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from training.feature_metrics import Tally

NAMES = ("road_f1", "water_iou", "park_iou")
ROAD_REACH = 3  # pixels

# The colours of the set's maps, found by counting: a pixel is what its nearest colour is.
_PALETTE = {
    "ground": ((233, 229, 221), (243, 241, 236), (222, 220, 214), (236, 222, 190)),
    "road": ((254, 254, 252), (251, 160, 40), (253, 216, 130)),
    "water": ((178, 209, 253),),
    "park": ((204, 222, 174), (186, 212, 188), (198, 220, 156)),
}
_NAMES = [name for name, colours in _PALETTE.items() for _ in colours]
_COLOURS = np.array([colour for colours in _PALETTE.values() for colour in colours], np.float32)


def kinds(picture: np.ndarray) -> np.ndarray:
    """What each pixel of a map shows: uint8 (H, W, 3) -> an array of names, (H, W)."""
    distance = np.square(picture[:, :, None].astype(np.float32) - _COLOURS).sum(-1)  # (H, W, colours)
    named: np.ndarray = np.array(_NAMES)[distance.argmin(-1)]
    return named


def widened(mask: np.ndarray, reach: int) -> np.ndarray:
    """The pixels within `reach` pixels of `mask`, bool (H, W)."""
    height, width = mask.shape
    padded = np.pad(mask, reach)
    result = np.zeros_like(mask)
    for dy in range(-reach, reach + 1):
        across = int(np.sqrt(reach**2 - dy**2))
        for dx in range(-across, across + 1):
            result |= padded[reach + dy : reach + dy + height, reach + dx : reach + dx + width]
    return result


class MapMeasure:
    """Over all pictures together, so that one without water does not count as one where it was missed."""

    definitions: ClassVar[dict[str, str]] = {
        "road_f1": f"F1 of road pixels (nearest colour of the map's palette: white, orange, yellow), each counted as "
        f"right within {ROAD_REACH} pixels of the other picture's roads; over all pictures together; higher is better",
        "water_iou": "intersection over union of the pixels whose nearest palette colour is water's; all pictures",
        "park_iou": "the same for parks",
    }

    def tally(self) -> Tally:
        return _MapTally()


class _MapTally:
    def __init__(self) -> None:
        self._roads = np.zeros(4, np.int64)  # painted, of them right; true, of them found
        self._areas = {name: np.zeros(2, np.int64) for name in ("water", "park")}  # intersection, union

    def add(self, outputs: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> None:
        for output, truth in zip(outputs, truths, strict=True):
            painted, real = kinds(output), kinds(truth)
            roads, true_roads = painted == "road", real == "road"
            right = roads & widened(true_roads, ROAD_REACH)
            found = true_roads & widened(roads, ROAD_REACH)
            self._roads += [each.sum() for each in (roads, right, true_roads, found)]
            for name, counts in self._areas.items():
                one, other = painted == name, real == name
                counts += [(one & other).sum(), (one | other).sum()]

    def result(self) -> dict[str, float]:
        painted, right, true, found = self._roads.tolist()
        precision, recall = right / max(1, painted), found / max(1, true)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        shares = {
            f"{name}_iou": inside / max(1, union)
            for name, (inside, union) in ((name, counts.tolist()) for name, counts in self._areas.items())
        }
        return {"road_f1": f1, **shares}
