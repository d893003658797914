"""The openly licensed pairs of aerial photograph and map, from a tiny archive made here."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.config import load_config
from training.map_measures import kinds
from training.pairs import scan
from training.recipes import satmap, satmap_open
from training.recipes.satmap_open import SIDE, build_open, drawn_map

LABELS = {"ground": (132, 41, 246), "road": (110, 193, 228), "water": (226, 169, 41), "park": (254, 221, 58)}
BUILDING, UNKNOWN = (60, 16, 152), (155, 155, 155)
PART = 180  # pixels a side: three are 540, at half the size a little more than a sheet
SCALE = 2 * satmap_open.METRES_PER_PIXEL


def encoded(pixels: np.ndarray, form: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, lossless=True)
    return buffer.getvalue()


def scene(mask: np.ndarray) -> dict[str, bytes]:
    """The nine parts of a scene, by name, each photograph in one grey of its own; `mask` is (3 PART, 3 PART, 3)."""
    files = {}
    for number in range(9):
        top, left = number // 3 * PART, number % 3 * PART
        part = mask[top : top + PART, left : left + PART]
        photograph = np.full_like(part, 20 * number + 20)
        files[f"images/image_part_{number + 1:03d}.webp"] = encoded(photograph, "webp")
        files[f"masks/image_part_{number + 1:03d}.png"] = encoded(part, "png")
    return files


def striped(*labels: tuple[int, int, int]) -> np.ndarray:
    """Equal bands from left to right."""
    mask = np.zeros((3 * PART, 3 * PART, 3), np.uint8)
    for index, columns in enumerate(np.array_split(np.arange(3 * PART), len(labels))):
        mask[:, columns] = labels[index]
    return mask


def write_archive(folder: Path, scenes: dict[str, dict[str, bytes]]) -> Path:
    path = folder / satmap_open.ARCHIVE
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("dubai_aerial/SOURCE.md", "a set of the test's own")
        for name, files in scenes.items():
            for inner, data in files.items():
                archive.writestr(f"dubai_aerial/data/{name}/{inner}", data)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    bands = scene(striped(*LABELS.values()))
    desert = scene(striped(LABELS["ground"]))
    half_known = scene(striped(LABELS["road"], UNKNOWN))
    return write_archive(
        tmp_path, {"Tile 1": bands, "Tile 2": bands, "Tile 4": desert, "Tile 5": half_known, "Tile 6": bands}
    )


def sheets(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


def test_a_mask_is_drawn_in_the_palette_of_the_preset() -> None:
    mask = np.array([[*LABELS.values(), BUILDING, UNKNOWN]], np.uint8)
    drawn, is_known = drawn_map(mask)
    assert kinds(drawn)[0].tolist() == [*LABELS, "ground", "ground"]
    assert is_known[0].tolist() == [255] * 5 + [0]
    palette = load_config("satmap").model.classes
    assert {f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in drawn[0]} <= set(palette)
    assert tuple(drawn[0, 0]) != tuple(drawn[0, 4])


def test_scenes_become_sheets_and_whole_ones_are_held_out(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    counts = build_open(archive, out, SCALE)
    made = sheets(out)
    assert counts == {"train": 8, "val": 4}  # neither the desert nor what is half unknown
    assert {Path(name).name.split("-0")[0] for name in made if name.startswith("train")} == {"tile-1", "tile-6"}
    assert {Path(name).name.split("-0")[0] for name in made if name.startswith("val")} == {"tile-2"}
    assert load_config("satmap").data.load_size == SIDE
    pixels = np.asarray(Image.open(out / "val" / "tile-2-0000-0000.png"))
    assert pixels.shape == (SIDE, 2 * SIDE, 3)
    middle_row = kinds(pixels[SIDE // 2 : SIDE // 2 + 1, SIDE:])[0]
    assert [middle_row[place] for place in (20, 90, 160, 240)] == list(LABELS)
    last = np.asarray(Image.open(out / "val" / "tile-2-0014-0014.png"))
    assert (last[-1, SIDE - 1] == 180).all()  # the ninth part lies in the corner
    assert (pixels[0, SIDE - 20] == 60).all()  # the third is the first row's last
    found = scan(out)
    assert [len(found.splits[split]) for split in ("train", "val", "test")] == [8, 2, 2]


def test_what_is_there_is_not_written_again(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    counts = build_open(archive, out, SCALE)
    before = sheets(out)
    gone, kept = (out / "train" / f"tile-1-{place}.png" for place in ("0000-0000", "0014-0000"))
    gone.unlink()
    stamp = kept.stat().st_mtime_ns
    assert build_open(archive, out, SCALE) == counts
    assert sheets(out) == before
    assert kept.stat().st_mtime_ns == stamp
    assert not [path for path in out.rglob("*") if path.is_file() and path.suffix != ".png"]


def test_small_scenes_are_enlarged_to_a_sheet(tmp_path: Path) -> None:
    path = write_archive(tmp_path, {"Tile 1": scene(striped(*LABELS.values()))})
    assert build_open(path, tmp_path / "set", 10 * satmap_open.METRES_PER_PIXEL) == {"train": 1, "val": 0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: files.pop("masks/image_part_004.png"), "image_part_004.png is missing or damaged"),
        (lambda files: files.update({"images/image_part_002.webp": b"no picture"}), "image_part_002.webp"),
        (lambda files: files.pop("images/image_part_009.webp"), "lacks parts"),
        (lambda files: files.clear(), "no pictures"),
        (
            lambda files: files.update({"masks/image_part_001.png": encoded(np.zeros((9, 9, 3), np.uint8), "png")}),
            "another size",
        ),
    ],
    ids=["no mask", "no picture", "a part missing", "empty", "another size"],
)
def test_another_archive_is_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: object, words: str
) -> None:
    files = scene(striped(*LABELS.values()))
    assert callable(change)
    change(files)
    write_archive(tmp_path, {"Tile 1": files})
    assert satmap.main(["build-open", "--source", str(tmp_path), "--out", str(tmp_path / "set")]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "set").exists()


def test_the_command_names_what_is_missing_and_counts(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["build-open", "--out", str(tmp_path / "set"), "--source"]
    assert satmap.main([*command, str(tmp_path / "nowhere")]) == 2
    assert "is not there" in capsys.readouterr().err
    assert satmap.main([*command, str(archive.parent)]) == 0
    assert '"val": 4' in capsys.readouterr().out
    archive.write_bytes(b"no zip")
    assert satmap.main([*command, str(archive.parent)]) == 2
    assert "damaged" in capsys.readouterr().err
