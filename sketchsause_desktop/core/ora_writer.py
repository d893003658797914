"""Writes OpenRaster files: https://www.openraster.org/baseline/file-layout-spec.html.

The white paper that every drawing lies on is written as a layer of its own at the bottom, so that "screen" or "add"
look the same in programs whose ground is transparent.
"""

import io
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from PIL import Image

from models.files import atomic_path
from sketchsause_desktop.core.blend import Pixels, straight
from sketchsause_desktop.core.character_files import json_of_cast
from sketchsause_desktop.core.characters import NO_CAST
from sketchsause_desktop.core.document import SHOWN, DocumentSnapshot
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.layers import GroupSnapshot, LayerSnapshot, NodeSnapshot
from sketchsause_desktop.core.ora_stack import PAPER_SOURCE, Placed, write_stack
from sketchsause_desktop.core.picture_writer import write_fault
from sketchsause_desktop.core.png import Rows, metadata_chunks, profile_chunks, write_png
from sketchsause_desktop.core.tiles import TILE, TileReader, content_bounds, tile_rect, tiles_of

MIMETYPE = "image/openraster"
MERGED = "mergedimage.png"
THUMBNAIL = "Thumbnails/thumbnail.png"
CHARACTERS = "sketchsause/characters.json"  # other programs pass over it
THUMBNAIL_SIDE = 256
_NEEDS_ZIP64 = 1 << 30  # bytes of pixels: noise grows a little when it is packed

Progress = Callable[[float], None]


def write_ora(path: Path, snapshot: DocumentSnapshot, progress: Progress = lambda _: None) -> Pixels:
    """Write the file whole or not at all; any thread may call it. Returns the thumbnail, (height, width, 3).

    `progress` is told fractions from 0 to 1; what it raises stops the writing and leaves no trace. Raises UserError
    when the file cannot be written.
    """
    try:
        with (
            atomic_path(path) as temporary,
            ZipFile(temporary, "w") as archive,
            ThreadPoolExecutor(min(4, os.cpu_count() or 1), "save") as workers,
        ):
            return _Writer(archive, snapshot, workers, progress).write()
    except OSError as error:
        raise write_fault(path, error) from error


class _Writer:
    def __init__(
        self, archive: ZipFile, snapshot: DocumentSnapshot, workers: ThreadPoolExecutor, progress: Progress
    ) -> None:
        self._archive, self._snapshot, self._workers, self._progress = archive, snapshot, workers, progress
        self._canvas = Rect.of_size(snapshot.size)
        self._layers = list(_leaves(snapshot.layers))
        self._rects = {layer.layer_id: picture_rect(layer, self._canvas) for layer in self._layers}
        self._profile = profile_chunks(snapshot.metadata)
        self._to_do = sum(rect.size.area for rect in self._rects.values()) + 2 * self._canvas.size.area
        self._done = 0

    def write(self) -> Pixels:
        self._put("mimetype", MIMETYPE.encode(), ZIP_STORED)
        placed = {
            layer.layer_id: Placed(
                source=f"data/layer{index:03}.png",
                x=self._rects[layer.layer_id].x,
                y=self._rects[layer.layer_id].y,
            )
            for index, layer in enumerate(self._layers)
        }
        self._put("stack.xml", write_stack(self._snapshot, placed), ZIP_DEFLATED)
        if self._snapshot.cast != NO_CAST:
            self._put(CHARACTERS, json_of_cast(self._snapshot.cast), ZIP_DEFLATED)
        for layer in self._layers:
            rect = self._rects[layer.layer_id]
            self._put_picture(placed[layer.layer_id].source, rect, layer_rows(layer.tiles, rect), self._profile)
        white = np.full((TILE, self._canvas.width, 4), 255, np.uint8)
        self._put_picture(PAPER_SOURCE, self._canvas, _plain_rows(self._canvas, white), self._profile)
        merged = self._put_merged()
        thumbnail = _thumbnail(merged)
        self._put(THUMBNAIL, _png(thumbnail), ZIP_STORED)
        return thumbnail

    def _put_merged(self) -> Pixels:
        merged = np.empty((self._canvas.height, self._canvas.width, 4), np.uint8)

        def composite(band: Rect) -> Pixels:
            rows = merged[band.y : band.bottom]
            rows[...] = self._snapshot.composite(band, SHOWN)
            return rows

        bands = (partial(composite, band) for band in self._canvas.bands(TILE))
        self._put_picture(MERGED, self._canvas, bands, metadata_chunks(self._snapshot.metadata))
        return merged

    def _put_picture(self, name: str, rect: Rect, bands: Iterable[Rows], extra: list[tuple[bytes, bytes]]) -> None:
        is_large = 4 * rect.size.area > _NEEDS_ZIP64
        with self._archive.open(_entry(name, ZIP_STORED), "w", force_zip64=is_large) as file:
            write_png(file, rect.size, self._counted(bands, rect.width), self._workers, extra)

    def _counted(self, bands: Iterable[Rows], width: int) -> Iterator[Rows]:
        for rows in bands:
            yield rows
            self._done += TILE * width
            self._progress(min(1.0, self._done / self._to_do))

    def _put(self, name: str, data: bytes, how: int) -> None:
        self._archive.writestr(_entry(name, how), data)


def _entry(name: str, how: int) -> ZipInfo:
    """Dated 1980, so that the same drawing gives the same bytes."""
    entry = ZipInfo(name)
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    return entry


def _leaves(nodes: Iterable[NodeSnapshot]) -> Iterator[LayerSnapshot]:
    for node in nodes:
        if isinstance(node, GroupSnapshot):
            yield from _leaves(node.layers)
        else:
            yield node


def picture_rect(layer: LayerSnapshot, canvas: Rect) -> Rect:
    """Where its picture lies on the canvas; a lone pixel for a blank layer, since a picture has at least one."""
    bounds = content_bounds(layer.tiles).intersected(canvas)
    return Rect(0, 0, 1, 1) if bounds.is_empty else bounds


# Rows of pixels, made when a worker has time for them


def layer_rows(tiles: TileReader, rect: Rect) -> Iterator[Rows]:
    """The pixels of `rect` with straight alpha, one row of tiles after the other."""
    there = {row for _, row in tiles.keys()}  # noqa: SIM118 - tiles are no dict
    blank = partial(_as_it_is, np.zeros((TILE, rect.width, 4), np.uint8))
    for band in _rows_of_tiles(rect):
        is_blank = band.y // TILE not in there and band.height == TILE
        yield blank if is_blank else partial(_straight, tiles, band)


def _plain_rows(rect: Rect, plain: Pixels) -> Iterator[Rows]:
    """`plain`, which has the width of `rect` and the height of a tile, over and over."""
    whole = partial(_as_it_is, plain)
    for band in _rows_of_tiles(rect):
        yield whole if band.height == TILE else partial(_as_it_is, plain[: band.height])


def _rows_of_tiles(rect: Rect) -> Iterator[Rect]:
    for row in range(rect.y // TILE, (rect.bottom - 1) // TILE + 1):
        yield Rect.from_edges(rect.x, row * TILE, rect.right, (row + 1) * TILE).intersected(rect)


def _as_it_is(pixels: Pixels) -> Pixels:
    return pixels


def _straight(tiles: TileReader, band: Rect) -> Pixels:
    result = np.zeros((band.height, band.width, 4), np.uint8)
    for key, part in tiles_of(band):
        tile = tiles.tile(key)
        if tile is not None:
            result[part.slices(band)] = straight(tile[part.slices(tile_rect(key))])
    return result


def _thumbnail(merged: Pixels) -> Pixels:
    height, width = merged.shape[:2]
    image = Image.fromarray(merged)
    if max(width, height) > THUMBNAIL_SIDE:
        size = Size(width, height).fitted_to(THUMBNAIL_SIDE)
        image = image.resize((size.width, size.height), Image.Resampling.BOX, reducing_gap=2.0)
    return np.array(image.convert("RGB"))


def _png(pixels: Pixels) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()
