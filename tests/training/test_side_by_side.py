"""`compare` as another program uses it: a line for each picture, answers as files, pictures without a truth, states."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from tests.training.picture_sets import drawing, save, sketch_sheets
from tests.training.test_evaluate import Shelf, _copy, _run
from tests.training.test_evaluate import shelf as shelf  # noqa: PLC0414 - a fixture
from tests.training.tiny_runs import squares, tiny_config, tiny_trainer
from training.kept_answers import AnswerFolder
from training.pictures import PictureRef, load_picture
from training.run_state import model_of_state
from training.side_by_side import spread
from training.trainer import Limits


class Painter:
    """Paints everything in one colour, and counts how often."""

    def __init__(self, grey: int) -> None:
        self.grey, self.count = grey, 0

    def __call__(self, image: np.ndarray, hints: np.ndarray | None) -> np.ndarray:
        self.count += 1
        return np.full_like(image, self.grey)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    sketch_sheets(tmp_path / "data", 5)
    return tmp_path / "data"


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    def read() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == "picture"], lines[-1]

    return read


def test_every_picture_is_told_with_its_measures_whose_mean_is_the_table(
    shelf: Shelf, data: Path, tmp_path: Path, told: Any
) -> None:
    first, second = shelf.add("copycat", _copy), shelf.add("grey", Painter(200))
    out = tmp_path / "answers"
    assert _run("compare", first, second, "--data", data, "--size", "native", "--answers", out, "--progress") == 0
    pictures, result = told()
    assert sorted(each["name"] for each in pictures) == ["0", "1", "2", "3", "4"]
    assert [row["name"] for row in result["rows"]][:3] == ["copycat", "grey", "copy the input"]
    for place, row in enumerate(result["rows"]):
        for name in ("ssim", "psnr"):
            assert row[name] == pytest.approx(np.mean([each["values"][place][name] for each in pictures]))
    for each in pictures:
        lines, colours = drawing(int(each["name"]))
        assert np.array_equal(load_picture(PictureRef(Path(each["input"]))), lines)
        assert np.array_equal(load_picture(PictureRef(Path(each["truth"]))), colours)
        assert np.array_equal(load_picture(PictureRef(Path(each["answers"]["copycat"]))), lines)
        assert (load_picture(PictureRef(Path(each["answers"]["grey"]))) == 200).all()


def test_figures_are_those_of_the_command_without_answers(shelf: Shelf, data: Path, tmp_path: Path, told: Any) -> None:
    call = ("compare", shelf.add("copycat", _copy), shelf.add("grey", Painter(200)), "--data", data)
    assert _run(*call, "--json") == 0
    plain = told()[1]["rows"]
    assert _run(*call, "--answers", tmp_path / "answers", "--progress") == 0
    assert told()[1]["rows"] == plain
    assert _run(*call, "--answers", tmp_path / "answers", "--progress") == 0  # now from the files
    assert told()[1]["rows"] == plain


def test_an_answer_is_painted_once_for_each_model_picture_and_setting(
    shelf: Shelf, data: Path, tmp_path: Path, told: Any
) -> None:
    painters = {name: Painter(grey) for name, grey in (("one", 10), ("two", 20), ("three", 30))}
    paths = {name: shelf.add(name, painter, condition="hints") for name, painter in painters.items()}
    options = ("--data", data, "--size", "64", "--answers", tmp_path / "answers", "--progress")
    assert _run("compare", paths["one"], paths["two"], *options, "--hints", "0") == 0
    assert _run("compare", paths["one"], paths["three"], *options, "--hints", "0") == 0
    assert [painter.count for painter in painters.values()] == [5, 5, 5]
    assert _run("compare", paths["one"], paths["two"], *options, "--hints", "16") == 0
    assert [painter.count for painter in painters.values()] == [10, 10, 5]
    told()
    Path(paths["one"]).write_text("other weights", encoding="utf-8")
    assert _run("compare", paths["one"], paths["two"], *options, "--hints", "0") == 0
    assert [painter.count for painter in painters.values()] == [15, 10, 5]
    damaged = Path(told()[0][2]["answers"]["two"])
    damaged.write_bytes(damaged.read_bytes()[:40])
    assert _run("compare", paths["one"], paths["two"], *options, "--hints", "0") == 0
    assert painters["two"].count == 11
    assert (load_picture(PictureRef(damaged)) == 20).all()


def test_pictures_without_a_truth_are_painted_and_not_measured(shelf: Shelf, tmp_path: Path, told: Any) -> None:
    pages = tmp_path / "pages"
    for number in range(3):
        save(drawing(number)[0], pages / f"{number}.png")
    (pages / "1.png").write_bytes(b"no picture")
    call = ("compare", shelf.add("copycat", _copy), shelf.add("grey", Painter(7)), "--pictures", pages)
    assert _run(*call, "--size", "native", "--answers", tmp_path / "answers", "--progress") == 1
    pictures, result = told()
    assert [(each["name"], each["truth"], each["values"]) for each in pictures] == [
        ("0.png", None, []),
        ("2.png", None, []),
    ]
    assert result["n"] == 2
    assert "1.png" in result["failed"][0]["reason"]
    with pytest.raises(UserError, match="painted only"):
        _run(*call)
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match="no pictures in"):
        _run(*call[:-1], tmp_path / "none", "--answers", tmp_path / "answers")


def test_a_model_is_not_compared_with_itself(shelf: Shelf, data: Path) -> None:
    model = shelf.add("copycat", _copy)
    with pytest.raises(UserError, match="A and B are the same model"):
        _run("compare", model, model, "--data", data)


@pytest.mark.parametrize(("most", "taken"), [(None, 10), (24, 10), (10, 10), (4, 4), (1, 1)])
def test_pictures_are_taken_evenly_spaced(most: int | None, taken: int) -> None:
    items = list(range(10))
    chosen = spread(items, most)
    assert len(chosen) == len(set(chosen)) == taken
    assert chosen == sorted(chosen)
    assert chosen[0] == 0
    assert taken == 1 or chosen[-1] == 9


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    folder = AnswerFolder(tmp_path / "file" / "below")
    with pytest.raises(UserError, match="cannot be written"):
        folder.keep_picture(np.zeros((4, 4, 3), np.uint8))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of 20 steps, of whose states those of 16 and 20 are kept."""
    folder = tmp_path_factory.mktemp("states")
    tiny_trainer(tiny_config(), squares(folder / "data"), folder / "run").train(Limits())
    return folder / "run"


def test_a_state_is_the_model_that_the_training_exported_then(run: Path, tmp_path: Path) -> None:
    states = sorted((run / "checkpoints").glob("step-*.pt"))
    assert len(states) == 2
    model_of_state(states[-1], tmp_path / "last.safetensors")
    from models.checkpoint import load_arrays, read_header

    exported, made = load_arrays(run / "model.safetensors"), load_arrays(tmp_path / "last.safetensors")
    assert exported.keys() == made.keys()
    assert all(np.array_equal(exported[name], made[name]) for name in exported)
    assert read_header(tmp_path / "last.safetensors").facts["steps"] == str(int(states[-1].stem[5:]))
    model_of_state(states[0], tmp_path / "first.safetensors")
    earlier = load_arrays(tmp_path / "first.safetensors")
    assert any(not np.array_equal(earlier[name], made[name]) for name in made)


def test_two_states_are_compared(run: Path, tmp_path: Path, told: Any) -> None:
    first, second = sorted((run / "checkpoints").glob("step-*.pt"))
    data = run.parent / "data"
    options = ("--data", data, "--split", "val", "--size", "native", "--device", "cpu")
    assert _run("compare", first, second, *options, "--answers", tmp_path / "answers", "--progress") == 0
    pictures, result = told()
    assert [model["name"] for model in result["models"]] == [first.stem, second.stem]
    one, other = (np.asarray(Image.open(path)) for path in pictures[0]["answers"].values())
    assert one.shape == (40, 40, 3)
    assert not np.array_equal(one, other)


def test_what_is_no_state_is_refused_in_a_sentence(run: Path, tmp_path: Path) -> None:
    stray = tmp_path / "step-1.pt"
    stray.write_bytes(b"")
    with pytest.raises(UserError, match="no state of a training"):
        model_of_state(stray, tmp_path / "model.safetensors")
    damaged = run / "checkpoints" / "step-99.pt"
    damaged.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(UserError, match="is damaged"):
        model_of_state(damaged, tmp_path / "model.safetensors")
    damaged.unlink()
