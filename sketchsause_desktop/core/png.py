"""A PNG writer for large pictures: bands of rows are compressed beside each other, and blank ones only once.

https://www.w3.org/TR/png-3/. Deflate works without the GIL, so the window stays alive meanwhile. Pillow's writer has
one thread, tries five filters for each row and compresses with zlib; here every row but a band's first is stored as the
difference to the one above, and ISA-L compresses it, in a fraction of the time (tests/benchmarks/ora.py).
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import IO, TypeAlias

import numpy as np
from isal import isal_zlib

from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.picture_metadata import Metadata

Rows: TypeAlias = Callable[[], AnyPixels]
Chunk: TypeAlias = tuple[bytes, bytes]  # name, data

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_METRES_PER_INCH = 0.0254
_ADLER = 65_521
_COLOUR_TYPES = {3: 2, 4: 6}
_UP = 2  # each byte less the one above it
_LEVEL = 1
_IN_FLIGHT = 6  # bands on their way: keeps every worker busy and the memory small


@dataclass(frozen=True, kw_only=True)
class _Packed:
    """A band as a piece of the zlib stream, and what the checksum of the whole needs."""

    data: bytes
    adler: int
    length: int


def write_png(
    file: IO[bytes],
    size: Size,
    bands: Iterable[Rows],
    workers: Executor | None,
    extra: Iterable[Chunk] = (),
    *,
    channels: int = 4,
    bits: int = 8,
) -> None:
    """Write RGB or RGBA with straight alpha. `bands` make (rows, width, channels) each, from the top; a worker calls
    them, or this thread where there are no workers.

    A band that is the very function of the one before is compressed once for both. `extra` come before the pixels.
    """
    file.write(SIGNATURE)
    kind = _COLOUR_TYPES[channels]
    _write_chunk(file, b"IHDR", struct.pack(">IIBBBBB", size.width, size.height, bits, kind, 0, 0, 0))
    for name, data in extra:
        _write_chunk(file, name, data)
    adler = 1
    head = b"\x78\x01"  # zlib: a window of 32 KB, fastest
    for band in _packed(bands, workers) if workers else map(_pack, bands):
        adler = adler_joined(adler, band.adler, band.length)
        _write_chunk(file, b"IDAT", head + band.data)
        head = b""
    _write_chunk(file, b"IDAT", b"\x03\x00" + struct.pack(">I", adler))  # an empty last block
    _write_chunk(file, b"IEND", b"")


def _packed(bands: Iterable[Rows], workers: Executor) -> Iterator[_Packed]:
    """The bands compressed, in their order, a few at a time."""
    waiting: list[Future[_Packed]] = []
    before: Rows | None = None
    for band in bands:
        waiting.append(waiting[-1] if band is before and waiting else workers.submit(_pack, band))
        before = band
        if len(waiting) > _IN_FLIGHT:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _pack(band: Rows) -> _Packed:
    pixels = band()
    if pixels.dtype == np.uint16:
        pixels = pixels.astype(">u2").view(np.uint8)
    rows = pixels.reshape(len(pixels), -1)
    filtered = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    filtered[0, 0], filtered[1:, 0] = 0, _UP  # the first row stands alone, so that no band needs another
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -zlib.MAX_WBITS)
    data = compressor.compress(filtered.data) + compressor.flush(isal_zlib.Z_SYNC_FLUSH)
    return _Packed(data=data, adler=zlib.adler32(filtered.data), length=filtered.size)


def adler_joined(first: int, second: int, second_length: int) -> int:
    """The Adler-32 of two pieces out of those of each: the sums are linear (RFC 1950, 9).

    >>> adler_joined(zlib.adler32(b"sketch"), zlib.adler32(b"sause"), 5) == zlib.adler32(b"sketchsause")
    True
    """
    low = ((first & 0xFFFF) + (second & 0xFFFF) - 1) % _ADLER
    high = ((first >> 16) + (second >> 16) + second_length * ((first & 0xFFFF) - 1)) % _ADLER
    return high << 16 | low


def _write_chunk(file: IO[bytes], name: bytes, data: bytes) -> None:
    file.write(struct.pack(">I", len(data)) + name)
    file.write(data)
    file.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))


def profile_chunks(metadata: Metadata) -> list[Chunk]:
    """The colour profile, which every picture of a drawing carries."""
    return [(b"iCCP", b"profile\0\0" + zlib.compress(metadata.icc))] if metadata.icc else []


def metadata_chunks(metadata: Metadata) -> list[Chunk]:
    """All of `metadata`."""
    chunks = profile_chunks(metadata)
    if metadata.dpi:
        dots = (min(round(each / _METRES_PER_INCH), 2**31 - 1) for each in metadata.dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", *dots, 1)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif.removeprefix(b"Exif\0\0")))
    if metadata.xmp:
        chunks.append((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    return chunks
