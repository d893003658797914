"""Materials of a painted character: skin, hair and pieces of clothing found by colour and place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.recipes.lineart_colour import Colour, Region, Role, pick, repaint, shifted

Pixels = NDArray[np.uint8]
Features = NDArray[np.float32]
Box = tuple[int, int, int, int]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Face:
    """Where the face is: boxes in pixels."""

    skin: Box  # nothing but skin, the nose perhaps
    hair: Box  # mostly hair
    chin: int  # row below which hair-like colours are clothing, unless hair is long


def features(rgb: Pixels, rows: NDArray[np.intp], height: int) -> Features:
    """Luma (weighted down: shading), two colour differences, and the place, (N, 4)."""
    values = rgb.astype(np.float32)
    luma = values @ LUMA
    place = rows.astype(np.float32) / height * 55
    return np.stack([0.55 * luma, 0.9 * (values[:, 0] - luma), 0.9 * (values[:, 2] - luma), place], axis=1)


def cluster(points: Features, count: int, rng: np.random.Generator) -> Features:
    """Centres of k-means, started far from each other."""
    centres = points[rng.integers(len(points), size=1)]
    for _ in range(count - 1):
        gap = ((points[:, None] - centres[None]) ** 2).sum(-1).min(1)
        centres = np.concatenate([centres, points[rng.choice(len(points), size=1, p=gap / gap.sum())]])
    for _ in range(12):
        label = nearest(points, centres)
        for index in range(count):
            if (label == index).any():
                centres[index] = points[label == index].mean(0)
    return centres


def nearest(points: Features, centres: Features) -> NDArray[np.intp]:
    """Index of the nearest centre for each point."""
    found: NDArray[np.intp] = np.argmin((centres**2).sum(1)[None] - 2 * points @ centres.T, axis=1)
    return found


def materials(rgba: Pixels, face: Face, count: int = 8) -> list[Region]:
    """Regions of an upright character (H, W, 4)."""
    rng = np.random.default_rng(0)
    height, width = rgba.shape[:2]
    index = np.flatnonzero(rgba[..., 3] > 8)
    rgb = rgba.reshape(-1, 4)[index, :3]
    points = features(rgb, index // width, height)
    solid = np.flatnonzero(rgb.max(1) > 40)
    sample = points[rng.choice(solid if solid.size else len(points), size=min(5000, len(points)))]
    centres = cluster(sample, count, rng)
    skin, hair = _reference(rgba, face.skin, height), _reference(rgba, face.hair, height)
    roles = [_role(centre, skin, hair, face.chin / height * 55) for centre in centres]
    label = nearest(points, centres)
    _join_skin(points, label, roles, skin)
    regions = []
    for names in _groups(centres, roles):
        mask = np.zeros(height * width, np.bool_)
        mask[index[np.isin(label, names)]] = True
        if mask.any():
            regions.append(Region.of(roles[names[0]], rgba[..., :3], mask.reshape(height, width)))
    return regions


def _reference(rgba: Pixels, box: Box, height: int) -> Features:
    left, top, right, bottom = box
    part = rgba[top:bottom, left:right].reshape(-1, 4)
    part = part[part[:, 3] > 200][:, :3]
    if not len(part):
        return np.full(4, 1e3, np.float32)
    luma = part.astype(np.float32) @ LUMA
    part = part[luma >= np.quantile(luma, 0.4)]
    rows = np.full(len(part), (top + bottom) // 2)
    return np.median(features(part, rows, height), axis=0)


def _role(centre: Features, skin: Features, hair: Features, chin: float) -> Role:
    weight = np.array([0.45, 1, 1, 0], np.float32)
    to_skin = float(np.abs((centre - skin) * weight).max())
    to_hair = float(np.abs((centre - hair) * weight).max())
    if to_skin < 13 and to_skin <= to_hair:
        return "skin"
    if to_hair < 18 and centre[3] < chin + 8:
        return "hair"
    return "clothes"


def _join_skin(points: Features, label: NDArray[np.intp], roles: list[Role], skin: Features) -> None:
    """Pixels of exactly the skin's colour are skin wherever they are: hands, necks."""
    if "skin" in roles:
        near = np.abs((points - skin)[:, 1:3]).max(1) < 7
        near &= np.abs(points[:, 0] - skin[0]) < 22
        label[near] = roles.index("skin")


def _groups(centres: Features, roles: list[Role]) -> list[list[int]]:
    """Skin is one group, hair is one; clothes are joined where only the shading differs."""
    groups: list[list[int]] = [[i for i, r in enumerate(roles) if r == role] for role in ("skin", "hair")]
    groups = [group for group in groups if group]
    for index, role in enumerate(roles):
        if role in ("skin", "hair"):
            continue
        for group in groups:
            first = group[0]
            gap = np.abs(centres[first] - centres[index])
            if roles[first] == role and gap[1:3].max() < 9 and gap[0] < 28 and gap[3] < 25:
                group.append(index)
                break
        else:
            groups.append([index])
    return groups


def recolour(rgba: Pixels, regions: list[Region], rng: np.random.Generator) -> dict[Role, tuple[Region, Colour]]:
    """Another palette in place; a region keeps its colour now and then. Returns what skin, hair became."""
    rgb = np.ascontiguousarray(rgba[..., :3])
    done: dict[Role, tuple[Region, Colour]] = {}
    for region in regions:
        if rng.uniform() < (0.35 if region.role == "skin" else 0.15):
            continue
        mean = tuple(int(v) for v in region.mean)
        target = shifted((mean[0], mean[1], mean[2]), rng) if rng.uniform() < 0.12 else pick(region.role, rng)
        repaint(rgb, region, target, rng)
        done[region.role] = (region, target)
    rgba[..., :3] = rgb
    return done
