"""The gallery's own drawings are whole, and pictures are made of a drawing with a tiny network."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models import checkpoint
from models.errors import UserError
from models.registry import build
from models.spec import ModelSpec
from training.recipes.lineart_gallery import (
    DRAWN_WIDTH,
    LARGEST_FILE,
    Dab,
    Wish,
    dabs,
    draw,
    find_drawings,
    main,
    read_wish,
    require_inside,
    sheet,
)

pytest.importorskip("resvg_py", reason="draws the SVG files")

GALLERY = Path(__file__).resolve().parents[3] / "docs" / "gallery"
SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    '<path d="M5 5H35V15H5Z" fill="none" stroke="#000"/></svg>'
)
RED, BLUE = (255, 0, 0), (0, 0, 255)
ASKED = 'palette = ["#ff0000", "#0000ff"]\nhints = [{at = [0.5, 0.5], colour = "#ff0000"}]\n'
TAKES_BOTH = ModelSpec(
    architecture="resunet",
    task="lineart",
    input_channels=1,
    condition="hints",
    palette=True,
    output="colour_layer",
    fit="resize",
    working_size=32,
    base_width=4,
    depth=3,
)


def _model(folder: Path, spec: ModelSpec = TAKES_BOTH) -> Path:
    path = folder / "tiny.safetensors"
    arrays = {name: value.numpy() for name, value in build(spec).state_dict().items()}
    checkpoint.save(path, spec, arrays)
    return path


def _gallery(folder: Path, asked: str = ASKED) -> Path:
    drawings = folder / "gallery" / "drawings"
    drawings.mkdir(parents=True)
    (drawings / "square.svg").write_text(SQUARE, encoding="utf-8")
    (drawings / "square.toml").write_text(asked, encoding="utf-8")
    return folder / "gallery"


def test_the_pictures_are_made_and_the_same_again(tmp_path: Path) -> None:
    gallery, model = _gallery(tmp_path), _model(tmp_path)
    assert main(["--out", str(gallery), "-m", str(model)]) == 0
    first = (gallery / "square.webp").read_bytes()
    with Image.open(gallery / "square.webp") as picture:
        assert (picture.format, picture.width) == ("WEBP", 1200)
    assert len(first) <= LARGEST_FILE
    assert main(["--out", str(gallery), "-m", str(model)]) == 0
    assert (gallery / "square.webp").read_bytes() == first
    assert sorted(path.name for path in gallery.iterdir()) == ["drawings", "square.webp"]


def test_a_model_that_takes_no_hints_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gallery = _gallery(tmp_path)
    model = _model(tmp_path, ModelSpec(task="lineart", base_width=4, depth=3))
    assert main(["--out", str(gallery), "-m", str(model)]) == 2
    assert "does not take both hints and palettes" in capsys.readouterr().err
    assert not (gallery / "square.webp").exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("hints = []", "palette"),
        (ASKED.replace('"#ff0000"}', '"red"}'), "no colour"),
        (ASKED.replace("[0.5, 0.5]", "[0.5]"), "not what it should be"),
        (ASKED.replace("[0.5, 0.5]", "[0.5, 0.99]"), "not inside"),
        ('palette = ["#ff0000"]\nhints = []\n', "no hints"),
        ("palette", "not what it should be"),
    ],
)
def test_what_is_asked_for_wrongly_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: str, told: str
) -> None:
    (tmp_path / "never-read.safetensors").touch()
    assert main(["--out", str(_gallery(tmp_path, asked)), "-m", str(tmp_path / "never-read.safetensors")]) == 2
    assert told in capsys.readouterr().err


def test_a_folder_without_drawings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no drawing"):
        find_drawings(tmp_path)


def test_a_dab_is_round_and_lies_where_it_was_asked_for() -> None:
    hints = dabs(Wish((Dab(0.25, 0.5, 0.1, RED),), (BLUE,)), 50, 100)
    rows, columns = np.nonzero(hints[..., 3])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (15, 34, 15, 34)
    assert tuple(hints[25, 25]) == (*RED, 255)
    assert not hints[15, 15].any()


def test_the_sheet_shows_pictures_hints_and_palette() -> None:
    pictures = [np.full((100, 100, 3), value, np.uint8) for value in (255, 200, 150, 100)]
    made = np.asarray(sheet(pictures, Wish((Dab(0.5, 0.5, 0.1, RED),), (BLUE,))))
    assert made.shape[1] == 1200
    assert (made == RED).all(axis=2)[:, :300].any()
    assert not (made == RED).all(axis=2)[:, 300:].any()
    assert (made == BLUE).all(axis=2)[:, 900:].any()
    assert [int(made[150, x, 0]) for x in (450, 750, 1050)] == [200, 150, 100]


@pytest.mark.parametrize("drawing", find_drawings(GALLERY), ids=lambda path: path.stem)
def test_every_drawing_of_the_gallery_is_small_black_on_white_and_has_its_hints_inside(drawing: Path) -> None:
    wish = read_wish(drawing.with_suffix(".toml"))
    page = draw(drawing)
    assert drawing.stat().st_size < 10_000
    assert page.shape[1] == DRAWN_WIDTH
    assert (page.max(axis=2) - page.min(axis=2)).max() == 0  # no colour
    assert 0.01 < (page < 128).mean() < 0.2
    require_inside(wish, page, drawing.stem)
    for dab in wish.hints:  # in an area, not on a line
        assert page[round(dab.y * page.shape[0]), round(dab.x * DRAWN_WIDTH), 0] > 200, (dab.x, dab.y)


def test_the_page_shows_every_drawing_and_no_other() -> None:
    page = (GALLERY / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"\((\w+)\.webp\)", page)
    assert sorted(shown) == [drawing.stem for drawing in find_drawings(GALLERY)]
    assert all((GALLERY / f"{name}.webp").is_file() for name in shown)


def test_the_page_counts_the_hints_of_every_drawing() -> None:
    page = (GALLERY / "README.md").read_text(encoding="utf-8")
    told = {name: int(count) for name, count in re.findall(r"\((\w+)\.webp\)\n\n(\d+) hints", page)}
    assert told == {path.stem: len(read_wish(path.with_suffix(".toml")).hints) for path in find_drawings(GALLERY)}
