"""PNG and TIFF of 16 bits a channel in: Pillow would read the upper 8."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import UserError
from sketchsause_desktop.core.depth import DeepPixels, upright
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.core.tiff_reader import TiffPixels, open_tiff, pages_in, size_of

_TIFF_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PNG_MARK = b"\x89PNG"
_PNG_BITS_AT = 24  # signature, length and name of the header, width, height


@dataclass(frozen=True, eq=False)
class DeepPage:
    """A page of a TIFF, upright."""

    pixels: DeepPixels
    metadata: Metadata
    pages: int  # there are in the file


def bits_of(head: bytes) -> int:
    """Bits a channel of a PNG by its first 32 bytes; 0 for other formats."""
    return head[_PNG_BITS_AT] if head.startswith(_PNG_MARK) and len(head) > _PNG_BITS_AT else 0


def read_deep_png(path: Path, orientation: int) -> DeepPixels:
    """(H, W, 3) or (H, W, 4), turned by `orientation`. Raises whatever damaged bytes lead to."""
    import imagecodecs

    pixels: DeepPixels = imagecodecs.png_decode(path.read_bytes())
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.shape[2] < 3:  # grey, with alpha or without
        pixels = np.concatenate([np.repeat(pixels[..., :1], 3, axis=2), pixels[..., 1:]], axis=2)
    turned: DeepPixels = upright(pixels, orientation)
    return turned


def is_deep_tiff(path: Path, head: bytes, page: int) -> bool:
    """Whether a page holds 16 bits a channel in a kind of colour that `read_deep_tiff` knows."""
    if not head.startswith(_TIFF_MARKS):
        return False
    try:
        if size_of(path, page)[2] != 16:
            return False
        with open_tiff(path, page) as found:
            return found.bits == 16
    except (UserError, OSError):
        return False  # Pillow may make something of it, or says what is wrong


def read_deep_tiff(path: Path, page: int) -> DeepPage:
    """Raises UserError when it is damaged."""
    with open_tiff(path, page) as found:
        pixels = upright(found.rows(0, found.height), found.orientation)
        metadata = _upright_metadata(found)
    return DeepPage(pixels, metadata, pages_in(path))


def _upright_metadata(page: TiffPixels) -> Metadata:
    metadata = page.metadata
    if page.orientation > 4 and metadata.dpi:
        return Metadata(icc=metadata.icc, exif=metadata.exif, xmp=metadata.xmp, dpi=metadata.dpi[::-1])
    return metadata
