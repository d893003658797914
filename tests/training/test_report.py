"""Grids put every picture where it belongs; curves are drawn out of a run's events, finished or not."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from training.pictures import PictureRef, load_picture, read_size
from training.report import grid, plot_curves, read_curves, save_picture


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


def _events(folder: Path, lines: list[str]) -> Path:
    path = folder / "events.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_curves_are_read_from_events_and_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    lines = [
        json.dumps({"event": "started", "pairs": 3}),
        json.dumps({"event": "step", "step": 1, "losses": {"g": 2.0, "d": 0.5}, "seconds": 0.1}),
        json.dumps({"event": "step", "step": 2, "losses": {"g": 1.5, "d": None, "flag": True}}),
        "not json",
        json.dumps({"event": "measured", "step": 2, "measures": {"ssim": 0.5}}),
        '{"event": "step", "step": 3, "losses": {"g": 1.',
    ]
    assert read_curves(_events(tmp_path, lines)) == {
        "losses: g": [(1, 2.0), (2, 1.5)],
        "losses: d": [(1, 0.5)],
        "measures: ssim": [(2, 0.5)],
    }


def test_curves_become_one_picture(tmp_path: Path) -> None:
    lines = [
        json.dumps(
            {"event": "step", "step": step, "losses": {"g": 3 / (1 + step), "d": float("nan") if step == 9 else 1}}
        )
        for step in range(200)
    ]
    plot_curves(_events(tmp_path, lines), tmp_path / "curves.png")
    two_panels = read_size(tmp_path / "curves.png")
    lines += [json.dumps({"event": "measured", "step": step, "measures": {"ssim": 0.5}}) for step in (0, 100)]
    plot_curves(_events(tmp_path, lines), tmp_path / "curves.png")
    width, height = read_size(tmp_path / "curves.png")
    assert (width, height) == (two_panels[0], 2 * two_panels[1])
    colours = np.unique(load_picture(PictureRef(tmp_path / "curves.png")).reshape(-1, 3), axis=0)
    assert (np.ptp(colours.astype(int), axis=1) > 60).any()  # lines, not only axes


def test_curves_of_a_run_that_has_none_yet(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no numbers"):
        plot_curves(_events(tmp_path, ['{"event": "started"}']), tmp_path / "curves.png")
    with pytest.raises(UserError, match="cannot be read"):
        plot_curves(tmp_path / "gone.jsonl", tmp_path / "curves.png")
