"""The picture of a task: a file, a page of one, or the line art of a layered drawing."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, SheetHalf, Task
from sketchsause_desktop.core.blend import is_white
from sketchsause_desktop.core.depth import Pixels
from sketchsause_desktop.core.document import RESULT, Document
from sketchsause_desktop.core.documents_io import LAYERED_SUFFIXES, open_document
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.picture_writer import DEEP_FORMATS, format_of
from sketchsause_desktop.core.pictures import MAX_PIXELS, Picture, read_picture, read_size
from sketchsause_desktop.core.tiff_reader import size_of

_LINE_NAMES = ("line", "ink", "sketch", "outline", "线", "線", "主线", "펜선", "contour")  # of layers of other programs

TIFF_SUFFIXES = (".tif", ".tiff")
HINTS_MARK = ".hints"  # page01.hints.png holds the hints of page01.png, and is no page
LARGE = 16_000_000  # pixels; a larger TIFF is read by rows and written in bands


@dataclass(frozen=True)
class Page:
    """What a task starts from."""

    picture: Picture
    hints: Pixels | None = None  # its own, uint8 (H, W, 4)


def own_hints(source: Path) -> Path | None:
    """The file beside a page that holds its hints: page01.hints.png beside page01.jpg."""
    path = source.with_name(f"{source.stem}{HINTS_MARK}.png")
    return path if path.is_file() else None


def pixels_of_task(task: Task) -> int:
    """How many there will be, by the file's header; 0 where only reading it tells."""
    suffix = task.source.suffix.lower()
    if suffix in LAYERED_SUFFIXES:
        return 0
    if suffix in TIFF_SUFFIXES:
        width, height, _ = size_of(task.source, task.page or 0)
    else:
        width, height = read_size(task.source, page=task.page or 0)
    return width * height


def goes_by_itself(task: Task, pixels: int) -> bool:
    """Whether `task`, of so many `pixels`, is written while it is painted (`batch.by_itself`)."""
    if task.pages > 1:
        return True
    keeps_bands = format_of(task.target) in DEEP_FORMATS
    return task.source.suffix.lower() in TIFF_SUFFIXES and pixels > (LARGE if keeps_bands else MAX_PIXELS)


def is_large(path: Path, page: int) -> bool:
    """Whether a page of a TIFF is read by rows."""
    width, height, _ = size_of(path, page)
    return width * height > LARGE


def read_page(task: Task, job: BatchJob, page: int | None = None) -> Page:
    """The task's page, or another `page` of its source. Raises UserError when there is no picture to be had."""
    if task.source.suffix.lower() in LAYERED_SUFFIXES:
        picture = _line_art(task.source)
    else:
        deep = format_of(task.target) in DEEP_FORMATS
        picture = read_picture(task.source, page=task.page if page is None else page, deep=deep)
    if job.sheet_half:
        picture = take_half(picture, job.sheet_half, task.source)
    beside = own_hints(task.source) if task.pages == 1 and task.page is None else None
    return Page(picture, hints_of(beside) if beside else None)


def take_half(picture: Picture, half: SheetHalf, name: object) -> Picture:
    """One half of a side-by-side sheet. Raises UserError when the sheet has no middle."""
    part = np.s_[:, halves(picture.width, half, name)]
    deep = None if picture.deep is None else np.ascontiguousarray(picture.deep[part])
    return replace(picture, pixels=np.ascontiguousarray(picture.pixels[part]), deep=deep)


def halves(width: int, half: SheetHalf, name: object) -> slice:
    """The columns of one half. Raises UserError as `take_half` does."""
    if width % 2:
        raise UserError(
            f"{name} is {width} pixels wide, which cannot be halved.",
            "Crop it to an even width, or convert it whole.",
        )
    return slice(0, width // 2) if half == "left" else slice(width // 2, width)


def _line_art(path: Path) -> Picture:
    """The line art of a drawing on white, or all that is seen of it where no layer is line art."""
    opened = open_document(path)
    document, notes = opened.document, opened.notices
    _find_line_art(document)
    pixels = document.composite(document.rect, frozenset({Role.LINE_ART}))
    if is_white(pixels):
        pixels = document.composite(document.rect, RESULT)
        notes = (*notes, "It has no layer for line art, so all of it was taken.")
    return Picture(
        pixels=np.ascontiguousarray(pixels[..., :3]), source_format="ORA", metadata=document.metadata, notes=notes
    )


def _find_line_art(document: Document) -> None:
    """Drawings of other programs say by their layers' names which hold the lines."""
    canvas: Rect = document.rect
    if any(_holds_something(layer, canvas) for layer in document.with_role(Role.LINE_ART)):
        return
    for layer in document.leaves():
        if layer.role is Role.PAINT and any(word in layer.name.casefold() for word in _LINE_NAMES):
            layer.role = Role.LINE_ART


def _holds_something(layer: Layer, canvas: Rect) -> bool:
    return bool(layer.tiles.read(canvas).any())


def read_hints(job: BatchJob) -> Pixels | None:
    """Raises UserError when the file of hints has no transparency that could say where the hints are."""
    if job.hints is None:
        return None
    return hints_of(job.hints)


def hints_of(path: Path) -> Pixels:
    """The hints of a file; UserError when it has no transparency that could say where they are."""
    pixels = read_picture(path).pixels
    if pixels.shape[2] != 4:
        raise UserError(
            f"{path} has no transparency, so nothing tells the hints from the rest.",
            "Save the hints as PNG on a transparent layer.",
        )
    return pixels
