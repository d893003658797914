"""A georeferenced raster through the network, block by block: what came in with it goes out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.batch.geo.bands import Look, choose_look
from sketchsause_desktop.batch.geo.brush import Brush
from sketchsause_desktop.batch.geo.ground import metres_of_raster
from sketchsause_desktop.batch.geo.raster_form import BLOCK, RasterForm, carry_on, form_of, place_notes, profile_of
from sketchsause_desktop.batch.geo.rasters import opened, reading, writing
from sketchsause_desktop.batch.geo.sweep import Mask, sweep
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.picture_writer import format_of
from sketchsause_desktop.core.pictures import Pixels

if TYPE_CHECKING:
    from rasterio.io import DatasetReader, DatasetWriter

_DRIVERS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
_LONGEST_SIDE = {"jpg": 65_500, "webp": 16_383}
_JPEG_QUALITY, _WEBP_QUALITY = 95, 90  # as for other pictures


class _Raster:
    """A `sweep.Surface`: one raster as it is read, another as it is written."""

    cell = BLOCK

    def __init__(self, source: "DatasetReader", target: "DatasetWriter", look: Look, form: RasterForm) -> None:
        self._source, self._target = source, target
        self._look, self._form = look, form
        self.width, self.height = int(source.width), int(source.height)

    @property
    def cells(self) -> NDArray[np.int64]:
        return np.argwhere(np.ones((-(-self.height // BLOCK), -(-self.width // BLOCK)), bool))

    def read(self, box: Rect) -> tuple[Pixels, Mask]:
        pixels, opacity = self._seen(box)
        return pixels, opacity > 0

    def _seen(self, box: Rect) -> tuple[Pixels, NDArray[np.uint8]]:
        """With the faults of reading told from those of writing, which rasterio gives one name."""
        with reading(Path(self._source.name)):
            return self._look.read(self._source, box)

    def write(self, row: int, column: int, painted: Pixels) -> None:
        from rasterio.windows import Window

        whole = Rect(0, 0, self.width, self.height)
        box = Rect(column * BLOCK, row * BLOCK, BLOCK, BLOCK).intersected(whole)
        window = Window(box.x, box.y, box.width, box.height)
        source, opacity = self._seen(box)
        bands = self._form.finished(painted[: box.height, : box.width], source, opacity)
        self._target.write(bands, window=window)
        if self._form.holes == "mask":
            self._target.write_mask(opacity, window=window)

    def flush(self) -> None:
        """Blocks are written as they come."""


def convert_raster(path: Path, source_path: Path, job: BatchJob, brush: Brush) -> list[str]:
    """Paint the raster `source_path` into the file `path`; what there is to say about it, in sentences.

    A format that is not GeoTIFF gets a file beside it, `path` + .aux.xml, that says where it lies. Raises UserError
    for a raster that cannot be read or written as asked, StoppedError, and OSError for what the disk will not do.
    """
    as_format = format_of(path)
    with opened(source_path) as source:
        limit = _LONGEST_SIDE.get(as_format)
        if limit and max(source.width, source.height) > limit:
            size = f"{source.width} x {source.height}"
            raise UserError(f"{source_path} is {size} pixels; {as_format} ends at {limit}.", "Use --format tiff.")
        look, notes = choose_look(source, job.bands, job.stretch)
        form, lost = form_of(source, look, as_format)
        brush, view = brush.at(partial(metres_of_raster, source))
        notes += place_notes(source) + lost + ([view.told] if view.told else [])
        if len(source.subdatasets) > 1:
            notes.append(f"Only the first of its {len(source.subdatasets)} pictures was read.")
        if as_format == "tiff":
            _paint_geotiff(path, source, look, form, brush)
            return notes
        between = path.with_suffix(".tif")
        try:
            _paint_geotiff(between, source, look, form, brush)
            _copy(between, path, as_format, job.quality)
        finally:
            between.unlink(missing_ok=True)
        return notes


def _paint_geotiff(path: Path, source: "DatasetReader", look: Look, form: RasterForm, brush: Brush) -> None:
    path.unlink(missing_ok=True)
    with writing(path) as rasterio, rasterio.open(path, "w", **profile_of(source, form)) as target:
        carry_on(source, target)
        raster = _Raster(source, target, look, form)
        sweep(raster, brush.paint, brush.tile, brush.overlap, brush.is_stopped, brush.progress)


def _copy(source: Path, target: Path, as_format: str, quality: int | None) -> None:
    """Line by line, whatever the size; with GDAL's .aux.xml beside it."""
    options: dict[str, Any] = {}
    if as_format == "jpg":
        options["quality"] = quality or _JPEG_QUALITY
    elif as_format == "webp":
        options = {"quality": quality or _WEBP_QUALITY, "lossless": quality == 100}
    with writing(target) as rasterio:
        from rasterio.shutil import copy

        with rasterio.open(source) as dataset:
            copy(dataset, target, driver=_DRIVERS[as_format], **options)


def check_raster(path: Path, source_path: Path) -> None:
    """UserError when the file that was just written cannot be read, or lies elsewhere than its source."""
    try:
        with opened(path) as written, opened(source_path) as source:
            is_same = (written.width, written.height, written.crs) == (source.width, source.height, source.crs)
            is_same = is_same and np.allclose(written.transform, source.transform, rtol=1e-9, atol=1e-12)
            for band in written.indexes:
                written.checksum(band)  # reads every block
    except UserError as error:
        raise _unreadable() from error
    if not is_same:
        raise _unreadable()


def _unreadable() -> UserError:
    return UserError("The result could not be read again after it was written.", "Check the disk, and try again.")
