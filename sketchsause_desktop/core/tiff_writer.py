"""TIFF out, by tifffile: 8 or 16 bits, page after page, a large page band by band and never whole in memory."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.core.depth import AnyPixels
from sketchsause_desktop.core.picture_metadata import NO_METADATA, Metadata
from sketchsause_desktop.core.tiff_directories import add_exif

TILE = 256  # pixels a side, of pages that are written in bands

_XMP_TAG, _BYTES = 700, 1
_STRIP_BYTES = 2**18
_WORKERS = min(os.cpu_count() or 2, 4)
_BUFFERED = 2**25  # bytes of tiles that wait to be compressed
_CLASSIC_BYTES = 2**32 - 2**28  # beyond, offsets need 8 bytes
_INCH = 2
_FINEST_DPI = 1000  # parts of a dot


class TiffWriter:
    """Writes a file of one or more pages; leave the `with` block for it to be whole. Raises OSError."""

    def __init__(self, path: Path, *, raw_bytes: int) -> None:
        """`raw_bytes` of all pages together, without compression, tells which kind of TIFF can hold them."""
        import tifffile

        self._path = path
        self._blocks: list[bytes | None] = []
        self._file = tifffile.TiffWriter(path, bigtiff=raw_bytes > _CLASSIC_BYTES, byteorder="<")

    def __enter__(self) -> "TiffWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None and any(self._blocks):
            add_exif(self._path, self._blocks)

    def add(self, pixels: AnyPixels, metadata: Metadata = NO_METADATA) -> None:
        """A page, (H, W, 3) or (H, W, 4) with straight alpha."""
        row_bytes = int(pixels[0].nbytes)
        rows = max(1, min(len(pixels), _STRIP_BYTES // row_bytes))
        self._write(pixels, metadata, shape=pixels.shape, dtype=pixels.dtype, rowsperstrip=rows)

    def add_bands(
        self,
        bands: Iterable[AnyPixels],
        shape: tuple[int, int, int],
        dtype: np.dtype[Any],
        metadata: Metadata = NO_METADATA,
    ) -> None:
        """A page out of bands of any height, from the top; it is stored in tiles."""
        tiles = _tiles(bands)
        self._write(tiles, metadata, shape=shape, dtype=dtype, tile=(TILE, TILE))

    def _write(self, data: Any, metadata: Metadata, **options: Any) -> None:
        if metadata.icc:
            options["iccprofile"] = metadata.icc
        if metadata.dpi:
            options |= {"resolution": tuple(map(_ratio, metadata.dpi)), "resolutionunit": _INCH}
        if metadata.xmp:
            options["extratags"] = [(_XMP_TAG, _BYTES, len(metadata.xmp), metadata.xmp, True)]
        has_alpha = options["shape"][2] == 4
        self._file.write(
            data,
            photometric="rgb",
            planarconfig="contig",
            extrasamples=["unassalpha"] if has_alpha else None,
            compression="adobe_deflate",
            predictor=True,
            metadata=None,
            software=False,
            maxworkers=_WORKERS,
            buffersize=_BUFFERED,
            **options,
        )
        self._blocks.append(metadata.exif)


def _ratio(dpi: float) -> tuple[int, int]:
    return round(dpi * _FINEST_DPI), _FINEST_DPI


def _tiles(bands: Iterable[AnyPixels]) -> Iterator[NDArray[Any]]:
    """Rows of tiles, each from left to right; those at the rim may be smaller."""
    for rows in by_height(bands, TILE):
        for left in range(0, rows.shape[1], TILE):
            yield rows[:, left : left + TILE]


def by_height(bands: Iterable[AnyPixels], height: int) -> Iterator[NDArray[Any]]:
    """The same rows in bands of `height`, the last one of what is left."""
    waiting: list[NDArray[Any]] = []
    rows = 0
    for band in bands:
        waiting.append(band)
        rows += len(band)
        if rows >= height:
            joined = np.concatenate(waiting) if len(waiting) > 1 else waiting[0]
            whole = rows // height * height
            for top in range(0, whole, height):
                yield joined[top : top + height]
            waiting, rows = ([joined[whole:]], rows - whole) if rows > whole else ([], 0)
    if waiting:
        yield np.concatenate(waiting)
