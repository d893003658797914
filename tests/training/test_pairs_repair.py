"""A repaired copy holds what can be learned from; the source stays as it was, to the byte."""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from tests.training.picture_sets import drawing, save, save_sheet, sketch_sheets, two_folders
from training import pairs_cli
from training.pairs import scan
from training.pairs_check import check
from training.pairs_repair import Repaired, repair
from training.pictures import load_picture, read_size


def _repaired(folder: Path, out: Path) -> Repaired:
    scanned = scan(folder)
    return repair(scanned, check(scanned), out)


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_faults_are_mended_and_the_source_is_untouched(tmp_path: Path) -> None:
    source = tmp_path / "source"
    sketch_sheets(source, 10)
    (source / "0.png").write_bytes((source / "0.png").read_bytes()[:200])  # damaged
    (source / "2.png").write_bytes((source / "1.png").read_bytes())  # repeated
    lines, colours = drawing(3)
    save_sheet(lines, colours, source / "3.png")  # the wrong way round
    before = _digest(source)
    repaired = _repaired(source, tmp_path / "copy")
    assert _digest(source) == before
    assert repaired.left_out == {"0": "cannot be read", "2": "repeats another pair"}
    assert repaired.swapped == ["3"]
    again = scan(tmp_path / "copy")
    assert (again.input_name, len(again.pairs)) == ("input", 8)
    assert [each for each in check(again) if each.level != "info"] == []
    turned = next(pair for pair in again.pairs if pair.name == "3")
    np.testing.assert_array_equal(load_picture(turned.input), lines)
    assert repaired.sentence == "8 pairs written, 1 of them turned round, 2 left out."


def test_both_pictures_get_the_smaller_size_and_splits_are_kept(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for split in ("train", "val"):
        two_folders(source / split, 3, first=0 if split == "train" else 5)
    large = np.asarray(Image.fromarray(drawing(1)[1]).resize((192, 192)))
    save(large, source / "train" / "colours" / "1.png")
    repaired = _repaired(source, tmp_path / "copy")
    assert repaired.resized == ["1"]
    assert read_size(tmp_path / "copy" / "train" / "target" / "1.png") == (96, 96)
    assert {split: len(pairs) for split, pairs in scan(tmp_path / "copy").splits.items()}["train"] == 3


def test_a_copy_goes_only_into_an_empty_folder_outside(tmp_path: Path) -> None:
    sketch_sheets(tmp_path / "source", 3)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        _repaired(tmp_path / "source", tmp_path / "mine")
    with pytest.raises(UserError, match="lies inside"):
        _repaired(tmp_path / "source", tmp_path / "source" / "copy")


def test_the_command_tells_how_far_it_is_and_what_became_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sketch_sheets(tmp_path / "source", 4)
    parser = argparse.ArgumentParser()
    pairs_cli.register(parser.add_subparsers())
    words = ["pairs", "repair", str(tmp_path / "source"), "-o", str(tmp_path / "copy"), "--exclude", "1", "--json"]
    args = parser.parse_args([*words, "--progress"])
    assert args.run(args) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"event": "progress", "done": 3, "total": 3} in lines
    assert lines[-1]["written"] == ["0", "2", "3"]
