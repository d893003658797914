from collections.abc import Callable

import numpy as np
import pytest

from models.self_ensemble import SIZES, averaged


def _one_pixel() -> np.ndarray:
    picture = np.zeros((1, 1, 3, 5), np.float32)
    picture[0, 0, 0, 1] = 1
    return picture


@pytest.mark.parametrize("size", SIZES)
def test_what_does_not_care_for_the_orientation_answers_the_same(size: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 10)).astype(np.float32)
    answer = averaged(lambda each: each * 2, x, size)
    assert answer.dtype == np.float32
    assert answer == pytest.approx(x * 2)


def _moved_right(x: np.ndarray) -> np.ndarray:
    return np.roll(x, 1, axis=3)


@pytest.mark.parametrize(
    ("size", "places"),
    [
        (1, {(0, 2): 1.0}),
        (2, {(0, 2): 0.5, (0, 0): 0.5}),
        (4, {(0, 2): 0.25, (0, 0): 0.25, (1, 1): 0.25, (2, 1): 0.25}),
        (8, {(0, 2): 0.25, (0, 0): 0.25, (1, 1): 0.25, (2, 1): 0.25}),
    ],
)
def test_answers_are_turned_back_before_they_are_averaged(size: int, places: dict[tuple[int, int], float]) -> None:
    expected = np.zeros((3, 5))
    for place, share in places.items():
        expected[place] = share
    assert averaged(_moved_right, _one_pixel(), size)[0, 0] == pytest.approx(expected)


def test_each_orientation_is_asked_once() -> None:
    seen: list[bytes] = []

    def ask(x: np.ndarray) -> np.ndarray:
        assert x.flags.c_contiguous
        seen.append(str(x.shape).encode() + x.tobytes())
        return x

    averaged(ask, np.arange(15, dtype=np.float32).reshape(1, 1, 3, 5), 8)
    assert len(set(seen)) == len(seen) == 8


def test_the_picture_is_left_as_it_was() -> None:
    run: Callable[[np.ndarray], np.ndarray] = lambda x: x  # noqa: E731
    x = _one_pixel()
    averaged(run, x, 4)
    assert np.array_equal(x, _one_pixel())
