"""EXIF of a TIFF's pages, in and out, byte for byte: directories are read as they are, and written anew at the end.

The layout is that of TIFF 6.0 and BigTIFF; EXIF, GPS and interoperability fields are directories of their own that an
entry points to. tifffile writes no such entries, and Pillow only without compression.
"""

import io
import mmap
import struct
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from sketchsause_desktop.core.exif import EXIF_PREFIX, STORAGE_TAGS

_POINTERS = frozenset({34665, 34853, 40965})  # EXIF, GPS, interoperability
_ORIENTATION = 274
_OF_THE_FILE = STORAGE_TAGS | {282, 283, 296}  # the resolution is kept beside the EXIF data
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_UNIT_BYTES = {5: 4, 10: 4}  # of the types that are pairs; what byte order turns round
_LONG, _LONG8 = 4, 16
_MOST_ENTRIES = 4096
_DEEPEST = 3


@dataclass(frozen=True)
class _Layout:
    """How a file's directories are stored: `order` is < or >, a big TIFF has 8 bytes where others have 4."""

    order: str
    is_big: bool

    @property
    def count(self) -> str:
        return self.order + ("Q" if self.is_big else "H")

    @property
    def offset(self) -> str:
        return self.order + ("Q" if self.is_big else "I")

    @property
    def entry(self) -> str:
        return self.order + ("HHQ" if self.is_big else "HHI")

    @property
    def inline(self) -> int:
        return 8 if self.is_big else 4

    @property
    def entry_bytes(self) -> int:
        return struct.calcsize(self.entry) + self.inline

    @property
    def first(self) -> int:
        """Where the place of the first directory is noted."""
        return 8 if self.is_big else 4


@dataclass
class _Entry:
    tag: int
    kind: int
    count: int
    data: bytes  # in the file's byte order
    inside: "list[_Entry]" = field(default_factory=list)  # of the directory it points to


def add_exif(path: Path, blocks: Sequence[bytes | None]) -> None:
    """Give the pages of a TIFF their EXIF blocks, one for each page, None for those without.

    What is stored already, such as size and resolution, stays; a damaged block is left out. Raises ValueError for a
    file that cannot be read.
    """
    with path.open("r+b") as file:
        layout = _layout_of(file.read(8))
        added = [_block_entries(block, layout.order) if block else [] for block in blocks]
        place = layout.first
        for page in added:
            place = _with_entries(file, layout, place, page)


def _layout_of(head: bytes) -> _Layout:
    for mark, order, is_big in (
        (b"II*\0", "<", False),
        (b"MM\0*", ">", False),
        (b"II+\0", "<", True),
        (b"MM\0+", ">", True),
    ):
        if head.startswith(mark):
            return _Layout(order, is_big)
    raise ValueError("no TIFF header")


def _with_entries(file: IO[bytes], layout: _Layout, place: int, added: list[_Entry]) -> int:
    """Write the directory that is noted at `place` anew with `added`; where the next one is noted."""
    start = _number(file, layout.offset, place)
    count = _number(file, layout.count, start)
    size = layout.entry_bytes
    head = start + struct.calcsize(layout.count)
    after = head + count * size
    if not added:
        return after
    stored = [file.read(size) for _ in range(count)] if file.seek(head) == head else []
    following = _number(file, layout.offset, after)
    present = {struct.unpack_from(layout.order + "H", each)[0] for each in stored}
    stored += [_stored(file, layout, entry) for entry in added if entry.tag not in present]
    stored.sort(key=lambda each: struct.unpack_from(layout.order + "H", each)[0])
    moved = _append(file, struct.pack(layout.count, len(stored)) + b"".join(stored))
    file.write(struct.pack(layout.offset, following))
    file.seek(place)
    file.write(struct.pack(layout.offset, moved))
    return moved + struct.calcsize(layout.count) + len(stored) * size


def _stored(file: IO[bytes], layout: _Layout, entry: _Entry) -> bytes:
    """An entry as a directory holds it; what does not fit into it is appended to the file."""
    kind, count, data = entry.kind, entry.count, entry.data
    if entry.tag in _POINTERS:
        kind, count = (_LONG8, 1) if layout.is_big else (_LONG, 1)
        data = struct.pack(layout.offset, _directory(file, layout, entry.inside))
    if len(data) > layout.inline:
        data = struct.pack(layout.offset, _append(file, data))
    return struct.pack(layout.entry, entry.tag, kind, count) + data.ljust(layout.inline, b"\0")


def _directory(file: IO[bytes], layout: _Layout, entries: list[_Entry]) -> int:
    stored = [_stored(file, layout, each) for each in entries]
    end = struct.pack(layout.offset, 0)
    return _append(file, struct.pack(layout.count, len(stored)) + b"".join(stored) + end)


def _append(file: IO[bytes], data: bytes) -> int:
    """At the end, on an even place as the format asks for."""
    place = file.seek(0, 2)
    if place % 2:
        place += file.write(b"\0")
    file.write(data)
    return place


def _number(file: IO[bytes], form: str, place: int) -> int:
    file.seek(place)
    try:
        return int(struct.unpack(form, file.read(struct.calcsize(form)))[0])
    except struct.error as error:
        raise ValueError("cut off") from error


# ------------------------------------------------------------------------------------------------------------- reading


def exif_of(path: Path, page: int = 0, *, with_orientation: bool = False) -> bytes | None:
    """What describes a page of a TIFF, as an EXIF block: all that says nothing about how its pixels are stored.

    Its orientation is left out unless it is asked for. None where there is nothing, or where the directory is damaged.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            layout = _layout_of(data[:8])
            (start,) = struct.unpack_from(layout.offset, data, layout.first)
            for _ in range(page):
                (count,) = struct.unpack_from(layout.count, data, start)
                after = start + struct.calcsize(layout.count) + count * layout.entry_bytes
                (start,) = struct.unpack_from(layout.offset, data, after)
            left_out = _OF_THE_FILE - {_ORIENTATION} if with_orientation else _OF_THE_FILE
            found = list(_entries(data, layout, start, "<", left_out))
        except (struct.error, ValueError):
            return None
    return _as_block(found) if found else None


def _as_block(entries: list[_Entry]) -> bytes:
    layout, file = _Layout("<", is_big=False), io.BytesIO(b"II*\0\0\0\0\0")
    start = _directory(file, layout, entries)
    file.seek(layout.first)
    file.write(struct.pack(layout.offset, start))
    return EXIF_PREFIX + file.getvalue()


def _block_entries(block: bytes, order: str) -> list[_Entry]:
    """What describes the picture in an EXIF block, in the byte order of its new file; [] when it is damaged."""
    data = block.removeprefix(EXIF_PREFIX)
    try:
        layout = _layout_of(data[:8])
        (start,) = struct.unpack_from(layout.offset, data, layout.first)
        return list(_entries(data, layout, start, order, _OF_THE_FILE - {_ORIENTATION}))
    except (struct.error, ValueError):
        return []


def _entries(
    data: bytes | mmap.mmap, layout: _Layout, start: int, order: str, left_out: AbstractSet[int], depth: int = 0
) -> Iterator[_Entry]:
    (count,) = struct.unpack_from(layout.count, data, start)
    if count > _MOST_ENTRIES or depth > _DEEPEST:
        raise ValueError("no directory")
    for number in range(count):
        place = start + struct.calcsize(layout.count) + number * layout.entry_bytes
        tag, kind, amount = struct.unpack_from(layout.entry, data, place)
        size = amount * _TYPE_BYTES.get(kind, 0)
        at = place + struct.calcsize(layout.entry)
        if size > layout.inline:
            (at,) = struct.unpack_from(layout.offset, data, at)
        if not size or at + size > len(data) or tag in left_out:
            continue  # an unknown type, or one that points nowhere: nothing can read it
        value = data[at : at + size]
        if tag in _POINTERS:
            (inner,) = struct.unpack(layout.order + {4: "I", 8: "Q"}[len(value)], value)
            yield _Entry(tag, kind, amount, b"", list(_entries(data, layout, inner, order, frozenset(), depth + 1)))
        else:
            yield _Entry(tag, kind, amount, value if layout.order == order else _swapped(value, kind))


def _swapped(value: bytes, kind: int) -> bytes:
    unit = _UNIT_BYTES.get(kind, _TYPE_BYTES[kind])
    return value if unit == 1 else np.frombuffer(value, f"u{unit}").byteswap().tobytes()
