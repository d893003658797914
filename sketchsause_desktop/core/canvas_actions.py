"""Changes of the whole canvas: its size, crop, scale, flip, rotation. All layers and the selection go along.

As in `layer_actions`, each action is done at once and returned as one step for the history; None = nothing to do. A
canvas without room, or beyond the largest that is opened, is refused with a UserError.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.core.characters import Cast, HintDab
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.pictures import MAX_PIXELS
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.tiles import TileSnapshot
from sketchsause_desktop.core.transforms import (
    BLOCK,
    Flip,
    Resampling,
    Rotation,
    Scale,
    Shift,
    Transform,
    Turn,
    transformed,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Canvas:
    size: Size
    tiles: Mapping[int, TileSnapshot]  # by layer_id
    selection: Selection | None
    cast: Cast

    @staticmethod
    def of(document: Document) -> "_Canvas":
        tiles = {layer.layer_id: layer.tiles.snapshot() for layer in document.leaves()}
        return _Canvas(size=document.size, tiles=tiles, selection=document.selection, cast=document.cast)

    def give_to(self, document: Document) -> None:
        document.size, document.selection, document.cast = self.size, self.selection, self.cast
        for layer in document.leaves():
            layer.tiles.restore(self.tiles[layer.layer_id])


@dataclass(frozen=True, kw_only=True, eq=False)
class CanvasChange:
    """Another canvas; whoever shows the document compares its size with that from before."""

    name: str
    before: _Canvas
    after: _Canvas

    def undo(self, document: Document) -> Rect:
        self.before.give_to(document)
        return document.rect

    def redo(self, document: Document) -> Rect:
        self.after.give_to(document)
        return document.rect

    def held(self) -> Iterator[NDArray[Any]]:
        for canvas in (self.before, self.after):
            for tiles in canvas.tiles.values():
                yield from tiles.arrays()
            if canvas.selection is not None:
                yield from canvas.selection.held()


def resize_canvas(document: Document, size: Size, anchor: tuple[float, float] = (0.5, 0.5)) -> CanvasChange | None:
    """Add or take away room. `anchor` is what stays in place: (0, 0) the upper left corner, (0.5, 0.5) the middle."""
    if size == document.size:
        return None
    dx = round((size.width - document.size.width) * anchor[0])
    dy = round((size.height - document.size.height) * anchor[1])
    return _changed(document, "Canvas size", Shift(size=size, dx=dx, dy=dy))


def crop(document: Document, rect: Rect) -> CanvasChange | None:
    """Make `rect`, as far as it lies on the canvas, the whole canvas."""
    inside = rect.intersected(document.rect)
    if inside == document.rect:
        return None
    return _changed(document, "Crop", Shift(size=inside.size, dx=-inside.x, dy=-inside.y))


def scale(document: Document, size: Size, resampling: Resampling = Resampling.LANCZOS) -> CanvasChange | None:
    if size == document.size:
        return None
    return _changed(document, "Scale image", Scale(old=document.size, size=size, resampling=resampling))


def flip(document: Document, upside_down: bool = False) -> CanvasChange | None:
    """Exchange left and right, or top and bottom."""
    name = "Flip vertically" if upside_down else "Flip horizontally"
    return _changed(document, name, Flip(size=document.size, upside_down=upside_down))


def rotate(document: Document, degrees: float) -> CanvasChange | None:
    """Turn clockwise; the canvas becomes large enough for all of it. Quarters of a circle change no pixel."""
    quarters, rest = divmod(degrees % 360, 90)
    if rest:
        return _changed(document, "Rotate image", Rotation(old=document.size, degrees=degrees))
    if not quarters:
        return None
    size = document.size if quarters == 2 else Size(document.size.height, document.size.width)
    return _changed(document, f"Rotate {quarters * 90:.0f}°", Turn(size=size, quarters=int(quarters)))


def _changed(document: Document, name: str, transform: Transform) -> CanvasChange | None:
    size = transform.size
    if size.is_empty:
        raise UserError("A canvas needs at least one pixel.", "Choose a larger area or size.")
    if size.area > MAX_PIXELS:
        millions = MAX_PIXELS // 1_000_000
        raise UserError(
            f"A canvas of {size.width} × {size.height} has more than {millions} million pixels.",
            "Choose a smaller size.",
        )
    before = _Canvas.of(document)
    after = _Canvas(
        size=size,
        tiles={layer_id: transformed(tiles, transform) for layer_id, tiles in before.tiles.items()},
        selection=_moved(document.selection, transform),
        cast=document.cast.with_dabs(lambda dab: _placed(dab, transform)),
    )
    after.give_to(document)
    return CanvasChange(name=name, before=before, after=after)


def _placed(dab: HintDab, transform: Transform) -> HintDab:
    place = transform.placed(dab.x, dab.y)
    return HintDab(place.x, place.y, dab.radius * transform.magnified)


def _moved(selection: Selection | None, transform: Transform) -> Selection | None:
    """The same pixels selected; None when none of them is left."""
    if selection is None:
        return None
    moved = Selection.of_blocks(
        (target, transform.made(target, selection.coverage(transform.source(target))))
        for target in Rect.of_size(transform.size).blocks(BLOCK)
        if selection.touches(transform.source(target))
    )
    return None if moved.is_empty else moved
