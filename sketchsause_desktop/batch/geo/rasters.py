"""Opening georeferenced rasters with rasterio, which is loaded only where there are some; its faults in sentences."""

import errno
import shutil
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from sketchsause_desktop.core.pictures import open_file

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

# By suffix, so that none is tried that follows a file's word to other places.
_DRIVERS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".jp2": "JP2OpenJPEG"}
_LEAST_BYTES = 1_000_000  # a disk with less is full
_CACHE_MEGABYTES = 256  # of decoded blocks


@contextmanager
def raster_library() -> Iterator[Any]:
    """rasterio with its settings for a batch. Raises UserError where it cannot be loaded."""
    try:
        import rasterio
        from rasterio.errors import NotGeoreferencedWarning
    except ImportError as error:
        raise UserError(
            f"Georeferenced pictures need rasterio, which cannot be loaded: {error}.", "Run installer/run.py again."
        ) from error
    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)  # a note says it where it matters
    with rasterio.Env(GDAL_CACHEMAX=_CACHE_MEGABYTES, GDAL_TIFF_INTERNAL_MASK=True, GDAL_PAM_ENABLED=True):
        yield rasterio


@contextmanager
def opened(path: Path) -> Iterator["DatasetReader"]:
    """A raster to read. Raises UserError when there is none."""
    open_file(path).close()  # its faults have sentences already
    with raster_library() as rasterio, ExitStack() as stack:
        with reading(path):
            dataset = stack.enter_context(rasterio.open(path, driver=_DRIVERS.get(path.suffix.lower(), "GTiff")))
        yield dataset


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what rasterio meets in the file `path` into UserError."""
    from rasterio.errors import RasterioError

    try:
        yield
    except RasterioError as error:
        raise UserError(f"{path} is damaged or cut off.", "Copy, download or export it again.") from error


@contextmanager
def writing(path: Path) -> Iterator[Any]:
    """rasterio, whose faults become OSError: of a full disk GDAL says no more than that it could not write."""
    with raster_library() as rasterio:
        from rasterio.errors import RasterioError

        try:
            yield rasterio
        except RasterioError as error:
            is_full = shutil.disk_usage(path.parent).free < _LEAST_BYTES
            raise OSError(errno.ENOSPC if is_full else errno.EIO, str(error)) from error
