"""What only the pixels tell is found, each file is named, and the data set stays as it was."""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.picture_sets import aerial, drawing, save, save_sheet, sketch_sheets, two_folders
from training import pairs_cli
from training.pairs import Finding, scan
from training.pairs_check import check


def _check(folder: Path) -> dict[str, Finding]:
    return {finding.kind: finding for finding in check(scan(folder))}


def _names(finding: Finding) -> set[str]:
    return {path.name for path in finding.files}


def test_a_sound_set_has_no_findings(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 12)
    assert check(scan(tmp_path)) == []


def test_truncated_and_headerless_files_are_one_finding(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 6)
    whole = (tmp_path / "2.png").read_bytes()
    (tmp_path / "2.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "3.png").write_bytes(b"")
    finding = _check(tmp_path)["unreadable"]
    assert finding.level == "error"
    assert _names(finding) == {"2.png", "3.png"}
    assert finding.sentence.startswith("2 files cannot be read")


def test_exact_duplicates_in_any_format(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 5)
    Image.open(tmp_path / "3.png").save(tmp_path / "again.bmp")
    finding = _check(tmp_path)["duplicate"]
    assert len(finding.files) == 1
    assert _names(finding) <= {"3.png", "again.bmp"}


def test_one_input_with_two_targets(tmp_path: Path) -> None:
    two_folders(tmp_path, 4)
    lines, colours = drawing(1)
    save(lines, tmp_path / "lines" / "other.png")
    save(255 - colours, tmp_path / "colours" / "other.png")
    assert _names(_check(tmp_path)["same-input"]) == {"1.png", "other.png"}


def test_near_duplicates_across_the_splits(tmp_path: Path) -> None:
    sketch_sheets(tmp_path / "train", 20)
    sketch_sheets(tmp_path / "test", 3, first=100)
    sketch_sheets(tmp_path / "val", 3, first=200)
    lines, colours = drawing(5)
    noise = np.random.default_rng(0).normal(0, 3, colours.shape)
    noisy = np.clip(colours + noise, 0, 255).astype(np.uint8)
    sheet = Image.fromarray(np.concatenate([noisy, lines], axis=1)).resize((384, 192))
    sheet.save(tmp_path / "test" / "enlarged.jpg", quality=85)
    finding = _check(tmp_path)["leak"]
    assert _names(finding) == {"enlarged.jpg"}
    assert "5.png (train)" in finding.sentence


def test_single_pairs_the_wrong_way_round(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 8)
    sketch_sheets(tmp_path, 1, sketch_half="left", first=50)
    assert _names(_check(tmp_path)["direction"]) == {"50.png"}


def test_pale_maps_are_not_taken_for_sketches(tmp_path: Path) -> None:
    for number in range(6):
        save_sheet(*aerial(number), tmp_path / f"{number}.png")
    photograph, _ = aerial(50)
    save_sheet(photograph, np.full_like(photograph, 236), tmp_path / "grey.png")
    assert "direction" not in _check(tmp_path)


def test_blank_pictures(tmp_path: Path) -> None:
    two_folders(tmp_path, 4)
    save(np.full((96, 96, 3), 255, np.uint8), tmp_path / "lines" / "2.png")
    assert {path.parent.name for path in _check(tmp_path)["blank"].files} == {"lines"}


def _run(folder: Path, *options: str) -> int:
    parser = argparse.ArgumentParser()
    pairs_cli.register(parser.add_subparsers())
    args = parser.parse_args(["pairs", "check", str(folder), *options])
    code = args.run(args)
    assert isinstance(code, int)
    return code


def _contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_command_reports_in_json_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sketch_sheets(tmp_path, 10)
    (tmp_path / "bad é.png").write_bytes(b"bad")
    before = _contents(tmp_path)
    assert _run(tmp_path, "--json") == 1
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["pairs"], result["layout"], result["input"]) == (10, "sheets", "right")
    assert result["splits"] == {"train": 8, "val": 1, "test": 1}
    [finding] = result["findings"]
    assert (finding["kind"], finding["count"]) == ("unreadable", 1)
    assert finding["files"][0].endswith("bad é.png")
    assert _contents(tmp_path) == before


def test_the_command_speaks_in_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sketch_sheets(tmp_path, 10)
    assert _run(tmp_path) == 0
    assert "right half is the input" in capsys.readouterr().out
    empty = tmp_path / "empty"
    empty.mkdir()
    assert _run(empty) == 2
    assert "holds no pictures" in capsys.readouterr().out
