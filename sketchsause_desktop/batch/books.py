"""A TIFF of several pages to another: page by page, so that a thick one takes no more memory than a thin one."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, Task
from sketchsause_desktop.batch.reading import Page, read_page
from sketchsause_desktop.core.picture_metadata import save_options
from sketchsause_desktop.core.pictures import Pixels, count_pages


def write_book(path: Path, task: Task, job: BatchJob, paint: Callable[[Page], Pixels]) -> list[str]:
    """Paint all pages of `task` into `path`; what could not be taken over, in sentences.

    Raises UserError for the first page that cannot be converted, OSError for what the disk will not do.
    """
    notes: dict[str, None] = {}
    path.unlink(missing_ok=True)  # it is appended to
    with AppendingTiffWriter(path, new=True) as file:
        for number in range(task.pages):
            try:
                page = read_page(task, job, number)
                pixels = paint(page)
            except UserError as error:
                raise UserError(f"Page {number + 1}: {error.sentence}", error.hint) from error
            Image.fromarray(pixels).save(file, format="TIFF", **save_options(page.picture.metadata, "tiff"))
            file.newFrame()
            notes |= dict.fromkeys(page.picture.notes)
    return list(notes)


def check_book(path: Path, pages: int) -> None:
    """UserError when the file that was just written has not that many pages."""
    if count_pages(path) != pages:
        raise UserError("The result could not be read again after it was written.", "Check the disk, and try again.")
