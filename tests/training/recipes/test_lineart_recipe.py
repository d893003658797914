"""The recipe of the line-art training set, with tiny picture sets made here."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.recipes import lineart
from training.recipes.lineart import Builder, Plan, build, main
from training.recipes.lineart_colour import house_palette, pick
from training.recipes.lineart_dedupe import find_duplicates, line_hash, remove
from training.recipes.lineart_pictures import cut_out
from training.recipes.lineart_recolour import recolour

SOURCE_MD = "# Set\nLicence: CC BY-SA 4.0\nAttribution: Drawn for the test, CC BY-SA 4.0\n"
PEOPLE = {"anna": (200, 60, 60), "bert": (60, 60, 200), "iris": (60, 160, 60), "marco": (150, 60, 150)}


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def person(clothes: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGBA", (120, 180))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((25, 80, 95, 175), fill=(*clothes, 255), outline=(20, 20, 20, 255), width=2)
    pen.ellipse((35, 10, 85, 85), fill=(240, 200, 170, 255), outline=(20, 20, 20, 255), width=2)
    pen.pieslice((33, 6, 87, 70), 180, 360, fill=(120, 80, 50, 255), outline=(20, 20, 20, 255))
    return picture


def layer(box: tuple[int, int, int, int], colour: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGBA", (120, 180))
    ImageDraw.Draw(picture).ellipse(box, fill=(*colour, 255))
    return picture


def write_zip(path: Path, files: Mapping[str, bytes | str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}/SOURCE.md", SOURCE_MD)
        for name, data in files.items():
            archive.writestr(f"{path.stem}/{name}", data)


def symbol(number: int) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<circle cx="{30 + number}" cy="50" r="25" fill="#e0{number * 7:02x}40" stroke="#000000" stroke-width="4"/>'
        f'<path d="M20 {60 + number}h60v20h-60z" fill="#3060c0" stroke="#000000" stroke-width="4"/></svg>'
    )


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zips")
    files: dict[str, bytes | str] = {}
    for name, clothes in PEOPLE.items():
        files[f"chara/{name}/{name}_base.png"] = png(person(clothes))
        files[f"chara/{name}/{name}_eyes_open.png"] = png(layer((45, 38, 75, 46), (40, 90, 160)))
        files[f"chara/{name}/{name}_mouth_1.png"] = png(layer((53, 62, 67, 68), (160, 50, 60)))
    write_zip(folder / "learn_to_code_rpg.zip", files)
    write_zip(folder / "sa_mulberry.zip", {f"svg/svg/thing{number}_x.svg": symbol(number) for number in range(30)})
    return folder


def plan(zips: Path, out: Path, **changes: object) -> Plan:
    facts: dict[str, object] = {
        "source": zips,
        "out": out,
        "count": 12,
        "val": 1,
        "size": 64,
        "seed": 3,
        "only": ("learn_to_code_rpg", "sa_mulberry"),
    }
    return Plan(**(facts | changes))  # type: ignore[arg-type]


def test_the_house_palette_is_for_training_alone() -> None:
    rng = np.random.default_rng(0)
    with house_palette(True):
        inside = [pick("hair", rng) for _ in range(20)]
    outside = [pick("hair", rng) for _ in range(20)]
    assert np.ptp(inside, axis=0).max() < 40 < np.ptp(outside, axis=0).max()


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.png"))}


def test_the_set_is_laid_out_as_pairs_with_a_report(zips: Path, tmp_path: Path) -> None:
    report = build(plan(zips, tmp_path), workers=1)
    lines = sorted((tmp_path / "train" / "lines").iterdir())
    assert [path.name for path in lines] == [p.name for p in sorted((tmp_path / "train" / "colours").iterdir())]
    assert len(list((tmp_path / "val" / "lines").iterdir())) == 1
    for path in lines:
        with Image.open(path) as drawn, Image.open(tmp_path / "train" / "colours" / path.name) as colours:
            assert (drawn.mode, drawn.size) == ("L", (64, 64))
            assert (colours.mode, colours.size) == ("RGB", (64, 64))
            assert float((np.asarray(drawn) > 200).mean()) > 0.5
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == report
    counts = report["counts"]
    assert isinstance(counts, dict)
    assert sum(counts["train"].values()) == len(lines)
    assert report["share_alike"] == ["learn_to_code_rpg", "sa_mulberry"]
    assert report["attributions"] == dict.fromkeys(
        ("learn_to_code_rpg", "sa_mulberry"), "Drawn for the test, CC BY-SA 4.0"
    )


def test_the_same_seed_makes_the_same_files_and_another_does_not(zips: Path, tmp_path: Path) -> None:
    build(plan(zips, tmp_path / "a", count=5), workers=1)
    build(plan(zips, tmp_path / "b", count=5), workers=1)
    build(plan(zips, tmp_path / "c", count=5, seed=4), workers=1)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a") != files(tmp_path / "c")


def test_a_second_run_makes_what_is_missing_only(zips: Path, tmp_path: Path) -> None:
    build(plan(zips, tmp_path, count=5), workers=1)
    before = files(tmp_path)
    gone, kept = (tmp_path / "train" / "lines" / f"{index:06d}.png" for index in (0, 1))
    gone.unlink()
    stamp = kept.stat().st_mtime_ns
    build(plan(zips, tmp_path, count=5), workers=1)
    assert files(tmp_path) == before
    assert kept.stat().st_mtime_ns == stamp


def test_held_out_characters_and_drawings_are_in_val_alone(zips: Path, tmp_path: Path) -> None:
    for source in Builder(plan(zips, tmp_path)).sources:
        train, val = set(source.characters("train")), set(source.characters("val"))
        assert train
        assert val
        assert not train & val
    people = Builder(plan(zips, tmp_path, only=("learn_to_code_rpg",))).sources[0]
    assert set(people.characters("val")) == {"iris", "marco"}


def test_only_the_named_sources_are_read(zips: Path, tmp_path: Path) -> None:
    report = build(plan(zips, tmp_path, count=3, only=("sa_mulberry",)), workers=1)
    assert report["counts"] == {"train": {"sa_mulberry": 3}, "val": {}}


def test_missing_zips_and_unknown_sources_are_said_plainly(
    zips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--source", str(tmp_path), "--out", str(tmp_path / "o"), "--workers", "1"]) == 2
    assert "learn_to_code_rpg.zip is not in" in capsys.readouterr().err
    assert main(["build", "--source", str(zips), "--out", str(tmp_path / "o"), "--only", "nothing"]) == 2
    assert "Known sources: learn_to_code_rpg" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_the_command_line_builds(zips: Path, tmp_path: Path) -> None:
    arguments = ["--count", "2", "--size", "48", "--seed", "1", "--workers", "1", "--only", "sa_mulberry"]
    assert main(["build", "--source", str(zips), "--out", str(tmp_path), *arguments]) == 0
    assert len(files(tmp_path)) == 4


def test_names_of_sources_are_unique_and_weights_positive() -> None:
    assert len({kind.name for kind in lineart.SOURCES}) == len(lineart.SOURCES)
    assert all(kind.weight > 0 for kind in lineart.SOURCES)


def test_repeated_pairs_are_found_in_val_first(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)

    def pair(split: str, index: int, lines: np.ndarray, shade: int) -> None:
        for part, pixels in (("lines", lines), ("colours", np.full((64, 64, 3), shade, np.uint8))):
            path = tmp_path / split / part / f"{index:06d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)

    first, second = (rng.integers(0, 256, (64, 64)).astype(np.uint8) for _ in range(2))
    pair("train", 0, first, 100)
    pair("train", 1, second, 100)
    pair("train", 2, first, 200)  # the same lines in other colours: no repetition
    pair("val", 0, np.clip(first.astype(int) + 2, 0, 255).astype(np.uint8), 101)
    assert find_duplicates(tmp_path) == ["val/000000"]
    remove(tmp_path, ["val/000000"])
    assert not list((tmp_path / "val").rglob("*.png"))
    assert find_duplicates(tmp_path) == []


def test_what_was_repeated_stays_away_on_the_next_run(zips: Path, tmp_path: Path) -> None:
    made = plan(zips, tmp_path, count=4, val=0)
    build(made, workers=1)
    for part in ("lines", "colours"):
        folder = tmp_path / "train" / part
        (folder / "000003.png").write_bytes((folder / "000000.png").read_bytes())
    for _ in range(2):
        report = build(made, workers=1)
        assert report["repeated"] == ["train/000003"]
        assert not (tmp_path / "train" / "lines" / "000003.png").exists()


def test_line_hash_does_not_mind_a_lighter_pen() -> None:
    lines = np.full((64, 64), 255, np.uint8)
    lines[10:50, 20:22] = 0
    lighter = np.where(lines == 0, 120, 255).astype(np.uint8)
    assert (line_hash(Image.fromarray(lines)) == line_hash(Image.fromarray(lighter))).all()


def test_recolouring_keeps_cover_ink_and_paper_and_moves_the_rest() -> None:
    picture = person((200, 60, 60))
    ImageDraw.Draw(picture).rectangle((40, 130, 60, 160), fill=(255, 255, 255, 255))
    changed = recolour(picture, (45, 48, 75, 60), np.random.default_rng(2))
    before, after = np.asarray(picture), np.asarray(changed)
    assert (before[..., 3] == after[..., 3]).all()
    assert after[81, 30, :3].max() < 60  # outline
    assert after[145, 50, :3].min() > 235  # white
    apart = np.abs(before[..., :3].astype(int) - after[..., :3])
    assert apart[120, 80].max() > 25  # clothes
    assert apart[60, 60].max() < 70  # skin stays near


def test_white_round_a_picture_turns_transparent_and_white_inside_stays() -> None:
    picture = Image.new("RGBA", (40, 40), "white")
    ImageDraw.Draw(picture).rectangle((10, 10, 30, 30), fill="white", outline="black", width=2)
    alpha = np.asarray(cut_out(picture))[..., 3]
    assert alpha[2, 2] == 0
    assert alpha[20, 20] == 255
    assert alpha[10, 20] == 255
