"""From a raster's bands to the RGB that a network sees: which three, and which values are black and white."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.batch.geo.settings import DEFAULT_STRETCH
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.pictures import Pixels

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

_SAMPLE_SIDE = 1024  # of the decimated reading that percentiles come from


@dataclass(frozen=True, eq=False)
class Look:
    """How the whole raster is seen, so that no part of it differs from its neighbours."""

    bands: tuple[int, ...]  # one or three, counted from 1
    alpha: int | None  # a band
    limits: NDArray[np.float64] | None  # (bands, 2): what is black, what is white; None: values are 0..255 already
    table: Pixels | None  # (256, 3): colours of a raster of one band

    def read(self, dataset: "DatasetReader", box: Rect) -> tuple[Pixels, NDArray[np.uint8]]:
        """RGB (H, W, 3) and its opacity (H, W): 0 where there is nodata, the alpha band elsewhere, or 255."""
        from rasterio.windows import Window

        window = Window(box.x, box.y, box.width, box.height)
        values = dataset.read(self.bands, window=window)
        opacity = validity(dataset, self.bands, values, window=window)
        if self.alpha is not None:
            opacity = np.where(opacity, _alpha(dataset, self.alpha, window), np.uint8(0))
        return self.rgb(values), opacity

    def rgb(self, values: NDArray[Any]) -> Pixels:
        """(bands, H, W) of any kind of number -> (H, W, 3)."""
        if self.table is not None:
            looked_up: Pixels = self.table[values[0]]
            return looked_up
        planes = values
        if self.limits is not None:
            low, high = (self.limits[:, side, None, None] for side in (0, 1))
            shares = (np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0) - low) / (high - low)
            planes = np.rint(np.clip(shares, 0, 1) * 255)
        pixels = np.moveaxis(planes, 0, -1).astype(np.uint8)
        return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else np.ascontiguousarray(pixels)


def validity(dataset: "DatasetReader", bands: tuple[int, ...], values: NDArray[Any], **where: Any) -> NDArray[np.uint8]:
    """255 where any of the bands has a value, as GDAL takes it, and none is infinite or not a number.

    `values` (bands, H, W) are what lies at `where`. Nodata is looked for in them: asked for its mask, GDAL reads whole
    rows of the raster for each window, which takes three times as long as all the rest.
    """
    flags = [flag.name for flag in dataset.mask_flag_enums[bands[0] - 1]]
    nodata = dataset.nodatavals[bands[0] - 1]
    if "per_dataset" in flags:
        valid = dataset.read_masks(bands[0], **where) > 0
    elif nodata is not None and np.isfinite(nodata) and _fits(nodata, values.dtype):
        valid = (values != values.dtype.type(nodata)).any(axis=0)
    else:
        valid = np.ones(values.shape[1:], bool)
    if values.dtype.kind == "f":
        valid = valid & np.isfinite(values).all(axis=0)
    return np.where(valid, np.uint8(255), np.uint8(0))


def _fits(nodata: float, kind: np.dtype[Any]) -> bool:
    """Whether a value of that kind can be the nodata value: -9999 is none of bytes."""
    if kind.kind == "f":
        return True
    limits = np.iinfo(kind)
    return nodata == int(nodata) and limits.min <= nodata <= limits.max


def choose_look(
    dataset: "DatasetReader", bands: tuple[int, ...] | None, stretch: tuple[float, float] | None
) -> tuple[Look, list[str]]:
    """The look, and what there is to say about it. Raises UserError where the raster has no such bands."""
    kinds = [kind.name for kind in dataset.colorinterp]
    if any("complex" in kind for kind in dataset.dtypes):
        raise UserError(f"{dataset.name} holds complex numbers.", "Export its amplitude as a picture first.")
    alpha = kinds.index("alpha") + 1 if "alpha" in kinds else None
    chosen = bands or _natural_bands(kinds, dataset.count)
    if max(chosen) > dataset.count:
        number = f"{dataset.count} band{'s' if dataset.count > 1 else ''}"
        raise UserError(f"{dataset.name} has {number}, and no band {max(chosen)}.", "Choose other --bands.")
    if len(chosen) == 1 and kinds[chosen[0] - 1] == "palette" and stretch is None:
        return Look(chosen, alpha, None, _colour_table(dataset, chosen[0])), []
    if stretch is None and all(dataset.dtypes[band - 1] == "uint8" for band in chosen):
        return Look(chosen, alpha, None, None), []
    limits = _limits(dataset, chosen, stretch or DEFAULT_STRETCH)
    notes = []
    if stretch is None:
        low, high = DEFAULT_STRETCH
        notes.append(f"It was brought to 8 bits by its percentiles {low:g} and {high:g}; --stretch sets others.")
    return Look(chosen, alpha, limits, None), notes


def _natural_bands(kinds: list[str], count: int) -> tuple[int, ...]:
    """Red, green and blue where the file says which they are, else the first three; grey where there are fewer."""
    if all(colour in kinds for colour in ("red", "green", "blue")):
        return tuple(kinds.index(colour) + 1 for colour in ("red", "green", "blue"))
    return (1, 2, 3) if count - ("alpha" in kinds) >= 3 else (1,)


def _limits(dataset: "DatasetReader", bands: tuple[int, ...], stretch: tuple[float, float]) -> NDArray[np.float64]:
    """By the whole raster, read at a fraction of its size."""
    factor = min(1.0, _SAMPLE_SIDE / max(dataset.width, dataset.height))
    shape = (max(1, round(dataset.height * factor)), max(1, round(dataset.width * factor)))
    values = dataset.read(bands, out_shape=(len(bands), *shape))
    valid = validity(dataset, bands, values, out_shape=shape) > 0
    limits = np.empty((len(bands), 2))
    for number, band in enumerate(values):
        low, high = np.percentile(band[valid], stretch) if valid.any() else (0.0, 1.0)
        limits[number] = (low, high if high > low else low + 1)
    return limits


def _colour_table(dataset: "DatasetReader", band: int) -> Pixels:
    table = np.zeros((256, 3), np.uint8)
    for value, colour in dataset.colormap(band).items():
        if value < 256:
            table[value] = colour[:3]
    return table


def _alpha(dataset: "DatasetReader", band: int, window: Any) -> NDArray[np.uint8]:
    values = dataset.read(band, window=window)
    if values.dtype == np.uint8:
        return np.asarray(values)
    top = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1.0
    opacity: Pixels = np.clip(np.rint(values / top * 255), 0, 255).astype(np.uint8)
    return opacity
