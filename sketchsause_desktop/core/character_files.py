"""Characters in files: JSON of our own, for the library and inside a drawing, and palettes of other programs.

    {"format": "sketchsause-characters", "version": 1, "in_use": 0,
     "characters": [{"name": "Mia", "colours": [{"name": "hair", "colour": "#7a3b1d", "dabs": [[120.5, 80.0, 6.0]]}]}]}

`in_use` and `dabs` belong to a drawing; a character's own file holds one character and neither of them.
"""

import json
import math
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.core.characters import (
    MAX_DABS,
    Cast,
    Character,
    HintDab,
    NamedColour,
    character_of,
    one_line,
    palette_of,
)
from sketchsause_desktop.core.colours import colour_of_hex, hex_of_colour
from sketchsause_desktop.core.palette_files import PALETTE_SUFFIXES, read_palette, write_palette

CHARACTER_SUFFIX = ".json"
CHARACTER_SUFFIXES = (CHARACTER_SUFFIX, *PALETTE_SUFFIXES)

_FORMAT = "sketchsause-characters"
_VERSION = 1
MAX_BYTES = 16 << 20
_FURTHEST = 1e7  # pixels from the corner; no canvas is larger


def json_of_cast(cast: Cast) -> bytes:
    return _json(cast, with_dabs=True)


def cast_of_json(data: bytes) -> Cast:
    """Raises UserError, with a sentence that names no file, when it is damaged or of a newer version."""
    try:
        told = json.loads(data)
        if told["format"] != _FORMAT:
            raise ValueError(told["format"])
        if told["version"] != _VERSION:
            raise UserError("The characters were written by a newer SketchSause.", "Update it to use them.")
        return Cast(characters=tuple(map(_character, told["characters"])), in_use=_in_use(told))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UserError("The characters are damaged.", "Use a copy of the file, if there is one.") from error


def read_character(path: Path) -> Character:
    """One of our files or a palette, told by its content. Raises UserError when it is neither, or damaged."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path} cannot be read.", error.strerror or "") from error
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return character_of(read_palette(path))
    if len(data) > MAX_BYTES:
        raise UserError(f"{path} is too large for a character.", "Choose a .json or .gpl file.")
    try:
        characters = cast_of_json(data).characters
    except UserError as error:
        raise UserError(f"{path}: {error.sentence}", error.hint) from error
    if not characters:
        raise UserError(f"{path} holds no character.", "Choose another file.")
    return characters[0].without_dabs()


def write_character(character: Character, path: Path) -> None:
    """The format is told by the suffix: .json, or one of a palette. Raises UserError when it cannot be written."""
    if not character.colours:
        raise UserError(f"“{character.name}” has no colour yet.", "Add one first.")
    if path.suffix.lower() != CHARACTER_SUFFIX:
        write_palette(palette_of(character), path)
        return
    try:
        with atomic_path(path) as temporary:
            temporary.write_bytes(_json(Cast(characters=(character,)), with_dabs=False))
    except OSError as error:
        raise UserError(f"{path} cannot be written.", error.strerror or "") from error


def _json(cast: Cast, *, with_dabs: bool) -> bytes:
    characters = [
        {"name": each.name, "colours": [_told(named, with_dabs) for named in each.colours]} for each in cast.characters
    ]
    told = {"format": _FORMAT, "version": _VERSION, "in_use": cast.in_use, "characters": characters}
    return json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", errors="replace")


def _told(named: NamedColour, with_dabs: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"name": named.name, "colour": hex_of_colour(named.colour)}
    if with_dabs and named.dabs:
        told["dabs"] = [[round(value, 3) for value in dab] for dab in named.dabs]
    return told


def _in_use(told: dict[str, Any]) -> int | None:
    in_use = told.get("in_use")
    if in_use is not None and type(in_use) is not int:
        raise ValueError(in_use)
    return in_use


def _character(told: dict[str, Any]) -> Character:
    colours = tuple(map(_named, told["colours"]))
    return Character(name=one_line(_text(told["name"])) or "Character", colours=colours)


def _named(told: dict[str, Any]) -> NamedColour:
    colour, dabs = colour_of_hex(_text(told["colour"])), told.get("dabs", [])
    if len(dabs) > MAX_DABS:
        raise ValueError(len(dabs))
    name = one_line(_text(told["name"])) or hex_of_colour(colour)
    return NamedColour(colour=colour, name=name, dabs=tuple(_dab(*dab) for dab in dabs))


def _dab(x: float, y: float, radius: float) -> HintDab:
    if not all(math.isfinite(value) and abs(value) < _FURTHEST for value in (x, y, radius)) or radius <= 0:
        raise ValueError((x, y, radius))
    return HintDab(float(x), float(y), float(radius))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
