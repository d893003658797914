"""A batch does every picture it can, names those it cannot, overlaps its stages and ends cleanly when stopped."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from models.errors import UserError
from sketchsause_desktop.batch import pipeline
from sketchsause_desktop.batch.job import BatchJob, Outcome, Summary, Task
from sketchsause_desktop.batch.pipeline import run
from sketchsause_desktop.batch.plan import plan
from sketchsause_desktop.batch.reading import read_hints, read_page
from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.documents_io import save_document
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.core.picture_writer import encode_picture
from sketchsause_desktop.core.pictures import count_pages, read_picture
from sketchsause_desktop.core.tiff_writer import TiffWriter

if TYPE_CHECKING:
    from tests.desktop.batch.conftest import Bench

PATIENCE_SECONDS = 20  # for events that come at once unless the feature is broken


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Any:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def do(bench: "Bench", job: BatchJob, **options: Any) -> Summary:
    return run(job, plan(job), bench.painter, **options)


def messages(summary: Summary) -> dict[str, str]:
    return {outcome.task.source.name: outcome.message for outcome in summary.outcomes if outcome.status == "failed"}


@pytest.mark.parametrize("decoders", [1, 3])
def test_every_picture_is_painted_and_told_of(bench: "Bench", decoders: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_DECODERS", decoders)
    for number in range(12):
        bench.picture(f"{number:02}.png", red=number)
    told: list[Outcome] = []
    tellers: set[str] = set()

    def report(outcome: Outcome) -> None:
        told.append(outcome)
        tellers.add(threading.current_thread().name)

    summary = do(bench, bench.job(), report=report)
    assert summary.count("done") == 12
    assert not summary.stopped
    assert [bench.red(f"{number:02}.png") for number in range(12)] == [255 - number for number in range(12)]
    assert [outcome.task.index for outcome in summary.outcomes] == list(range(12))
    assert sorted(told, key=lambda outcome: outcome.task.index) == list(summary.outcomes)
    assert all(outcome.seconds > 0 for outcome in summary.outcomes)
    assert bench.painter.threads == tellers == {threading.current_thread().name}


def test_bad_files_are_named_and_the_others_go_on(bench: "Bench") -> None:
    for name in ("a.png", "c.png", "e.png"):
        bench.picture(name)
    (bench.folder / "b.png").write_bytes(b"no picture at all")
    whole = bench.picture("d.png", size=(200, 200)).read_bytes()
    (bench.folder / "d.png").write_bytes(whole[:100])
    (bench.folder / "f.png").write_bytes(b"")

    summary = do(bench, bench.job())
    assert bench.results() == ["a.png", "c.png", "e.png"]
    assert messages(summary).keys() == {"b.png", "d.png", "f.png"}
    for name, message in messages(summary).items():
        assert str(bench.folder / name) in message
        assert "\n" not in message


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UserError("The network does not like it.", "Try another."), "does not like it. Try another."),
        (MemoryError(), "smaller tile"),
        (RuntimeError("device lost\nlong trace"), "RuntimeError: device lost"),
    ],
)
def test_a_fault_of_the_network_is_one_pictures_fault(bench: "Bench", error: Exception, words: str) -> None:
    for number in range(3):
        bench.picture(f"{number}.png", red=number)

    def before(pixels: AnyPixels) -> None:
        if pixels[0, 0, 0] == 1:
            raise error

    bench.painter.before = before
    summary = do(bench, bench.job())
    assert bench.results() == ["0.png", "2.png"]
    assert words in messages(summary)["1.png"]
    assert "\n" not in messages(summary)["1.png"]


def test_existing_results_are_neither_read_nor_written(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    bench.picture("a.png")
    bench.out.mkdir()
    (bench.out / "a.png").write_text("precious")
    summary = do(bench, bench.job())
    assert (summary.count("skipped"), bench.painter.asked) == (1, [])
    assert (bench.out / "a.png").read_text() == "precious"

    assert do(bench, bench.job(if_exists="overwrite")).count("done") == 1
    assert bench.red("a.png") == 245


def test_a_source_in_the_output_folder_stays_as_it_is(bench: "Bench") -> None:
    source = bench.picture("a.png")
    before = source.read_bytes()
    summary = do(bench, bench.job(output_folder=bench.folder, if_exists="overwrite"))
    assert "is an input" in messages(summary)["a.png"]
    assert source.read_bytes() == before


def test_one_damaged_in_a_hundred_is_one_failure(bench: "Bench") -> None:
    for number in range(100):
        bench.picture(f"{number:02}.png")
    (bench.folder / "50.png").write_bytes(b"no picture at all")
    summary = do(bench, bench.job())
    assert summary.count("done") == 99
    assert messages(summary).keys() == {"50.png"}


def test_a_file_that_vanishes_meanwhile_is_named(bench: "Bench") -> None:
    for number in range(40):
        bench.picture(f"{number:02}.png")
    summary = do(bench, bench.job(), report=lambda _: (bench.folder / "39.png").unlink(missing_ok=True))
    assert summary.count("done") == 39
    assert str(bench.folder / "39.png") in messages(summary)["39.png"]


NAMES = [
    "été.png",
    "картина.png",
    "صورة.png",
    "תמונה.png",
    "चित्र.png",
    "그림.png",
    "線画 👩‍🎨.png",
    "e\u0301.png",
    " a  b .png",
]


@pytest.mark.parametrize("sub", [Path("page"), Path("頁 1")])
def test_names_in_any_script_stay_as_they_are(bench: "Bench", sub: Path) -> None:
    for number, name in enumerate(NAMES):
        bench.picture(str(sub / name), red=number)
    assert do(bench, bench.job(recursive=True)).count("done") == len(NAMES)
    for number, name in enumerate(NAMES):
        assert bench.red(str(sub / name)) == 255 - number
    assert len(bench.results()) == len(NAMES)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only here may names be no text")
def test_a_name_that_is_no_text_is_converted_too(bench: "Bench") -> None:
    odd = os.fsdecode(b"odd\xff\n.png")
    bench.picture("a.png").rename(bench.folder / odd)
    (outcome,) = do(bench, bench.job()).outcomes
    assert (outcome.status, bench.red(odd)) == ("done", 245)


def test_a_target_that_cannot_be_written_is_named(bench: "Bench") -> None:
    bench.picture("a.png")
    bench.picture("sub/b.png")
    bench.out.mkdir()
    (bench.out / "sub").write_text("a file where the folder should be")
    summary = do(bench, bench.job(recursive=True))
    assert bench.results() == ["a.png", "sub"]
    assert str(bench.out / "sub") in messages(summary)["b.png"]


def test_alpha_and_metadata_of_the_input_are_in_the_result(bench: "Bench") -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:4, :, 3] = 90
    Image.fromarray(pixels).save(bench.folder / "a.png", dpi=(300, 300))
    do(bench, bench.job())
    result = read_picture(bench.out / "a.png")
    assert np.array_equal(result.pixels[..., 3], pixels[..., 3])
    assert result.metadata.dpi == pytest.approx((300, 300), abs=0.1)


def test_what_could_not_be_taken_over_is_told(bench: "Bench") -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(bench.folder / "film.gif", save_all=True, append_images=frames[1:])
    (outcome,) = do(bench, bench.job()).outcomes
    assert (outcome.status, outcome.message) == ("done", "Only the first of its 2 pages was read.")


# --------------------------------------------------------------------------------------------------- books and drawings


def test_a_book_keeps_its_pages_in_their_order(bench: "Bench") -> None:
    pages = [Image.new("RGB", (8 + n, 8), (n, 0, 0)) for n in range(5)]
    pages[0].save(bench.folder / "book.tif", save_all=True, append_images=pages[1:], dpi=(200, 200))
    (outcome,) = do(bench, bench.job(file_format="tiff")).outcomes
    assert (outcome.status, outcome.message) == ("done", "")
    for number in range(5):
        page = read_picture(bench.out / "book.tif", page=number)
        assert (page.width, int(page.pixels[0, 0, 0])) == (8 + number, 255 - number)
        assert page.metadata.dpi == pytest.approx((200, 200))
    assert count_pages(bench.out / "book.tif") == 5
    assert do(bench, bench.job()).count("done") == 5
    assert [bench.red(f"book-00{n}.png") for n in range(1, 6)] == [255, 254, 253, 252, 251]


def test_a_book_with_a_damaged_page_is_not_half_there(bench: "Bench") -> None:
    pages = [Image.effect_noise((64, 64), 90).convert("RGB") for _ in range(3)]
    pages[0].save(bench.folder / "book.tif", save_all=True, append_images=pages[1:], compression="tiff_adobe_deflate")
    whole = bytearray((bench.folder / "book.tif").read_bytes())
    with Image.open(bench.folder / "book.tif") as book:
        book.seek(1)
        start = cast(TiffImageFile, book).tag_v2[273][0]  # where the second page's pixels are
    whole[start : start + 1000] = bytes(1000)
    (bench.folder / "book.tif").write_bytes(whole)
    bench.picture("z.png")
    summary = do(bench, bench.job(file_format="tiff"))
    assert "Page 2: " in messages(summary)["book.tif"]
    assert bench.results() == ["z.tif"]


@pytest.mark.parametrize("suffix", [".ora", ".psd"])
@pytest.mark.parametrize("name", ["Line art", "Inks", "Layer 7"])
def test_of_a_drawing_the_line_art_is_taken(bench: "Bench", suffix: str, name: str) -> None:
    """By its role, by what other programs name it, or else all that is seen."""
    canvas = Rect(0, 0, 40, 30)
    document = Document.new(canvas.size)
    lines = Layer(name=name, role=Role.LINE_ART if name == "Line art" else Role.PAINT)
    lines.tiles.write(Rect(5, 5, 4, 20), np.full((20, 4, 4), (0, 0, 0, 255), np.uint8))
    colour = Layer(name="Colour", role=Role.PAINT)
    colour.tiles.write(canvas, np.full((30, 40, 4), (200, 0, 0, 255), np.uint8))
    document.layers = [colour, lines]
    save_document(bench.folder / f"drawing{suffix}", document.snapshot())
    (outcome,) = do(bench, bench.job()).outcomes
    assert outcome.status == "done"
    result = read_picture(bench.out / "drawing.png").pixels
    assert tuple(result[10, 6]) == (255, 255, 255)
    if name == "Layer 7":
        assert tuple(result[0, 0]) == (55, 255, 255)
        assert "no layer for line art" in outcome.message
    else:
        assert tuple(result[0, 0]) == (0, 0, 0)


# ------------------------------------------------------------------------------------------------------------- settings


def test_settings_reach_the_network(bench: "Bench") -> None:
    bench.picture("a.png")
    do(bench, bench.job(tile=128, overlap=32, working_size=256, scale=2.0), palette=((200, 40, 30),))
    sizes = {"tile": 128, "overlap": 32, "working_size": 256, "scale": 2.0}
    assert bench.painter.asked == [{"size": (16, 24, 3), "hints": None, "palette": ((200, 40, 30),), **sizes}]


@pytest.mark.parametrize(("half", "red"), [("left", 255), ("right", 55)])
def test_a_half_of_a_sheet_is_the_input(bench: "Bench", half: str, red: int) -> None:
    sheet = np.zeros((16, 48, 3), np.uint8)
    sheet[:, 24:, 0] = 200
    Image.fromarray(sheet).save(bench.folder / "sheet.png")
    bench.picture("odd.png", size=(25, 16))
    summary = do(bench, bench.job(sheet_half=half))
    assert read_picture(bench.out / "sheet.png").pixels.shape == (16, 24, 3)
    assert bench.red("sheet.png") == red
    assert "odd.png is 25 pixels wide, which cannot be halved" in messages(summary)["odd.png"]


def test_hints_go_along_and_must_have_the_size_of_the_picture(bench: "Bench", tmp_path: Path) -> None:
    hints = np.zeros((16, 24, 4), np.uint8)
    hints[3, 4] = (255, 0, 0, 255)
    Image.fromarray(hints).save(tmp_path / "hints.png")
    bench.picture("fits.png")
    bench.picture("wide.png", size=(30, 16))
    job = bench.job(hints=tmp_path / "hints.png")
    summary = do(bench, job, hints=read_hints(job))
    (asked,) = bench.painter.asked
    assert np.array_equal(asked["hints"], hints)
    assert "wide.png is 30 x 16 pixels, but the hints are 24 x 16" in messages(summary)["wide.png"]


def test_a_page_has_its_own_hints_beside_it(bench: "Bench", tmp_path: Path) -> None:
    for_all, own = np.zeros((16, 24, 4), np.uint8), np.zeros((16, 24, 4), np.uint8)
    for_all[3, 4], own[5, 6] = (255, 0, 0, 255), (0, 0, 255, 255)
    Image.fromarray(for_all).save(tmp_path / "hints.png")
    for name in ("a.png", "b.png"):
        bench.picture(name)
    Image.fromarray(own).save(bench.folder / "b.hints.png")
    job = bench.job(hints=tmp_path / "hints.png")
    summary = do(bench, job, hints=read_hints(job))
    assert summary.count("done") == 2  # hints are no page
    wanted = sorted(hints.tobytes() for hints in (for_all, own))
    assert sorted(asked["hints"].tobytes() for asked in bench.painter.asked) == wanted


def test_hints_without_transparency_are_refused(bench: "Bench") -> None:
    job = bench.job(hints=bench.picture("flat.png"))
    with pytest.raises(UserError, match="no transparency"):
        read_hints(job)


# -------------------------------------------------------------------------------------------------- overlap and memory


def test_writing_and_reading_go_on_while_the_network_works(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    """The network waits in its second picture until the first is on disk and the third was read."""
    for number in range(3):
        bench.picture(f"{number}.png", red=number)
    third_was_read, first_was_written = threading.Event(), threading.Event()

    def watched_write(path: Path, *rest: Any, **options: Any) -> None:
        encode_picture(path, *rest, **options)
        first_was_written.set()

    def watched_read(task: Task, job: BatchJob) -> Any:
        if task.source.name == "2.png":
            third_was_read.set()
        return read_page(task, job)

    def before(pixels: AnyPixels) -> None:
        if pixels[0, 0, 0] == 1:
            assert third_was_read.wait(PATIENCE_SECONDS)
            assert first_was_written.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(pipeline, "encode_picture", watched_write)
    monkeypatch.setattr(pipeline, "read_page", watched_read)
    bench.painter.before = before
    assert do(bench, bench.job()).count("done") == 3


def test_only_a_few_pictures_are_in_memory_at_once(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        bench.picture(f"{number:02}.png")
    lock = threading.Lock()
    counts = {"now": 0, "most": 0}
    queue_is_full = threading.Event()

    def counted_read(task: Task, job: BatchJob) -> Any:
        with lock:
            counts["now"] += 1
            counts["most"] = max(counts.values())
            if counts["now"] > pipeline._WAITING:
                queue_is_full.set()
        return read_page(task, job)

    def before(pixels: AnyPixels) -> None:
        assert queue_is_full.wait(PATIENCE_SECONDS)
        with lock:
            counts["now"] -= 1

    monkeypatch.setattr(pipeline, "read_page", counted_read)
    bench.painter.before = before
    assert do(bench, bench.job()).count("done") == 40
    assert counts["most"] <= pipeline._WAITING + pipeline._DECODERS + 1


def test_pictures_larger_than_the_budget_go_through_one_by_one(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_PIXELS_IN_MEMORY", 100)
    for number in range(6):
        bench.picture(f"{number}.png")
    (bench.folder / "3.png").write_bytes(b"damaged")
    summary = do(bench, bench.job())
    assert (summary.count("done"), summary.count("failed")) == (5, 1)


# ------------------------------------------------------------------------------------------------------------- stopping


def test_a_picture_is_told_of_while_the_next_is_waited_for(bench: "Bench") -> None:
    for number in range(2):
        bench.picture(f"{number}.png")
    told = threading.Event()

    def slowly(tasks: Iterator[Task]) -> Iterator[Task]:
        yield next(tasks)
        assert told.wait(PATIENCE_SECONDS)
        yield from tasks

    job = bench.job()
    assert run(job, slowly(plan(job)), bench.painter, report=lambda _: told.set()).count("done") == 2


def test_a_stopped_batch_keeps_what_is_done_and_leaves_nothing_half_written(bench: "Bench") -> None:
    for number in range(30):
        bench.picture(f"{number:02}.png", size=(64, 64))
    stop = threading.Event()
    summary = do(bench, bench.job(), report=lambda outcome: stop.set(), stop=stop)
    assert summary.stopped
    assert 1 <= summary.count("done") < 30
    assert len(bench.results()) == summary.count("done")
    assert do(bench, bench.job()).count("done") == 30 - summary.count("done")


@pytest.mark.parametrize("limit", [1, 48_000_000])
def test_ctrl_c_ends_the_threads_and_names_what_was_done(
    bench: "Bench", limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_PIXELS_IN_MEMORY", limit)
    for number in range(30):
        bench.picture(f"{number:02}.png", red=number)

    def before(pixels: AnyPixels) -> None:
        if pixels[0, 0, 0] == 3:
            raise KeyboardInterrupt

    bench.painter.before = before
    told: list[Outcome] = []
    with pytest.raises(KeyboardInterrupt):
        do(bench, bench.job(), report=told.append)
    assert [outcome.status for outcome in told] == ["done"] * 3
    assert bench.results() == ["00.png", "01.png", "02.png"]


# ---------------------------------------------------------------------------------------------- what came in goes out


@pytest.mark.parametrize(
    ("file_format", "suffix", "bits"), [("png", ".png", 16), ("tiff", ".tif", 16), ("jpg", ".jpg", 8)]
)
def test_sixteen_bits_are_kept_where_the_format_holds_them(
    bench: "Bench", file_format: str, suffix: str, bits: int
) -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (12, 20, 4)).astype(np.uint16)
    encode_picture(bench.folder / "a.png", deep)
    assert do(bench, bench.job(file_format=file_format)).count("done") == 1
    result = read_picture(bench.out / f"a{suffix}", deep=True)
    if bits == 8:
        assert result.deep is None
        return
    assert result.deep is not None
    assert np.array_equal(result.deep[..., :3], 65535 - deep[..., :3])
    assert np.array_equal(result.deep[..., 3], deep[..., 3])


def test_pages_of_a_book_keep_their_own_depth_size_and_metadata(bench: "Bench") -> None:
    pages: list[AnyPixels] = [
        np.random.default_rng(n).integers(0, 256**size, (10, 12 + n, 3)).astype(f"u{size}")
        for n, size in enumerate((2, 1, 2))
    ]
    exif = Image.Exif()
    exif[315] = "Ann"
    with TiffWriter(bench.folder / "book.tif", raw_bytes=0) as file:
        for number, pixels in enumerate(pages):
            metadata = Metadata(dpi=(100 + number, 100), exif=exif.tobytes() if number else None)
            file.add(pixels, metadata)
    assert do(bench, bench.job(file_format="tiff")).count("done") == 1
    for number, pixels in enumerate(pages):
        result = read_picture(bench.out / "book.tif", page=number, deep=True)
        found = result.pixels if result.deep is None else result.deep
        assert found.dtype == pixels.dtype
        assert np.array_equal(found, np.iinfo(pixels.dtype).max - pixels)
        assert result.metadata.dpi == pytest.approx((100 + number, 100))
        assert (result.metadata.exif is not None) == bool(number)
