"""A TIFF of several pages to another: page by page, so that a thick one takes no more memory than a thin one."""

from collections.abc import Callable
from pathlib import Path

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, Task
from sketchsause_desktop.batch.reading import Page, read_page
from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.pictures import count_pages
from sketchsause_desktop.core.tiff_reader import size_of
from sketchsause_desktop.core.tiff_writer import TiffWriter


def write_book(path: Path, task: Task, job: BatchJob, paint: Callable[[Page], AnyPixels]) -> list[str]:
    """Paint all pages of `task` into `path`; what could not be taken over, in sentences.

    Raises UserError for the first page that cannot be converted, OSError for what the disk will not do.
    """
    notes: dict[str, None] = {}
    with TiffWriter(path, raw_bytes=_raw_bytes(task)) as file:
        for number in range(task.pages):
            try:
                page = read_page(task, job, number)
                pixels = paint(page)
            except UserError as error:
                raise UserError(f"Page {number + 1}: {error.sentence}", error.hint) from error
            file.add(pixels, page.picture.metadata)
            notes |= dict.fromkeys(page.picture.notes)
    return list(notes)


def _raw_bytes(task: Task) -> int:
    """Of all pages without compression, at most."""
    sizes = [size_of(task.source, page) for page in range(task.pages)]
    return sum(width * height * 4 * (2 if bits > 8 else 1) for width, height, bits in sizes)


def check_book(path: Path, pages: int) -> None:
    """UserError when the file that was just written has not that many pages."""
    if count_pages(path) != pages:
        raise UserError("The result could not be read again after it was written.", "Check the disk, and try again.")
