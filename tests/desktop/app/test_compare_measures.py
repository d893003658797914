"""Means, which is better, and what is said of it; where two pictures differ; pictures kept in memory."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app.compare_difference import GAINS, difference, ramp
from sketchsause_desktop.app.compare_images import CompareImages, Difference, Shown, Thumbnails
from sketchsause_desktop.app.compare_measures import MEASURES, MeasuredRow, Measures
from sketchsause_desktop.app.comparison import Compared
from tests.training.picture_sets import save

ROWS = (
    MeasuredRow(kind="a", title="New"),
    MeasuredRow(kind="b", title="Old"),
    MeasuredRow(kind="trivial", title="copy the input"),
)


def measured(*ssims: tuple[float, float, float]) -> Measures:
    measures = Measures(rows=ROWS)
    for number, values in enumerate(ssims):
        measures.add(str(number), [dict.fromkeys(MEASURES, value) for value in values])
    return measures


def test_means_and_wins() -> None:
    measures = measured((0.9, 0.8, 0.5), (0.7, 0.8, 0.5), (0.9, 0.9, 0.5))
    assert measures.mean(0, "ssim") == pytest.approx(2.5 / 3)
    assert measures.wins("ssim") == (1, 1)
    assert measures.wins("delta_e") == (1, 1)
    assert measured((0.9, 0.8, 0.5)).wins("delta_e") == (0, 1)  # less is better
    assert Measures(rows=ROWS).mean(0, "ssim") is None


def test_equal_pictures_have_an_infinite_psnr() -> None:
    measures = Measures(rows=ROWS)
    measures.add("x", [{**dict.fromkeys(MEASURES, 1.0), "psnr": None}] * 3)
    assert measures.mean(0, "psnr") == math.inf


def test_the_verdict_says_no_more_than_the_figures_allow() -> None:
    assert measured(*[(0.9, 0.8, 0.5)] * 10).words() == "A is closer to the truth in 10 of 10 by SSIM."
    few = measured((0.9, 0.8, 0.5), (0.7, 0.8, 0.5), (0.7, 0.8, 0.5))
    assert few.words() == "B is closer to the truth in 2 of 3 by SSIM, which is too little to tell them apart."
    assert measured((0.9, 0.8, 0.5), (0.8, 0.9, 0.5)).words() == "By SSIM neither is ahead: each in 1 of 2."
    assert measured((0.9, 0.9, 0.5)).words() == "By SSIM the two are equal."
    assert Measures().words() == Measures(rows=ROWS).words() == ""


def test_a_model_that_a_trivial_answer_beats_is_named() -> None:
    assert measured((0.4, 0.6, 0.5)).words().endswith("A does not beat “copy the input” (SSIM 0.500).")
    assert measured((0.4, 0.3, 0.5)).words().endswith("A and B do not beat “copy the input” (SSIM 0.500).")


def test_a_table_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        measured((0.9, 0.8, 0.5)).write(tmp_path / "none" / "table.csv", [])


@given(st.integers(0, 255), st.integers(0, 255), st.sampled_from(GAINS))
def test_a_difference_is_the_ramp_at_the_largest_channel(one: int, other: int, gain: int) -> None:
    first = np.full((2, 3, 3), 100, np.uint8)
    second = first.copy()
    first[..., 1], second[..., 1] = one, other
    shown = difference(first, second, gain)
    assert (shown == ramp()[min(255, abs(one - other) * gain)]).all()
    assert np.array_equal(shown, difference(second, first, gain))


def test_the_ramp_grows_brighter_all_the_way() -> None:
    brightness = ramp().astype(float) @ (0.299, 0.587, 0.114)
    assert (np.diff(brightness) > -0.5).all()
    assert brightness[0] < 2
    assert brightness[-1] > 240
    with pytest.raises(ValueError, match="cannot be compared"):
        difference(np.zeros((2, 2, 3), np.uint8), np.zeros((2, 3, 3), np.uint8), 1)


# Pictures in memory


@pytest.fixture
def pictures(tmp_path: Path) -> list[Compared]:
    found = []
    for number in range(4):
        paths = [
            save(np.full((10, 10, 3), 40 * number + place, np.uint8), tmp_path / f"{number}-{place}.png")
            for place in range(4)
        ]
        found.append(Compared(name=str(number), input=paths[0], a=paths[1], b=paths[2], truth=paths[3]))
    return found


@pytest.fixture
def images(qtbot: QtBot) -> Iterator[CompareImages]:
    images = CompareImages(budget=10 * 10 * 3 * 9)
    yield images
    images.close_down()


@pytest.fixture
def told(images: CompareImages) -> list[Shown]:
    told: list[Shown] = []
    images.loaded.connect(told.append)
    return told


def test_pictures_come_by_role_with_their_difference(
    images: CompareImages, told: list[Shown], pictures: list[Compared]
) -> None:
    images.load(pictures[1], Difference(one="a", other="truth", gain=4))
    images.wait()
    (shown,) = told
    assert {role: int(image[0, 0, 0]) for role, image in shown.images.items() if role != "difference"} == {
        "input": 40,
        "a": 41,
        "b": 42,
        "truth": 43,
    }
    assert (shown.images["difference"] == ramp()[8]).all()


def test_going_back_is_immediate_and_what_is_kept_is_bounded(
    images: CompareImages, told: list[Shown], pictures: list[Compared]
) -> None:
    for picture in pictures[:2]:
        images.load(picture)
        images.wait()
    images.load(pictures[0])
    assert [shown.picture.name for shown in told] == ["0", "1", "0"]  # the last without a turn of the loop
    for picture in pictures:
        images.load(picture)
        images.wait()
    assert images._bytes <= 10 * 10 * 3 * 9
    assert images._bytes == sum(image.nbytes for image in images._kept.values())
    told.clear()
    images.load(pictures[0])
    assert not told
    images.wait()
    assert [shown.picture.name for shown in told] == ["0"]


def test_what_was_prepared_is_there(images: CompareImages, told: list[Shown], pictures: list[Compared]) -> None:
    images.load(pictures[0])
    images.prepare(pictures[1])
    images.wait()
    assert [shown.picture.name for shown in told] == ["0"]
    images.load(pictures[1])
    assert [shown.picture.name for shown in told] == ["0", "1"]


def test_only_the_picture_asked_for_last_is_told(
    images: CompareImages, told: list[Shown], pictures: list[Compared]
) -> None:
    for picture in pictures:
        images.load(picture)
    images.wait()
    assert [shown.picture.name for shown in told] == ["3"]


def test_a_file_that_is_gone_is_said_without_its_name(
    images: CompareImages, told: list[Shown], pictures: list[Compared]
) -> None:
    pictures[0].b.unlink()
    images.load(pictures[0])
    images.wait()
    assert "b" not in told[0].images
    assert told[0].fault == "A picture cannot be shown: its file is gone or damaged. Compare again."


def test_small_pictures_keep_their_shape(qtbot: QtBot, tmp_path: Path) -> None:
    path = save(np.zeros((40, 80, 3), np.uint8), tmp_path / "wide.png")
    thumbnails = Thumbnails(20)
    made = []
    thumbnails.made.connect(lambda _path, pixels: made.append(pixels.shape))
    thumbnails.ask(tmp_path / "gone.png")
    thumbnails.ask(path)
    thumbnails.wait()
    thumbnails.close_down()
    assert made == [(10, 20, 3)]
