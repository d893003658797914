"""Answers that need no network, to be printed beside every model's: a model is worth having when it beats them clearly.

Pictures are floats in [0, 1], (H, W, 3).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_DIAGONAL = float(np.sqrt(2))
_ENOUGH_SWEEPS = 60  # a path turns seldom more often; the loop ends as soon as nothing gets nearer


@dataclass(frozen=True)
class Hint:
    """A round dab of one colour."""

    x: int
    y: int
    radius: int
    colour: tuple[int, int, int]


def mean_colour(targets: Iterable[np.ndarray]) -> np.ndarray:
    """The one colour that answers a whole set best in the mean square: the mean over all pixels of its targets."""
    means = [target.reshape(-1, 3).mean(axis=0) for target in targets]
    average: np.ndarray = np.mean(means, axis=0)
    return average


def place_hints(target: np.ndarray, count: int, radius: int, seed: np.random.SeedSequence) -> list[Hint]:
    """`count` dabs at random places, each in the average colour of `target`, uint8 (H, W, 3), under the dab."""
    random = np.random.default_rng(seed)
    height, width = target.shape[:2]
    hints: list[Hint] = []
    for _ in range(count):
        x, y = int(random.integers(width)), int(random.integers(height))
        under = target[disc(height, width, x, y, radius)]
        red, green, blue = (int(value) for value in np.rint(under.mean(axis=0)))
        hints.append(Hint(x, y, radius, (red, green, blue)))
    return hints


def hint_layer(hints: Iterable[Hint], height: int, width: int) -> np.ndarray:
    """The dabs as uint8 (H, W, 4), alpha 255 where hinted."""
    layer = np.zeros((height, width, 4), np.uint8)
    for hint in hints:
        layer[disc(height, width, hint.x, hint.y, hint.radius)] = (*hint.colour, 255)
    return layer


def disc(height: int, width: int, x: int, y: int, radius: int) -> np.ndarray:
    """bool (H, W): the pixels no farther than `radius` from (x, y)."""
    rows, columns = np.ogrid[:height, :width]
    inside: np.ndarray = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    return inside


def spread_hints(lines: np.ndarray, hints: np.ndarray, *, line_cost: float = 300.0) -> np.ndarray:
    """Every pixel in the colour of the hint it is nearest to, walking round the lines, times the line art.

    `lines` (H, W, 3) in [0, 1], `hints` uint8 (H, W, 4). A step over paper costs its length, over full ink
    `1 + line_cost` times as much. The corners count as white hints, so that the background stays paper.
    """
    ink = 1 - lines.mean(axis=-1)
    seeds = np.concatenate([hints[..., :3].reshape(-1, 3) / 255, np.ones((1, 3))])
    white = len(seeds) - 1
    nearest = np.where(hints[..., 3] > 0, np.arange(hints[..., 3].size).reshape(ink.shape), -1)
    for row in (0, -1):
        for column in (0, -1):
            if nearest[row, column] < 0:
                nearest[row, column] = white
    coloured: np.ndarray = seeds[_nearest_seed(1 + line_cost * ink, nearest)] * lines
    return coloured


def _nearest_seed(cost: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """For each pixel the number of the seed at the least geodesic distance, by sweeping down, up, right and left.

    `seed` (H, W) is a number >= 0 at the seeds and -1 elsewhere. The step between two pixels costs its length times
    the mean of their costs.
    """
    distance = np.where(seed >= 0, 0.0, np.inf)
    seed = seed.copy()
    for _ in range(_ENOUGH_SWEEPS):
        before = distance.copy()
        for flipped in (False, True):
            for view in ((distance, seed, cost), (distance.T, seed.T, cost.T)):
                _sweep(*((each[::-1] for each in view) if flipped else view))
        if np.array_equal(before, distance):
            break
    return seed


def _sweep(distance: np.ndarray, seed: np.ndarray, cost: np.ndarray) -> None:
    """Carry distances and seeds from each row to the next, straight and diagonally; the arrays are changed in place."""
    width = distance.shape[1]
    straight = (cost[:-1] + cost[1:]) / 2
    falling = (cost[:-1, :-1] + cost[1:, 1:]) * (_DIAGONAL / 2)  # from the upper left
    rising = (cost[:-1, 1:] + cost[1:, :-1]) * (_DIAGONAL / 2)  # from the upper right
    for row in range(1, len(distance)):
        above, above_seed = distance[row - 1], seed[row - 1]
        for source, target, step in (
            (slice(0, width), slice(0, width), straight[row - 1]),
            (slice(0, width - 1), slice(1, width), falling[row - 1]),
            (slice(1, width), slice(0, width - 1), rising[row - 1]),
        ):
            arriving = above[source] + step
            nearer = arriving < distance[row, target]
            if nearer.any():
                distance[row, target][nearer] = arriving[nearer]
                seed[row, target][nearer] = above_seed[source][nearer]
