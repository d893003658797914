"""What travels with a picture beside its pixels: colour profile, EXIF, XMP and resolution."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sketchsause_desktop.core import exif

OutputFormat = Literal["png", "jpg", "webp", "tiff"]

_XMP_TAG = 700
_XMP_KEYWORD = "XML:com.adobe.xmp"  # of the text chunk in a PNG
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
    """The XMP packet, which is text; call it after the picture was turned, since that takes the orientation out."""
    packet = image.info.get("xmp")
    if isinstance(packet, str):
        packet = packet.encode()
    return packet if isinstance(packet, bytes) and packet.strip(b"\0 \n") else None


def save_options(metadata: Metadata, as_format: OutputFormat) -> dict[str, Any]:
    """What to hand to Pillow's `save` beside the format's own options; what a format cannot hold is left out."""
    options: dict[str, Any] = {}
    if metadata.icc:
        options["icc_profile"] = metadata.icc
    if metadata.dpi and as_format != "webp":
        options["dpi"] = metadata.dpi
    if as_format == "tiff":
        return options | _tiff_options(metadata)
    is_jpeg = as_format == "jpg"
    if metadata.exif and not (is_jpeg and len(metadata.exif) > _JPEG_SEGMENT):
        options["exif"] = metadata.exif
    if metadata.xmp and as_format == "png":
        text = PngInfo()
        text.add_itxt(_XMP_KEYWORD, metadata.xmp.decode("utf-8", "replace"))
        options["pnginfo"] = text
    elif metadata.xmp and not (is_jpeg and len(metadata.xmp) > _JPEG_SEGMENT):
        options["xmp"] = metadata.xmp
    return options


def _tiff_options(metadata: Metadata) -> dict[str, Any]:
    tags = exif.tiff_tags(metadata.exif) if metadata.exif else {}
    compression = {"compression": "tiff_adobe_deflate"}
    if exif.has_directories(tags):
        compression = {}  # Pillow's compressing TIFF writer cannot hold them
    if metadata.xmp:
        tags[_XMP_TAG] = metadata.xmp
    return compression | ({"tiffinfo": tags} if tags else {})
