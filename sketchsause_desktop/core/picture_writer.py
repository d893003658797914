"""Picture files out: what came in with a picture goes out with it, and every fault is one sentence."""

import errno
from pathlib import Path
from typing import Any, get_args

import numpy as np
from PIL import Image

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.core.picture_metadata import NO_METADATA, Metadata, OutputFormat, save_options
from sketchsause_desktop.core.pictures import Pixels, reason_of

_SUFFIX_FORMATS: dict[str, OutputFormat] = {
    ".png": "png",
    ".jpg": "jpg",
    ".jpeg": "jpg",
    ".webp": "webp",
    ".tif": "tiff",
    ".tiff": "tiff",
}
_LONGEST_SIDE = {"jpg": 65_500, "webp": 16_383}  # what the formats can hold
_JPEG_QUALITY = 95  # without chroma subsampling: coloured areas end exactly at thin lines
_WEBP_QUALITY = 90


def format_of(path: Path) -> OutputFormat:
    """The format a file name asks for; raises UserError when pictures are not written in it."""
    found = _SUFFIX_FORMATS.get(path.suffix.lower())
    if found is None:
        names = ", ".join(get_args(OutputFormat))
        raise UserError(f"{path.name} ends in no format that is written here.", f"Choose one of: {names}.")
    return found


def write_picture(
    path: Path,
    pixels: Pixels,
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
    pixels: Pixels,
    metadata: Metadata = NO_METADATA,
    *,
    as_format: OutputFormat | None = None,
    quality: int | None = None,
    name: Path | None = None,
) -> None:
    """Write straight into `path`, with `metadata` as far as the format holds it; `name` is for errors.

    Raises UserError for what the format cannot hold, OSError for what the disk will not do.
    The format is the one the name ends in unless told. `quality` is 1 to 100 for JPEG and WebP (100 makes WebP
    lossless). JPEG has no alpha: transparent pictures are laid on white.
    """
    as_format = as_format or format_of(path)
    height, width = pixels.shape[:2]
    limit = _LONGEST_SIDE.get(as_format)
    if limit and max(width, height) > limit:
        raise UserError(
            f"{name or path} would be {width} x {height} pixels; {as_format.upper()} ends at {limit}.",
            "Write it as PNG or TIFF.",
        )
    options = _format_options(as_format, quality) | save_options(metadata, as_format)
    image = Image.fromarray(_on_white(pixels) if as_format == "jpg" and pixels.shape[2] == 4 else pixels)
    with path.open("wb") as file:
        image.save(file, **options)


def _format_options(as_format: OutputFormat, quality: int | None) -> dict[str, Any]:
    options: dict[str, Any] = {"format": {"jpg": "JPEG"}.get(as_format, as_format.upper())}
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
