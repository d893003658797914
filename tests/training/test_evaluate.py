"""`evaluate` and `compare` from the command line to the last JSON object, with networks that answer to order."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.errors import UserError
from models.spec import ModelSpec
from tests.training.picture_sets import sketch_sheets
from training import evaluate
from training.pictures import read_size

Predict = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


def _copy(image: np.ndarray, hints: np.ndarray | None) -> np.ndarray:
    return image


def _paint_hints(image: np.ndarray, hints: np.ndarray | None) -> np.ndarray:
    """The input with the hinted pixels in their colours: closer to the truth with every hint."""
    if hints is None:
        return image
    return np.where(hints[..., 3:] > 0, hints[..., :3], image)


class Shelf:
    """The models the command finds, each with its description and its way to answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.models: dict[Path, tuple[ModelSpec, Predict]] = {}
        self.asked_for: list[tuple[Path, str]] = []

    def add(self, name: str, predict: Predict, **spec: Any) -> str:
        path = self.folder / f"{name}.safetensors"
        path.write_text(name, encoding="utf-8")
        self.models[path] = ModelSpec(**{"norm": "instance", "condition": "none", **spec}), predict
        return str(path)

    def load_runtime(self, path: Path, device: str = "auto") -> SimpleNamespace:
        self.asked_for.append((path, device))
        spec, predict = self.models[path]
        return SimpleNamespace(spec=spec, device="cpu", title="CPU, to order", predict=predict)


class _Predictor:
    def __init__(self, runtime: SimpleNamespace, self_ensemble: int) -> None:
        self._runtime = runtime

    def predict(self, image: np.ndarray, *, hints: np.ndarray | None = None) -> SimpleNamespace:
        return SimpleNamespace(picture=self._runtime.predict(image, hints))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Stands in for the runtime and the predictor, whose own tests are elsewhere; no weights in the cache."""
    folder = tmp_path / "models"
    folder.mkdir()
    shelf = Shelf(folder)
    for name, attributes in (
        ("models.runtime", {"load_runtime": shelf.load_runtime}),
        ("models.predictor", {"Predictor": _Predictor}),
        ("training.norm_statistics", {"PerImageRuntime": shelf.load_runtime}),
    ):
        module = ModuleType(name)
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    return shelf


@pytest.fixture
def data(tmp_path: Path) -> Path:
    sketch_sheets(tmp_path / "data", 10)
    return tmp_path / "data"


def _run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    evaluate.register(parser.add_subparsers())
    args = parser.parse_args([str(argument) for argument in arguments])
    code = args.run(args)
    assert isinstance(code, int)
    return code


def _told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return told


def test_a_model_that_copies_scores_what_copying_scores(
    shelf: Shelf, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("evaluate", "-m", shelf.add("copycat", _copy), "--data", data, "--size", "64", "--json") == 0
    told = _told(capsys)
    assert (told["n"], told["split"], told["size"], told["input"]) == (10, "all", 64, "right")
    assert [row["name"] for row in told["rows"]][:2] == ["copycat", "copy the input"]
    model, copied = told["rows"][:2]
    assert model["hints"] is None
    for name in ("ssim", "psnr", "l1", "delta_e", "gram_rgb"):
        assert model[name] == pytest.approx(copied[name])
        assert name in told["definitions"]
    assert model["fid"] is None
    assert told["unavailable"]["fid"].startswith("not available offline")


def test_a_model_with_hints_is_measured_with_each_number(
    shelf: Shelf, data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = shelf.add("painter", _paint_hints, condition="hints")
    sheet = tmp_path / "sheets" / "sheet.png"
    code = _run(
        "evaluate", "-m", model, "--data", data, "--size", "64", "--hints", "16,0", "--contact-sheet", sheet, "--json"
    )
    assert code == 0
    rows = _told(capsys)["rows"]
    assert [(row["name"], row["hints"]) for row in rows if row["kind"] == "model"] == [("painter", 0), ("painter", 16)]
    assert ("spread hints", 16) in [(row["name"], row["hints"]) for row in rows]
    assert rows[1]["psnr"] > rows[0]["psnr"]
    assert read_size(sheet)[0] == 5 * 64 + 6 * 4  # input, without hints, with 16, spread hints, truth


def test_the_contact_sheet_has_as_many_rows_as_asked_for(shelf: Shelf, data: Path, tmp_path: Path) -> None:
    model = shelf.add("copycat", _copy)
    heights = []
    for rows in ("2", "4"):
        sheet = tmp_path / f"sheet{rows}.png"
        options = ("--size", "64", "--contact-sheet", sheet, "--sheet-rows", rows)
        assert _run("evaluate", "-m", model, "--data", data, *options) == 0
        heights.append(read_size(sheet)[1])
    assert heights[1] - heights[0] > 2 * 64


def test_a_self_ensemble_is_told_and_kept_apart(
    shelf: Shelf, data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model = shelf.add("batchy", _copy, norm="batch")
    options = ("--data", data, "--size", "64", "--statistics", "running", "--answers", tmp_path / "answers", "--json")
    counts = []
    for size, name in ((1, "batchy (running statistics)"), (4, "batchy (running statistics, 4 orientations)")):
        assert _run("evaluate", "-m", model, "--self-ensemble", str(size), *options) == 0
        assert _told(capsys)["rows"][0]["name"] == name
        counts.append(len(list((tmp_path / "answers").iterdir())))
    assert counts[1] == 2 * counts[0]


def test_a_split_and_a_size_may_be_asked_for(shelf: Shelf, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = shelf.add("copycat", _copy)
    assert _run("evaluate", "-m", model, "--data", data, "--split", "test", "--size", "native", "--json") == 0
    told = _told(capsys)
    assert (told["n"], told["split"], told["size"]) == (1, "test", "native")


def test_batch_norm_models_are_measured_with_both_statistics(
    shelf: Shelf, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = shelf.add("batchy", _copy, norm="batch")
    options = ("--data", data, "--size", "64", "--json")
    assert _run("evaluate", "-m", model, *options) == 0
    rows = _told(capsys)["rows"]
    assert [row["statistics"] for row in rows if row["kind"] == "model"] == ["running", "image"]
    assert _run("evaluate", "-m", model, "--statistics", "image", *options) == 0
    rows = _told(capsys)["rows"]
    assert [row["statistics"] for row in rows if row["kind"] == "model"] == ["image"]


def test_two_models_are_compared(shelf: Shelf, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def invert(image: np.ndarray, hints: np.ndarray | None) -> np.ndarray:
        return 255 - image

    first, second = shelf.add("copycat", _copy), shelf.add("inverter", invert)
    assert _run("compare", first, second, "--data", data, "--size", "64", "--device", "cpu") == 0
    text = capsys.readouterr().out
    assert "copycat: higher SSIM than inverter in 10 of 10." in text
    assert text.count("copy the input") == 1
    assert [device for _, device in shelf.asked_for] == ["cpu", "cpu"]


def test_pictures_that_cannot_be_read_are_named_and_exit_with_1(
    shelf: Shelf, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (data / "3.png").read_bytes()
    (data / "3.png").write_bytes(whole[: len(whole) // 2])
    (data / "é.png").write_bytes(b"")
    assert _run("evaluate", "-m", shelf.add("copycat", _copy), "--data", data, "--size", "64", "--json") == 1
    told = _told(capsys)
    assert told["n"] == 9
    assert sorted(Path(each["file"]).name for each in told["failed"]) == ["3.png", "é.png"]


def test_unusable_calls_are_user_errors(shelf: Shelf, data: Path, tmp_path: Path) -> None:
    model = shelf.add("copycat", _copy)
    with pytest.raises(UserError, match="no model named nobody"):
        _run("evaluate", "-m", "nobody", "--data", data)
    with pytest.raises(UserError, match="is not a folder"):
        _run("evaluate", "-m", model, "--data", tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no pictures"):
        _run("evaluate", "-m", model, "--data", tmp_path / "empty")
    with pytest.raises(UserError, match="is not a folder"):
        _run("evaluate", "-m", model, "--data", data, "--metric-weights", tmp_path / "gone")


@pytest.mark.parametrize("option", [("--size", "5"), ("--size", "big"), ("--hints", "many"), ("--split", "half")])
def test_options_are_checked_before_anything_is_read(
    option: tuple[str, str], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        _run("evaluate", "-m", "any", "--data", data, *option)
    assert caught.value.code == 2
    assert option[1] in capsys.readouterr().err
