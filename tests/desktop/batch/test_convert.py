"""`sketchsause convert`, from its arguments to the files, the JSON and the exit code."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from sketchsause_desktop import cli
from sketchsause_desktop.batch import cli as convert_cli
from sketchsause_desktop.batch.lock import locked
from sketchsause_desktop.batch.report import Report
from sketchsause_desktop.core.character_files import write_character
from sketchsause_desktop.core.characters import Character, NamedColour
from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.pictures import read_picture
from sketchsause_desktop.inference import catalogue as catalogue_module
from sketchsause_desktop.inference.catalogue import Catalogue
from tests.desktop.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    write_tiny_model(folder / "plain.safetensors")
    write_tiny_model(folder / "hinted.safetensors", condition="hints", output="colour_layer", fit="resize")
    write_tiny_model(folder / "styled.safetensors", palette=True)
    monkeypatch.setattr(catalogue_module, "default_catalogue", lambda: Catalogue((folder,)))
    return folder


@pytest.fixture
def quick(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> "Bench":
    """The bench, with its painter in the network's place."""
    monkeypatch.setattr(convert_cli, "load_painter", lambda job, model: (bench.painter, "a fake"))
    return bench


def convert(bench: "Bench", *arguments: object, model: str = "plain") -> int:
    return cli.main(["convert", *map(str, arguments or (bench.folder,)), "-o", str(bench.out), "-m", model])


def test_the_real_network_paints_every_size_at_its_size(bench: "Bench", capsys: pytest.CaptureFixture[str]) -> None:
    sizes = {"a.png": (64, 64), "b.png": (37, 91), "ü 線.png": (1, 1), "wide.png": (300, 20)}
    for name, size in sizes.items():
        bench.picture(name, size=size)
    assert convert(bench, bench.folder, "--device", "cpu", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["converted"], told["skipped"], told["failed"]) == (4, 0, 0)
    assert "CPU" in told["device"]
    for name, size in sizes.items():
        result = read_picture(bench.out / name)
        assert (result.width, result.height) == size


def test_hints_change_what_the_real_network_paints(bench: "Bench", tmp_path: Path) -> None:
    bench.picture("a.png", size=(64, 64))
    hints = np.zeros((64, 64, 4), np.uint8)
    hints[20:40, 20:40] = (255, 0, 0, 255)
    Image.fromarray(hints).save(tmp_path / "hints.png")
    assert convert(bench, bench.folder, model="hinted") == 0
    plain = (bench.out / "a.png").read_bytes()
    options = ("--hints", tmp_path / "hints.png", "--if-exists", "overwrite")
    assert convert(bench, bench.folder, *options, model="hinted") == 0
    assert (bench.out / "a.png").read_bytes() != plain


def test_of_four_orientations_none_is_preferred(bench: "Bench") -> None:
    bench.picture("a.png", size=(64, 96))
    upright = read_picture(bench.folder / "a.png").pixels[..., :3]
    Image.fromarray(np.rot90(upright)).save(bench.folder / "lying.png")

    def difference(*options: object) -> int:
        assert convert(bench, bench.folder, "--if-exists", "overwrite", "--device", "cpu", *options) == 0
        plain, lying = (read_picture(bench.out / name).pixels[..., :3].astype(int) for name in ("a.png", "lying.png"))
        return int(np.abs(np.rot90(plain) - lying).max())

    assert difference() > 2
    assert difference("--self-ensemble", 4) <= 1  # but for rounding


def test_results_are_pulled_to_the_hints_as_far_as_asked(bench: "Bench", tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "white").save(bench.folder / "a.png")
    hints = np.zeros((64, 64, 4), np.uint8)
    hints[20:40, 20:40] = (200, 30, 40, 255)
    Image.fromarray(hints).save(tmp_path / "hints.png")
    away = []
    for strength in (0, 50, 100):
        options = ("--hints", tmp_path / "hints.png", "--hint-strength", strength, "--if-exists", "overwrite")
        assert convert(bench, bench.folder, *options, model="hinted") == 0
        result = read_picture(bench.out / "a.png").pixels[22:38, 22:38].astype(int)
        away.append(np.abs(result.mean(axis=(0, 1)) - (200, 30, 40)).max())
    assert away[2] <= 4
    assert away[0] > away[1] > away[2]


@pytest.mark.parametrize("name", ["warm.gpl", "Mia 美亜.json", "sunset.png"])
def test_every_page_gets_the_palette(bench: "Bench", tmp_path: Path, name: str) -> None:
    for page in ("a.png", "b.png"):
        bench.picture(page, size=(64, 64))
    colours = (NamedColour(colour=(200, 40, 30), name="hair"), NamedColour(colour=(250, 180, 60), name="cloth"))
    if name.endswith(".png"):
        Image.new("RGB", (40, 40), (200, 40, 30)).save(tmp_path / name)
    else:
        write_character(Character(name="Mia", colours=colours), tmp_path / name)
    assert convert(bench, bench.folder, model="styled") == 0
    plain = [(bench.out / page).read_bytes() for page in ("a.png", "b.png")]
    options = ("--palette", tmp_path / name, "--if-exists", "overwrite")
    assert convert(bench, bench.folder, *options, model="styled") == 0
    assert all((bench.out / page).read_bytes() != was for page, was in zip(("a.png", "b.png"), plain, strict=True))


def test_a_palette_of_many_colours_is_handed_on_as_it_is(
    quick: "Bench", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick.picture("a.png")
    lines = "".join(f"{number % 256} {number // 256} 7 x\n" for number in range(10_000))
    (tmp_path / "many.gpl").write_text("GIMP Palette\n" + lines)
    assert convert(quick, quick.folder, "--palette", tmp_path / "many.gpl", model="styled") == 0
    assert len(quick.painter.asked[0]["palette"]) == 10_000
    (tmp_path / "more.gpl").write_text("GIMP Palette\n" + lines + "1 2 3\n")
    assert convert(quick, quick.folder, "--palette", tmp_path / "more.gpl", model="styled") == 2
    assert "more than 10000 colours" in capsys.readouterr().err


def test_the_json_names_every_file(quick: "Bench", capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = quick.picture("a.png"), quick.folder / "b.png"
    bad.write_bytes(b"")
    assert convert(quick, quick.folder, "--json") == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert (told["converted"], told["failed"], told["model"], told["device"]) == (1, 1, "plain", "a fake")
    first, second = told["files"]
    assert (first["input"], first["output"], first["status"]) == (str(good), str(quick.out / "a.png"), "done")
    assert (second["input"], second["output"], second["status"]) == (str(bad), None, "failed")
    assert "is empty" in second["message"]
    assert captured.err == second["message"] + "\n"


@pytest.mark.parametrize("as_told", [(), ("--json",), ("--progress", "json")])
def test_the_report_names_every_picture(quick: "Bench", tmp_path: Path, as_told: tuple[str, ...]) -> None:
    quick.picture("a.png")
    quick.picture("there.png")
    (quick.folder / "bad.png").write_bytes(b"")
    quick.out.mkdir()
    (quick.out / "there.png").touch()
    report = tmp_path / "report.csv"
    assert convert(quick, quick.folder, "--dry-run", "--report", report) == 0
    assert {state for _, state in _reported(report)} == {"waiting", "left alone"}
    assert convert(quick, quick.folder, "--report", report, *as_told) == 1
    assert sorted(_reported(report)) == [("a.png", "done"), ("bad.png", "failed"), ("there.png", "left alone")]


def _reported(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(Path(row["picture"]).name, row["state"]) for row in csv.DictReader(file)]


def test_a_report_that_cannot_be_written_is_told_before_anything_is_done(
    quick: "Bench", tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick.picture("a.png")
    assert convert(quick, quick.folder, "--report", tmp_path / "none" / "report.csv") == 2
    assert "report.csv cannot be written: there is no such folder" in capsys.readouterr().err
    assert not quick.out.exists()


def test_a_report_lost_to_a_full_disk_is_exit_code_one(
    quick: "Bench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick.picture("a.png")
    leave = Report.__exit__

    def onto_a_full_disk(report: Report, *error: Any) -> None:
        leave(report, *error)
        report.fault = UserError("The disk is full.")

    monkeypatch.setattr(Report, "__exit__", onto_a_full_disk)
    assert convert(quick, quick.folder, "--report", tmp_path / "report.csv") == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("1 converted")
    assert captured.err == "The disk is full.\n"


def test_one_damaged_in_a_hundred_is_named_counted_and_exit_code_one(
    quick: "Bench", capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(100):
        quick.picture(f"{number:02}.png")
    (quick.folder / "50.png").write_bytes(b"no picture at all")
    assert convert(quick) == 1
    told = capsys.readouterr()
    assert told.out.startswith("99 converted, 0 skipped, 1 failed in ")
    assert told.err.count("\n") == 1
    assert told.err.startswith(f"{quick.folder / '50.png'} is not a picture")
    assert len(quick.results()) == 99


def test_without_dask_it_says_what_to_install(
    quick: "Bench", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick.picture("a.png")
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert convert(quick, quick.folder, "--engine", "dask") == 2
    said = capsys.readouterr().err
    assert said.startswith("--engine dask needs Dask, which is not installed.")
    assert 'pip install "dask[distributed]"' in said
    assert convert(quick, quick.folder, "--scheduler", "tcp://10.0.0.1:8786") == 2
    assert "are for --engine dask" in capsys.readouterr().err


def test_people_get_a_sentence_and_a_second_run_skips(quick: "Bench", capsys: pytest.CaptureFixture[str]) -> None:
    quick.picture("a.png")
    assert convert(quick) == 0
    assert capsys.readouterr().out.startswith("1 converted, 0 skipped, 0 failed in ")
    assert convert(quick) == 0
    assert capsys.readouterr().out.startswith("0 converted, 1 skipped, 0 failed in ")


def test_settings_come_through(quick: "Bench") -> None:
    quick.picture("sub/a.png", size=(48, 16))
    options = ("--recursive", "--sheet-half", "right", "--tile", 64, "--overlap", 8, "--format", "jpg")
    assert convert(quick, quick.folder, *options) == 0
    assert quick.results() == ["sub/a.jpg"]
    (asked,) = quick.painter.asked
    assert (asked["size"], asked["tile"], asked["overlap"]) == ((16, 24, 3), 64, 8)


def test_a_dry_run_tells_and_does_nothing(quick: "Bench", capsys: pytest.CaptureFixture[str]) -> None:
    source = quick.picture("a.png")
    quick.picture("b.png")
    assert convert(quick, quick.folder, "--dry-run", "--name", "{stem}_{model}.{ext}", "--exclude", "b*") == 0
    told = capsys.readouterr().out
    assert f"{source} -> {quick.out / 'a_plain.png'}" in told
    assert told.endswith("1 to convert, 0 to skip, 0 refused.\n")
    assert not quick.out.exists()


def test_answers_on_the_terminal(
    quick: "Bench", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.png", "b.png", "c.png"):
        quick.picture(name)
    assert convert(quick) == 0
    assert convert(quick, quick.folder, "--if-exists", "ask") == 2
    assert "nobody to ask" in capsys.readouterr().err
    answers = io.StringIO("s\nwhat\nR\n")
    monkeypatch.setattr(answers, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", answers)
    assert convert(quick, quick.folder, "--if-exists", "ask") == 0
    assert quick.results() == ["a.png", "b-2.png", "b.png", "c-2.png", "c.png"]


def test_a_second_batch_into_the_folder_is_refused_in_a_sentence(
    quick: "Bench", capsys: pytest.CaptureFixture[str]
) -> None:
    quick.picture("a.png")
    quick.out.mkdir()
    with locked(quick.out, None):
        assert convert(quick) == 2
    assert capsys.readouterr().err.startswith(f"Another batch is writing into {quick.out}.")
    assert convert(quick, quick.folder, "--shard", "1/1") == 0
    assert quick.results() == ["a.png"]


@pytest.mark.parametrize(
    ("arguments", "model", "words"),
    [
        (("in",), "nothing", "no model named nothing. The models here are: hinted, plain, styled."),
        (("empty",), "plain", "no pictures in empty. Try --recursive."),
        (("missing.png",), "plain", "missing.png does not exist"),
        (("in", "--hints", "in/a.png"), "plain", "plain takes no hints"),
        (("in", "--hints", "in/a.png"), "hinted", "no transparency"),
        (("in", "--hints", "gone.png"), "hinted", "gone.png does not exist"),
        (("in", "--hint-strength", "101"), "hinted", "A hint strength of 101% is not possible. Choose 0 to 100."),
        (("in", "--palette", "in/a.png"), "plain", "plain takes no palette"),
        (("in", "--palette", "gone.gpl"), "styled", "gone.gpl cannot be read"),
        (("in", "--palette", "damaged.gpl"), "styled", "damaged.gpl is damaged"),
        (("in", "--palette", "damaged.json"), "styled", "damaged.json: The characters are damaged"),
        (("in", "--palette", "damaged.png"), "styled", "damaged.png"),
        (("in",), "broken", "broken.safetensors"),
        (("in",), "pickle", "a Python pickle"),
    ],
)
def test_an_unusable_call_touches_nothing(
    quick: "Bench",
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    model: str,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    quick.picture("a.png")
    Path("empty").mkdir()
    Path("damaged.gpl").write_text("GIMP Palette\nred green blue\n")
    Path("damaged.json").write_text('{"characters": [')
    Path("damaged.png").write_bytes(b"\x89PNG")
    if model == "broken":
        (models / "broken.safetensors").write_bytes((models / "plain.safetensors").read_bytes()[:-50])
    if model == "pickle":
        (models / "pickle.safetensors").write_bytes(b"\x80\x04\x95" + bytes(40))
    assert convert(quick, *arguments, model=model) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert not quick.out.exists()


def test_an_output_folder_that_cannot_be_written_is_said_at_the_start(
    quick: "Bench", capsys: pytest.CaptureFixture[str]
) -> None:
    quick.picture("a.png")
    quick.out.write_text("a file where the folder should be")
    assert convert(quick) == 2
    assert f"Nothing can be written into {quick.out}" in capsys.readouterr().err
    assert quick.painter.asked == []


def test_ctrl_c_tells_how_far_it_came(quick: "Bench", capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        quick.picture(f"{number}.png", red=number)

    def before(pixels: AnyPixels) -> None:
        if pixels[0, 0, 0] == 2:
            raise KeyboardInterrupt

    quick.painter.before = before
    assert convert(quick) == 130
    assert capsys.readouterr().err == "Stopped after 2 of 5 pictures. Run the same command again to go on.\n"
    quick.painter.before = lambda pixels: None
    assert convert(quick) == 0
    assert len(quick.results()) == 5


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to the whole console")
def test_a_real_process_ends_cleanly_on_ctrl_c(bench: "Bench", models: Path) -> None:
    for number in range(500):  # enough that a busy machine sends its signal before the end
        bench.picture(f"{number:03}.png", size=(400, 400))
    command: list[Any] = [sys.executable, "-m", "sketchsause_desktop", "convert", bench.folder, "-o", bench.out]
    command += ["-m", models / "plain.safetensors", "--device", "cpu"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not list(bench.out.glob("[0-9]*.png")):
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.startswith("Stopped after ")
    assert "Traceback" not in error
    assert 0 < len(bench.results()) < 500
    assert not [name for name in bench.results() if name.startswith(".")]
    for name in bench.results():
        assert read_picture(bench.out / name).width == 400
