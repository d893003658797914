"""Reads OpenRaster files, our own and those of Krita, MyPaint and GIMP, and trusts none of them.

Names in the archive are looked up and never used as paths. A layer that is damaged comes out empty, with a notice, so
that the others are not lost with it; an archive that asks for more than this machine has is refused before decoding.
"""

import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from PIL import Image

from models.errors import UserError
from models.memory import require_memory
from sketchsause_desktop.core import exif
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.character_files import MAX_BYTES, cast_of_json
from sketchsause_desktop.core.characters import NO_CAST, Cast
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import Group, Layer, Node
from sketchsause_desktop.core.opening import (
    MAX_LAYERS,
    Findings,
    Opened,
    check_pixels,
    checked_size,
    damaged,
    document_of,
    fill,
)
from sketchsause_desktop.core.ora_stack import Entry, GroupEntry, LayerEntry, Stack, read_stack
from sketchsause_desktop.core.ora_writer import CHARACTERS, MERGED
from sketchsause_desktop.core.picture_metadata import Metadata, read_dpi, read_xmp
from sketchsause_desktop.core.pictures import open_file, pixels_of

_MAX_STACK = 16 << 20  # bytes of stack.xml
_MAX_ENTRY = 1 << 30
_OTHER_ENTRIES = 1_000  # thumbnails, palettes, strokes of MyPaint
_SAME_DPI = 0.02  # what a PNG, which counts dots a metre, adds by rounding
_FAULTS = (BadZipFile, KeyError, OSError, EOFError, zlib.error, ValueError, RuntimeError, SyntaxError)


def read_ora(path: Path) -> Opened:
    """Raises UserError when the file cannot be read, or asks for more than there is."""
    findings = Findings()
    with _archive(path) as archive:
        stack = read_stack(_stack_bytes(archive, path), path, findings)
        leaves = list(_leaves(stack.entries))
        sizes = {source: _size(archive, path, source) for source in {entry.source for entry in leaves}}
        check_pixels(path, (size for entry in leaves if (size := sizes[entry.source])))
        reader = _Reader(archive, path, sizes, Rect.of_size(stack.size), findings)
        nodes = [reader.node(entry) for entry in stack.entries]
        metadata = _metadata(archive, stack)
        cast = _cast(archive, findings)
    document = document_of(stack.size, nodes, metadata)
    document.cast = cast
    return Opened(document=document, notices=findings.sentences())


def is_whole(path: Path) -> bool:
    """Whether every byte of an archive is as it was written, by its checksums."""
    try:
        with ZipFile(path) as archive:
            return archive.testzip() is None and "stack.xml" in archive.namelist()
    except _FAULTS:
        return False


@contextmanager
def _archive(path: Path) -> Iterator[ZipFile]:
    with open_file(path) as file:
        try:
            archive = ZipFile(file)
        except Exception as error:  # whatever damaged bytes lead to
            raise damaged(path) from error
        with archive:
            infos = archive.infolist()
            if len(infos) > MAX_LAYERS + _OTHER_ENTRIES:
                raise UserError(f"{path} holds {len(infos)} files, too many for a drawing.", "Is it a drawing at all?")
            require_memory(path, sum(info.file_size for info in infos))
            yield archive


def _stack_bytes(archive: ZipFile, path: Path) -> bytes:
    try:
        info = archive.getinfo("stack.xml")
    except KeyError as error:
        raise UserError(f"{path} is an archive, but no OpenRaster drawing.", "Export it as .ora or PNG.") from error
    if info.file_size > _MAX_STACK:
        raise damaged(path)
    try:
        return archive.read(info)
    except _FAULTS as error:
        raise damaged(path) from error


def _leaves(entries: Iterable[Entry]) -> Iterator[LayerEntry]:
    for entry in entries:
        if isinstance(entry, GroupEntry):
            yield from _leaves(entry.entries)
        else:
            yield entry


def _size(archive: ZipFile, path: Path, source: str) -> Size | None:
    """Of a picture, by its header; None when that cannot be read."""
    try:
        info = archive.getinfo(source)
        if info.file_size > _MAX_ENTRY:
            return None
        with archive.open(info) as file, Image.open(file, formats=["PNG"]) as image:
            width, height = image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        width = height = 1 << 20  # refused like every other size that is too large
    except _FAULTS:
        return None
    return checked_size(path, width, height)


class _Reader:
    def __init__(
        self, archive: ZipFile, path: Path, sizes: dict[str, Size | None], canvas: Rect, findings: Findings
    ) -> None:
        self._archive, self._path, self._sizes = archive, path, sizes
        self._canvas, self._findings = canvas, findings

    def node(self, entry: Entry) -> Node:
        if isinstance(entry, LayerEntry):
            return self._layer(entry)
        return Group(
            name=entry.name,
            visible=entry.visible,
            opacity=entry.opacity,
            blend=entry.blend,
            locked=entry.locked,
            pass_through=entry.pass_through,
            layers=[self.node(child) for child in entry.entries],
        )

    def _layer(self, entry: LayerEntry) -> Layer:
        layer = Layer(
            name=entry.name,
            role=entry.role,
            visible=entry.visible,
            opacity=entry.opacity,
            blend=entry.blend,
            locked=entry.locked,
            alpha_locked=entry.alpha_locked,
        )
        pixels = self._pixels(entry.source)
        if pixels is None:
            self._findings.damaged.append(entry.name)
        else:
            rect = Rect(entry.x, entry.y, pixels.shape[1], pixels.shape[0])
            fill(layer, rect, pixels, self._canvas, self._findings)
        return layer

    def _pixels(self, source: str) -> Pixels | None:
        if self._sizes[source] is None:
            return None
        try:
            data = self._archive.read(source)  # whole, which checks its sum
            with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
                return pixels_of(image, image.info.get("icc_profile"), self._path)
        except (*_FAULTS, UserError):
            return None


def _cast(archive: ZipFile, findings: Findings) -> Cast:
    """The characters; without those that cannot be read the drawing is opened all the same."""
    if CHARACTERS not in archive.namelist():
        return NO_CAST
    try:
        info = archive.getinfo(CHARACTERS)
        if info.file_size > MAX_BYTES:
            raise ValueError(info.file_size)
        return cast_of_json(archive.read(info))
    except UserError as error:
        findings.characters = error.sentence
    except _FAULTS:
        findings.characters = "The characters are damaged."
    return NO_CAST


def _metadata(archive: ZipFile, stack: Stack) -> Metadata:
    """Profile, EXIF and XMP stand in the merged image; the resolution in the list of layers, in whole numbers."""
    try:
        with archive.open(MERGED) as file, Image.open(file, formats=["PNG"]) as image:
            icc, block, xmp, dpi = (
                image.info.get("icc_profile"),
                image.info.get("exif"),
                read_xmp(image),
                read_dpi(image),
            )
    except (*_FAULTS, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Metadata(dpi=stack.dpi)
    try:
        block = exif.set_upright(block) if block else None
    except ValueError:
        block = None
    off = max(abs(ours - theirs) for ours, theirs in zip(stack.dpi, dpi, strict=True)) if stack.dpi and dpi else 0.0
    return Metadata(
        icc=icc if icc and icc[16:20] == b"RGB " else None,
        exif=block,
        xmp=xmp,
        dpi=dpi if _SAME_DPI < off < 1 else stack.dpi,
    )
