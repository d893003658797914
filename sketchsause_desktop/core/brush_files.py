"""Brushes in files: one's own presets as .sketchbrush, a zip of JSON and PNG, and brushes of GIMP.

A brush that is imported is read and written anew; nothing is unpacked by the names in a file.
"""

import struct
import zipfile
from pathlib import Path

import numpy as np

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.core.brush import MAX_TEXTURE_SIDE, Brush, Texture, Tip
from sketchsause_desktop.core.brush_presets import (
    LONGEST_NAME,
    MAX_PICTURE_BYTES,
    BrushPreset,
    preset_from_json,
    preset_to_json,
)

SUFFIX = ".sketchbrush"
MAX_FILE_BYTES = 10_000_000
_DESCRIPTION = "brush.json"
_GBR_HEADER = struct.Struct(">IIIII4sI")  # its size, version, width, height, bytes a pixel, mark, spacing in %


def save_preset(preset: BrushPreset, path: Path) -> None:
    """Write the file whole or not at all; raises UserError where that is impossible."""
    description, pictures = preset_to_json(preset)
    try:
        with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(_DESCRIPTION, description)
            for name, data in pictures.items():
                file.writestr(name, data)
    except OSError as error:
        raise UserError(f"The brush cannot be saved as {path}: {error.strerror}.", "Choose another folder.") from error


def read_brush_file(path: Path) -> BrushPreset:
    """A preset out of a .sketchbrush or a .gbr file; raises UserError."""
    read = _read_gbr if path.suffix.lower() == ".gbr" else _read_sketchbrush
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"it has more than {MAX_FILE_BYTES // 1_000_000} million bytes")
        return read(path)
    except ValueError as error:
        raise UserError(f"The brush file {path} cannot be used: {error}.", "Ask for the file again.") from error
    except OSError as error:
        raise UserError(f"The brush file {path} cannot be read: {error.strerror}.") from error


def read_brush_folder(folder: Path) -> tuple[dict[Path, BrushPreset], list[UserError]]:
    """The user's presets by the names of their files, and what is wrong with those that cannot be used."""
    presets, faults = {}, []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            presets[path] = read_brush_file(path)
        except UserError as error:
            faults.append(error)
    return presets, faults


def import_brush(path: Path, folder: Path) -> Path:
    """Take a brush file over into the user's folder, under a name that is free; returns where it is."""
    preset = read_brush_file(path)
    folder.mkdir(parents=True, exist_ok=True)
    stem = "".join(letter if letter.isalnum() else "-" for letter in preset.name).strip("-").lower() or "brush"
    target, number = folder / f"{stem}{SUFFIX}", 2
    while target.exists():
        target, number = folder / f"{stem}-{number}{SUFFIX}", number + 1
    save_preset(preset, target)
    return target


def _read_sketchbrush(path: Path) -> BrushPreset:
    try:
        with zipfile.ZipFile(path) as file:
            return preset_from_json(_part(file, _DESCRIPTION), lambda name: _part(file, name))
    except (ValueError, OSError):
        raise
    except Exception as error:  # zipfile raises whatever damaged, encrypted or foreign archives lead to
        raise ValueError("it is no brush of this program, or damaged") from error


def _part(file: zipfile.ZipFile, name: str) -> bytes:
    """However much a part claims to hold, or unpacks to, no more than the limit is read."""
    try:
        with file.open(name) as part:
            data = part.read(MAX_PICTURE_BYTES + 1)
    except KeyError:
        raise ValueError(f"it lacks its part {name}") from None
    if len(data) > MAX_PICTURE_BYTES:
        raise ValueError(f"its part {name} is too large")
    return data


def _read_gbr(path: Path) -> BrushPreset:
    """A brush of GIMP, version 2: https://gitlab.gnome.org/GNOME/gimp/-/blob/master/devel-docs/gbr.txt

    Of a coloured one only the shape is taken, its alpha.
    """
    data = path.read_bytes()
    if len(data) < _GBR_HEADER.size:
        raise ValueError("it is cut off")
    header_size, version, width, height, depth, mark, spacing = _GBR_HEADER.unpack_from(data)
    if version != 2 or mark != b"GIMP" or depth not in (1, 4) or header_size < _GBR_HEADER.size:
        raise ValueError("it is no brush of GIMP in version 2 of that format")
    if not (0 < width <= MAX_TEXTURE_SIDE and 0 < height <= MAX_TEXTURE_SIDE):
        raise ValueError(f"its picture is empty or has more than {MAX_TEXTURE_SIDE} pixels on a side")
    pixels = data[header_size : header_size + width * height * depth]
    if len(pixels) < width * height * depth:
        raise ValueError("it is cut off")
    levels = np.frombuffer(pixels, np.uint8).reshape(height, width, depth)[..., -1]
    name = data[_GBR_HEADER.size : header_size].split(b"\0")[0].decode("utf-8", "replace").strip()
    printable = "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME]
    brush = Brush(
        size=float(max(width, height)),
        spacing=min(max(spacing, 1), 1000) / 100,
        tip=Tip(texture=Texture.of(levels)),
    )
    return BrushPreset(name=printable or path.stem[:LONGEST_NAME] or "Brush", brush=brush)
