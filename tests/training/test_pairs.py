"""Every layout a user may have is recognised, with the right direction and split, and what is wrong is said."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from models.errors import UserError
from tests.training.picture_sets import aerial, drawing, save, save_sheet, sketch_sheets, two_folders
from training.pairs import Scan, scan
from training.pairs_split import assign_splits
from training.pictures import load_picture


def _kinds(scanned: Scan) -> set[str]:
    return {finding.kind for finding in scanned.findings}


def _counts(scanned: Scan) -> tuple[int, ...]:
    return tuple(len(scanned.splits[split]) for split in ("train", "val", "test"))


def _input_is_line_art(scanned: Scan) -> bool:
    """The drawings' line art is grey throughout; their coloured sides are not."""
    return all(
        np.ptp(load_picture(pair.input), axis=-1).max() == 0 < np.ptp(load_picture(pair.target), axis=-1).max()
        for pair in scanned.pairs
    )


@pytest.mark.parametrize("half", ["left", "right"])
def test_the_sketch_half_of_sheets_is_found(tmp_path: Path, half: str) -> None:
    sketch_sheets(tmp_path, 10, sketch_half=half)
    scanned = scan(tmp_path)
    assert (scanned.layout, scanned.input_half) == ("sheets", half)
    assert _counts(scanned) == (8, 1, 1)
    assert _input_is_line_art(scanned)
    assert "sketch" in scanned.summary


@pytest.mark.parametrize("photograph_half", ["left", "right"])
def test_the_photograph_of_a_map_is_the_input(tmp_path: Path, photograph_half: str) -> None:
    for number in range(6):
        photograph, drawn = aerial(number)
        halves = (photograph, drawn) if photograph_half == "left" else (drawn, photograph)
        save_sheet(*halves, tmp_path / f"{number}.png")
    assert scan(tmp_path).input_half == photograph_half


def test_portrait_sheets_are_known_by_their_likeness(tmp_path: Path) -> None:
    for number in range(4):
        lines, colours = drawing(number, (72, 96))
        save_sheet(lines, colours, tmp_path / f"{number}.png")
    assert len(scan(tmp_path).pairs) == 4


def test_asking_for_a_half_overrides_what_is_seen_and_says_so(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 5, sketch_half="right")
    scanned = scan(tmp_path, input_half="left")
    assert scanned.pairs[0].input.half == "left"
    assert "direction" in _kinds(scanned)
    assert scan(tmp_path, direction="BtoA").input_half == "right"
    with pytest.raises(UserError, match="contradicts"):
        scan(tmp_path, input_half="left", direction="BtoA")


@pytest.mark.parametrize(
    "names",
    [
        ("lines", "colours"),
        ("Sketch", "Color"),
        ("input", "target"),
        ("line_art", "coloured"),
        ("source", "target"),
        ("edges", "photos"),
        ("sketches", "images"),
        ("A", "B"),
        ("trainA", "trainB"),
        ("train_input", "train_target"),
        ("b_side_is_first", "a_side"),
    ],
)
def test_two_folders_by_name(tmp_path: Path, names: tuple[str, str]) -> None:
    two_folders(tmp_path, 5, names)
    scanned = scan(tmp_path)
    assert scanned.layout == "folders"
    assert (scanned.input_name, scanned.target_name) == names
    assert len(scanned.pairs) == 5
    assert _input_is_line_art(scanned)


def test_letters_do_not_say_which_is_the_input_but_the_pictures_do(tmp_path: Path) -> None:
    two_folders(tmp_path, 5, ("B", "A"))
    scanned = scan(tmp_path)
    assert (scanned.input_name, scanned.direction) == ("B", "BtoA")
    assert _input_is_line_art(scanned)


def test_swapped_folder_names_are_noticed(tmp_path: Path) -> None:
    two_folders(tmp_path, 5, ("colours", "lines"))
    scanned = scan(tmp_path)
    assert scanned.input_name == "lines"
    assert "direction" in _kinds(scanned)


def test_two_folders_may_differ_in_format_and_size(tmp_path: Path) -> None:
    for number in range(3):
        save(drawing(number, (96, 96))[0], tmp_path / "lines" / f"{number}.PNG")
        save(drawing(number, (192, 192))[1], tmp_path / "colours" / f"{number}.jpg")
    scanned = scan(tmp_path)
    assert len(scanned.pairs) == 3
    assert "size-mismatch" in _kinds(scanned)
    assert "aspect-mismatch" not in _kinds(scanned)


def test_names_match_however_accents_are_composed(tmp_path: Path) -> None:
    lines, colours = drawing(1)
    save(lines, tmp_path / "lines" / f"{unicodedata.normalize('NFC', 'Zeichnung é 線画')}.png")
    save(colours, tmp_path / "colours" / f"{unicodedata.normalize('NFD', 'zeichnung é 線画')}.png")
    assert len(scan(tmp_path).pairs) == 1


def test_names_with_role_tails_match(tmp_path: Path) -> None:
    for number in range(3):
        lines, colours = drawing(number)
        save(lines, tmp_path / "trainA" / f"{number}_A.png")
        save(colours, tmp_path / "trainB" / f"{number}_B.png")
    assert len(scan(tmp_path).pairs) == 3


def test_given_splits_are_kept(tmp_path: Path) -> None:
    for split, count in (("train", 6), ("val", 2), ("test", 3)):
        sketch_sheets(tmp_path / split, count)
    scanned = scan(tmp_path)
    assert _counts(scanned) == (6, 2, 3)
    assert scanned.given_splits
    assert all(pair.input.path.parent.name == split for split in scanned.splits for pair in scanned.splits[split])


def test_splits_inside_and_outside_the_two_folders(tmp_path: Path) -> None:
    for split, count in (("train", 4), ("test", 2)):
        two_folders(tmp_path / "outside" / split, count)
        two_folders(tmp_path / "inside", count, (f"A/{split}", f"B/{split}"))
        two_folders(tmp_path / "named", count, (f"{split}A", f"{split}B"))
    for name in ("outside", "inside", "named"):
        scanned = scan(tmp_path / name)
        assert (len(scanned.pairs), len(scanned.splits["test"])) == (6, 2), name


def test_train_and_val_without_test_halves_val(tmp_path: Path) -> None:
    sketch_sheets(tmp_path / "train", 4)
    sketch_sheets(tmp_path / "val", 6)
    assert _counts(scan(tmp_path)) == (4, 3, 3)


def test_a_lone_train_folder_is_divided(tmp_path: Path) -> None:
    sketch_sheets(tmp_path / "unpacked" / "train", 10)
    scanned = scan(tmp_path)
    assert _counts(scanned) == (8, 1, 1)
    assert {pair.name for pair in scanned.pairs} == {pair.name for pair in scan(tmp_path / "unpacked" / "train").pairs}


def test_pairs_of_folders_deeper_down_are_gathered(tmp_path: Path) -> None:
    for tile in ("Tile 1", "Tile 2"):
        two_folders(tmp_path / "data" / tile, 3, ("images", "masks"))
    scanned = scan(tmp_path)
    assert len(scanned.pairs) == 6
    assert len({pair.name for pair in scanned.pairs}) == 6


def test_the_split_depends_on_the_seed_and_on_nothing_else() -> None:
    names = [f"picture {number}" for number in range(200)]
    split = assign_splits(names, 7, (0.8, 0.1, 0.1))
    assert split == assign_splits(list(reversed(names)), 7, (0.8, 0.1, 0.1))
    assert split != assign_splits(names, 8, (0.8, 0.1, 0.1))
    assert [list(split.values()).count(name) for name in ("train", "val", "test")] == [160, 20, 20]


def test_few_added_files_hardly_move_the_split() -> None:
    names = [f"picture {number}" for number in range(500)]
    before = assign_splits(names, 0, (0.8, 0.1, 0.1))
    after = assign_splits([*names, *(f"new {number}" for number in range(10))], 0, (0.8, 0.1, 0.1))
    assert sum(before[name] != after[name] for name in names) <= 10


@pytest.mark.parametrize(("count", "expected"), [(1, (1, 0, 0)), (2, (1, 1, 0)), (3, (1, 1, 1)), (5, (3, 1, 1))])
def test_few_pairs(tmp_path: Path, count: int, expected: tuple[int, ...]) -> None:
    sketch_sheets(tmp_path, count)
    scanned = scan(tmp_path)
    assert _counts(scanned) == expected
    assert ("empty-split" in _kinds(scanned)) == (0 in expected)


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    scanned = scan(tmp_path)
    assert _kinds(scanned) == {"empty"}
    with pytest.raises(UserError, match="holds no pictures"):
        scanned.require_pairs()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        scan(tmp_path / "gone")


@pytest.mark.parametrize("count", [1, 6])
def test_single_pictures_are_not_taken_for_sheets(tmp_path: Path, count: int) -> None:
    for number in range(count):
        save(drawing(number, (140, 96))[1], tmp_path / f"{number}.png")
    scanned = scan(tmp_path)
    assert _kinds(scanned) == {"no-pairs"}
    assert len(scan(tmp_path, input_half="left").pairs) == count


def test_partners_are_missed_by_name(tmp_path: Path) -> None:
    two_folders(tmp_path, 4)
    (tmp_path / "lines" / "2.png").unlink()
    save(drawing(9)[0], tmp_path / "lines" / "nine.png")
    scanned = scan(tmp_path)
    [finding] = [each for each in scanned.findings if each.kind == "unmatched"]
    assert {path.name for path in finding.files} == {"2.png", "nine.png"}
    assert finding.sentence.startswith("2 pictures without a partner")
    assert len(scanned.pairs) == 3


def test_no_partner_at_all(tmp_path: Path) -> None:
    save(drawing(1)[0], tmp_path / "A" / "one.png")
    save(drawing(2)[1], tmp_path / "B" / "two.png")
    scanned = scan(tmp_path)
    assert "no-pairs" in _kinds(scanned)
    with pytest.raises(UserError, match="pairs go by name"):
        scanned.require_pairs()


def test_unreadable_headers_are_left_out_and_named(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 5)
    (tmp_path / "broken.png").write_bytes(b"nothing of the kind")
    (tmp_path / "empty.jpg").touch()
    scanned = scan(tmp_path)
    assert len(scanned.pairs) == 5
    [finding] = [each for each in scanned.findings if each.kind == "unreadable"]
    assert (finding.level, {path.name for path in finding.files}) == ("error", {"broken.png", "empty.jpg"})


def test_odd_widths_small_and_mixed_sizes_are_told(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 3)
    sheet = np.concatenate([drawing(7)[1], np.zeros((96, 1, 3), np.uint8), drawing(7)[0]], axis=1)
    save(sheet, tmp_path / "odd.png")
    save_sheet(*drawing(8, (40, 40)), tmp_path / "small.png")
    scanned = scan(tmp_path)
    assert {"odd-width", "too-small", "mixed-sizes"} <= _kinds(scanned)
    odd = next(pair for pair in scanned.pairs if pair.name == "odd")
    np.testing.assert_array_equal(load_picture(odd.input), drawing(7)[0])
    np.testing.assert_array_equal(load_picture(odd.target), drawing(7)[1])


def test_pairs_of_different_shape_are_told(tmp_path: Path) -> None:
    two_folders(tmp_path, 2)
    save(drawing(5, (96, 96))[0], tmp_path / "lines" / "5.png")
    save(drawing(5, (96, 128))[1], tmp_path / "colours" / "5.png")
    [finding] = [each for each in scan(tmp_path).findings if each.kind == "aspect-mismatch"]
    assert [path.name for path in finding.files] == ["5.png"]


def test_the_same_name_twice_in_one_folder(tmp_path: Path) -> None:
    two_folders(tmp_path, 2)
    save(drawing(1)[0], tmp_path / "lines" / "1.bmp")
    scanned = scan(tmp_path)
    assert len(scanned.pairs) == 2
    assert "ambiguous" in _kinds(scanned)


def test_hidden_files_and_archive_leftovers_are_passed_over(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 3)
    sketch_sheets(tmp_path / "__MACOSX", 3)
    (tmp_path / "._1.png").write_bytes(b"resource fork")
    scanned = scan(tmp_path)
    assert len(scanned.pairs) == 3
    assert not [finding for finding in scanned.findings if finding.level != "info"]


@pytest.mark.parametrize("fractions", [(0.5, 0.1, 0.1), (0.0, 0.5, 0.5), (1.2, -0.1, -0.1)])
def test_shares_must_make_sense(tmp_path: Path, fractions: tuple[float, float, float]) -> None:
    with pytest.raises(UserError, match="add up to 1"):
        scan(tmp_path, fractions=fractions)


def test_sheets_are_cut_where_asked(tmp_path: Path) -> None:
    lines, colours = drawing(1)
    strip = np.full((96, 48, 3), 128, np.uint8)
    save(np.concatenate([colours, lines, strip], axis=1), tmp_path / "a.png")
    (pair,) = scan(tmp_path, cut=96 / 240, input_half="right").pairs
    np.testing.assert_array_equal(load_picture(pair.input), lines)
    np.testing.assert_array_equal(load_picture(pair.target), colours)
    with pytest.raises(UserError, match="between its edges"):
        scan(tmp_path, cut=1.0)


def test_pairs_that_are_left_out_belong_to_no_split(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 12)
    scanned = scan(tmp_path, exclude=("3", "7", "not there"))
    assert {pair.name for pair in scanned.pairs} == {str(number) for number in range(12)} - {"3", "7"}
    assert "left out" in scan(tmp_path, exclude=[str(number) for number in range(12)]).findings[0].sentence
