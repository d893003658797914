"""Locks: regions of a drawing that have a hint in the colour of a character, which follows when that colour changes.

As in `layer_actions`, each action is done at once and returned as one step for the history. A hint that was painted
over or erased meanwhile is left alone: only pixels that still have the lock's colour follow it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from sketchsause_desktop.core.blend import Pixels, premultiplied, scaled, spread
from sketchsause_desktop.core.brush import Coverage
from sketchsause_desktop.core.characters import MAX_DABS, Cast, HintDab, NamedColour
from sketchsause_desktop.core.colours import Colour, hex_of_colour
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.fill import Area, FillOptions, flood
from sketchsause_desktop.core.geometry import EMPTY_RECT, Point, Rect
from sketchsause_desktop.core.history import Change, TileChange, Together
from sketchsause_desktop.core.layer_pixels import paint, require_unlocked
from sketchsause_desktop.core.layers import Layer, Role
from sketchsause_desktop.core.sampling import HALF_SELECTED, Limit, is_dark
from sketchsause_desktop.core.tiles import tiles_of

_SHARE = 0.5  # of the way from a region's heart to its rim that the hint covers
_LARGEST = 1 / 48  # of the canvas' longer side: some pixels at the size a network works at
_SMALLEST = 0.75  # px: one whole pixel
_MEASURED_SIDE = 1024  # px; larger regions are measured at a part of their size
_ROUNDING = 2  # steps of 255 by which premultiplied pixels of one colour differ


@dataclass(frozen=True, kw_only=True, eq=False)
class CastChange:
    name: str
    before: Cast
    after: Cast

    def undo(self, document: Document) -> Rect:
        document.cast = self.before
        return EMPTY_RECT

    def redo(self, document: Document) -> Rect:
        document.cast = self.after
        return EMPTY_RECT

    def held(self) -> Iterator[NDArray[Any]]:
        return iter(())


def change_cast(document: Document, cast: Cast, name: str) -> CastChange | None:
    """Give the drawing other characters; None when they are the same."""
    before, document.cast = document.cast, cast
    return None if before == cast else CastChange(name=name, before=before, after=cast)


def region_at(document: Document, seed: tuple[int, int], options: FillOptions, limit: Limit | None = None) -> Area:
    """The region of the line art round the pixel `seed` (column, row). UserError for a line, or outside of it all."""

    def lines(rect: Rect) -> Pixels:
        return document.composite(rect, frozenset({Role.LINE_ART}))

    at_seed = Rect(*seed, 1, 1)
    if not document.rect.contains(at_seed):
        raise UserError("That is outside of the drawing.", "Click a region of it.")
    if is_dark(lines(at_seed)):
        raise UserError("That is a line.", "Click inside the region that is to get the colour.")
    area = flood(lines, document.rect, seed, replace(options, expand=0), limit)
    if area.rect.is_empty:
        raise UserError("That is outside of the selection.", "Click inside it, or select nothing (Ctrl+Shift+A).")
    return area


def heart_of(area: Area, longest_side: int) -> HintDab:
    """A hint well inside a region: round its pole of inaccessibility, the place that is furthest from the rim.

    `longest_side` is that of the canvas in pixels, for which the hint must not be too small or too large.
    """
    from scipy import ndimage  # loaded with the first hint

    inside = np.asarray(area.coverage >= HALF_SELECTED)
    step = -(-max(inside.shape) // _MEASURED_SIDE)
    coarse = _pooled(inside, step) if step > 1 else inside
    if not coarse.any():  # thinner than the steps
        coarse, step = inside, 1
    distances = ndimage.distance_transform_edt(np.pad(coarse, 1))[1:-1, 1:-1]
    rows, columns = np.nonzero(distances > distances.max() - 1)  # a long region has a ridge of such places
    middle = int(np.hypot(rows - rows.mean(), columns - columns.mean()).argmin())
    row, column = int(rows[middle]), int(columns[middle])
    largest = max(_LARGEST * longest_side, 4.0)
    radius = min(max(_SHARE * float(distances[row, column]) * step, _SMALLEST), largest)
    return HintDab(area.rect.x + (column + 0.5) * step, area.rect.y + (row + 0.5) * step, radius)


def _pooled(inside: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
    """Squares of `step` pixels that lie inside as a whole; what is cut off at the end does not."""
    height, width = inside.shape
    padded = np.pad(inside, ((0, -height % step), (0, -width % step)))
    squares = padded.reshape(-1, step, padded.shape[1] // step, step)
    return np.asarray(squares.all(axis=(1, 3)))


def lock(document: Document, layer: Layer, place: tuple[int, int], area: Area) -> Change | None:
    """Lock a region to a colour: `place` is the character's and the colour's, `layer` one of hints.

    The region's other locks give way to it; None when it is locked to this colour already.
    """
    character, index = place
    named = document.cast.characters[character].colours[index]
    if any(_is_in(dab, area) and is_there(document, dab, named.colour) for dab in named.dabs):
        return None
    if len(named.dabs) >= MAX_DABS:
        raise UserError(f"“{named.name}” has room for {MAX_DABS} locked regions.", "Add another colour to go on.")
    cast, changes = _freed(document, area)
    longest = max(document.size.width, document.size.height)
    dab = heart_of(area, longest)
    changes += _present(paint(document, layer.layer_id, _box(dab), lambda part: _disc(dab, named.colour, part), "Lock"))
    named = cast.characters[character].colours[index]
    locked = replace(named, dabs=(*named.dabs, dab))
    cast = cast.put(character, cast.characters[character].put(index, locked))
    return Together(name="Lock region", changes=(*changes, *_present(change_cast(document, cast, "Lock region"))))


def _freed(document: Document, area: Area) -> tuple[Cast, list[Change]]:
    """The characters without their locks in a region, whose hints are erased."""
    cast = document.cast
    gone = {
        named: [dab for dab in named.dabs if _is_in(dab, area)] for each in cast.characters for named in each.colours
    }
    for named, dabs in gone.items():
        _require_unlocked(document, dabs, named.colour)
    changes = [change for named, dabs in gone.items() for change in _recoloured(document, dabs, named.colour, None)]

    def without(named: NamedColour) -> NamedColour:
        return replace(named, dabs=tuple(dab for dab in named.dabs if dab not in gone[named]))

    characters = (replace(each, colours=tuple(map(without, each.colours))) for each in cast.characters)
    return replace(cast, characters=tuple(characters)), list[Change](changes)


def set_colour(document: Document, place: tuple[int, int], colour: Colour) -> Change | None:
    """Give a character's colour another value; the hints of its locks follow. Locks without their hint are dropped.

    A colour that was called by its number is so still.
    """
    character, index = place
    named = document.cast.characters[character].colours[index]
    if colour == named.colour:
        return None
    dabs = tuple(dab for dab in named.dabs if is_there(document, dab, named.colour))
    _require_unlocked(document, dabs, named.colour)
    changes = list(_recoloured(document, dabs, named.colour, colour))
    name = hex_of_colour(colour) if named.name == hex_of_colour(named.colour) else named.name
    changed = document.cast.characters[character].put(index, NamedColour(colour=colour, name=name, dabs=dabs))
    cast = document.cast.put(character, changed)
    return Together(name="Change colour", changes=(*changes, *_present(change_cast(document, cast, "Change colour"))))


def unlock(document: Document, place: tuple[int, int]) -> Change | None:
    """Erase the hints of a colour's locks."""
    character, index = place
    named = document.cast.characters[character].colours[index]
    if not named.dabs:
        return None
    _require_unlocked(document, named.dabs, named.colour)
    changes = list(_recoloured(document, named.dabs, named.colour, None))
    changed = document.cast.characters[character].put(index, replace(named, dabs=()))
    cast = document.cast.put(character, changed)
    return Together(name="Unlock", changes=(*changes, *_present(change_cast(document, cast, "Unlock"))))


def is_there(document: Document, dab: HintDab, colour: Colour) -> bool:
    """Whether the middle of a hint still has its colour, on whichever hints layer."""
    middle = Rect.around(Point(dab.x, dab.y), 0.5).intersected(document.rect)
    return any(_matching(layer.tiles.read(middle), colour).any() for layer in document.with_role(Role.HINTS))


def _present(change: Change | None) -> list[Change]:
    return [] if change is None else [change]


def _is_in(dab: HintDab, area: Area) -> bool:
    column, row = int(dab.x) - area.rect.x, int(dab.y) - area.rect.y
    height, width = area.coverage.shape
    return 0 <= column < width and 0 <= row < height and bool(area.coverage[row, column] >= HALF_SELECTED)


def _box(dab: HintDab) -> Rect:
    return Rect.around(Point(dab.x, dab.y), dab.radius + 1)


def _disc(dab: HintDab, colour: Colour, part: Rect) -> Pixels:
    ink: Pixels = np.full((part.height, part.width, 4), (*colour, 255), np.uint8)
    return scaled(ink, spread(_coverage(dab, part, dab.radius)))


def _coverage(dab: HintDab, part: Rect, radius: float) -> Coverage:
    down = np.arange(part.y, part.bottom)[:, np.newaxis] + 0.5 - dab.y
    across = np.arange(part.x, part.right) + 0.5 - dab.x
    covered: Coverage = np.rint(np.clip(radius + 0.5 - np.hypot(down, across), 0, 1) * 255).astype(np.uint8)
    return covered


def _require_unlocked(document: Document, dabs: Iterable[HintDab], colour: Colour) -> None:
    """UserError when a locked layer holds one of these hints; asked before the first pixel is changed."""
    for layer in document.with_role(Role.HINTS):
        if document.is_locked(layer.layer_id) and any(
            True for dab in dabs for _ in _found(document, layer, dab, colour)
        ):
            require_unlocked(document, layer)


def _recoloured(document: Document, dabs: Iterable[HintDab], old: Colour, new: Colour | None) -> Iterator[TileChange]:
    """Exchange a colour where the dabs are, on every hints layer; None erases it."""
    for layer in document.with_role(Role.HINTS):
        before = layer.tiles.snapshot()
        for dab in dabs:
            for part, where in _found(document, layer, dab, old):
                layer.tiles.write(part, _exchanged(layer.tiles.read(part), where, new))
        change = TileChange.of("Change colour", layer, before)
        if change is not None:
            yield change


def _found(document: Document, layer: Layer, dab: HintDab, colour: Colour) -> Iterator[tuple[Rect, NDArray[np.bool_]]]:
    """Parts of a layer, and where a dab is still to be seen in them."""
    for _key, part in tiles_of(_box(dab).intersected(document.rect)):
        where = _matching(layer.tiles.read(part), colour) & (_coverage(dab, part, dab.radius + 1) > 0)
        if where.any():
            yield part, where


def _exchanged(pixels: Pixels, where: NDArray[np.bool_], new: Colour | None) -> Pixels:
    result = pixels.copy()
    result[where] = 0 if new is None else _ink(new, pixels[where, 3])
    return result


def _matching(pixels: Pixels, colour: Colour) -> NDArray[np.bool_]:
    """Where premultiplied pixels have this colour, however transparent they are."""
    expected = _ink(colour, pixels[..., 3].ravel()).reshape(pixels.shape)
    off = np.abs(pixels.astype(np.int16) - expected)
    matching: NDArray[np.bool_] = (off.max(axis=-1) <= _ROUNDING) & (pixels[..., 3] > 0)
    return matching


def _ink(colour: Colour, alpha: Coverage) -> Pixels:
    """(N, 4), premultiplied, of alphas (N)."""
    ink: Pixels = np.empty((1, len(alpha), 4), np.uint8)
    ink[0, :, :3], ink[0, :, 3] = colour, alpha
    premultiplied_ink: Pixels = premultiplied(ink)[0]
    return premultiplied_ink
