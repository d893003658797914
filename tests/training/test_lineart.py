"""Line art out of coloured drawings."""

import dataclasses

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.lineart import LineStyle, extract_lines, restyle_lines


def drawing(size: int = 128) -> np.ndarray:
    """A disc, a box and a triangle of flat colours with thin black outlines on white."""
    picture = Image.new("RGB", (size, size), "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((20, 20, 70, 70), fill=(230, 120, 90), outline="black", width=2)
    pen.rectangle((60, 60, 110, 100), fill=(60, 90, 200), outline="black", width=2)
    pen.polygon([(20, 110), (50, 80), (55, 120)], fill=(90, 180, 80), outline="black")
    return np.asarray(picture)


def half(left: tuple[int, int, int], right: tuple[int, int, int]) -> np.ndarray:
    pixels = np.empty((32, 64, 3), np.uint8)
    pixels[:, :32], pixels[:, 32:] = left, right
    return pixels


def darkness(lines: np.ndarray) -> float:
    return float((255 - lines.astype(float)).sum())


def test_a_drawing_becomes_dark_lines_on_mostly_paper() -> None:
    lines = extract_lines(drawing(), LineStyle())
    assert lines.shape == (128, 128)
    assert lines.dtype == np.uint8
    assert 0.5 < float((lines > 250).mean()) < 0.99
    assert lines.min() < 90


def test_lines_lie_where_the_outlines_are_and_areas_stay_paper() -> None:
    lines = extract_lines(drawing(), LineStyle())
    assert lines[60:62, 85].min() < 110  # upper edge of the box
    assert lines[80, 90] > 245  # inside the box, which is dark blue
    assert lines[45, 45] > 245  # inside the disc
    assert lines[5, 120] == 255  # paper


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (40, 90, 160)])
def test_a_flat_picture_has_no_lines(colour: tuple[int, int, int]) -> None:
    assert (extract_lines(half(colour, colour), LineStyle()) == 255).all()


def test_an_edge_between_colours_of_one_lightness_is_seen() -> None:
    # Luma 100 on both sides: told apart by the darkest channel.
    lines = extract_lines(half((100, 100, 100), (41, 150, 0)), LineStyle())
    assert lines[:, 28:36].min() < 200


def test_a_line_in_a_dark_area_is_seen() -> None:
    pixels = np.full((40, 40, 3), 40, np.uint8)
    pixels[20] = 5
    lines = extract_lines(pixels, LineStyle())
    assert lines[20, 20] < 150
    assert lines[10, 20] > 245


def test_a_greater_thickness_draws_wider_lines() -> None:
    thin, thick = (extract_lines(drawing(), LineStyle(thickness=value)) for value in (0.45, 1.2))
    assert (thick < 200).sum() > 1.2 * (thin < 200).sum()


def test_ink_is_the_darkest_grey() -> None:
    assert extract_lines(drawing(), LineStyle(ink=100)).min() >= 100
    assert extract_lines(drawing(), LineStyle(ink=0)).min() < 60


def test_binary_has_two_levels() -> None:
    assert set(np.unique(extract_lines(drawing(), LineStyle(binary=True, ink=0)))) == {0, 255}


@pytest.mark.parametrize("worn", [LineStyle(grain=0.6, seed=3), LineStyle(breaks=0.2, seed=3)])
def test_grain_and_breaks_take_ink_away_the_same_each_time(worn: LineStyle) -> None:
    lines = extract_lines(drawing(), worn)
    assert darkness(lines) < 0.95 * darkness(extract_lines(drawing(), LineStyle()))
    assert (lines == extract_lines(drawing(), worn)).all()
    assert (lines != extract_lines(drawing(), dataclasses.replace(worn, seed=4))).any()


def test_random_styles_follow_the_generator_and_differ() -> None:
    styles = [LineStyle.random(np.random.default_rng(seed)) for seed in range(60)]
    assert styles == [LineStyle.random(np.random.default_rng(seed)) for seed in range(60)]
    assert len(set(styles)) == 60
    assert any(style.binary for style in styles)
    assert any(style.grain for style in styles)
    assert any(style.breaks for style in styles)
    for style in styles:
        lines = extract_lines(drawing(), style)
        assert 0.5 < float((lines > 250).mean()) < 0.995


def test_restyled_lines_keep_their_place() -> None:
    exact = np.full((20, 20), 255, np.uint8)
    exact[10] = 0
    lines = restyle_lines(exact, LineStyle(ink=80))
    assert (lines[10] == 80).all()
    assert (lines[:10] == 255).all()


def test_odd_and_tiny_pictures_work() -> None:
    for shape in ((1, 1, 3), (3, 50, 3), (51, 2, 3)):
        assert extract_lines(np.full(shape, 200, np.uint8), LineStyle()).shape == shape[:2]
