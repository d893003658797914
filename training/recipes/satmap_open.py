"""Sheets out of an openly licensed set alone: photographs of Dubai, and maps drawn from their masks.

Aerial imagery of Dubai: MBRSC / Humans in the Loop, CC0 1.0 (second-hand: as stated on the data set's page; the copy
used has no licence file).

The archive holds eight scenes, "Tile 1" to "Tile 8", each cut into three rows of three parts. They are put together
again, brought to the scale the shipped weights learned at and cut into sheets as the preset loads them.

The two sets of roads (spacenet_vegas_roads, gsi_roads_jp) are left out. Their masks know roads and nothing else: as
pairs they would teach that all between the roads is ground, and with a loss on the roads alone nothing would speak
against painting roads everywhere. At this scale their pictures are 145 and 54 pixels a side besides, less than a crop.
"""

import io
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

from models.errors import UserError
from models.files import atomic_path

ARCHIVE = "dubai_aerial.zip"
# Measured at the 400 m running track in Tile 7, whose inner edge is 157.4 m x 73.0 m by the rules of the sport and
# 147.5 x 70 pixels in the picture: 1.07 and 1.04; its outer edge, 176.9 m, is 168.5: 1.05. All scenes look like the
# same satellite's: the round islands of Tile 4 are in Tile 8, too, and no more than 8 % larger there, and a carriageway
# of three lanes is 11 to 12 pixels wide in Tiles 3 and 5.
METRES_PER_PIXEL = 1.05
SIDE = 256  # of a sheet's halves, in pixels: the preset's data.load_size
# Whole scenes: Tile 2 has streets and houses, Tile 3 a shore, main roads and lawns. Tiles 4 and 8 overlap.
HELD_OUT = ("Tile 2", "Tile 3")

_COLUMNS = 3
_GROUND = "#e9e5dd"
# Colours of the masks (classes.json names others) and those of the preset's palette.
_MAP_COLOURS = {
    (132, 41, 246): _GROUND,  # land
    (60, 16, 152): "#f3f1ec",  # buildings
    (110, 193, 228): "#fefefc",  # roads
    (226, 169, 41): "#b2d1fd",  # water
    (254, 221, 58): "#ccdeae",  # vegetation
}
_MOST_UNKNOWN = 0.02  # of a sheet's pixels that have no label; they are drawn as ground
_MOST_GROUND = 0.97  # a sheet with more is desert, of which there is plenty

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


class _WrongArchive(Exception):
    """What is wrong, in words that end a sentence."""


def build_open(archive: Path, out: Path, metres_per_pixel: float) -> dict[str, int]:
    """Returns the number of sheets in each split; what is there already is not written again."""
    if not archive.is_file():
        raise UserError(f"{archive} is not there.", "Name the folder of the zips with --source.")
    counts = {"train": 0, "val": 0}
    try:
        with zipfile.ZipFile(archive) as pictures:
            for scene, parts in _scenes(pictures).items():
                split = "val" if scene in HELD_OUT else "train"
                photograph, mask = (_put_together(pictures, names) for names in zip(*parts, strict=True))
                if photograph.shape != mask.shape:
                    raise _WrongArchive(f"the masks of {scene} are of another size")
                for name, sheet in _sheets(photograph, mask, METRES_PER_PIXEL / metres_per_pixel):
                    counts[split] += 1
                    _write(sheet, out / split / f"{scene.replace(' ', '-').lower()}-{name}.png")
    except (zipfile.BadZipFile, _WrongArchive) as error:
        raise UserError(f"{archive} is damaged, or another archive: {error}.", "Fetch it again.") from error
    return counts


def _scenes(pictures: zipfile.ZipFile) -> dict[str, list[tuple[str, str]]]:
    """The names of each scene's parts, photograph and mask, in the order of the rows."""
    scenes: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(pictures.namelist()):
        path = Path(name)
        if path.parent.name == "images" and path.suffix == ".webp":
            mask = path.parents[1] / "masks" / f"{path.stem}.png"
            scenes.setdefault(path.parents[1].name, []).append((name, mask.as_posix()))
    if not scenes:
        raise _WrongArchive("no pictures in it")
    return scenes


def _put_together(pictures: zipfile.ZipFile, names: tuple[str, ...]) -> Picture:
    """The parts as one picture (H, W, 3). They differ by a pixel here and there, which is cut off."""
    parts = [_read(pictures, name) for name in names]
    if len(parts) % _COLUMNS:
        raise _WrongArchive(f"{Path(names[0]).parent} lacks parts")
    height, width = (min(part.shape[axis] for part in parts) for axis in (0, 1))
    rows = [parts[start : start + _COLUMNS] for start in range(0, len(parts), _COLUMNS)]
    return np.vstack([np.hstack([part[:height, :width] for part in row]) for row in rows])


def _read(pictures: zipfile.ZipFile, name: str) -> Picture:
    try:
        return np.asarray(Image.open(io.BytesIO(pictures.read(name))).convert("RGB"))
    except (KeyError, OSError) as error:
        raise _WrongArchive(f"{name} is missing or damaged") from error


def _sheets(photograph: Picture, mask: Picture, scale: float) -> Iterator[tuple[str, Picture]]:
    """Names and sheets, photograph left and map right. They cover the scene and overlap as little as they can."""
    drawn, is_known = drawn_map(mask)
    scaled = [_scaled(picture, scale) for picture in (photograph, drawn, is_known)]
    for top in _starts(scaled[0].shape[0]):
        for left in _starts(scaled[0].shape[1]):
            photo, street_map, known = (each[top : top + SIDE, left : left + SIDE] for each in scaled)
            ground = (street_map == ImageColor.getrgb(_GROUND)).all(axis=2).mean()
            if known.mean() >= 255 * (1 - _MOST_UNKNOWN) and ground <= _MOST_GROUND:
                yield f"{top:04d}-{left:04d}", np.hstack([photo, street_map])


def drawn_map(mask: Picture) -> tuple[Picture, Picture]:
    """A mask's map (H, W, 3), and where it knows anything, 255 or 0 (H, W)."""
    drawn = np.full(mask.shape, ImageColor.getrgb(_GROUND), np.uint8)
    is_known = np.zeros(mask.shape[:2], np.uint8)
    for label, colour in _MAP_COLOURS.items():
        here = (mask == label).all(axis=2)
        drawn[here] = ImageColor.getrgb(colour)
        is_known[here] = 255
    return drawn, is_known


def _scaled(picture: Picture, scale: float) -> Picture:
    """By the mean of the pixels that become one, but no smaller than a sheet."""
    height, width = (max(SIDE, round(side * scale)) for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BOX))


def _starts(length: int) -> list[int]:
    """Where sheets begin so that they cover `length` evenly."""
    count = math.ceil(length / SIDE)
    return [round(index * (length - SIDE) / max(1, count - 1)) for index in range(count)]


def _write(sheet: Picture, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(target) as temporary:
        Image.fromarray(sheet).save(temporary, format="png", compress_level=4)
