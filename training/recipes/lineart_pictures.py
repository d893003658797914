"""Painted pictures without a character's layers: robots and monsters in parts, people, animals and things on white."""

import re
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from training.recipes.lineart_colour import in_house
from training.recipes.lineart_compose import Drawing, Raster
from training.recipes.lineart_recolour import recolour
from training.recipes.lineart_sources import Source, Split, choice, held_out

_RECOLOURED = 0.8  # share of the drawings
_CELL = 4  # pixels


def painted(picture: Image.Image, zoom: tuple[float, float], rng: np.random.Generator) -> Drawing:
    """A drawing of an RGBA picture, with other colours mostly; its lines are extracted later."""
    picture = picture.crop(picture.getbbox())
    keep = in_house() or rng.uniform() >= _RECOLOURED
    colour = picture if keep else recolour(picture, None, rng)
    raster = Raster(colour, None, picture)
    return Drawing(picture.width, picture.height, lambda _: raster, zoom=zoom)


class RoboHash(Source):
    """One file out of each folder of a set, drawn in the order after the "#"; the third set is held out."""

    name = "robohash_123"
    weight = 0.05
    VAL = "set3"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._sets: dict[str, dict[str, list[str]]] = {}
        for name in self.archive.ending(".png"):
            kind, _, part = "/".join(name.split("/")[1:-1]).rpartition("/")
            self._sets.setdefault(kind, {}).setdefault(part, []).append(name)
        self._layer = lru_cache(maxsize=300)(self.archive.image)

    def characters(self, split: Split) -> list[str]:
        return sorted(kind for kind in self._sets if (kind == self.VAL) == (split == "val"))

    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        parts = sorted(self._sets[character].items(), key=lambda item: re.sub(r"^.*#", "", item[0]))
        chosen = [self._layer(choice(names, rng)) for _, names in parts]
        picture = chosen[0].copy()
        for layer in chosen[1:]:
            picture.alpha_composite(layer.resize(picture.size) if layer.size != picture.size else layer)
        return painted(picture, (0.8, 2.0), rng)


class Art4Apps(Source):
    """Inked and shaded pictures on white, one in twelve held out."""

    name = "sa_art4apps"
    weight = 0.09

    def characters(self, split: Split) -> list[str]:
        names = [name for name in self.archive.ending(".webp") if "/webp400/" in name]
        return [name for name in names if held_out(Path(name).stem, 1 / 12) == (split == "val")]

    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        return painted(cut_out(self.archive.image(character)), (0.8, 1.8), rng)


def cut_out(picture: Image.Image) -> Image.Image:
    """White that reaches the border turns transparent, so that another background may lie behind."""
    paper = picture.convert("L").point(lambda value: 255 if value > 245 else 0)
    frame = Image.new("L", (picture.width + 2 * _CELL, picture.height + 2 * _CELL), 255)
    frame.paste(paper, (_CELL, _CELL))
    # Filled in cells that are all paper first, which is quick, and from there pixel by pixel up to the ink.
    cells = frame.reduce(_CELL).point(lambda value: 255 if value == 255 else 0)
    ImageDraw.floodfill(cells, (0, 0), 128)
    outside = cells.point(lambda value: 255 if value == 128 else 0).resize(frame.size, Image.Resampling.NEAREST)
    outside = ImageChops.darker(outside, frame)
    for _ in range(2 * _CELL):
        outside = ImageChops.darker(outside.filter(ImageFilter.MaxFilter(3)), frame)
    inside = ImageChops.invert(outside.crop((_CELL, _CELL, _CELL + picture.width, _CELL + picture.height)))
    if inside.getbbox() is None:
        return picture
    result = picture.copy()
    result.putalpha(inside)
    return result
