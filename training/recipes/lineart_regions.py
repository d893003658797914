"""Materials of a painted character: skin, hair and pieces of clothing, grown from hand-set points up to the ink."""

import heapq
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.recipes.lineart_colour import Colour, Region, Role, pick, pick_any, repaint, shifted

Pixels = NDArray[np.uint8]
Labels = NDArray[np.intp]
ROWS = 380  # regions are grown on a picture reduced to about as many rows
STRAY = 6.0  # cost of a pixel of exactly the seed's colour, levels


def role_of(name: str) -> Role:
    """What a region's name in the table of seeds stands for."""
    first = name.split(maxsplit=1)[0]
    if first in ("skin", "hair", "eyes", "keep"):
        return first  # type: ignore[return-value]
    return "other" if first == "print" else "clothes"


def parse_points(text: str) -> list[tuple[int, int]]:
    """Points "x,y x,y"."""
    return [(int(x), int(y)) for x, y in (point.split(",") for point in text.split())]


def materials(rgba: Pixels, seeds: Mapping[str, str]) -> list[Region]:
    """Regions of a character (H, W, 4) in the order of the table."""
    names = list(seeds)
    if not names:
        return []
    points = [(x, y, label) for label, name in enumerate(names) for x, y in parse_points(seeds[name])]
    step = max(1, rgba.shape[0] // ROWS)
    labels = grow(rgba[::step, ::step], [(x // step, y // step, label) for x, y, label in points])
    shape = rgba.shape[1], rgba.shape[0]
    full = np.asarray(Image.fromarray(labels.astype(np.int32)).resize(shape, Image.Resampling.NEAREST))
    full = np.where(rgba[..., 3] > 8, full, -1)
    return [Region.of(role_of(name), rgba[..., :3], full == label) for label, name in enumerate(names)]


def grow(rgba: Pixels, seeds: list[tuple[int, int, int]]) -> Labels:
    """Label of each opaque pixel (H, W), -1 elsewhere: cheapest way from a seed (x, y, label).

    A step costs what the pixel differs from the seed's own colour, so a region passes its shading but stops at ink and
    at another material. Parts no seed reaches get the label of the seed nearest in colour and place.
    """
    height, width = rgba.shape[:2]
    flat = rgba.reshape(-1, 4).astype(np.int16).tolist()
    opaque = (rgba[..., 3] > 8).ravel().tolist()
    labels = [-1] * (height * width)
    reach = [1e9] * (height * width)
    heap: list[tuple[float, int, int, tuple[int, int, int]]] = []
    colours = []
    for x, y, label in seeds:
        patch = rgba[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].reshape(-1, 4)
        patch = patch[patch[:, 3] > 8]
        if len(patch):
            red, green, blue = (int(v) for v in np.median(patch[:, :3], axis=0))
            colours.append((red, green, blue, x, y, label))
            heapq.heappush(heap, (0.0, y * width + x, label, (red, green, blue)))
    while heap:
        cost, at, label, (red, green, blue) = heapq.heappop(heap)
        if labels[at] >= 0 or not opaque[at]:
            continue
        labels[at] = label
        column = at % width
        for after in (at - width, at + width, at - 1 if column else -1, at + 1 if column < width - 1 else -1):
            if 0 <= after < len(labels) and labels[after] < 0 and opaque[after]:
                pixel = flat[after]
                total = cost + STRAY + abs(pixel[0] - red) + abs(pixel[1] - green) + abs(pixel[2] - blue)
                if total < reach[after]:
                    reach[after] = total
                    heapq.heappush(heap, (total, after, label, (red, green, blue)))
    result = np.array(labels).reshape(height, width)
    return _strays(rgba, result, np.array(colours))


def _strays(rgba: Pixels, labels: Labels, seeds: Labels) -> Labels:
    lost = (labels < 0) & (rgba[..., 3] > 8)
    rows, columns = np.nonzero(lost)
    if rows.size and len(seeds):
        points = np.concatenate([rgba[rows, columns, :3].astype(np.float32), columns[:, None], rows[:, None]], axis=1)
        weight = np.array([1, 1, 1, 0.5, 0.5], np.float32)
        gap = (np.abs(points[:, None] - seeds[None, :, :5]) * weight).sum(-1)
        labels[rows, columns] = seeds[gap.argmin(1), 5]
    return labels


def recolour(
    rgba: Pixels, regions: list[Region], rng: np.random.Generator, tones: tuple[Role, ...] = ()
) -> dict[Role, tuple[Region, Colour]]:
    """Another palette in place; a region keeps its colour now and then. Returns what skin and hair became.

    Roles in TONES only change within their own kind of colour: for art whose edges are too soft for more.
    """
    rgb = np.ascontiguousarray(rgba[..., :3])
    done: dict[Role, tuple[Region, Colour]] = {}
    for region in regions:
        if region.role == "keep" or rng.uniform() < 0.1:
            continue
        if rng.uniform() < 0.1 or region.role in tones:
            red, green, blue = (int(v) for v in region.mean)
            target = shifted((red, green, blue), rng, 0.02 if region.role == "skin" else 0.05)
        else:
            target = pick_any(rng) if region.role == "other" else pick(region.role, rng)
        target = repaint(rgb, region, target, rng)
        done[region.role] = (region, target)
    rgba[..., :3] = rgb
    return done
