"""Geometric self-ensemble: a picture is also shown turned and mirrored, and the answers are turned back and averaged.

Seven Ways to Improve Example-Based Single Image Super Resolution (Timofte, Rothe & Van Gool 2016,
https://arxiv.org/abs/1511.02228), section 3.6. For pictures without an up and down, such as maps from above.
"""

from collections.abc import Callable, Iterator

import numpy as np

SIZES = (1, 2, 4, 8)  # as it is; and upside down; and lying on either side; and all of them mirrored

Run = Callable[[np.ndarray], np.ndarray]


def averaged(run: Run, x: np.ndarray, size: int) -> np.ndarray:
    """The mean of what `run` answers to `size` orientations of `x` (N, C, H, W), each answer turned back."""
    total: np.ndarray | None = None
    for turns, is_mirrored in _orientations(size):
        shown = np.rot90(x[..., ::-1] if is_mirrored else x, turns, axes=(2, 3))
        answer = np.rot90(run(np.ascontiguousarray(shown)), -turns, axes=(2, 3))
        answer = answer[..., ::-1] if is_mirrored else answer
        total = np.array(answer) if total is None else total + answer
    assert total is not None
    return total / np.float32(size) if size > 1 else total


def _orientations(size: int) -> Iterator[tuple[int, bool]]:
    """Quarter turns, and whether mirrored before."""
    quarters = {1: (0,), 2: (0, 2)}.get(size, (0, 1, 2, 3))
    for is_mirrored in (False, True)[: 1 + (size == SIZES[-1])]:
        for turns in quarters:
            yield turns, is_mirrored
