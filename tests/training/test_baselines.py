"""The answers without a network are what they claim to be."""

import heapq

import numpy as np
import pytest

from training import baselines, metrics


def test_the_mean_colour_is_the_best_single_colour() -> None:
    targets = [np.random.default_rng(number).random((20, 30, 3)) ** (number + 1) for number in range(3)]
    best = baselines.mean_colour(targets)

    def error(colour: np.ndarray) -> float:
        return float(np.mean([np.mean((target - colour) ** 2) for target in targets]))

    for step in ((0.01, 0, 0), (0, -0.01, 0), (0, 0, 0.01)):
        assert error(best) < error(best + np.array(step))


def test_hints_are_round_seeded_and_of_the_colour_under_them() -> None:
    target = np.zeros((64, 64, 3), np.uint8)
    target[:, 32:] = (200, 100, 50)
    hints = baselines.place_hints(target, 20, 5, np.random.SeedSequence([1, 2]))
    assert hints == baselines.place_hints(target, 20, 5, np.random.SeedSequence([1, 2]))
    assert hints != baselines.place_hints(target, 20, 5, np.random.SeedSequence([1, 3]))
    right = [hint for hint in hints if hint.x >= 32 + 5]
    assert right
    assert all(hint.colour == (200, 100, 50) for hint in right)
    layer = baselines.hint_layer([baselines.Hint(30, 30, 5, (1, 2, 3))], 64, 64)
    assert np.count_nonzero(layer[..., 3]) == 81  # pixels within 5 of a pixel
    assert tuple(layer[30, 35]) == (1, 2, 3, 255)
    assert layer[30, 36, 3] == 0


def _dijkstra(cost: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """The exact geodesic distances, pixel by pixel."""
    distance = np.where(seed >= 0, 0.0, np.inf)
    queue = [(0.0, int(row), int(column)) for row, column in np.argwhere(seed >= 0)]
    while queue:
        so_far, row, column = heapq.heappop(queue)
        if so_far > distance[row, column]:
            continue
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                near = row + down, column + right
                if not (0 <= near[0] < cost.shape[0] and 0 <= near[1] < cost.shape[1]):
                    continue
                there = so_far + float(np.hypot(down, right)) * (cost[row, column] + cost[near]) / 2
                if there < distance[near] - 1e-12:
                    distance[near] = there
                    heapq.heappush(queue, (there, *near))
    return distance


@pytest.mark.parametrize("number", range(5))
def test_the_nearest_seed_is_nearest_by_dijkstra(number: int) -> None:
    random = np.random.default_rng(number)
    cost = 1 + 100 * (random.random((24, 31)) < 0.3)
    seed = np.full(cost.shape, -1)
    for index in range(4):
        seed[random.integers(24), random.integers(31)] = index
    answer = baselines._nearest_seed(cost, seed)
    distances = np.stack([_dijkstra(cost, np.where(seed == index, 0, -1)) for index in range(4)])
    chosen = np.take_along_axis(distances, answer[None], axis=0)[0]
    np.testing.assert_allclose(chosen, distances.min(axis=0))


def test_a_hint_fills_its_closed_region_and_the_background_stays_paper() -> None:
    lines = np.ones((60, 60, 3))
    lines[15:45, [15, 44]] = 0
    lines[[15, 44], 15:45] = 0
    hints = baselines.hint_layer([baselines.Hint(25, 25, 3, (255, 0, 0))], 60, 60)
    spread = baselines.spread_hints(lines, hints)
    assert (spread[17:43, 17:43] == (1, 0, 0)).all()
    assert (spread[:13] == 1).all()
    assert (spread[15, 15:45] == 0).all()  # the lines stay black


def test_spreading_hints_beats_copying_the_sketch() -> None:
    from tests.training.picture_sets import drawing

    lines, colours = drawing(3)
    hints = baselines.place_hints(colours, 16, 3, np.random.SeedSequence(0))
    spread = baselines.spread_hints(metrics.unit_picture(lines), baselines.hint_layer(hints, 96, 96))
    truth = metrics.unit_picture(colours)
    assert metrics.psnr(spread, truth) > metrics.psnr(metrics.unit_picture(lines), truth) + 1
