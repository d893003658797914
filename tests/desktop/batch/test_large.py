"""Pages too large for the memory: read by rows, painted in tiles, written in bands, and the same picture in the end."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageDraw

from models.predictor import Predictor
from models.spec import ModelSpec
from sketchsause_desktop.batch import pipeline, reading
from sketchsause_desktop.batch.job import BatchJob, Summary
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import plan
from sketchsause_desktop.core.pictures import Pixels, read_picture
from sketchsause_desktop.core.tiff_reader import open_tiff

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench


class Network:
    """Darkens what it sees; runs out of memory on more pixels than `room`."""

    device = title = "cpu"

    def __init__(self, **fields: Any) -> None:
        self.spec = ModelSpec.from_dict({"depth": 4, "base_width": 4, "working_size": 128, "fit": "tile", **fields})
        self.room = 10**9
        self.seen: list[tuple[int, ...]] = []

    def run(self, x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        if x.shape[2] * x.shape[3] > self.room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        self.seen.append(x.shape[2:])
        answer: np.ndarray = np.repeat(x[:, :1], 3, axis=1) * 0.5 - 0.3
        return answer


@pytest.fixture(autouse=True)
def _large_begins_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGE", 10_000)


def draw(path: Path, width: int = 301, height: int = 257, **options: Any) -> Pixels:
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for n in range(9):
        pen.ellipse((n * 20, n * 11, 200 + n * 9, 150 + n * 10), outline=(0, 0, n * 20), width=3)
    pixels = np.asarray(image)
    if options.pop("bits", 8) == 16:
        pixels = pixels * np.uint16(257)
    tifffile.imwrite(path, pixels, photometric="rgb", **options)
    return pixels


def do(job: BatchJob, network: Network, hints: Pixels | None = None) -> Summary:
    return run(job, plan(job), Predictor(network), hints=hints)


@pytest.mark.parametrize("fields", [{}, {"fit": "resize", "output": "colour_layer", "task": "lineart"}])
@pytest.mark.parametrize("file_format", ["tiff", "png"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("layout", [{"tile": (64, 64), "compression": "lzw"}, {"rowsperstrip": 9, "bigtiff": True}])
def test_a_large_page_is_painted_as_a_small_one(
    bench: "Bench",
    fields: dict[str, Any],
    file_format: str,
    bits: int,
    layout: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw(bench.folder / "a.tif", bits=bits, resolution=(300, 200), resolutionunit=2, **layout)
    monkeypatch.setattr(pipeline, "read_page", None)  # would be the way of small pages
    assert do(bench.job(file_format=file_format), Network(**fields)).count("done") == 1
    monkeypatch.undo()
    monkeypatch.setattr(reading, "LARGE", 10**9)
    assert do(bench.job(file_format="png", template="small_{stem}.{ext}"), Network(**fields)).count("done") == 1
    large = read_picture(bench.out / ("a.tif" if file_format == "tiff" else "a.png"), deep=True)
    small = read_picture(bench.out / "small_a.png", deep=True)
    assert (large.deep is not None) == (bits == 16)
    assert np.abs(large.pixels.astype(int) - small.pixels).max() <= 1
    assert large.metadata.dpi == pytest.approx((300, 200), abs=0.1)
    assert bench.results() == sorted([f"a.{'tif' if file_format == 'tiff' else 'png'}", "small_a.png"])


@pytest.mark.parametrize("file_format", ["tiff", "png"])
def test_it_tells_how_far_a_large_page_is(bench: "Bench", file_format: str) -> None:
    draw(bench.folder / "a.tif", height=900, rowsperstrip=20)
    told: list[tuple[str, float]] = []
    job = bench.job(file_format=file_format)
    summary = run(
        job, plan(job), Predictor(Network()), progress=lambda task, share: told.append((task.source.name, share))
    )
    assert summary.count("done") == 1
    shares = [share for _, share in told]
    assert {name for name, _ in told} == {"a.tif"}
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) > 5


def test_of_a_book_each_page_is_a_step(bench: "Bench") -> None:
    pages = [Image.new("RGB", (30, 20), (n, 0, 0)) for n in range(4)]
    pages[0].save(bench.folder / "book.tif", save_all=True, append_images=pages[1:])
    shares: list[float] = []
    job = bench.job(file_format="tiff")
    run(job, plan(job), Predictor(Network()), progress=lambda _task, share: shares.append(share))
    assert shares == [0.25, 0.5, 0.75, 1]


def test_a_large_page_of_a_book_keeps_its_place(bench: "Bench") -> None:
    with tifffile.TiffWriter(bench.folder / "book.tif") as book:
        for width in (30, 400, 31):
            book.write(
                np.full((50, width, 3), width % 256, np.uint8), photometric="rgb", rowsperstrip=10, metadata=None
            )
    assert do(bench.job(file_format="tiff"), Network()).count("done") == 1
    for number, width in enumerate((30, 400, 31)):
        with open_tiff(bench.out / "book.tif", number) as page:
            assert page.shape == (50, width, 3)


@pytest.mark.parametrize("half", ["left", "right"])
def test_half_of_a_large_sheet(bench: "Bench", half: Any) -> None:
    pixels = draw(bench.folder / "sheet.tif", width=400, rowsperstrip=20)
    assert do(bench.job(file_format="tiff", sheet_half=half), Network()).count("done") == 1
    part = pixels[:, :200] if half == "left" else pixels[:, 200:]
    darkened = np.clip(part[..., :1] / 255 * 2 - 1, -1, 1) * 0.5 - 0.3
    wanted = (darkened + 1) * 127.5
    assert np.abs(read_picture(bench.out / "sheet.tif").pixels - wanted).max() <= 1.5


def test_a_turned_page_stays_as_it_is_stored_and_says_so(bench: "Bench") -> None:
    draw(bench.folder / "a.tif", rowsperstrip=20, extratags=[(274, 3, 1, 6, True)])
    (outcome,) = do(bench.job(file_format="tiff"), Network()).outcomes
    assert "stored turned" in outcome.message
    with open_tiff(bench.out / "a.tif") as written:
        assert written.orientation == 6
        assert written.shape == (257, 301, 3)
    assert read_picture(bench.out / "a.tif").pixels.shape == (301, 257, 3)


def test_hints_reach_a_large_page(bench: "Bench") -> None:
    pixels = draw(bench.folder / "a.tif", rowsperstrip=20)
    hints = np.zeros((257, 301, 4), np.uint8)
    hints[100:110, 100:110] = (250, 10, 10, 255)
    network = Network(fit="resize", output="colour_layer", task="lineart", condition="hints")
    (outcome,) = do(bench.job(file_format="tiff"), network, hints).outcomes
    assert outcome.status == "done"
    is_paper = (pixels[100:110, 100:110] == 255).all(axis=2)
    red, green, _ = read_picture(bench.out / "a.tif").pixels[100:110, 100:110][is_paper].mean(axis=0)
    assert red > green + 60
    job = bench.job(file_format="tiff", if_exists="overwrite")
    (outcome,) = do(job, network, hints[:-1]).outcomes
    assert "is 301 x 257 pixels, but the hints are 301 x 256" in outcome.message


@pytest.mark.parametrize("fields", [{}, {"fit": "resize"}])
@pytest.mark.parametrize("is_large", [True, False])
def test_less_memory_means_smaller_tiles_and_is_told_once(
    bench: "Bench", fields: dict[str, Any], is_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGE", 10_000 if is_large else 10**9)
    for name in ("a", "b"):
        draw(bench.folder / f"{name}.tif", rowsperstrip=20)
    network = Network(**fields)
    network.room = 70 * 70
    first, second = do(bench.job(file_format="tiff"), network).outcomes
    assert (first.status, second.status) == ("done", "done"), first.message
    assert "64 pixels" in first.message
    assert second.message == ""
    assert max(max(size) for size in network.seen) <= 64


def test_where_nothing_helps_the_page_fails_and_the_next_is_tried_in_full(bench: "Bench") -> None:
    for name in ("a", "b"):
        draw(bench.folder / f"{name}.tif", rowsperstrip=20)
    network = Network()
    rooms = iter([0] * 2)
    plain = network.run

    def run_out(x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        network.room = next(rooms, 10**9)
        return plain(x)

    network.run = run_out  # type: ignore[method-assign]
    first, second = do(bench.job(file_format="tiff"), network).outcomes
    assert (first.status, second.status) == ("failed", "done"), second.message
    assert "not enough memory" in first.message
    assert max(network.seen) == (128, 128)
    assert bench.results() == ["b.tif"]


def test_what_cannot_hold_a_page_is_said(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    draw(bench.folder / "a.tif")
    monkeypatch.setattr(reading, "MAX_PIXELS", 20_000)
    (outcome,) = do(bench.job(file_format="jpg"), Network()).outcomes
    assert "too many for JPG" in outcome.message
    assert bench.results() == []
