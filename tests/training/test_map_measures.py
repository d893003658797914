"""Roads, water and parks of a map, on maps drawn here."""

import numpy as np
import pytest

from training.map_measures import MapMeasure, kinds, widened

GROUND, ROAD, ORANGE, WATER, PARK = (
    (233, 229, 221), (254, 254, 252), (251, 160, 40), (178, 209, 253), (204, 222, 174)
)  # fmt: skip


def _map(road_x: int, colour: tuple[int, int, int] = ROAD) -> np.ndarray:
    picture = np.full((60, 60, 3), GROUND, np.uint8)
    picture[:, road_x : road_x + 4] = colour
    picture[:10, 40:] = WATER
    picture[50:, 40:] = PARK
    return picture


def _measured(output: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    tally = MapMeasure().tally()
    tally.add([output], [truth])
    return tally.result()


def test_the_truth_is_perfect() -> None:
    assert _measured(_map(10), _map(10)) == {"road_f1": 1, "water_iou": 1, "park_iou": 1}


def test_a_road_may_be_three_pixels_off() -> None:
    assert _measured(_map(13, ORANGE), _map(10))["road_f1"] == 1
    assert _measured(_map(15), _map(10))["road_f1"] == pytest.approx(0.5)  # two of its four columns are within three
    assert _measured(_map(30), _map(10))["road_f1"] == 0


def test_areas_overlap_by_their_share() -> None:
    output = _map(10)
    output[5:10, 40:] = GROUND  # half of the water is missed
    output[40:50, 40:] = PARK  # and the park is twice as large
    measured = _measured(output, _map(10))
    assert (measured["water_iou"], measured["park_iou"]) == (0.5, 0.5)


def test_nothing_is_found_on_bare_ground() -> None:
    assert _measured(np.full((60, 60, 3), GROUND, np.uint8), _map(10)) == {"road_f1": 0, "water_iou": 0, "park_iou": 0}


def test_the_nearest_colour_decides() -> None:
    row = np.array([[GROUND, (250, 251, 249), (245, 150, 60), (190, 205, 240), (200, 215, 180)]], np.uint8)
    assert kinds(row)[0].tolist() == ["ground", "road", "road", "water", "park"]


def test_a_dot_widens_to_a_disc() -> None:
    dot = np.zeros((9, 9), bool)
    dot[4, 4] = True
    ys, xs = np.nonzero(widened(dot, 3))
    assert ((ys - 4) ** 2 + (xs - 4) ** 2).max() == 9
    assert len(ys) == 29
