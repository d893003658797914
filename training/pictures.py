"""Reading the pictures of a data set: any usual file in, uint8 RGB out, and the fault in one sentence where not."""

import contextlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from models.errors import UserError

Half = Literal["left", "right"]

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".jfif", ".avif"})

_SIDEWAYS = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
_ORIENTATION_TAG = 0x0112
_DECODER_FAULTS = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, OverflowError)


@dataclass(frozen=True)
class PictureRef:
    """A picture of a data set: a whole file, or one half of a side-by-side sheet."""

    path: Path
    half: Half | None = None
    cut: float = 0.5  # where the sheet is cut, as a share of its width


def is_picture_name(name: str) -> bool:
    """Whether a file of this name is looked at; hidden files and those of other kinds are passed over."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122 - quicker


def read_size(path: Path) -> tuple[int, int]:
    """(width, height) as shown, from the header alone; UserError naming the file when there is none to read."""
    with _open(path) as image:
        width, height = image.size
        turned = "exif" in image.info and image.getexif().get(_ORIENTATION_TAG) in _SIDEWAYS
    return (height, width) if turned else (width, height)


def load_picture(ref: PictureRef) -> np.ndarray:
    """The picture as uint8 (H, W, 3), turned as its EXIF orientation says, transparency laid on white.

    16-bit and floating-point pictures are scaled to 8 bits. Of a sheet of odd width the middle column belongs to
    neither half; where one is cut elsewhere, both halves are as wide as the smaller part. Every fault is a UserError
    that names the file.
    """
    return _half_of(ref, _pixels(ref.path))


def load_pair(first: PictureRef, second: PictureRef) -> tuple[np.ndarray, np.ndarray]:
    """As `load_picture` for both; a sheet that holds the two is decoded once."""
    if first.path != second.path:
        return load_picture(first), load_picture(second)
    pixels = _pixels(first.path)
    return _half_of(first, pixels), _half_of(second, pixels)


def _pixels(path: Path) -> np.ndarray:
    with _open(path) as image:
        return np.asarray(_to_rgb(ImageOps.exif_transpose(image)))


def _half_of(ref: PictureRef, pixels: np.ndarray) -> np.ndarray:
    if ref.half is None:
        return np.ascontiguousarray(pixels)
    width = pixels.shape[1]
    if width < 2:
        raise UserError(f"{ref.path} is too narrow to be a side-by-side sheet.", "Remove it from the data set.")
    left, right = half_columns(width, ref.cut)
    return np.ascontiguousarray(pixels[:, left if ref.half == "left" else right])


def half_columns(width: int, cut: float) -> tuple[slice, slice]:
    """The columns of a sheet's two halves, which are equally wide; `cut` in (0, 1) is where they meet."""
    if cut == 0.5:
        return slice(0, width // 2), slice(width - width // 2, width)
    at = min(max(round(width * cut), 1), width - 1)
    side = min(at, width - at)
    return slice(at - side, at), slice(at, at + side)


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Image.Image]:
    """The opened picture; whatever a decoder raises while it is read becomes a UserError naming `path`."""
    try:
        with Image.open(path) as image:
            yield image
    except FileNotFoundError:
        raise UserError(f"{path} is not there.", "Check the folder, or scan it again.") from None
    except PermissionError:
        raise UserError(f"{path} may not be read.", "Change its permissions.") from None
    except UnidentifiedImageError:
        reason = "is empty" if _is_empty(path) else "is not a picture this program can read"
        raise UserError(f"{path} {reason}.", "Remove it or save it again as PNG.") from None
    except Image.DecompressionBombError:
        raise UserError(f"{path} has too many pixels.", "Cut it into smaller pictures.") from None
    except _DECODER_FAULTS as error:
        raise UserError(f"{path} is damaged ({error}).", "Remove it or save it again.") from error


def _is_empty(path: Path) -> bool:
    return path.stat().st_size == 0


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey_to_rgb(image)
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        picture = image.convert("RGBA")
        paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        return Image.alpha_composite(paper, picture).convert("RGB")
    return image.convert("RGB")


def _deep_grey_to_rgb(image: Image.Image) -> Image.Image:
    """16- and 32-bit whole numbers by the smallest usual range that holds them; floats as [0, 1] or [0, 255]."""
    values = np.asarray(image).astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("it holds values that are not numbers")
    highest = float(values.max(initial=0.0))
    if image.mode.startswith("I;16"):
        scale = 255 / 65535
    elif image.mode == "F" and highest <= 1.0:
        scale = 255.0
    else:
        scale = 1.0 if highest <= 255 else 255 / 65535 if highest <= 65535 else 255 / (2**32 - 1)
    grey = np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")
