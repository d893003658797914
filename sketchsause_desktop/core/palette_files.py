"""Palette files: GIMP (.gpl), Photoshop (.aco) and Adobe swatch exchange (.ase).

.gpl: https://developer.gimp.org/core/standards/gpl/. .aco: "Color Swatches" in
https://www.adobe.com/devnet-apps/photoshop/fileformatashtml/. .ase is not published by Adobe; as described at
http://www.selapa.net/swatches/colors/fileformats.php. Other colour spaces become sRGB: Lab is taken under D50, CMYK is
mixed without a profile, which those files do not hold.
"""

import contextlib
import math
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.core.colours import Colour, colour_of, srgb_of_hsv, srgb_of_lab
from sketchsause_desktop.core.palettes import MAX_SWATCHES, Palette, Swatch

PALETTE_SUFFIXES = (".gpl", ".aco", ".ase")

_MAX_BYTES = 8 * 1024 * 1024
_LONGEST_NAME = 1000  # characters
_MAX_COLUMNS = 256  # as in GIMP

_Channels: TypeAlias = tuple[float, ...]


class _DamageError(Exception):
    """The bytes are not what the format asks for."""


def read_palette(path: Path) -> Palette:
    """The format is told by the content; raises UserError when it is none of ours or damaged."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path} cannot be read.", error.strerror or "") from error
    if len(data) > _MAX_BYTES:
        raise UserError(f"{path} is too large for a palette.", "Choose a .gpl, .aco or .ase file.")
    name = path.stem[:_LONGEST_NAME]
    try:
        palette = _reader_of(data, path)(data, name)
    except (_DamageError, UnicodeError, struct.error) as error:
        raise UserError(f"{path} is damaged or cut off.", "Copy, download or export it again.") from error
    if not palette.swatches:
        raise UserError(f"{path} holds no colour that SketchSause can read.")
    return palette


def write_palette(palette: Palette, path: Path) -> None:
    """The format is told by the suffix."""
    writers = {".gpl": _gpl, ".aco": _aco, ".ase": _ase}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise UserError(f"{path} has no suffix of a palette.", "Use .gpl, .aco or .ase.")
    data = writer(palette)
    try:
        with atomic_path(path) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise UserError(f"{path} cannot be written.", error.strerror or "") from error


def _reader_of(data: bytes, path: Path) -> Callable[[bytes, str], Palette]:
    if data.startswith(b"ASEF"):
        return _palette_of_ase
    if data.lstrip(b"\xef\xbb\xbf").startswith(b"GIMP Palette"):
        return _palette_of_gpl
    if data[:2] in (b"\0\1", b"\0\2"):
        return _palette_of_aco
    raise UserError(f"{path} is not a palette that SketchSause can read.", "Choose a .gpl, .aco or .ase file.")


def _one_line(name: str) -> str:
    """Names are shown and stored in one line; unpaired surrogates and control characters would break files."""
    printable = "".join(letter if letter.isprintable() else " " for letter in name[:_LONGEST_NAME])
    return " ".join(printable.split())


# ----------------------------------------------------------------------------------------------------------------- GIMP


def _palette_of_gpl(data: bytes, name: str) -> Palette:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # versions before GIMP 2 wrote whatever the system used
    columns, swatches = 0, []
    for line in text.splitlines()[1:]:
        key, _, rest = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if key.strip() == "Name":
            name = _one_line(rest)
        elif key.strip() == "Columns":
            with contextlib.suppress(ValueError):
                columns = min(max(int(rest), 0), _MAX_COLUMNS)
        else:
            swatches.append(_swatch_of_gpl(line))
    return Palette(name=name, swatches=_not_too_many(swatches), columns=columns)


def _swatch_of_gpl(line: str) -> Swatch:
    parts = line.split(maxsplit=3)
    try:
        red, green, blue = (min(max(int(part), 0), 255) for part in parts[:3])
    except ValueError as error:
        raise _DamageError(line) from error
    name = _one_line(parts[3]) if len(parts) > 3 else ""
    return Swatch(colour=(red, green, blue), name="" if name == "Untitled" else name)


def _gpl(palette: Palette) -> bytes:
    lines = ["GIMP Palette", f"Name: {_one_line(palette.name)}", f"Columns: {palette.columns}", "#"]
    for swatch in palette.swatches:
        red, green, blue = swatch.colour
        lines.append(f"{red:3} {green:3} {blue:3}\t{_one_line(swatch.name) or 'Untitled'}")
    return ("\n".join(lines) + "\n").encode()


# ------------------------------------------------------------------------------------------------------------ Photoshop


class _Bytes:
    """Big-endian numbers, one after the other; asking for more than there is means damage."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise _DamageError("cut off")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def text(self, units: int) -> str:
        """UTF-16, ended by a zero that counts as one of the units."""
        return _one_line(self.take(2 * units).decode("utf-16-be", errors="replace").split("\0")[0])


def _palette_of_aco(data: bytes, name: str) -> Palette:
    """A section without names, then for newer versions one with: the last that is there counts."""
    source = _Bytes(data)
    swatches: list[Swatch] = []
    version = 0
    while source.left >= 4 and version < 2:
        previous, version = version, source.number(2)
        if version not in (1, 2) or version <= previous:
            break  # something else that a program has put at the end
        swatches = list(_aco_section(source, has_names=version == 2))
    return Palette(name=name, swatches=_not_too_many(swatches))


def _aco_section(source: _Bytes, *, has_names: bool) -> Iterator[Swatch]:
    for _ in range(source.number(2)):
        space, *values = struct.unpack(">5H", source.take(10))
        name = source.text(source.number(4)) if has_names else ""
        colour = _aco_colour(space, values)
        if colour is not None:
            yield Swatch(colour=colour, name=name)


def _aco_colour(space: int, values: list[int]) -> Colour | None:
    """None for books of printed inks, whose numbers name no colour."""
    full = [value / 65535 for value in values]
    share = [min(value / 10_000, 1) for value in values]
    if space == 0:
        return colour_of(full[:3])
    if space == 1:
        return colour_of(srgb_of_hsv([full[0] * 360, full[1], full[2]]))
    if space == 2:
        return _cmyk([1 - value for value in full])  # 0 stands for all of the ink
    if space == 7:
        a, b = (value - 65536 if value > 32767 else value for value in values[1:3])
        return colour_of(srgb_of_lab([share[0] * 100, a / 100, b / 100]))
    if space == 8:
        return colour_of([share[0]] * 3)  # 0 is black
    if space == 9:
        return _cmyk(share)
    return None


def _cmyk(inks: list[float]) -> Colour:
    cyan, magenta, yellow, black = (min(max(ink, 0.0), 1.0) for ink in inks)
    return colour_of([(1 - ink) * (1 - black) for ink in (cyan, magenta, yellow)])


def _aco(palette: Palette) -> bytes:
    count = len(palette.swatches)
    plain, named = struct.pack(">2H", 1, count), struct.pack(">2H", 2, count)
    for swatch in palette.swatches:
        colour = struct.pack(">5H", 0, *(channel * 257 for channel in swatch.colour), 0)
        plain += colour
        name = _utf16(swatch.name)
        named += colour + struct.pack(">I", len(name) // 2) + name
    return plain + named


def _utf16(name: str) -> bytes:
    return (_one_line(name) + "\0").encode("utf-16-be")


# ------------------------------------------------------------------------------------------------ Adobe swatch exchange

_GROUP, _COLOUR = 0xC001, 0x0001
_CHANNELS = {b"RGB ": 3, b"CMYK": 4, b"LAB ": 3, b"Gray": 1}
_ANY_USE = 2  # neither global nor spot


def _palette_of_ase(data: bytes, name: str) -> Palette:
    """Groups are laid out flat; the first one's name becomes the palette's."""
    source = _Bytes(data)
    source.take(8)  # mark and version
    group, swatches = "", []
    for _ in range(source.number(4)):
        kind = source.number(2)
        block = _Bytes(source.take(source.number(4)))
        if kind == _GROUP:
            group = group or block.text(block.number(2))
        elif kind == _COLOUR:
            title = block.text(block.number(2))
            swatches.append(Swatch(colour=_ase_colour(block), name=title))
    return Palette(name=group or name, swatches=_not_too_many(swatches))


def _ase_colour(block: _Bytes) -> Colour:
    model = block.take(4)
    count = _CHANNELS.get(model)
    if count is None:
        raise _DamageError(model)
    values: _Channels = struct.unpack(f">{count}f", block.take(4 * count))
    if not all(math.isfinite(value) and abs(value) <= 1000 for value in values):
        raise _DamageError(values)
    if model == b"RGB ":
        return colour_of(values)
    if model == b"CMYK":
        return _cmyk(list(values))
    if model == b"LAB ":
        return colour_of(srgb_of_lab([values[0] * 100, values[1], values[2]]))
    return colour_of([values[0]] * 3)


def _ase(palette: Palette) -> bytes:
    title = _utf16(palette.name)
    blocks = [_block(_GROUP, struct.pack(">H", len(title) // 2) + title)]
    for swatch in palette.swatches:
        name = _utf16(swatch.name)
        channels = struct.pack(">3f", *(channel / 255 for channel in swatch.colour))
        body = struct.pack(">H", len(name) // 2) + name + b"RGB " + channels + struct.pack(">H", _ANY_USE)
        blocks.append(_block(_COLOUR, body))
    blocks.append(_block(0xC002, b""))
    return b"ASEF" + struct.pack(">2HI", 1, 0, len(blocks)) + b"".join(blocks)


def _block(kind: int, body: bytes) -> bytes:
    return struct.pack(">HI", kind, len(body)) + body


def _not_too_many(swatches: list[Swatch]) -> tuple[Swatch, ...]:
    if len(swatches) > MAX_SWATCHES:
        raise UserError(
            f"The palette has more than {MAX_SWATCHES} colours.", "Use the picture it was made from instead."
        )
    return tuple(swatches)
