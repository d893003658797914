"""Drawings in and out, whatever the format: told by their first bytes on the way in, by their name on the way out."""

from pathlib import Path

import numpy as np

from sketchsause_desktop.core import psd
from sketchsause_desktop.core.blend import Pixels, straight
from sketchsause_desktop.core.compositing import composite_on_nothing
from sketchsause_desktop.core.document import RESULT, Document, DocumentSnapshot
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.opening import Opened
from sketchsause_desktop.core.ora_reader import read_ora
from sketchsause_desktop.core.ora_writer import Progress, write_ora
from sketchsause_desktop.core.picture_writer import write_picture
from sketchsause_desktop.core.pictures import READABLE_SUFFIXES, open_file, read_picture

NATIVE_SUFFIX = ".ora"
LAYERED_SUFFIXES = frozenset({NATIVE_SUFFIX, ".psd"})  # what keeps the layers
OPENABLE_SUFFIXES = READABLE_SUFFIXES | LAYERED_SUFFIXES
_ZIP = b"PK"


def open_document(path: Path) -> Opened:
    """A drawing, or a picture as line art. Raises UserError when the file cannot be read, or is too large."""
    with open_file(path) as file:
        head = file.read(4)
    if head.startswith(_ZIP):
        return read_ora(path)
    if head == psd.SIGNATURE:
        return psd.read_psd(path)
    picture = read_picture(path)
    document = Document.from_line_art(picture.pixels)
    document.metadata = picture.metadata
    return Opened(document=document, notices=picture.notes)


def save_document(
    path: Path,
    snapshot: DocumentSnapshot,
    *,
    progress: Progress = lambda _: None,
    on_paper: bool = True,
    quality: int | None = None,
) -> None:
    """Write the file whole or not at all, in the format its name ends in; any thread may call it.

    Pictures hold the result without the hints: on white, or with `on_paper` off on nothing, as far as the format has
    alpha. `quality` is that of `write_picture`; `progress` as for `write_ora`. Raises UserError when it cannot be
    written.
    """
    suffix = path.suffix.lower()
    if suffix == NATIVE_SUFFIX:
        write_ora(path, snapshot, progress)
    elif suffix == ".psd":
        psd.write_psd(path, snapshot)
    else:
        pixels = snapshot.merged() if on_paper else _without_paper(snapshot)
        write_picture(path, pixels, snapshot.metadata, quality=quality)


def _without_paper(snapshot: DocumentSnapshot) -> Pixels:
    canvas = Rect.of_size(snapshot.size)
    result = np.empty((canvas.height, canvas.width, 4), np.uint8)
    for band in canvas.bands(1024):
        result[band.y : band.bottom] = straight(composite_on_nothing(snapshot.layers, band, RESULT))
    return result
