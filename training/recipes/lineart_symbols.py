"""SVG files with ink or flat shapes: symbols, emoji, faces. Their lines are exact, their colours moved as a whole."""

import copy
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import ClassVar

import numpy as np

from training.recipes import lineart_svg as svg
from training.recipes.lineart_colour import in_house
from training.recipes.lineart_compose import Drawing, Raster
from training.recipes.lineart_recolour import recolour
from training.recipes.lineart_sources import Source, Split, held_out
from training.recipes.lineart_vector import INK_LUMA, drawing_of

_RECOLOURED = 0.7  # share of the drawings


class SvgFiles(Source):
    """One SVG for each drawing; one in twelve is held out, variants of a drawing together."""

    ink_luma: ClassVar[float] = INK_LUMA  # darker colours are ink
    outlined: ClassVar[bool]  # without ink of its own: every shape gets a stroke
    zoom: ClassVar[tuple[float, float]] = (0.8, 1.8)

    def characters(self, split: Split) -> list[str]:
        names = [name for name in self.archive.ending(".svg") if self.is_wanted(name)]
        return [name for name in names if held_out(self.key(name), 1 / 12) == (split == "val")]

    def is_wanted(self, name: str) -> bool:
        return bool(name)

    def is_ink(self, key: str) -> bool:
        return svg.luminance(key) < self.ink_luma

    def key(self, name: str) -> str:
        """What all variants of a drawing share."""
        return Path(name).stem

    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        root = svg.parse(self.archive.read(character).decode("utf-8-sig"))
        if root.get("viewBox") is None:
            size = (root.get(side, "100").removesuffix("px") for side in ("width", "height"))
            root.set("viewBox", "0 0 " + " ".join(size))
        lines = copy.deepcopy(root)
        if not self.outlined:
            svg.ink_only(lines, self.is_ink)

        def line_root(width: float) -> ET.Element:
            if not self.outlined:
                return lines
            stroked = copy.deepcopy(lines)
            svg.outline(stroked, width, self.is_ink)
            return stroked

        drawing = drawing_of(root, line_root, rng, self.zoom)
        keep = in_house() or rng.uniform() >= _RECOLOURED
        return drawing if keep else _repainted(drawing, rng)


def _repainted(drawing: Drawing, rng: np.random.Generator) -> Drawing:
    seed = int(rng.integers(2**31))

    def raster(scale: float) -> Raster:
        plain = drawing.raster(scale)
        return Raster(recolour(plain.colour, None, np.random.default_rng(seed)), plain.lines)

    return Drawing(drawing.width, drawing.height, raster, zoom=drawing.zoom)


class Mulberry(SvgFiles):
    """Symbols with black strokes."""

    name = "sa_mulberry"
    weight = 0.05
    outlined = False

    def key(self, name: str) -> str:
        return Path(name).stem.split("_", maxsplit=1)[0]


class EmojiTwo(SvgFiles):
    """Flat emoji; no flags."""

    name = "emojitwo"
    weight = 0.03
    outlined = True

    def is_wanted(self, name: str) -> bool:
        return "/svg/" in name and not Path(name).stem.startswith(("1f1e", "1f1f", "1f3f4-e"))

    def key(self, name: str) -> str:
        return Path(name).stem.split("-", maxsplit=1)[0]


class Faces(SvgFiles):
    """Cartoon faces with black lines."""

    name = "facesjs"
    weight = 0.02
    outlined = False


class BeanHeads(SvgFiles):
    """Busts with dark outlines."""

    name = "beanheads"
    weight = 0.02
    ink_luma = 66.0  # their ink is a dark plum
    outlined = False
    zoom = (0.9, 2.2)
