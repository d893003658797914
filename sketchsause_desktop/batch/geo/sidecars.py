"""The small files beside a picture that say where on earth it lies: taken along under the result's name.

World files (scene.tfw, scene.jgw, scene.wld), projections (scene.prj) and GDAL's scene.png.aux.xml.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from models.files import atomic_path

_PROJECTIONS = (".prj", ".qpj")
_AUX = ".aux.xml"
_LARGEST = 16_000_000  # bytes; a larger one is none of these
_OF_A_PLACE = {"SRS", "GeoTransform", "GCPList"}  # in an .aux.xml; histograms and statistics are of other pixels


def carry(source: Path, target: Path) -> None:
    """Write what lies beside `source` beside `target`, the same picture in other colours. Raises OSError."""
    for theirs, ours in _pairs(source, target):
        if ours.exists() and ours.samefile(theirs):
            continue
        if theirs.stat().st_size > _LARGEST:
            continue
        data: bytes | None = theirs.read_bytes()
        if theirs.name.lower().endswith(_AUX):
            data = place_only(data or b"")
        if data is not None:
            with atomic_path(ours) as temporary:
                temporary.write_bytes(data)


def take_over(made: Path, target: Path) -> None:
    """Move `made` to `target`; where there is none, what is at `target` tells of an older picture, and goes."""
    if made.exists():
        made.replace(target)
    else:
        target.unlink(missing_ok=True)


def world_suffix(suffix: str) -> str:
    """.png -> .pgw, .tiff -> .tfw: the first letter and the last of a picture's suffix, and a w."""
    letters = suffix.lower().removeprefix(".")
    return f".{letters[0]}{letters[-1]}w"


def _pairs(source: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """The files there are beside `source`, and what each is called beside `target`."""
    suffix = source.suffix.lower()
    world = [world_suffix(suffix), f"{suffix}w"]
    for theirs in dict.fromkeys(world):
        if found := sidecar(source, theirs):
            yield found, target.with_suffix(world_suffix(target.suffix))
            break
    for same in (".wld", *_PROJECTIONS, _AUX):
        if found := sidecar(source, same):
            yield found, target.with_suffix(same)
    if found := sidecar(source, source.suffix + _AUX):
        yield found, target.with_name(target.name + _AUX)


def sidecar(source: Path, suffix: str) -> Path | None:
    """The file beside `source` that has its name but `suffix`; None where there is none."""
    for each in (suffix, suffix.upper()):
        path = source.with_suffix(each)
        if path.is_file():
            return path
    return None


def place_only(data: bytes) -> bytes | None:
    """Of an .aux.xml what says where the picture lies; None where nothing does, or it is damaged."""
    if re.search(rb"<!(DOCTYPE|ENTITY)", data):  # GDAL writes none; they are how small files become huge
        return None
    try:
        root = ET.fromstring(data)
    except ET.ParseError:
        return None
    for child in list(root):
        if child.tag not in _OF_A_PLACE:
            root.remove(child)
    return ET.tostring(root) if len(root) else None
