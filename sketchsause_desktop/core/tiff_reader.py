"""TIFF in by rows, with tifffile: pages of 16 bits, and pages too large to be whole in memory."""

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.picture_metadata import Metadata, checked_xmp
from sketchsause_desktop.core.tiff_directories import exif_of

_AHEAD = 2  # rows of strips or tiles that are kept for the next call
_LARGEST_PIECE = 400_000_000  # bytes of a strip or tile, which is decoded whole

_MINISWHITE, _MINISBLACK, _RGB, _YCBCR = 0, 1, 2, 6
_KINDS = {3: "indexed colours", 5: "CMYK", 8: "L*a*b*"}
_ASSOCIATED, _UNASSOCIATED = 1, 2  # kinds of alpha
_RESOLUTION_UNITS = {2: 1.0, 3: 2.54}  # in an inch
_ICC, _XMP, _ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 34675, 700, 274, 282, 283, 296

logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # written for programmers; faults are raised as sentences


@contextmanager
def open_tiff(path: Path, page: int = 0) -> Iterator["TiffPixels"]:
    """A page of a file, read as it is asked for. Raises UserError when it cannot be read or is of an odd kind."""
    import tifffile

    with _told(path):
        file = tifffile.TiffFile(path)
    with file:
        with _told(path):
            found = TiffPixels(path, file, file.pages[page], page)
        yield found


def size_of(path: Path, page: int = 0) -> tuple[int, int, int]:
    """Width, height and bits a channel of a page, from its directory alone. UserError as for `open_tiff`."""
    import tifffile

    with _told(path), tifffile.TiffFile(path) as file:
        found: Any = file.pages[page]
        return int(found.imagewidth), int(found.imagelength), int(_lone(found.bitspersample))


def pages_in(path: Path) -> int:
    import tifffile

    with _told(path), tifffile.TiffFile(path) as file:
        return len(file.pages)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Whatever damaged bytes lead tifffile and its decoders to, in a sentence."""
    try:
        yield
    except (UserError, OSError, MemoryError):
        raise
    except Exception as error:
        raise UserError(f"{path} is damaged or cut off.", "Copy, download or export it again.") from error


class TiffPixels:
    """One page as RGB or RGBA with straight alpha, uint8 or uint16, in the orientation it is stored in."""

    def __init__(self, path: Path, file: Any, page: Any, number: int) -> None:
        self._path = path
        self._file = file
        self._page = page
        self._number = number
        self.width, self.height = int(page.imagewidth), int(page.imagelength)
        self._samples = int(page.samplesperpixel)
        self._kind = int(page.photometric)
        self._colours = 3 if self._kind in (_RGB, _YCBCR) else 1
        self._alpha = next((int(each) for each in page.extrasamples if each in (_ASSOCIATED, _UNASSOCIATED)), 0)
        self._segments: dict[int, NDArray[Any]] = {}  # rows of strips or tiles, of the last call
        self._check()
        self.bits = 16 if page.dtype == np.uint16 else 8
        self.dtype: np.dtype[Any] = np.dtype(np.uint16 if self.bits == 16 else np.uint8)
        self._jpeg_tables = page.jpegtables

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, 4 if self._alpha else 3

    @property
    def orientation(self) -> int:
        return int(_lone(self._page.tags.valueof(_ORIENTATION, 1)))

    @property
    def metadata(self) -> Metadata:
        tags = self._page.tags
        icc, xmp = tags.valueof(_ICC), tags.valueof(_XMP)
        icc = bytes(icc) if isinstance(icc, bytes | tuple) else None
        is_coloured = icc is not None and icc[16:20] == b"RGB "
        return Metadata(
            icc=icc if is_coloured else None,
            exif=exif_of(self._path, self._number),
            xmp=checked_xmp(xmp),
            dpi=_dpi(tags),
        )

    @property
    def stored_metadata(self) -> Metadata:
        """With the orientation, for pixels that are not turned upright."""
        return replace(self.metadata, exif=exif_of(self._path, self._number, with_orientation=self.orientation > 1))

    def rows(self, top: int, bottom: int) -> AnyPixels:
        """The rows from `top` to `bottom`; cheapest from the top to the bottom of the page. Raises UserError."""
        with _told(self._path):
            if self._is_plain:
                return self._finished(self._read_plain(top, bottom))
            each = self._segment_height
            wanted = range(top // each, -(-bottom // each))
            kept = range(wanted.start, wanted.stop + _AHEAD)
            self._segments = {row: found for row, found in self._segments.items() if row in kept}
            for row in wanted:
                if row not in self._segments:
                    self._segments[row] = self._segment_row(row)
            joined = np.concatenate([self._segments[row] for row in wanted])
            start = wanted.start * each
            return self._finished(joined[top - start : bottom - start])

    def _check(self) -> None:
        page = self._page
        if self._kind not in (_MINISWHITE, _MINISBLACK, _RGB, _YCBCR) or self._samples < self._colours:
            raise UserError(
                f"{self._path} stores its colours as {_KINDS.get(self._kind, 'something else')}.", "Save it as RGB."
            )
        if page.dtype not in (np.uint8, np.uint16, np.bool_) or page.bitspersample not in (1, 8, 16):
            raise UserError(
                f"{self._path} stores {_lone(page.bitspersample)} bits a channel as {page.dtype}.",
                "Save it with 8 or 16 bits.",
            )
        width = page.tilewidth if page.is_tiled else page.imagewidth
        piece = self._segment_height * width * self._samples * page.dtype.itemsize
        if not self._is_plain and piece > _LARGEST_PIECE:
            raise UserError(
                f"{self._path} is stored in one piece of {piece / 1e9:.1f} GB.", "Save it in strips or tiles."
            )

    @property
    def _is_plain(self) -> bool:
        """Whether rows lie in the file as they are."""
        page = self._page
        return bool(
            page.compression == 1
            and not page.is_tiled
            and (page.planarconfig == 1 or self._samples == 1)
            and page.predictor == 1
            and page.fillorder == 1
            and page.bitspersample in (8, 16)
        )

    @property
    def _segment_height(self) -> int:
        page = self._page
        return int(page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength))

    def _read_plain(self, top: int, bottom: int) -> NDArray[Any]:
        page, each = self._page, self._segment_height
        row_bytes = self.width * self._samples * self.dtype.itemsize
        found = []
        row = top
        while row < bottom:
            strip, inside = divmod(row, each)
            count = min(bottom - row, each - inside)
            self._file.filehandle.seek(page.dataoffsets[strip] + inside * row_bytes)
            found.append(self._file.filehandle.read(count * row_bytes))
            row += count
        stored = np.frombuffer(b"".join(found), self.dtype.newbyteorder(self._file.byteorder))
        return stored.astype(self.dtype, copy=False).reshape(bottom - top, self.width, self._samples)

    def _segment_row(self, row: int) -> NDArray[Any]:
        """Strips or tiles beside each other, decoded: (rows, width, samples)."""
        page = self._page
        across = math.ceil(self.width / page.tilewidth) if page.is_tiled else 1
        down = math.ceil(self.height / self._segment_height)
        planes = self._samples if page.planarconfig == 2 else 1
        return np.concatenate(
            [
                np.concatenate(
                    [self._segment((plane * down + row) * across + column) for column in range(across)], axis=1
                )[:, : self.width]
                for plane in range(planes)
            ],
            axis=2,
        )[: self.height - row * self._segment_height]

    def _segment(self, index: int) -> NDArray[Any]:
        page = self._page
        handle = self._file.filehandle
        data = None
        if page.databytecounts[index]:
            handle.seek(page.dataoffsets[index])
            data = handle.read(page.databytecounts[index])
        options = {"jpegtables": self._jpeg_tables} if self._jpeg_tables is not None else {}
        decoded, _, shape = page.decode(data, index, _fullsize=page.is_tiled, **options)
        if decoded is None:  # left out by the writer: nothing but 0
            return np.zeros(shape[1:], page.dtype)
        pixels: NDArray[Any] = decoded[0]
        return pixels

    def _finished(self, stored: NDArray[Any]) -> AnyPixels:
        """Samples as they are stored -> RGB or RGBA."""
        if self._page.bitspersample == 1:
            stored = stored.astype(np.uint8) * np.uint8(255)
        stored = stored.astype(self.dtype, copy=False)
        colour = stored[..., : self._colours]
        if self._kind == _MINISWHITE:
            colour = np.iinfo(self.dtype).max - colour
        if self._colours == 1:
            colour = np.repeat(colour, 3, axis=2)
        if not self._alpha:
            return np.ascontiguousarray(colour)
        place = self._colours + [int(each) for each in self._page.extrasamples].index(self._alpha)
        alpha = stored[..., place : place + 1]
        if self._alpha == _ASSOCIATED:
            most = int(np.iinfo(self.dtype).max)
            straight = colour.astype(np.float32) * most / np.maximum(alpha, 1)
            colour = np.rint(np.minimum(straight, most)).astype(self.dtype)
        return np.concatenate([colour, alpha], axis=2)


def _lone(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


def _dpi(tags: Any) -> tuple[float, float] | None:
    unit = _RESOLUTION_UNITS.get(int(_lone(tags.valueof(_RESOLUTION_UNIT, 2))))
    found = [tags.valueof(tag) for tag in (_X_RESOLUTION, _Y_RESOLUTION)]
    if unit is None or not all(isinstance(each, tuple) and len(each) == 2 and each[0] and each[1] for each in found):
        return None
    across, down = (each[0] / each[1] * unit for each in found)
    return across, down
