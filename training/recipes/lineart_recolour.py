"""New colours for a painted drawing: its main colours are found and moved, its shading and ink stay."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Box = tuple[int, int, int, int]
Floats = NDArray[np.float64]

_GRID = 17  # points per side of the colour table
_CLUSTERS = 8
_WEIGHTS = np.array([0.5, 1.0, 1.0])  # lightness counts half when colours are compared


def recolour(drawing: Image.Image, cheeks: Box | None, rng: np.random.Generator) -> Image.Image:
    """Every main colour of an RGBA drawing gets another hue and lightness.

    Black stays black, white white; skin stays skin. A box of the cheeks says which colour that is.
    """
    pixels = np.asarray(drawing)
    colours = pixels[pixels[..., 3] > 200][:, :3]
    if len(colours) < 50:
        return drawing
    centres = _cluster(_to_ycc(colours[rng.integers(len(colours), size=1500)].astype(np.float64)), rng)
    targets = _targets(centres, _skin(centres, _face_colour(pixels, cheeks)), rng)
    axis = np.linspace(0, 255, _GRID)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red varies fastest, as the filter wants it
    grid = _to_ycc(np.stack([red, green, blue], -1).reshape(-1, 3))
    table = np.clip(_to_rgb(_move(grid, centres, targets)) / 255, 0, 1)
    changed = drawing.convert("RGB").filter(ImageFilter.Color3DLUT(_GRID, table.reshape(-1).tolist()))
    changed.putalpha(drawing.getchannel("A"))
    return changed


@dataclass(frozen=True)
class _Targets:
    """Where each cluster goes: its chroma, the gamma of its lightness, how much of its variation stays."""

    chroma: Floats  # (K, 2)
    gamma: Floats  # (K,)
    spread: Floats  # (K,)


def _targets(centres: Floats, skin: NDArray[np.bool_], rng: np.random.Generator) -> _Targets:
    chroma, gamma, spread = centres[:, 1:].copy(), np.ones(len(centres)), np.ones(len(centres))
    tone, warmth, tint = rng.normal(0, 0.2), rng.uniform(0.9, 1.1), rng.normal(0, 1.5, 2)
    for family in _families(centres):
        turn, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 14) if rng.random() < 0.25 else rng.uniform(14, 70)
        lift, kept = rng.normal(0.05, 0.2), rng.random() < 0.15  # now and then a colour stays
        mean = max(float(np.hypot(*centres[family, 1:].T).mean()), 4.0)
        for index in family:
            light = float(np.clip(centres[index, 0] / 255, 0.05, 0.97))
            if skin[index]:
                chroma[index] = chroma[index] * warmth + tint
                gamma[index] = np.exp(np.clip(tone, -0.4, 0.6))
            elif not kept:
                own = strength * np.clip(np.hypot(*centres[index, 1:]) / mean, 0.6, 1.4)
                chroma[index] = own * np.array([np.cos(turn), np.sin(turn)])
                gamma[index] = np.clip(np.log(np.clip(light + lift, 0.15, 0.95)) / np.log(light), 0.35, 2.5)
                spread[index] = 0.6
    return _Targets(chroma, gamma, spread)


def _families(centres: Floats) -> list[list[int]]:
    """Clusters of nearly one hue belong together (a colour and its shadows), and so do greys of like lightness."""
    left = list(range(len(centres)))
    families: list[list[int]] = []
    while left:
        first = left.pop(0)
        family = [first] + [each for each in left if _alike(centres[first], centres[each])]
        left = [each for each in left if each not in family]
        families.append(family)
    return families


def _alike(first: Floats, second: Floats) -> bool:
    strengths = np.hypot(first[1], first[2]), np.hypot(second[1], second[2])
    if min(strengths) < 8:
        return bool(max(strengths) < 12 and abs(first[0] - second[0]) < 70)
    turn = np.arctan2(first[2], first[1]) - np.arctan2(second[2], second[1])
    return bool(np.cos(turn) > 0.8 and abs(first[0] - second[0]) < 150)


def _face_colour(pixels: NDArray[np.uint8], cheeks: Box | None) -> Floats | None:
    if cheeks is None:
        return None
    left, top, right, bottom = cheeks
    part = pixels[top:bottom, left:right]
    part = part[part[..., 3] > 200][:, :3]
    if len(part) < 20:
        return None
    median: Floats = np.median(_to_ycc(part.astype(np.float64)), axis=0)
    return median


def _skin(centres: Floats, face: Floats | None) -> NDArray[np.bool_]:
    """The clusters near the colour of the face or, where that is unknown, the lightest of the hue of skin."""
    light, blue, red = centres.T
    if face is None:
        like: NDArray[np.bool_] = (red > 4) & (red < 42) & (blue < -3) & (blue > -40) & (light > 130)
        if not like.any():
            return like
        face = centres[int(np.argmax(np.where(like, light - 0.6 * np.abs(blue + red), -1e9)))]
    apart = np.hypot(blue - face[1], red - face[2])
    found: NDArray[np.bool_] = (apart < 15) & (light < face[0] + 45) & (light > face[0] - 60)
    found[int(np.argmin(apart + 0.5 * np.abs(light - face[0])))] = True
    return found


def _move(grid: Floats, centres: Floats, targets: _Targets) -> Floats:
    """Every colour of the grid goes with the clusters near it."""
    distance = (((grid[:, None] - centres[None]) * _WEIGHTS) ** 2).sum(-1)
    weights = np.exp(-(distance - distance.min(1, keepdims=True)) / (2 * 11.0**2))
    weights /= weights.sum(1, keepdims=True)
    light = np.clip(grid[:, 0] / 255, 1e-4, 1)
    new_light = (weights * light[:, None] ** targets.gamma[None]).sum(1)
    new_light = light + (new_light - light) * np.clip(6 * light - 0.5, 0, 1)  # ink stays dark
    offset = (grid[:, None, 1:] - centres[None, :, 1:]) * targets.spread[None, :, None]
    chroma = (weights[..., None] * (targets.chroma[None] + offset)).sum(1)
    room = np.minimum(1, 3.5 * light) * np.minimum(1, 6 * (1 - light))  # black and white take no colour
    chroma = chroma * room[:, None] + grid[:, 1:] * (1 - room[:, None])
    return np.concatenate([255 * new_light[:, None], chroma], 1)


def _cluster(sample: Floats, rng: np.random.Generator) -> Floats:
    """K-means; each first centre is far from those before."""
    points = sample[:1].repeat(_CLUSTERS, 0)
    gap = (((sample - points[0]) * _WEIGHTS) ** 2).sum(1)
    for index in range(1, _CLUSTERS):
        if gap.sum() > 0:
            points[index] = sample[int(rng.choice(len(sample), p=gap / gap.sum()))]
        gap = np.minimum(gap, (((sample - points[index]) * _WEIGHTS) ** 2).sum(1))
    for _ in range(6):
        nearest = (((sample[:, None] - points[None]) * _WEIGHTS) ** 2).sum(-1).argmin(1)
        for index in range(_CLUSTERS):
            if (nearest == index).any():
                points[index] = sample[nearest == index].mean(0)
    return points


def _to_ycc(rgb: Floats) -> Floats:
    light = rgb @ np.array([0.299, 0.587, 0.114])
    return np.stack([light, (rgb[:, 2] - light) * 0.564, (rgb[:, 0] - light) * 0.713], -1)


def _to_rgb(ycc: Floats) -> Floats:
    light, blue, red = ycc.T
    return np.stack([light + 1.403 * red, light - 0.344 * blue - 0.714 * red, light + 1.773 * blue], -1)
