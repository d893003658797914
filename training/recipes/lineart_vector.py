"""SVG sources: DiceBear avatars and OpenMoji people, with exact lines."""

import copy
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from training.recipes import lineart_svg as svg
from training.recipes.lineart_colour import Role, from_hex, in_house, pick, pick_any, shifted, to_hex
from training.recipes.lineart_compose import Drawing, Raster
from training.recipes.lineart_dicebear import Style
from training.recipes.lineart_shading import shade
from training.recipes.lineart_sources import Source, Split, held_out

INK_LUMA = 45.0
SHADED = 0.75  # share of flat drawings that get light and shade


def ink_and_fill(colour: Image.Image, lines: Image.Image, dark: float) -> Raster:
    """The colour with its lines inked over by DARK (0 to 1), and the lines alone on white."""
    paper = Image.new("RGBA", lines.size, "white")
    paper.alpha_composite(lines)
    grey = paper.convert("L")
    pixels = np.asarray(colour)
    keep = 1 - dark * (255 - np.asarray(grey, np.float32)) / 255
    inked = np.empty_like(pixels)
    inked[..., :3] = pixels[..., :3] * keep[..., None]
    cover = np.maximum(pixels[..., 3], ((255 - np.asarray(grey)) * dark).astype(np.uint8))
    inked[..., 3] = cover
    return Raster(Image.fromarray(inked), grey)


def drawing_of(
    root: ET.Element,
    line_root: Callable[[float], ET.Element],
    rng: np.random.Generator,
    zoom: tuple[float, float],
    thickest: float = 2.4,
) -> Drawing:
    """A drawing that renders ROOT, shaded mostly, and LINE_ROOT(stroke width in user units) with a random pen."""
    box = [float(v) for v in root.get("viewBox", "0 0 100 100").replace(",", " ").split()]
    pen, dark = rng.uniform(0.8, thickest), rng.uniform(0.6, 1.0)
    shading = int(rng.integers(2**31)) if rng.uniform() < SHADED else None

    def raster(scale: float) -> Raster:
        width = int(min(max(scale * box[2], 32), 1600))
        colour = svg.render(root, width)
        if shading is not None:
            colour = shade(colour, np.random.default_rng(shading))
        lines = svg.render(line_root(pen * box[2] / width), width)
        return ink_and_fill(colour, lines, dark)

    return Drawing(box[2], box[3], raster, zoom=zoom)


class DiceBear(Source):
    """Avatar generators; whole styles are held out."""

    name = "dicebear_styles"
    weight = 0.16
    VAL = ("big-ears", "personas")
    # Style -> the way its lines are drawn, its share.
    STYLES: ClassVar[dict[str, tuple[str, float]]] = {
        "adventurer": ("both", 4.0),
        "micah": ("both", 1.5),
        "personas": ("outline", 1.0),
        "big-smile": ("outline", 1.5),
        "toon-head": ("outline", 1.5),
        "big-ears": ("outline", 1.0),
        "miniavs": ("outline", 0.7),
        "open-peeps": ("ink", 1.0),
        "lorelei": ("ink", 0.6),
        "notionists": ("ink", 0.3),
        "dylan": ("outline", 0.4),
        "critters": ("outline", 0.3),
        "clay": ("outline", 0.2),
    }
    ROLES: ClassVar[dict[str, Role]] = {
        "skin": "skin",
        "base": "skin",
        "hair": "hair",
        "headContrast": "hair",
        "facialHair": "hair",
        "clothing": "clothes",
        "clothes": "clothes",
        "shirt": "clothes",
        "body": "clothes",
        "accent": "clothes",
        "glasses": "clothes",
        "earrings": "clothes",
        "earring": "clothes",
        "hairAccessories": "clothes",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        paths = {name.rsplit("/", 1)[-1].removesuffix(".json"): name for name in self.archive.ending(".json")}
        self.paths = {style: paths[style] for style in self.STYLES if style in paths}
        self._style = lru_cache(maxsize=32)(lambda name: Style(name, self.archive.read(self.paths[name])))

    def facts(self) -> tuple[str, str]:
        """Of every style in use."""
        styles = [self._style(name) for name in self.paths]
        licences = ", ".join(sorted({style.licence for style in styles}))
        credits_ = "; ".join(f"{style.name} by {style.creator}, {style.licence}" for style in styles)
        return licences, f"DiceBear avatar styles: {credits_}"

    def characters(self, split: Split) -> list[str]:
        """Each style as often as its share."""
        styles = [style for style in self.paths if (style in self.VAL) == (split == "val")]
        return [style for style in styles for _ in range(round(self.STYLES[style][1] * 10))]

    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        style = self._style(character)
        # Marker colours first, so that what is ink does not depend on what the hair is painted with.
        markers = {name: f"#fe{index:02x}fe" for index, name in enumerate(style.colours)}
        palette = {markers[name]: self._colour(name, values, rng) for name, values in style.colours.items()}
        marked = svg.parse(ET.tostring(style.draw(rng, markers), encoding="unicode"))
        inks = {markers[n] for n, values in style.colours.items() if n not in self.ROLES and set(values) <= {"#000000"}}
        if character in ("lorelei", "notionists"):
            inks |= {markers[name] for name in ("hair", "outline", "ink") if name in markers}

        def is_ink(key: str) -> bool:
            return key in inks or (key not in palette and svg.luminance(key) < INK_LUMA)

        way = self.STYLES[character][0]
        if way == "both":
            way = "ink" if rng.uniform() < 0.5 else "outline"
        coloured = copy.deepcopy(marked)
        svg.recolour(coloured, palette)

        def line_root(width: float) -> ET.Element:
            root = copy.deepcopy(marked)
            if way == "ink":
                svg.ink_only(root, is_ink)
            else:
                svg.outline(root, width, is_ink)
            return root

        return drawing_of(coloured, line_root, rng, zoom=(0.7, 1.05) if way == "ink" else (0.75, 1.8))

    def _colour(self, name: str, values: list[str], rng: np.random.Generator) -> str:
        role = self.ROLES.get(name)
        if role:
            return to_hex(pick(role, rng))
        return values[int(rng.integers(len(values)))]


class OpenMojiPeople(Source):
    """OpenMoji with skin: the group "line" is the line art, the groups name hair and skin."""

    name = "openmoji"
    weight = 0.05
    STROKE = 2.0  # usual stroke width, user units

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.people = [n for n in self.archive.ending(".svg") if b'id="skin"' in self.archive.read(n)]

    def characters(self, split: Split) -> list[str]:
        return [n for n in self.people if held_out(self._code(n), 0.06) == (split == "val")]

    @staticmethod
    def _code(name: str) -> str:
        """First code point: every skin tone of a picture falls on the same side of the split."""
        return name.rsplit("/", 1)[-1].split("-", maxsplit=1)[0].removesuffix(".svg")

    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        root = svg.parse(self.archive.read(character).decode("utf-8"))
        lines = copy.deepcopy(root)
        for group in list(lines):
            if svg.tag(group) == "g" and group.get("id") != "line":
                lines.remove(group)
        for group in list(root):
            if svg.tag(group) == "g" and group.get("id") == "line":
                root.remove(group)
        if rng.uniform() < 0.85:
            self._repaint(root, rng)

        def line_root(width: float) -> ET.Element:
            pen = copy.deepcopy(lines)
            svg.scale_strokes(pen, width / self.STROKE)
            return pen

        return drawing_of(root, line_root, rng, zoom=(0.8, 1.5), thickest=3.0)

    @staticmethod
    def _repaint(root: ET.Element, rng: np.random.Generator) -> None:
        for group in root:
            role = {"skin": "skin", "hair": "hair"}.get(group.get("id", ""))
            base = pick("skin", rng) if role == "skin" else pick("hair", rng)
            mapping = {}
            for key in svg.paints(group):
                if role:
                    mapping[key] = to_hex(base)
                elif not in_house() and rng.uniform() < 0.7 and key not in ("#ffffff", "#000000"):
                    mapping[key] = to_hex(pick("clothes", rng) if rng.uniform() < 0.6 else pick_any(rng))
                else:
                    mapping[key] = to_hex(shifted(from_hex(key), rng))
            svg.recolour(group, mapping)
