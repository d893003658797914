"""What form a painted raster has: its numbers, its nodata, and all that says where on earth it lies."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from sketchsause_desktop.batch.geo.bands import Look
from sketchsause_desktop.core.pictures import Pixels

if TYPE_CHECKING:
    from rasterio.io import DatasetReader, DatasetWriter

BLOCK = 256  # pixels: the side of a GeoTIFF's blocks, and of the cells that are painted

# How a raster says where it has no picture.
Holes = Literal["none", "value", "mask", "alpha", "white"]  # white: a format that cannot say it


@dataclass(frozen=True)
class RasterForm:
    holes: Holes
    nodata: float | None = None
    deep: bool = False  # 16 bits, where 8 cannot hold the nodata value

    @property
    def bands(self) -> int:
        return 4 if self.holes == "alpha" else 3

    @property
    def dtype(self) -> str:
        return "uint16" if self.deep else "uint8"

    def finished(self, painted: Pixels, source: Pixels, opacity: NDArray[np.uint8]) -> NDArray[Any]:
        """All (H, W, ...) -> the file's bands (bands, H, W). No painted pixel has the nodata value."""
        valid = opacity > 0
        pixels = np.where(valid[..., None], painted, source).astype(self.dtype)
        if self.deep:
            pixels *= 257
        if self.holes == "value":
            assert self.nodata is not None
            nodata = int(self.nodata)
            beside = nodata + 1 if nodata == 0 else nodata - 1
            pixels[pixels == nodata] = beside
            pixels[~valid] = nodata
        elif self.holes == "white":
            pixels[~valid] = 255
        elif self.holes == "alpha":
            pixels = np.dstack([pixels, opacity])
        return np.moveaxis(pixels, -1, 0)


def form_of(source: "DatasetReader", look: Look, as_format: str) -> tuple[RasterForm, list[str]]:
    """The form a raster's result has as "tiff", "png", "jpg" or "webp", and sentences about what that cannot hold."""
    has_alpha = look.alpha is not None
    nodata = source.nodatavals[look.bands[0] - 1]
    is_masked = any(flag.name == "per_dataset" for flag in source.mask_flag_enums[look.bands[0] - 1]) and not has_alpha
    is_float = source.dtypes[look.bands[0] - 1].startswith("float")
    if not (has_alpha or is_masked or is_float or nodata is not None):
        return RasterForm("none"), []
    if as_format == "jpg":
        return RasterForm("white"), ["JPEG holds no nodata: it is white in the result. --format tiff keeps it."]
    if as_format != "tiff" or has_alpha:
        return RasterForm("alpha"), []
    if nodata is None:
        return RasterForm("mask" if is_masked else "value", nodata=None if is_masked else 0.0), []
    if nodata == int_or_none(nodata) and 0 <= nodata <= 255:
        return RasterForm("value", nodata=nodata), []
    if nodata == int_or_none(nodata) and 255 < nodata <= 65535:
        return RasterForm("value", nodata=nodata, deep=True), []
    return RasterForm("value", nodata=0.0), [f"Its nodata value {nodata:g} fits no picture; in the result it is 0."]


def int_or_none(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None


def profile_of(source: "DatasetReader", form: RasterForm) -> dict[str, Any]:
    """For rasterio to make the GeoTIFF with."""
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "width": source.width,
        "height": source.height,
        "count": form.bands,
        "dtype": form.dtype,
        "crs": source.crs,
        "nodata": form.nodata,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "interleave": "pixel",
        "photometric": "RGB",
        "compress": "deflate",
        "predictor": 2,
        "bigtiff": "IF_SAFER",
    }
    if form.holes == "alpha":
        profile["alpha"] = "NON-PREMULTIPLIED"
    colours = source.tags(ns="COLOR_PROFILE").get("SOURCE_ICC_PROFILE")
    if colours:
        profile["source_icc_profile"] = colours
    if not source.transform.is_identity:
        profile["transform"] = source.transform
    return profile


def carry_on(source: "DatasetReader", target: "DatasetWriter") -> None:
    """What the profile does not hold: ground control points, RPCs, tags."""
    points, crs = source.gcps
    if points:
        target.gcps = (points, crs)
    if source.rpcs is not None:
        target.rpcs = source.rpcs
    target.update_tags(**{name: text for name, text in source.tags().items() if not name.startswith("STATISTICS_")})
    packet = source.tags(ns="xml:XMP")
    if packet:
        target.update_tags(ns="xml:XMP", **packet)


def place_notes(source: "DatasetReader") -> list[str]:
    """What is missing of its place on earth."""
    points, points_crs = source.gcps
    has_place = not source.transform.is_identity or bool(points) or source.rpcs is not None
    if has_place and not source.crs and not points_crs and source.rpcs is None:
        return ["It names no coordinate system (CRS); its place was kept as it is. Assign one in your GIS."]
    return []
