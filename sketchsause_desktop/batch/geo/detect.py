"""Which files are more than pictures, by their headers alone: rasterio is not loaded to find that out."""

from pathlib import Path
from typing import Literal

from PIL.TiffImagePlugin import ImageFileDirectory_v2

Kind = Literal["picture", "raster", "tiles"]  # an ordinary picture; imagery for rasterio; a set of map tiles

MBTILES = ".mbtiles"
_TIFF = (".tif", ".tiff")
_IMAGERY = (*_TIFF, ".png", ".jpg", ".jpeg", ".jp2")  # what --bands and --stretch are for
# Scale, points, matrix, keys, nodata, RPC.
_GEOREFERENCE = (33550, 33922, 34264, 34735, 42113, 50844)
_GEO_JP2 = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")  # the box's name
_JP2_HEAD = 262_144  # bytes
_SAMPLES_PER_PIXEL = 277
_BIG_TIFF = 43


def kind_of_file(path: Path, *, has_bands: bool = False) -> Kind:
    """`has_bands`: bands or a stretch were asked for. A file that cannot be read is a picture, and told as one."""
    suffix = path.suffix.lower()
    if suffix == MBTILES:
        return "tiles"
    if has_bands and suffix in _IMAGERY:
        return "raster"
    if suffix in _TIFF and _is_georeferenced(path):
        return "raster"
    return "raster" if suffix == ".jp2" and _has_box(path) else "picture"


def _has_box(path: Path) -> bool:
    """Whether a JPEG 2000 knows its place: in a box near its start, as GML or as a GeoTIFF without pixels."""
    try:
        with path.open("rb") as file:
            head = file.read(_JP2_HEAD)
    except OSError:  # told when it is read
        return False
    return b"gml.data" in head or _GEO_JP2 in head


def _is_georeferenced(path: Path) -> bool:
    """Whether a TIFF knows its place, has nodata, or more bands than a picture."""
    try:
        with path.open("rb") as file:
            header = file.read(8)
            if _BIG_TIFF in header[2:4]:
                header += file.read(8)
            directory = ImageFileDirectory_v2(header)
            file.seek(directory.next)
            directory.load(file)
            samples = directory.get(_SAMPLES_PER_PIXEL, 1)
    except Exception:  # noqa: BLE001 - whatever a damaged header leads to: told when it is read
        return False
    return samples > 4 or any(tag in directory for tag in _GEOREFERENCE)
