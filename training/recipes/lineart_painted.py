"""Painted characters in layers: Learn to Code RPG, the Ren'Py demo, the Noble avatars."""

from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.recipes.lineart_colour import Colour, Region, in_house, pick, repaint
from training.recipes.lineart_compose import Drawing, Raster
from training.recipes.lineart_recolour import recolour as repalette
from training.recipes.lineart_regions import materials, recolour
from training.recipes.lineart_seeds import LEARN_TO_CODE, RENPY, RENPY_HEADS
from training.recipes.lineart_sources import Source, Split, choice

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]
RECOLOURED = 0.88  # share of drawings that do not keep the artist's palette


def cropped(over: Image.Image, under: Image.Image, head: Box) -> Drawing:
    """A drawing of painted art, cut to what is opaque; UNDER is the same before recolouring."""
    box = over.getbbox() or (0, 0, *over.size)
    raster = Raster(over.crop(box), None, under.crop(box))
    moved = (head[0] - box[0], head[1] - box[1], head[2] - box[0], head[3] - box[1])
    return Drawing(box[2] - box[0], box[3] - box[1], lambda _: raster, moved, cut=True)


def tint_iris(layer: Pixels, rng: np.random.Generator) -> None:
    """Another colour for the saturated pixels of an eye layer, in place."""
    rgb = layer[..., :3].astype(np.int16)
    mask = (layer[..., 3] > 60) & (rgb.max(-1) - rgb.min(-1) > 35) & (rgb.max(-1) < 235)
    if mask.sum() > 20:
        colours = np.ascontiguousarray(layer[..., :3])
        repaint(colours, Region.of("eyes", colours, mask), pick("eyes", rng), rng)
        layer[..., :3] = colours


class LearnToCode(Source):
    """Layers base + eyes + brows + mouth (+ glasses, sweat, blush) of anime-like shaded characters."""

    name = "learn_to_code_rpg"
    weight = 0.36
    VAL = ("iris", "marco")
    GREY = ("npc",)  # silhouettes without colour
    ALONE = ("glasses", "sweat", "blush")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.layers: dict[str, dict[str, list[str]]] = {}
        for name in self.archive.ending(".png"):
            person, stem = name.split("/")[-2], name.rsplit("/", 1)[-1].removesuffix(".png")
            if person not in self.GREY:
                kind = (stem.removeprefix(person).strip("_") or "base").split("_")[0]
                self.layers.setdefault(person, {}).setdefault(kind, []).append(name)
        self._base = lru_cache(maxsize=32)(self._load_base)
        self._layer = cache(self.archive.image)

    def characters(self, split: Split) -> list[str]:
        return sorted(person for person in self.layers if (person in self.VAL) == (split == "val"))

    def _load_base(self, person: str) -> tuple[Pixels, Box, list[Region]]:
        """Pixels, head and materials; characters without seeds have no materials."""
        layers = self.layers[person]
        image = self.archive.image(layers["base"][0])
        box = image.getbbox() or (0, 0, *image.size)
        eyes, mouth = self._box(layers["eyes"]), self._box(layers["mouth"])
        base = np.asarray(image)
        size = round((mouth[3] - box[1]) * 1.3)
        left = (eyes[0] + eyes[2] - size) // 2
        return base, (left, box[1], left + size, box[1] + size), materials(base, LEARN_TO_CODE.get(person, {}))

    def _box(self, names: list[str]) -> Box:
        return next(box for box in (self._layer(name).getbbox() for name in names) if box)

    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        base, head, regions = self._base(character)
        layers = self.layers[character]
        colour = base.copy()
        wanted = rng.uniform() < RECOLOURED
        new = recolour(colour, regions, rng) if wanted else {}
        over, under = Image.fromarray(colour), Image.fromarray(base)
        kinds = ["mouth", "eyes", "brows", *(kind for kind in self.ALONE if rng.uniform() < 0.25)]
        for kind in kinds:
            if kind not in layers:
                continue
            image = self._layer(choice(layers[kind], rng))
            box = image.getbbox()
            if image.size != over.size or not box:
                continue
            part = np.array(image.crop(box))
            under.alpha_composite(Image.fromarray(part), box[:2])
            if kind == "eyes" and rng.uniform() < 0.7:
                tint_iris(part, rng)
            if "skin" in new and kind != "glasses":
                _follow_skin(part, *new["skin"], rng)
            over.alpha_composite(Image.fromarray(part), box[:2])
        if wanted and not regions and not in_house():
            over = repalette(under, None, rng)
        return cropped(over, under, head)


def _follow_skin(part: Pixels, region: Region, target: Colour, rng: np.random.Generator) -> None:
    """Skin painted in a face layer takes the skin's new colour, in place."""
    gap = np.abs(part[..., :3].astype(np.float32) - np.array(region.mean, np.float32)).max(-1)
    mask = (part[..., 3] > 8) & (gap < 45)
    if mask.any():
        rgb = np.ascontiguousarray(part[..., :3])
        own = Region.of("skin", rgb, mask)
        repaint(rgb, Region("skin", own.index, own.luma, region.middle, region.mean), target, rng)
        part[..., :3] = rgb


class RenpyDemo(Source):
    """Whole sprites of three characters."""

    name = "renpy_demo"
    weight = 0.1
    VAL = ("lucy",)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._base = lru_cache(maxsize=16)(self._load)

    def characters(self, split: Split) -> list[str]:
        people = [p for p in RENPY if any(f"/{p}" in name for name in self.archive.names)]
        return [p for p in people if p.startswith(self.VAL) == (split == "val")]

    def _load(self, name: str, person: str) -> tuple[Pixels, list[Region]]:
        pixels = np.asarray(self.archive.image(name))
        seeds = dict(RENPY[person])
        if "giggle" in name:  # its eyes are closed
            seeds.pop("eyes")
        return pixels, materials(pixels, seeds)

    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        names = [name for name in self.archive.ending(".png") if f"/{character}" in name]
        plain, regions = self._base(choice(names, rng), character)
        colour = plain.copy()
        if rng.uniform() < RECOLOURED:
            recolour(colour, regions, rng, tones=() if in_house() else ("skin",))
        return cropped(Image.fromarray(colour), Image.fromarray(plain), RENPY_HEADS[character])


class NobleAvatars(Source):
    """Busts stacked out of aligned layers; heads and hairs held out by number."""

    name = "noble_avatars"
    weight = 0.17
    VAL_HEADS = (7, 11)
    VAL_HAIRS = (4, 9, 17, 24)
    HEAD = (80, 40, 320, 320)
    STACK = (
        ("mouths", 1.0),
        ("eyes", 1.0),
        ("features", 0.06),
        ("beard", 0.12),
        ("glasses", 0.1),
        ("hair", 0.95),
        ("neck", 0.25),
        ("accessories", 0.15),
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._layer = cache(self.archive.image)

    def characters(self, split: Split) -> list[str]:
        heads = [n for n in self.archive.ending(".png") if "/base/" in n]
        return [n for n in heads if (_number(n) in self.VAL_HEADS) == (split == "val")]

    def draw(self, character: str, rng: np.random.Generator) -> Drawing:
        sex = "f" if "/base/f/" in character else "m"
        val = _number(character) in self.VAL_HEADS
        base = np.array(self._layer(character))
        plain = base.copy()
        hair = pick("hair", rng)
        self._paint_head(base, rng)
        over, under = Image.fromarray(base), Image.fromarray(plain)
        for kind, chance in self.STACK:
            names = self._options(kind, sex, val)
            if not names or rng.uniform() >= chance:
                continue
            part = np.array(self._layer(choice(names, rng)))
            under.alpha_composite(Image.fromarray(part))
            if kind in ("hair", "beard") and rng.uniform() < 0.85:
                _paint_all(part, hair, rng)
            elif kind == "eyes" and rng.uniform() < 0.6:
                tint_iris(part, rng)
            elif kind in ("accessories", "neck") and rng.uniform() < 0.4:
                _paint_all(part, pick("clothes", rng), rng)
            over.alpha_composite(Image.fromarray(part))
        return cropped(over, under, self.HEAD)

    def _options(self, kind: str, sex: str, val: bool) -> list[str]:
        found = []
        for name in self.archive.ending(".png"):
            folder = name.split("/layers/")[-1].rsplit("/", 1)[0]
            fits = kind != "hair" or (_number(name) in self.VAL_HAIRS) == val
            if fits and folder in (kind, f"{kind}/{sex}"):
                found.append(name)
        return found

    @staticmethod
    def _paint_head(base: Pixels, rng: np.random.Generator) -> None:
        """Skin above, the collar below: told apart by their distance to the colour of the face."""
        rgb = np.ascontiguousarray(base[..., :3])
        solid = base[..., 3] > 8
        height, width = solid.shape
        middle = rgb[int(0.47 * height) : int(0.58 * height), int(0.42 * width) : int(0.58 * width)].reshape(-1, 3)
        face = np.median(middle, axis=0)
        values = rgb.astype(np.float32)
        share = values / np.maximum(values.sum(-1, keepdims=True), 1)
        low = np.arange(height)[:, None] > 0.9 * height
        cloth = solid & low & (np.abs(share - face / max(face.sum(), 1)).max(-1) > 0.06)
        repaint(rgb, Region.of("skin", rgb, solid & ~cloth), pick("skin", rng), rng)
        repaint(rgb, Region.of("clothes", rgb, cloth), pick("clothes", rng), rng)
        base[..., :3] = rgb


def _paint_all(part: Pixels, target: Colour, rng: np.random.Generator) -> None:
    rgb = np.ascontiguousarray(part[..., :3])
    repaint(rgb, Region.of("hair", rgb, part[..., 3] > 8), target, rng)
    part[..., :3] = rgb


def _number(name: str) -> int:
    digits = "".join(c for c in name.rsplit("_", 1)[-1] if c.isdigit())
    return int(digits or 0)
