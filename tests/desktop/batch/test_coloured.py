"""Coloured pages are told from drawings in lines, whatever the paper and the pencil."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import TiffImageFile

from sketchsause_desktop.batch.coloured import is_coloured
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import plan
from sketchsause_desktop.core.pictures import Picture

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench

WHITE, BLACK, CREAM = (255, 255, 255), (0, 0, 0), (244, 226, 190)


def drawing(
    size: tuple[int, int] = (800, 1100),
    paper: tuple[int, int, int] = WHITE,
    ink: tuple[int, int, int] = BLACK,
    fill: tuple[int, int, int] | None = None,
    width: int = 4,
) -> Image.Image:
    """Circles and lines; one of the circles is filled if wished."""
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    w, h = size
    for number in range(6):
        box = (w * number // 12, h * number // 14, w * (number + 6) // 12, h * (number + 5) // 14)
        draw.ellipse(box, outline=ink, width=width)
        draw.line((0, h * number // 6, w, h * (6 - number) // 6), fill=ink, width=width)
    if fill:
        draw.ellipse((w // 2, h // 2, w * 3 // 4, h * 3 // 4), fill=fill, outline=ink, width=width)
    return image


def picture(image: Image.Image) -> Picture:
    return Picture(np.asarray(image))


@pytest.mark.parametrize(
    "image",
    [
        drawing(),
        drawing(fill=(128, 128, 128)),
        drawing(paper=CREAM),
        drawing(ink=(40, 90, 255)),
        drawing(ink=(200, 40, 40), width=9),
        Image.new("RGB", (1, 1), WHITE),
        Image.new("RGB", (300, 300), BLACK),
        drawing().convert("L").convert("RGBA"),
    ],
    ids=["ink", "grey screen", "old paper", "blue pencil", "red brush", "one pixel", "black", "with alpha"],
)
def test_lines_are_not_coloured(image: Image.Image) -> None:
    assert not is_coloured(picture(image))


@pytest.mark.parametrize("fill", [(250, 210, 190), (120, 180, 250), (180, 30, 30)], ids=["skin", "sky", "red"])
@pytest.mark.parametrize("paper", [WHITE, CREAM])
@pytest.mark.parametrize("size", [(800, 1100), (120, 90), (3000, 2000)])
def test_areas_of_colour_are_coloured(
    fill: tuple[int, int, int], paper: tuple[int, int, int], size: tuple[int, int]
) -> None:
    assert is_coloured(picture(drawing(size, paper=paper, fill=fill, width=max(1, size[0] // 200))))


def test_a_page_that_is_coloured_all_over_is_coloured() -> None:
    assert is_coloured(picture(Image.new("RGB", (200, 200), (40, 90, 200))))


def test_colour_under_full_transparency_is_none() -> None:
    image = drawing(fill=(180, 30, 30)).convert("RGBA")
    image.putalpha(0)
    assert not is_coloured(picture(image))


def test_a_batch_skips_them_and_says_so(bench: "Bench") -> None:
    drawing((200, 200)).save(bench.folder / "lines.png")
    drawing((200, 200), fill=(180, 30, 30), width=1).save(bench.folder / "done.png")
    job = bench.job(skip_coloured=True)
    summary = run(job, plan(job), bench.painter)
    assert [(outcome.task.source.name, outcome.status) for outcome in summary.outcomes] == [
        ("done.png", "skipped"),
        ("lines.png", "done"),
    ]
    assert summary.outcomes[0].message == f"{bench.folder / 'done.png'} is coloured already."
    assert bench.results() == ["lines.png"]
    assert not summary.stopped
    whole = bench.job()
    assert run(whole, plan(whole), bench.painter).count("skipped") == 1  # because lines.png is there


def test_in_a_book_they_keep_their_place(bench: "Bench") -> None:
    done = drawing((200, 200), fill=(180, 30, 30), width=1)
    drawing((200, 200)).save(bench.folder / "book.tif", save_all=True, append_images=[done])
    job = bench.job(skip_coloured=True, file_format="tiff")
    assert run(job, plan(job), bench.painter).count("done") == 1
    with Image.open(bench.out / "book.tif") as book:
        assert isinstance(book, TiffImageFile)
        assert book.getpixel((0, 199)) != WHITE  # the painter's negative
        book.seek(1)
        assert np.array_equal(np.asarray(book), np.asarray(done))
