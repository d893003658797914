"""Line art out of coloured pictures, and pairs of both. What was given is only read."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
from PIL import Image

from models.errors import UserError
from models.files import atomic_path
from training.console import Progress
from training.pairs_layout import list_pictures
from training.pictures import PictureRef, load_picture

LINES_FOLDER = "lines"
COLOURS_FOLDER = "colours"

IfExists = Literal["skip", "overwrite"]
Extract = Callable[[np.ndarray, str], np.ndarray]  # (uint8 (H, W, 3), name) -> uint8 (H, W), 255 = paper


@dataclass(kw_only=True)
class Made:
    """What became of each picture."""

    done: list[Path] = field(default_factory=list)
    skipped: list[Path] = field(default_factory=list)  # there already
    failed: dict[Path, str] = field(default_factory=dict)


def line_extractor(*, varied: bool, seed: int, wanted: Mapping[str, float] = MappingProxyType({})) -> Extract:
    """`varied` draws each picture in a style of its own, which depends on its name and `seed` alone.

    `wanted` are values of `training.lineart.LineStyle` for a steady style; UserError for a name that it has not.
    """
    from training.lineart import LineStyle, extract_lines, style_of

    style = style_of(wanted)

    def extract(rgb: np.ndarray, name: str) -> np.ndarray:
        if not varied:
            return extract_lines(rgb, style)
        digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        return extract_lines(rgb, LineStyle.random(np.random.default_rng(int.from_bytes(digest[:8], "big"))))

    return extract


def make_pairs(
    source: Path, out: Path, extract: Extract, *, if_exists: IfExists = "skip", progress: Progress | None = None
) -> Made:
    """Write out/colours/NAME.png and out/lines/NAME.png for every picture below `source`, keeping its sub-folders."""

    def write(rgb: np.ndarray, name: str) -> None:
        save_png(rgb, out / COLOURS_FOLDER / name)
        save_png(extract(rgb, name), out / LINES_FOLDER / name)

    def targets(name: str) -> list[Path]:
        return [out / COLOURS_FOLDER / name, out / LINES_FOLDER / name]

    return _for_each(source, out, write, targets, if_exists, progress)


def extract_folder(
    source: Path, out: Path, extract: Extract, *, if_exists: IfExists = "skip", progress: Progress | None = None
) -> Made:
    """Write out/NAME.png, the line art of every picture below `source`, keeping its sub-folders."""

    def write(rgb: np.ndarray, name: str) -> None:
        save_png(extract(rgb, name), out / name)

    return _for_each(source, out, write, lambda name: [out / name], if_exists, progress)


def _for_each(
    source: Path,
    out: Path,
    write: Callable[[np.ndarray, str], None],
    targets: Callable[[str], list[Path]],
    if_exists: IfExists,
    progress: Progress | None,
) -> Made:
    check_folders(source, out)
    names = _output_names(source)
    if not names:
        raise UserError(f"{source} holds no pictures.", "Give a folder of coloured drawings.")
    made = Made()

    def work(item: tuple[Path, str]) -> str | None:
        path, name = item
        if if_exists == "skip" and all(target.exists() for target in targets(name)):
            return "skipped"
        try:
            write(load_picture(PictureRef(path)), name)
        except UserError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for done, (path, answer) in enumerate(zip(names, pool.map(work, names.items()), strict=True), start=1):
            if answer is None:
                made.done.append(path)
            elif answer == "skipped":
                made.skipped.append(path)
            else:
                made.failed[path] = answer
            if progress:
                progress(done, len(names))
    return made


def check_folders(source: Path, out: Path) -> None:
    """Make `out`; UserError where that fails, or where it lies inside `source`."""
    if not source.exists():
        raise UserError(f"{source} is not there.", "Give a picture or a folder of pictures.")
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise UserError(f"{out} lies inside {source}.", "Choose an output folder outside: the source stays as it is.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{out} cannot be made ({error.strerror}).", "Choose another output folder.") from error


def _output_names(source: Path) -> dict[Path, str]:
    """The relative name each picture is written under; files that differ in their suffix alone keep it in the name."""
    if source.is_file():
        return {source: f"{source.stem}.png"}
    relative = {path: path.relative_to(source) for path in list_pictures(source)}
    stems = Counter(each.with_suffix("").as_posix().casefold() for each in relative.values())
    names: dict[Path, str] = {}
    for path, each in relative.items():
        stem = each.with_suffix("").as_posix()
        tail = f"_{each.suffix[1:].lower()}" if stems[stem.casefold()] > 1 else ""
        names[path] = f"{stem}{tail}.png"
    return names


def save_png(pixels: np.ndarray, target: Path) -> None:
    """The whole file or none; UserError where it cannot be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as temporary:
            Image.fromarray(pixels).save(temporary, format="PNG")
    except OSError as error:
        raise UserError(f"{target} cannot be written ({error.strerror}).", "Choose another output folder.") from error
