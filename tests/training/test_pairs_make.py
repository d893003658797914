"""Pairs are made out of coloured art beside the source, never in it, and one bad picture does not stop the others."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from tests.training.picture_sets import drawing, save
from training import pairs_cli
from training.pairs import scan
from training.pairs_make import extract_folder, make_pairs
from training.pictures import PictureRef, load_picture


def _dark_pixels(rgb: np.ndarray, _name: str) -> np.ndarray:
    """A line extraction that cannot be mistaken: what is dark."""
    return np.where(rgb.max(axis=-1) < 64, 0, 255).astype(np.uint8)


def _art(folder: Path, count: int = 3) -> None:
    for number in range(count):
        save(drawing(number)[1], folder / f"{number}.png")


def test_pairs_are_made_and_found_again(tmp_path: Path) -> None:
    _art(tmp_path / "art" / "sub folder é")
    _art(tmp_path / "art", 2)
    made = make_pairs(tmp_path / "art", tmp_path / "out", _dark_pixels)
    assert (len(made.done), made.failed) == (5, {})
    scanned = scan(tmp_path / "out")
    assert (len(scanned.pairs), scanned.input_name, scanned.target_name) == (5, "lines", "colours")
    pair = next(pair for pair in scanned.pairs if pair.name == "sub folder é/2")
    colours = load_picture(pair.target)
    np.testing.assert_array_equal(colours, drawing(2)[1])
    np.testing.assert_array_equal(load_picture(pair.input)[..., 0], _dark_pixels(colours, ""))


def test_a_bad_picture_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    _art(tmp_path / "art")
    (tmp_path / "art" / "1.png").write_bytes(b"broken")
    made = make_pairs(tmp_path / "art", tmp_path / "out", _dark_pixels)
    assert [path.name for path in made.failed] == ["1.png"]
    assert sorted(path.name for path in (tmp_path / "out" / "lines").iterdir()) == ["0.png", "2.png"]
    assert sorted(path.name for path in (tmp_path / "out" / "colours").iterdir()) == ["0.png", "2.png"]


def test_what_is_there_is_skipped_unless_asked(tmp_path: Path) -> None:
    _art(tmp_path / "art")
    make_pairs(tmp_path / "art", tmp_path / "out", _dark_pixels)
    (tmp_path / "out" / "lines" / "1.png").unlink()
    again = make_pairs(tmp_path / "art", tmp_path / "out", _dark_pixels)
    assert ([path.name for path in again.done], len(again.skipped)) == (["1.png"], 2)
    assert len(make_pairs(tmp_path / "art", tmp_path / "out", _dark_pixels, if_exists="overwrite").done) == 3


def test_files_that_differ_in_suffix_alone_do_not_overwrite_each_other(tmp_path: Path) -> None:
    save(drawing(1)[1], tmp_path / "art" / "a.png")
    save(drawing(2)[1], tmp_path / "art" / "a.bmp")
    extract_folder(tmp_path / "art", tmp_path / "out", _dark_pixels)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a_bmp.png", "a_png.png"]


@pytest.mark.parametrize("out", ["art", "art/out"])
def test_the_source_is_never_written_into(tmp_path: Path, out: str) -> None:
    _art(tmp_path / "art")
    with pytest.raises(UserError, match="lies inside"):
        make_pairs(tmp_path / "art", tmp_path / out, _dark_pixels)


def test_transparent_art_is_laid_on_paper(tmp_path: Path) -> None:
    pixels = np.zeros((70, 70, 4), np.uint8)
    pixels[20:50, 20:50] = (200, 30, 30, 255)
    save(pixels, tmp_path / "art" / "a.png")
    make_pairs(tmp_path / "art", tmp_path / "out", _dark_pixels)
    colours = load_picture(PictureRef(tmp_path / "out" / "colours" / "a.png"))
    assert tuple(colours[0, 0]) == (255, 255, 255)


def test_no_pictures_and_no_folder(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    with pytest.raises(UserError, match="holds no pictures"):
        make_pairs(tmp_path / "art", tmp_path / "out", _dark_pixels)
    with pytest.raises(UserError, match="is not there"):
        make_pairs(tmp_path / "gone", tmp_path / "out", _dark_pixels)


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    pairs_cli.register(parser.add_subparsers())
    args = parser.parse_args(["pairs", *arguments])
    code = args.run(args)
    assert isinstance(code, int)
    return code


def test_the_commands_draw_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _art(tmp_path / "art")
    art, pairs, lines = (str(tmp_path / name) for name in ("art", "pairs", "lines"))
    assert _run("make", art, "-o", pairs, "--json") == 0
    assert json.loads(capsys.readouterr().out)["done"] == 3
    assert _run("extract-lines", art, "-o", lines) == 0
    drawn = np.asarray(Image.open(tmp_path / "lines" / "0.png").convert("L"))
    assert drawn.shape == (96, 96)
    assert 0.5 < (drawn > 200).mean() < 0.99  # dark lines on white paper
    first = (tmp_path / "pairs" / "lines" / "0.png").read_bytes()
    assert _run("make", art, "-o", pairs, "--if-exists", "overwrite") == 0
    assert (tmp_path / "pairs" / "lines" / "0.png").read_bytes() == first  # the style goes by name and seed


def test_the_command_names_what_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _art(tmp_path / "art")
    (tmp_path / "art" / "1.png").write_bytes(b"broken")
    assert _run("extract-lines", str(tmp_path / "art"), "-o", str(tmp_path / "out")) == 1
    assert "1.png" in capsys.readouterr().out
