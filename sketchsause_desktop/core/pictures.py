"""Picture files in: what convert and the window read, with every fault in one sentence.

Pixels are uint8 RGB or RGBA in memory, whatever the file held: palettes are looked up, 16 bits are scaled, CMYK and
grey profiles are brought to sRGB, and the EXIF orientation is applied once. Profile, EXIF, XMP and
resolution travel along, and the 16 bits where they are asked for.
"""

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from models.errors import UserError
from models.memory import require_memory
from sketchsause_desktop.core import exif
from sketchsause_desktop.core.deep_reader import bits_of, is_deep_tiff, read_deep_png, read_deep_tiff
from sketchsause_desktop.core.depth import DeepPixels, deepened, shallow
from sketchsause_desktop.core.picture_metadata import (
    NO_METADATA,
    Metadata,
    read_dpi,
    read_xmp,
)
from sketchsause_desktop.core.tiff_directories import exif_of
from sketchsause_desktop.core.tiff_reader import size_of

Pixels = NDArray[np.uint8]  # (H, W, 3) RGB or (H, W, 4) RGBA

# A3 at 600 dpi has 70 million. On its way through a network a pixel takes about 40 bytes: 3.2 GB at this limit.
# It lies below Pillow's own limit, whose warning is turned into the same refusal.
MAX_PIXELS = 80_000_000
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # written for programmers; notes say the rest

# Only formats that are told by their first bytes and need no outside program (EPS would start one). Pillow is given
# the one that fits, so that it need not load all its plug-ins for a PNG.
_SIGNATURES = (
    (0, b"\x89PNG", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (8, b"WEBP", "WEBP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"GIF8", "GIF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (0, b"\xff\x4f\xff\x51", "JPEG2000"),
    (4, b"jP  \r\n\x87\n", "JPEG2000"),
    *((0, b"P%d" % kind, "PPM") for kind in range(1, 7)),
)
READABLE_SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
    | {".ppm", ".pgm", ".pbm", ".pnm", ".avif", ".jp2"}
)
_HEAD = 32  # bytes that tell the format
_BYTES_TO_DECODE = 16  # a pixel: as decoded, as an array, and once more in the tiles or in a conversion


@dataclass(frozen=True, eq=False)
class Picture:
    pixels: Pixels
    source_format: str = "PNG"  # Pillow's name of the format it was read from
    metadata: Metadata = NO_METADATA  # its profile is an RGB one; others have been applied to the pixels
    had_alpha: bool = False
    notes: tuple[str, ...] = ()  # sentences about what could not be taken over
    deep: DeepPixels | None = None  # `pixels` at 16 bits, where the file has them and they were asked for

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


def read_picture(path: Path, page: int | None = None, *, deep: bool = False) -> Picture:
    """The picture of a file, or one `page` of its several, from 0; without that the first, with a note about the rest.

    `deep` keeps 16 bits. Raises UserError when the file cannot be read as a picture.
    """
    with open_file(path) as file:
        head = file.read(_HEAD)
    if is_deep_tiff(path, head, page or 0):
        return _deep_tiff(path, page, deep=deep)
    with _open_image(path) as image:
        try:
            if page:
                image.seek(page)
            image.load()
            is_deep = deep and bits_of(head) == 16
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1) if is_deep else 1
            found = read_deep_png(path, orientation) if is_deep else None
        except MemoryError as error:
            raise UserError(f"There is not enough memory to open {path}.", "Close other programs.") from error
        except Exception as error:  # Pillow's decoders raise whatever the damaged bytes lead to
            raise _damaged(path) from error
        has_grey_profile = _profile_space(image.info.get("icc_profile") or b"") == b"GRAY"
        picture = _to_picture(image, path, is_a_page=page is not None)
    return replace(picture, deep=deepened(picture.pixels) if is_deep and has_grey_profile else found)


def _deep_tiff(path: Path, page: int | None, *, deep: bool) -> Picture:
    width, height, _ = size_of(path, page or 0)
    _check_size(path, width, height)
    found = read_deep_tiff(path, page or 0)
    return Picture(
        pixels=shallow(found.pixels),
        source_format="TIFF",
        metadata=found.metadata,
        had_alpha=found.pixels.shape[2] == 4,
        notes=_first_of(found.pages) if page is None and found.pages > 1 else (),
        deep=found.pixels if deep else None,
    )


def _first_of(pages: int) -> tuple[str, ...]:
    return (f"Only the first of its {pages} pages was read.",)


def read_size(path: Path, page: int = 0) -> tuple[int, int]:
    """Width and height as stored, from the file's header alone; raises UserError like `read_picture`."""
    with _open_image(path) as image:
        if page:
            _seek(image, page, path)
        return image.size


def count_pages(path: Path) -> int:
    """How many pictures a file holds, decoding none; raises UserError like `read_picture`."""
    with _open_image(path) as image:
        try:
            return int(getattr(image, "n_frames", 1))
        except Exception as error:  # whatever a damaged directory leads to
            raise _damaged(path) from error


def _seek(image: Image.Image, page: int, path: Path) -> None:
    try:
        image.seek(page)
    except Exception as error:
        raise _damaged(path) from error


@contextmanager
def _open_image(path: Path) -> Iterator[Image.Image]:
    """Open the header; nothing is decoded yet."""
    with open_file(path) as file, _identify(file, path) as image:
        yield image


def _identify(file: IO[bytes], path: Path) -> Image.Image:
    head = file.read(_HEAD)
    file.seek(0)
    formats = [name for offset, mark, name in _SIGNATURES if head[offset:].startswith(mark)]
    if not formats:
        raise UserError(f"{path} is not a picture that SketchSause can read.", "Save it as PNG, JPEG, WebP or TIFF.")
    try:
        image = Image.open(file, formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(path) from error
    except Exception as error:  # whatever a damaged header leads Pillow to
        raise _damaged(path) from error
    _check_size(path, image.width, image.height)
    return image


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large(path)
    require_memory(path, width * height * _BYTES_TO_DECODE)


def _too_large(path: Path) -> UserError:
    return UserError(
        f"{path} has more than {MAX_PIXELS // 1_000_000} million pixels, which is more than SketchSause opens.",
        "Scale it down or cut it into parts.",
    )


def _damaged(path: Path) -> UserError:
    return UserError(f"{path} is damaged or cut off.", "Copy, download or export it again.")


def open_file(path: Path) -> IO[bytes]:
    """Raises UserError where there is no ordinary, readable file with something in it."""
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise UserError(f"{path} is a folder, not a picture.")
        if not stat.S_ISREG(info.st_mode):
            raise UserError(f"{path} is not an ordinary file.", "Choose a picture file.")
        if info.st_size == 0:
            raise UserError(f"{path} is empty (0 bytes).", "Copy, download or export it again.")
        return path.open("rb")
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist.", "Check the name and the folder.") from error
    except PermissionError as error:
        raise UserError(f"{path} may not be read.", "Change its permissions or copy it elsewhere.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {reason_of(error)}.") from error


def _to_picture(image: Image.Image, path: Path, *, is_a_page: bool) -> Picture:
    notes: list[str] = []
    frames = 1 if is_a_page else getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # the further pictures of an MPO are previews of the same shot
        notes.extend(_first_of(frames))
    source_format = "JPEG" if image.format == "MPO" else str(image.format)
    dpi = read_dpi(image)
    icc = image.info.get("icc_profile")
    # Pillow has turned a TIFF already.
    stored_size = size_of(path, image.tell())[:2] if image.format == "TIFF" else image.size
    exif_block, readable = _orient(image, path)
    if not readable:
        notes.append("Its EXIF data is damaged and was left out.")
    if dpi and image.size != stored_size:
        dpi = (dpi[1], dpi[0])
    had_alpha = image.has_transparency_data
    return Picture(
        pixels=pixels_of(image, icc, path),
        source_format=source_format,
        metadata=Metadata(
            icc=icc if icc and _profile_space(icc) == b"RGB " and image.mode not in ("CMYK", "LAB") else None,
            exif=exif_block,
            xmp=read_xmp(image),
            dpi=dpi,
        ),
        had_alpha=had_alpha,
        notes=tuple(notes),
    )


def _orient(image: Image.Image, path: Path) -> tuple[bytes | None, bool]:
    """Turn the picture upright in place; return its EXIF data for the new file, and whether it could be read."""
    block = image.info.get("exif")
    try:
        if image.format == "TIFF":
            block = exif_of(path, image.tell())
            ImageOps.exif_transpose(image, in_place=True)
            return block, True
        ImageOps.exif_transpose(image, in_place=True)
        return (exif.set_upright(block) if block else exif.gather(image)), True
    except Exception:  # noqa: BLE001 - cameras and editors write EXIF of every kind; the pixels are what matters
        return None, False


def pixels_of(image: Image.Image, icc: bytes | None, path: Path) -> Pixels:
    """A decoded picture as RGB or RGBA; `path` is for the error. Raises UserError for odd kinds of colour."""
    if image.mode.startswith("I") or image.mode == "F":
        return _scale_deep_grey(image)
    if image.mode in ("CMYK", "LAB") or (icc and _profile_space(icc) == b"GRAY" and image.mode in ("L", "LA", "1")):
        converted = _through_profile(image, icc)
        if converted is not None:
            return converted
    try:
        mode = "RGBA" if image.has_transparency_data else "RGB"
        return np.array(image if image.mode == mode and "transparency" not in image.info else image.convert(mode))
    except ValueError as error:
        raise UserError(f"{path} stores its colours as {image.mode}.", "Save it as RGB.") from error


def _scale_deep_grey(image: Image.Image) -> Pixels:
    """16-bit, 32-bit and float grey, scaled to 8 bits rather than clipped."""
    values = np.nan_to_num(np.asarray(image).astype(np.float32), posinf=0.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    if image.mode.startswith("I;16") or image.format == "PPM":
        white = 65535.0
    elif image.mode == "F" and top <= 1.0:
        white = 1.0
    else:
        white = next((limit for limit in (255.0, 65535.0) if top <= limit), top)
    grey = np.rint(np.clip(values / white, 0.0, 1.0) * 255.0).astype(np.uint8)
    planes = [grey, grey, grey]
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        planes.append(np.where(values == transparent, 0, 255).astype(np.uint8))
    return np.stack(planes, axis=-1)


def _through_profile(image: Image.Image, icc: bytes | None) -> Pixels | None:
    """Bring CMYK, LAB and grey to sRGB by the file's own profile; None when it has none that fits."""
    from PIL import ImageCms

    alpha = image.getchannel("A") if image.mode == "LA" else None
    colour = image.convert("L") if image.mode in ("LA", "1") else image
    expected = {"CMYK": b"CMYK", "L": b"GRAY", "LAB": b"Lab "}[colour.mode]
    try:
        if icc and _profile_space(icc) == expected:
            source = ImageCms.ImageCmsProfile(BytesIO(icc))
        elif colour.mode == "LAB":
            source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        else:
            return None
        rgb = ImageCms.profileToProfile(colour, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return None
    assert rgb is not None
    if alpha is not None:
        rgb.putalpha(alpha)
    return np.array(rgb)


def _profile_space(icc: bytes) -> bytes:
    return icc[16:20]  # "RGB ", "GRAY", "CMYK", "Lab "


def reason_of(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
