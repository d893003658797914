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
    if size == 1:
        return run(x)
    answers = [_turned_answer(run, x, *each) for each in _orientations(size)]
    return np.asarray(np.mean(answers, axis=0, dtype=np.float32))


def _turned_answer(run: Run, x: np.ndarray, turns: int, is_mirrored: bool) -> np.ndarray:
    shown = np.rot90(x[..., ::-1] if is_mirrored else x, turns, axes=(2, 3))
    answer = np.rot90(run(np.ascontiguousarray(shown)), -turns, axes=(2, 3))
    return answer[..., ::-1] if is_mirrored else answer


def _orientations(size: int) -> Iterator[tuple[int, bool]]:
    """Quarter turns, and whether mirrored before."""
    quarters = {1: (0,), 2: (0, 2)}.get(size, (0, 1, 2, 3))
    for is_mirrored in (False, True)[: 1 + (size == SIZES[-1])]:
        for turns in quarters:
            yield turns, is_mirrored
