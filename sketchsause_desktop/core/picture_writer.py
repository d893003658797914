"""Picture files out: what came in with a picture goes out with it, and every fault is one sentence."""

import errno
from functools import partial
from pathlib import Path
from typing import IO, Any, get_args

import numpy as np
from PIL import Image

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.core.depth import AnyPixels, Pixels, shallow
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.picture_metadata import NO_METADATA, Metadata, OutputFormat, save_options
from sketchsause_desktop.core.pictures import reason_of
from sketchsause_desktop.core.png import metadata_chunks, write_png
from sketchsause_desktop.core.tiff_writer import TiffWriter

_SUFFIX_FORMATS: dict[str, OutputFormat] = {
    ".png": "png",
    ".jpg": "jpg",
    ".jpeg": "jpg",
    ".webp": "webp",
    ".tif": "tiff",
    ".tiff": "tiff",
}
DEEP_FORMATS = ("png", "tiff")  # keep 16 bits
_LONGEST_SIDE = {"jpg": 65_500, "webp": 16_383}  # what the formats can hold
_JPEG_QUALITY = 95  # without chroma subsampling: coloured areas end exactly at thin lines
_WEBP_QUALITY = 90
_BAND_BYTES = 2**20  # of a PNG, compressed at once


def format_of(path: Path) -> OutputFormat:
    """The format a file name asks for; raises UserError when pictures are not written in it."""
    found = _SUFFIX_FORMATS.get(path.suffix.lower())
    if found is None:
        names = ", ".join(get_args(OutputFormat))
        raise UserError(f"{path.name} ends in no format that is written here.", f"Choose one of: {names}.")
    return found


def write_picture(
    path: Path,
    pixels: AnyPixels,
    metadata: Metadata = NO_METADATA,
    *,
    as_format: OutputFormat | None = None,
    quality: int | None = None,
) -> None:
    """Write the file whole or not at all; everything else as in `encode_picture`."""
    as_format = as_format or format_of(path)
    try:
        with atomic_path(path) as temporary:
            encode_picture(temporary, pixels, metadata, as_format=as_format, quality=quality, name=path)
    except OSError as error:
        raise write_fault(path, error) from error


def encode_picture(
    path: Path,
    pixels: AnyPixels,
    metadata: Metadata = NO_METADATA,
    *,
    as_format: OutputFormat | None = None,
    quality: int | None = None,
    name: Path | None = None,
) -> None:
    """Write straight into `path`, with `metadata` as far as the format holds it; `name` is for errors.

    Raises UserError for what the format cannot hold, OSError for what the disk will not do.
    The format is the one the name ends in unless told. `quality` is 1 to 100 for JPEG and WebP (100 makes WebP
    lossless). JPEG has no alpha: transparent pictures are laid on white. 16 bits are kept by PNG and TIFF.
    """
    as_format = as_format or format_of(path)
    height, width = pixels.shape[:2]
    limit = _LONGEST_SIDE.get(as_format)
    if limit and max(width, height) > limit:
        raise UserError(
            f"{name or path} would be {width} x {height} pixels; {as_format.upper()} ends at {limit}.",
            "Write it as PNG or TIFF.",
        )
    if as_format == "tiff":
        with TiffWriter(path, raw_bytes=pixels.nbytes) as book:
            book.add(pixels, metadata)
        return
    with path.open("wb") as file:
        if as_format == "png":
            _encode_png(file, pixels, metadata)
        else:
            _encode_lossy(file, shallow(pixels), metadata, as_format, quality)


def _encode_png(file: IO[bytes], pixels: AnyPixels, metadata: Metadata) -> None:
    height, width, channels = pixels.shape
    rows = max(1, _BAND_BYTES // (pixels.nbytes // height))
    bands = (partial(_rows, pixels, top, top + rows) for top in range(0, height, rows))
    bits = 8 * pixels.itemsize
    write_png(file, Size(width, height), bands, None, metadata_chunks(metadata), channels=channels, bits=bits)


def _rows(pixels: AnyPixels, top: int, bottom: int) -> AnyPixels:
    return pixels[top:bottom]


def _encode_lossy(
    file: IO[bytes], pixels: Pixels, metadata: Metadata, as_format: OutputFormat, quality: int | None
) -> None:
    options = _format_options(as_format, quality) | save_options(metadata, as_format)
    Image.fromarray(_on_white(pixels) if as_format == "jpg" and pixels.shape[2] == 4 else pixels).save(file, **options)


def _format_options(as_format: OutputFormat, quality: int | None) -> dict[str, Any]:
    options: dict[str, Any] = {"format": {"jpg": "JPEG", "webp": "WEBP"}[as_format]}
    if as_format == "jpg":  # not optimized: Pillow's buffer for that is too small for noise, and the picture is lost
        options |= {"quality": quality or _JPEG_QUALITY, "subsampling": 0}
    elif as_format == "webp":
        options |= {"quality": quality or _WEBP_QUALITY, "lossless": quality == 100}
    return options


def _on_white(pixels: Pixels) -> Pixels:
    alpha = pixels[..., 3:].astype(np.uint16)
    mixed = pixels[..., :3] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def write_fault(path: Path, error: OSError) -> UserError:
    """Why a file could not be written, in a sentence."""
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return UserError(f"{path} cannot be written: the folder does not allow it.", "Choose another folder.")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return UserError(f"{path} cannot be written: there is no such folder.", "Choose another folder.")
    if is_disk_full(error):
        return UserError(f"{path} cannot be written: the disk is full.", "Free some space or choose another folder.")
    if error.errno == errno.ENAMETOOLONG:
        return UserError(f"{path} cannot be written: its name is too long.", "Choose a shorter name.")
    return UserError(f"{path} cannot be written: {reason_of(error)}.", "Choose another folder.")


def is_disk_full(error: BaseException) -> bool:
    """Whether `error`, or what it was raised from, says that there is no room left."""
    full = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in full:
            return True
        cause = cause.__cause__
    return False
