"""Small rasters of every kind, and what GDAL's own tools see in a file."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine

from tests.desktop.batch.conftest import Bench, bench

__all__ = ["bench"]

UTM = "EPSG:32632"
PLACE = Affine(10, 0, 500_000.25, 0, -10, 5_300_000.5)
Make = Callable[..., Path]


def noise(*shape: int, low: int = 1, high: int = 255, dtype: str = "uint8") -> NDArray[Any]:
    return np.random.default_rng(7).integers(low, high, shape).astype(dtype)


@pytest.fixture
def geotiff(bench: Bench) -> Make:
    def make(
        name: str,
        bands: NDArray[Any],
        *,
        crs: str | None = UTM,
        transform: Affine | None = PLACE,
        mask: NDArray[Any] | None = None,
        tags: dict[str, str] | None = None,
        **profile: Any,
    ) -> Path:
        path = bench.folder / name
        profile = {"driver": "GTiff", "crs": crs, "transform": transform, **profile}
        profile |= {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as file:
            file.write(bands)
            file.update_tags(**tags or {})
            if mask is not None:
                file.write_mask(mask)
        return path

    return make


def gdal(tool: str, *arguments: object) -> str:
    """What a tool of GDAL prints; the test is skipped where the tool is not installed."""
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed (Debian: gdal-bin)")
    return subprocess.run([tool, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def gdalinfo(path: Path) -> dict[str, Any]:
    told = json.loads(gdal("gdalinfo", "-json", path))
    assert isinstance(told, dict)
    return told
