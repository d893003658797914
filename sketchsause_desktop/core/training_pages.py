"""Corrected drawings as pairs to learn from: a folder with `lines`, `colours` and `hints`, files of the same names.

The trainer's scan reads the first two as any other folder of pairs; the hints are kept beside them.
"""

import contextlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import UserError
from sketchsause_desktop.core.blend import Pixels, straight
from sketchsause_desktop.core.compositing import composite_on_nothing, composite_on_paper
from sketchsause_desktop.core.document import RESULT, DocumentSnapshot
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.core.picture_writer import write_fault, write_picture

LINES, COLOURS, HINTS = "lines", "colours", "hints"
SUFFIX = ".png"
_BAND = 1024  # rows
_FAINTEST = 6  # steps of 255 by which colours differ from the bare lines


@dataclass(frozen=True, kw_only=True)
class Page:
    """uint8: `lines` and `colours` (H, W, 3); `hints` (H, W, 4), or None where there are none."""

    lines: Pixels
    colours: Pixels
    hints: Pixels | None


def page_of(snapshot: DocumentSnapshot) -> Page:
    """What is seen of a drawing. UserError where it has no lines, or nothing in colour."""
    lines = _composed(snapshot, frozenset({Role.LINE_ART}))
    colours = _composed(snapshot, RESULT)
    if lines.min() > 255 - _FAINTEST:
        raise UserError("There is no line art to learn from.", "Draw or open some in a Line art layer that is shown.")
    if np.abs(lines.astype(np.int16) - colours).max() < _FAINTEST:
        raise UserError("There are no colours to learn yet.", "Colour the drawing first, by hand or with Live.")
    return Page(lines=lines, colours=colours, hints=_hints(snapshot))


def _composed(snapshot: DocumentSnapshot, roles: frozenset[Role]) -> Pixels:
    canvas = Rect.of_size(snapshot.size)
    picture = np.empty((canvas.height, canvas.width, 3), np.uint8)
    for band in canvas.bands(_BAND):
        picture[band.y : band.bottom] = composite_on_paper(snapshot.layers, band, roles)[..., :3]
    return picture


def _hints(snapshot: DocumentSnapshot) -> Pixels | None:
    canvas = Rect.of_size(snapshot.size)
    picture = np.empty((canvas.height, canvas.width, 4), np.uint8)
    for band in canvas.bands(_BAND):
        picture[band.y : band.bottom] = straight(composite_on_nothing(snapshot.layers, band, frozenset({Role.HINTS})))
    return picture if picture[..., 3].any() else None


def count_pages(folder: Path) -> int:
    """Pairs that are whole."""
    names = [{path.name for path in (folder / part).glob(f"*{SUFFIX}")} for part in (LINES, COLOURS)]
    return len({name for name in names[0] & names[1] if not name.startswith(".")})


def write_page(page: Page, folder: Path, title: str) -> str:
    """Add a page; returns its name. A page whose lines are there is whole. UserError where it cannot be written."""
    name = _free(folder, re.sub(r"[^\w-]+", "-", title).strip("-") or "page")
    parts: list[tuple[str, Pixels | None]] = [(HINTS, page.hints), (COLOURS, page.colours), (LINES, page.lines)]
    written: list[Path] = []
    try:
        for part, pixels in parts:
            if pixels is None:
                continue
            path = folder / part / f"{name}{SUFFIX}"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_picture(path, pixels)
            written.append(path)
    except (UserError, OSError) as error:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        raise error if isinstance(error, UserError) else write_fault(folder, error) from error
    return name


def delete_pages(folder: Path) -> None:
    """The three folders, and the one around them where nothing else lies in it."""
    try:
        for part in (LINES, COLOURS, HINTS):
            if (folder / part).is_dir():
                shutil.rmtree(folder / part)
    except OSError as error:
        raise UserError(f"{folder} could not be deleted: {error.strerror}.", "Close what uses it.") from error
    with contextlib.suppress(OSError):  # something of the user's lies in it
        folder.rmdir()


def _free(folder: Path, stem: str) -> str:
    name, number = stem, 2
    while any((folder / part / f"{name}{SUFFIX}").exists() for part in (LINES, COLOURS, HINTS)):
        name, number = f"{stem}-{number}", number + 1
    return name
