"""How many metres of the earth a pixel of imagery is, by what says where it lies.

Whatever the coordinates are (metres, feet, degrees, the web's map, whose metres shrink towards the poles), two pixels
in the middle are brought to longitude and latitude, and the way between them is measured on a sphere: right to 0.5 %.
"""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.batch.geo.rasters import raster_library
from sketchsause_desktop.batch.geo.sidecars import sidecar, world_suffix
from sketchsause_desktop.core.pictures import read_size

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

_RADIUS = 6_371_008.8  # metres, of a sphere as large as the earth
_EQUATOR = 2 * math.pi * 6_378_137.0  # metres, of the web's map
_LARGEST = 1_000_000  # bytes of a file that holds a projection

Affine = tuple[float, float, float, float, float, float]  # as rasterio has it: x = a column + b row + c, then y


def metres_of_raster(source: "DatasetReader") -> float | None:
    """None where it does not say where on earth it lies."""
    points, points_crs = source.gcps
    if source.crs and not source.transform.is_identity:
        return metres_of(tuple(source.transform)[:6], source.crs, (source.width, source.height))
    if points and points_crs:
        from rasterio.errors import RasterioError
        from rasterio.transform import from_gcps

        try:
            return metres_of(tuple(from_gcps(points))[:6], points_crs, (source.width, source.height))
        except (RasterioError, ValueError):
            return None
    return None


def metres_of_tiles(zoom: int, side: int, cells: NDArray[np.int64]) -> float | None:
    """Of the tiles (N, 2) of row and column at a zoom of the web's map, in their middle; None in another grid."""
    if not len(cells) or int(cells.max()) >= 2**zoom:
        return None
    middle = (int(cells[:, 0].min()) + int(cells[:, 0].max()) + 1) / 2 / 2**zoom
    latitude = math.atan(math.sinh(math.pi * (1 - 2 * middle)))
    return _EQUATOR * math.cos(latitude) / (side << zoom)


def metres_beside(path: Path) -> float | None:
    """Of a picture with a world file and a projection, or a .aux.xml with both, beside it; None where they are not.

    A projection that cannot be understood is none: the picture is painted nevertheless.
    """
    try:
        place = _aux_place(path) or _world_place(path)
        if place is None:
            return None
        affine, projection = place
        with raster_library() as rasterio:
            return metres_of(affine, rasterio.crs.CRS.from_wkt(projection), read_size(path))
    except Exception:  # noqa: BLE001 - whatever foreign text leads rasterio to
        return None


def metres_of(affine: Any, crs: Any, size: tuple[int, int]) -> float | None:
    """In the middle of a picture of `size` (width, height); None where that is nowhere on earth."""
    from rasterio.errors import RasterioError
    from rasterio.warp import transform

    a, b, c, d, e, f = affine
    column, row = size[0] / 2, size[1] / 2
    places = [(column, row), (column + 1, row), (column, row + 1)]
    xs, ys = ([u * x + v * y + w for x, y in places] for u, v, w in ((a, b, c), (d, e, f)))
    try:
        longitudes, latitudes = transform(crs, "EPSG:4326", xs, ys)[:2]
    except RasterioError:
        return None
    here, *others = zip(longitudes, latitudes, strict=True)
    sides = [_way(here, other) for other in others]
    metres = math.sqrt(sides[0] * sides[1])
    return metres if math.isfinite(metres) and metres > 0 else None


def _way(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Metres between two places (longitude, latitude in degrees) that lie close to each other."""
    east = (end[0] - start[0] + 180) % 360 - 180
    east *= math.cos(math.radians((start[1] + end[1]) / 2))
    return math.radians(math.hypot(east, end[1] - start[1])) * _RADIUS


def _world_place(path: Path) -> tuple[Affine, str] | None:
    suffix = path.suffix.lower()
    names = (world_suffix(suffix), f"{suffix}w", ".wld")
    world = next((found for each in names if (found := sidecar(path, each))), None)
    projection = sidecar(path, ".prj") or sidecar(path, ".qpj")
    if world is None or projection is None:
        return None
    # Six lines: the steps of a column in x and y, those of a row, the middle of the first pixel.
    a, d, b, e, c, f = (float(line.replace(",", ".")) for line in _text(world).split()[:6])
    return (a, b, c, d, e, f), _text(projection)


def _aux_place(path: Path) -> tuple[Affine, str] | None:
    aux = sidecar(path, path.suffix + ".aux.xml")
    if aux is None:
        return None
    text = _text(aux)
    if re.search(r"<!(DOCTYPE|ENTITY)", text):  # as in geo.sidecars
        return None
    root = ET.fromstring(text)
    numbers, projection = root.findtext("GeoTransform"), root.findtext("SRS")
    if not numbers or not projection:
        return None
    c, a, b, f, d, e = (float(each) for each in numbers.split(","))
    return (a, b, c, d, e, f), projection


def _text(path: Path) -> str:
    if path.stat().st_size > _LARGEST:
        raise UserError(f"{path} is too large for what it should hold.")
    return path.read_text(encoding="utf-8-sig")
