"""The table holds what was measured on every readable pair, and the baselines are computed from the same pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from tests.training.picture_sets import drawing, save_sheet, sketch_sheets
from training import metrics
from training.console import table
from training.evaluate import choose_split, contact_sheet
from training.evaluation import Example, Row, hints_of, load_example, measure, trivial_rows
from training.evaluation_table import ModelFacts, Result
from training.feature_metrics import FeatureMeasures
from training.pairs import scan

NO_FEATURES = FeatureMeasures(
    unavailable=dict.fromkeys(("vgg_gram", "lpips", "fid", "kid"), "not available offline: -")
)


def _truth(example: Example) -> np.ndarray:
    return example.target


def _lighter(example: Example) -> np.ndarray:
    return np.minimum(example.target.astype(np.int16) + 20, 255).astype(np.uint8)


def test_values_are_the_means_over_the_pairs(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 11)  # more than one group
    pairs = scan(tmp_path).pairs
    rows = [Row(name="lighter", answer=_lighter, model="m"), *trivial_rows(pairs, 64, (), 0)]
    measured = measure(rows, pairs, size=64, features=NO_FEATURES)
    assert measured.count == 11
    examples = [load_example(pair, 64) for pair in pairs]
    units = [(metrics.unit_picture(each.input), metrics.unit_picture(each.target)) for each in examples]
    lighter, copied, flat = (row.values for row in measured.rows)
    assert copied["ssim"] == pytest.approx(np.mean([metrics.ssim(a, b) for a, b in units]))
    assert copied["psnr"] == pytest.approx(np.mean([metrics.psnr(a, b) for a, b in units]))
    colour = np.mean([b for _, b in units], axis=(0, 1, 2))
    assert flat["psnr"] == pytest.approx(
        np.mean([metrics.psnr(np.broadcast_to(colour, b.shape), b) for _, b in units]), abs=0.05
    )
    assert lighter["fid"] is None
    assert lighter["l1"] == pytest.approx(
        np.mean([np.abs(_lighter(each).astype(float) - each.target).mean() / 255 for each in examples])
    )


def test_pictures_are_squashed_by_bicubic_filtering(tmp_path: Path) -> None:
    lines, colours = drawing(1, (90, 120))
    save_sheet(colours, lines, tmp_path / "portrait.png")
    [pair] = scan(tmp_path).pairs
    example = load_example(pair, 64)
    expected = Image.fromarray(colours).resize((64, 64), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(example.target, np.asarray(expected))
    assert load_example(pair, None).target.shape == (120, 90, 3)


def test_a_damaged_pair_is_left_out_and_named(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 4)
    whole = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(whole[: len(whole) // 2])
    pairs = scan(tmp_path, input_half="right").pairs
    measured = measure(trivial_rows(pairs, 64, (), 0), pairs, size=64, features=NO_FEATURES)
    assert measured.count == 3
    assert [path.name for path in measured.failed] == ["1.png"]


def test_hints_are_the_same_for_every_model_and_other_for_every_picture(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 2)
    one, other = (load_example(pair, 96) for pair in scan(tmp_path).pairs)
    np.testing.assert_array_equal(hints_of(one, 5, 0), hints_of(one, 5, 0))
    assert not np.array_equal(hints_of(one, 5, 0), hints_of(other, 5, 0))
    assert not np.array_equal(hints_of(one, 5, 0), hints_of(one, 5, 1))


def test_more_hints_help_the_spreading_baseline(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 4)
    pairs = scan(tmp_path).pairs
    rows = trivial_rows(pairs, 96, (0, 4, 64), 0)
    assert [row.hints for row in rows] == [None, None, 4, 64]
    measured = measure(rows, pairs, size=96, features=NO_FEATURES)
    few, many = (row.values["psnr"] for row in measured.rows[2:])
    assert few is not None
    assert many is not None
    assert many > few


def test_the_split_asked_for_and_the_one_taken_otherwise(tmp_path: Path) -> None:
    sketch_sheets(tmp_path / "flat", 10)
    flat = scan(tmp_path / "flat")
    assert [(name, len(pairs)) for name, pairs in (choose_split(flat, None), choose_split(flat, "test"))] == [
        ("all", 10),
        ("test", 1),
    ]
    for split, count in (("train", 3), ("val", 2)):
        sketch_sheets(tmp_path / "given" / split, count)
    assert choose_split(scan(tmp_path / "given"), None)[0] == "test"
    sketch_sheets(tmp_path / "one", 1)
    with pytest.raises(UserError, match=r"val part of .* is empty"):
        choose_split(scan(tmp_path / "one"), "val")


def _result(folder: Path, models: int) -> Result:
    scanned = scan(folder)
    answers = (_truth, _lighter)
    rows = [Row(name=f"model {index}", model=f"model {index}", answer=answers[index]) for index in range(models)]
    rows += trivial_rows(scanned.pairs, 64, (4,), 0)
    measured = measure(rows, scanned.pairs, size=64, features=NO_FEATURES, sheet_rows=2)
    return Result(
        models=[ModelFacts(name=f"model {index}", path=Path("m"), device="CPU") for index in range(models)],
        scanned=scanned,
        split="all",
        split_as_asked=False,
        size=64,
        seed=0,
        features=NO_FEATURES,
        measured=measured,
    )


def test_no_figure_is_told_without_its_count_split_size_and_definition(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 3)
    result = _result(tmp_path, 1)
    text = "\n".join(result.lines())
    for word in ("N = 3 pairs", "split all", "64×64", "Gaussian window 11", "not available offline", "copy the input"):
        assert word in text
    told = result.as_json()
    assert (told["n"], told["split"], told["size"]) == (3, "all", 64)
    assert [row["kind"] for row in told["rows"]] == ["model", "baseline", "baseline", "baseline"]
    assert told["rows"][0]["lpips"] is None
    assert "lpips" in told["unavailable"]
    assert set(told["definitions"]) == {"ssim", "psnr", "l1", "delta_e", "gram_rgb"}


def test_two_models_are_compared_picture_by_picture(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 3)
    assert "model 0: higher SSIM than model 1 in 3 of 3." in list(_result(tmp_path, 2).lines())


def test_the_contact_sheet_shows_input_answers_and_truth(tmp_path: Path) -> None:
    sketch_sheets(tmp_path, 3)
    sheet = contact_sheet(_result(tmp_path, 1).measured)
    width, height = sheet.size
    assert width == 4 * 64 + 5 * 4  # input, model, spread hints, truth
    assert height > 2 * 64  # two rows were asked for
    pixels = np.asarray(sheet)
    top = 18 + 4
    np.testing.assert_array_equal(pixels[top : top + 64, 72:136], pixels[top : top + 64, 3 * 68 + 4 : 3 * 68 + 68])


def test_tables_line_up() -> None:
    lines = table([["", "PSNR"], ["copy", "9.50"], ["a model", "10.25"]]).splitlines()
    assert lines == ["          PSNR", "-------  -----", "copy      9.50", "a model  10.25"]
