"""What travels with a picture beside its pixels: colour profile, EXIF, XMP and resolution."""

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from PIL import Image

OutputFormat = Literal["png", "jpg", "webp", "tiff"]

_XMP_ORIENTATION = re.compile(rb'tiff:Orientation="\d+"|<tiff:Orientation>\d+</tiff:Orientation>')
_JPEG_SEGMENT = 65_500  # what one segment of a JPEG holds


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """`dpi` is dots an inch, across and down. EXIF is without orientation and thumbnail: the pixels are upright."""

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None


NO_METADATA = Metadata()


def read_dpi(image: Image.Image) -> tuple[float, float] | None:
    """The resolution a file states; None where it states none that makes sense."""
    try:
        x, y = (float(number) for number in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) and x > 0 and y > 0 else None


def read_xmp(image: Image.Image) -> bytes | None:
    """The XMP packet, which is text."""
    return checked_xmp(image.info.get("xmp"))


def checked_xmp(packet: object) -> bytes | None:
    """`packet` where it is one and holds something, without an orientation: the pixels are upright."""
    if isinstance(packet, str):
        packet = packet.encode()
    if not isinstance(packet, bytes) or not packet.strip(b"\0 \n"):
        return None
    return _XMP_ORIENTATION.sub(b"", packet)


def save_options(metadata: Metadata, as_format: OutputFormat) -> dict[str, Any]:
    """What to hand to Pillow's `save` of a JPEG or WebP beside its own options; what they cannot hold is left out."""
    limit = _JPEG_SEGMENT if as_format == "jpg" else math.inf
    options: dict[str, Any] = {}
    if metadata.icc:
        options["icc_profile"] = metadata.icc
    if metadata.dpi and as_format != "webp":
        options["dpi"] = metadata.dpi
    if metadata.exif and len(metadata.exif) <= limit:
        options["exif"] = metadata.exif
    if metadata.xmp and len(metadata.xmp) <= limit:
        options["xmp"] = metadata.xmp
    return options
