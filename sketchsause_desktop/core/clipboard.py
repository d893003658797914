"""Cut, copy and paste, for whatever clipboard holds the pixels. Actions are as in `layer_actions`."""

from dataclasses import dataclass

import numpy as np

from models.errors import UserError
from sketchsause_desktop.core.blend import Pixels, multiplied_anywhere, scaled, spread
from sketchsause_desktop.core.compositing import composite_on_nothing
from sketchsause_desktop.core.document import RESULT, Document
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.history import TileChange
from sketchsause_desktop.core.layer_actions import Place, add, place_above
from sketchsause_desktop.core.layer_changes import ListChange
from sketchsause_desktop.core.layer_pixels import clear, require_unlocked
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.transforms import Resampling, Scale


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip:
    """A piece of a picture: premultiplied pixels (height, width, 4), not to be written, and where they were."""

    rect: Rect
    pixels: Pixels


def copy_layer(document: Document, layer_id: int) -> Clip | None:
    """What is selected of a layer; without a selection, all it holds. None where there is nothing."""
    layer = document.layer(layer_id)
    rect = _area(document, layer.tiles.bounds())
    return _clip(document, rect, layer.tiles.read(rect))


def copy_merged(document: Document, roles: frozenset[Role] = RESULT) -> Clip | None:
    """What is seen where it is selected, without the paper; without a selection, the whole canvas."""
    rect = _area(document, document.rect)
    return _clip(document, rect, composite_on_nothing(document.layers, rect, roles))


def cut(document: Document, layer_id: int) -> tuple[Clip | None, TileChange | None]:
    """As `copy_layer`, and what was copied is taken away."""
    require_unlocked(document, document.layer(layer_id))
    clip = copy_layer(document, layer_id)
    return clip, None if clip is None else clear(document, layer_id, "Cut")


def _area(document: Document, rect: Rect) -> Rect:
    inside = rect.intersected(document.rect)
    return inside if document.selection is None else inside.intersected(document.selection.bounds)


def _clip(document: Document, rect: Rect, pixels: Pixels) -> Clip | None:
    if document.selection is not None:
        pixels = scaled(pixels, spread(document.selection.coverage(rect)))
    if not pixels.any():
        return None
    pixels.flags.writeable = False
    return Clip(rect=rect, pixels=pixels)


def paste_as_layer(document: Document, clip: Clip, above_id: int | None = None, name: str = "Pasted") -> ListChange:
    """A new layer above the one given, or on top; the pixels lie where they were, or in the middle if that is off the
    canvas. What does not fit is made smaller."""
    placed = _placed(clip, document.size)
    layer = Layer(name=name, role=Role.PAINT)
    layer.tiles.write(placed.rect, placed.pixels)
    place = Place(index=len(document.layers)) if above_id is None else place_above(document, above_id)
    return add(document, layer, place, "Paste")


def paste_as_line_art(document: Document, clip: Clip) -> TileChange | None:
    """Into the line art, multiplied, so that the paper of a scan does not hide the lines that are there."""
    layer = document.topmost(Role.LINE_ART)
    if layer is None:
        raise UserError("This drawing has no line art.", "Give a layer that role, or paste as a layer.")
    require_unlocked(document, layer)
    placed = _placed(clip, document.size)
    before = layer.tiles.snapshot()
    layer.tiles.write(placed.rect, multiplied_anywhere(layer.tiles.read(placed.rect), placed.pixels))
    return TileChange.of("Paste", layer, before)


def as_document(clip: Clip) -> Document:
    """A drawing of the clip's size that holds it in an ordinary layer, under empty line art."""
    document = Document.new(Size(clip.rect.width, clip.rect.height))
    layer = Layer(name="Pasted", role=Role.PAINT)
    layer.tiles.write(document.rect, clip.pixels)
    document.layers.insert(1, layer)
    return document


def _placed(clip: Clip, canvas: Size) -> Clip:
    """Where and as large as it can be on the canvas."""
    whole = Rect.of_size(canvas)
    if whole.contains(clip.rect):
        return clip
    pixels = fitted(clip.pixels, canvas)
    height, width = pixels.shape[:2]
    return Clip(rect=Rect((canvas.width - width) // 2, (canvas.height - height) // 2, width, height), pixels=pixels)


def fitted(pixels: Pixels, size: Size) -> Pixels:
    """Premultiplied pixels made smaller, if they must be, so that they fit into `size`."""
    height, width = pixels.shape[:2]
    factor = min(size.width / width, size.height / height)
    if factor >= 1:
        return pixels
    small = Size(max(1, round(width * factor)), max(1, round(height * factor)))
    shrink = Scale(old=Size(width, height), size=small, resampling=Resampling.BOX)
    return np.concatenate(
        [
            shrink.made(band, pixels[shrink.source(band).slices(Rect(0, 0, width, height))])
            for band in Rect.of_size(small).bands(256)
        ]
    )
