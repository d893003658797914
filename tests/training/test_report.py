"""Grids put every picture where it belongs; curves are drawn out of a run's events, finished or not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from training.pictures import read_size
from training.report import grid, save_picture


def _flat(colour: tuple[int, int, int], size: tuple[int, int] = (20, 30)) -> np.ndarray:
    return np.full((*size, 3), colour, np.uint8)


def test_pictures_of_any_size_stand_in_rows_and_columns() -> None:
    red, green, blue = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    sheet = np.asarray(grid([[_flat(red), _flat(green)], [_flat(blue, (40, 10))]]))
    assert sheet.shape == (4 + 20 + 4 + 40 + 4, 4 + 30 + 4 + 30 + 4, 3)
    assert tuple(sheet[4, 4]) == red
    assert tuple(sheet[23, 38]) == green
    assert tuple(sheet[28, 4]) == blue
    assert tuple(sheet[28, 14]) == (255, 255, 255)  # beside the narrow one


def test_captions_and_long_headings_stay_in_their_columns() -> None:
    sheet = np.asarray(grid([[_flat((255, 0, 0)), _flat((255, 0, 0))]], [["線画 name"]], ["a very long heading", "b"]))
    assert (sheet[:18] < 200).any()  # something is written above
    assert (sheet[-18:] < 200).any()  # and below
    assert (sheet[:18, 34:38] == 255).all()  # the gap between the columns stays free


def test_a_grid_needs_a_picture() -> None:
    with pytest.raises(ValueError, match="needs a picture"):
        grid([])


def test_saving_makes_the_folder_and_says_where_it_cannot(tmp_path: Path) -> None:
    save_picture(Image.new("RGB", (4, 4)), tmp_path / "new" / "a.png")
    assert read_size(tmp_path / "new" / "a.png") == (4, 4)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        save_picture(Image.new("RGB", (4, 4)), tmp_path / "file" / "a.png")
