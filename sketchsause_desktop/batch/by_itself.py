"""Results that are written while they are painted: TIFF of several pages, and pages too large to be whole in memory."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, SheetHalf, Task
from sketchsause_desktop.batch.painter import PagePainter, Rows
from sketchsause_desktop.batch.reading import halves, is_large, read_page
from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.picture_writer import DEEP_FORMATS, format_of
from sketchsause_desktop.core.pictures import MAX_PIXELS
from sketchsause_desktop.core.png import metadata_chunks, write_png
from sketchsause_desktop.core.tiff_reader import TiffPixels, open_tiff, size_of
from sketchsause_desktop.core.tiff_writer import TiffWriter

_SIDEWAYS = "It is stored turned, was coloured as stored, and says so as before."


Progress = Callable[[float], None]  # the share that is done, 0 to 1


def write_by_itself(
    path: Path,
    task: Task,
    job: BatchJob,
    painter: PagePainter,
    progress: Progress = lambda _share: None,
    scale: float = 1.0,
) -> list[str]:
    """Paint all pages of `task` into `path`; what could not be taken over, in sentences. It is seen at `scale`.

    Raises UserError for the first page that cannot be converted, OSError for what the disk will not do.
    """
    as_format = format_of(path)
    if as_format not in DEEP_FORMATS:
        raise UserError(
            f"{task.source} has more than {MAX_PIXELS // 1_000_000} million pixels, too many for {as_format.upper()}.",
            "Write it as TIFF or PNG.",
        )
    if as_format == "png":
        with open_tiff(task.source, task.page or 0) as page:
            return _write_png(path, page, task, job, painter, progress, scale)
    return _write_tiff(path, task, job, painter, progress, scale)


def check_by_itself(path: Path, task: Task, job: BatchJob) -> None:
    """UserError when the file that was just written has not the pages it should have, or one that cannot be read."""
    if format_of(path) == "png":
        return  # its writer came to the end, and nothing else reads a PNG of that size by rows
    for number in _pages(task):
        width, height, bits = size_of(task.source, number)
        width //= 2 if job.sheet_half else 1
        with open_tiff(path, number if task.pages > 1 else 0) as page:
            sizes = {(width, height), (height, width)}  # a turned page is upright now
            fits = (page.width, page.height) in sizes and (page.bits == 16) == (bits == 16)
            if not fits or not all(len(page.rows(row, row + 1)) for row in (0, page.height // 2, page.height - 1)):
                raise UserError(
                    "The result could not be read again after it was written.", "Check the disk, and try again."
                )


def _pages(task: Task) -> range:
    """Of the source."""
    return range(task.pages) if task.pages > 1 else range(task.page or 0, (task.page or 0) + 1)


def _write_tiff(
    path: Path, task: Task, job: BatchJob, painter: PagePainter, progress: Progress, scale: float
) -> list[str]:
    notes: dict[str, None] = {}
    pages = _pages(task)
    with TiffWriter(path, raw_bytes=_raw_bytes(task)) as file:
        for done, number in enumerate(pages):
            try:
                if is_large(task.source, number):
                    of_page = partial(_tell, progress, done, len(pages))
                    told = _add_large(file, number, task, job, painter, of_page, scale)
                else:
                    told = _add(file, number, task, job, painter, scale)
                notes |= dict.fromkeys(told)
                progress((done + 1) / len(pages))
            except UserError as error:
                if task.pages == 1:
                    raise
                raise UserError(f"Page {number + 1}: {error.sentence}", error.hint) from error
    return list(notes)


def _raw_bytes(task: Task) -> int:
    """Of all pages without compression, at most."""
    sizes = [size_of(task.source, page) for page in _pages(task)]
    return sum(width * height * 4 * (2 if bits > 8 else 1) for width, height, bits in sizes)


def _add(
    file: TiffWriter, number: int, task: Task, job: BatchJob, painter: PagePainter, scale: float
) -> tuple[str, ...]:
    page = read_page(task, job, number)
    finish, told = painter.sparingly(partial(painter.paint, page, task.source, scale))
    file.add(finish(), page.picture.metadata)
    return (*page.picture.notes, told) if told else page.picture.notes


def _add_large(
    file: TiffWriter, number: int, task: Task, job: BatchJob, painter: PagePainter, progress: Progress, scale: float
) -> tuple[str, ...]:
    with open_tiff(task.source, number) as page:
        rows = _part(page, job.sheet_half, task.source)
        bands = _watched(painter.paint_bands(rows, task.source, scale), rows.shape[0], progress)
        file.add_bands(bands, rows.shape, page.dtype, page.stored_metadata)
        return _notes(page)


def _tell(progress: Progress, done: int, count: int, of_page: float) -> None:
    progress((done + of_page) / count)


def _watched(bands: Iterator[AnyPixels], height: int, progress: Progress) -> Iterator[AnyPixels]:
    done = 0
    for band in bands:
        yield band
        done += len(band)
        progress(done / height)


def _write_png(
    path: Path, page: TiffPixels, task: Task, job: BatchJob, painter: PagePainter, progress: Progress, scale: float
) -> list[str]:
    rows = _part(page, job.sheet_half, task.source)
    height, width, channels = rows.shape
    bands = _calls(_watched(painter.paint_bands(rows, task.source, scale), height, progress))
    with path.open("wb") as file:
        extra = metadata_chunks(page.stored_metadata)
        write_png(file, Size(width, height), bands, None, extra, channels=channels, bits=page.bits)
    return list(_notes(page))


def _calls(bands: Iterator[AnyPixels]) -> Iterator[Callable[[], AnyPixels]]:
    """As `write_png` takes them."""
    for band in bands:
        yield partial(_same, band)


def _same(band: AnyPixels) -> AnyPixels:
    return band


def _notes(page: TiffPixels) -> tuple[str, ...]:
    """A large page is not turned, since its rows would be columns: its orientation goes along instead."""
    return (_SIDEWAYS,) if page.orientation > 1 else ()


def _part(page: TiffPixels, half: SheetHalf | None, name: object) -> Rows:
    return _Half(page, halves(page.width, half, name)) if half else page


class _Half:
    """The columns of one half of a side-by-side sheet."""

    def __init__(self, page: TiffPixels, columns: slice) -> None:
        self._page = page
        self._columns = columns
        height, width, channels = page.shape
        self.shape = (height, width // 2, channels)

    def rows(self, top: int, bottom: int) -> AnyPixels:
        return self._page.rows(top, bottom)[:, self._columns]
