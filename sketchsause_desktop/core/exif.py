"""The EXIF data of a picture that was turned upright: everything else in it stays as it was, byte for byte."""

import struct

from PIL import ExifTags, Image

EXIF_PREFIX = b"Exif\0\0"
_ENTRY_BYTES = 12

# IFD0 tags that say how a TIFF stores its pixels, where its thumbnail is or which profile it has: they describe the
# file that was read, never the one that is written.
STORAGE_TAGS = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284, 288, 289, 290}
    | {291, 292, 293, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 333, 334, 336, 337, 338, 339}
    | {340, 341, 342, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 700, 33723, 34377, 34675}
    | {37724, 50255}  # layers of Photoshop
)


def set_upright(block: bytes) -> bytes:
    """Set the orientation to "as it is" and unlink the thumbnail, which would show the old picture.

    Patched in place, because Pillow's own writer loses non-ASCII names and maker notes. Raises ValueError when the
    block is damaged.
    """
    block = block.removeprefix(EXIF_PREFIX)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        raise ValueError("no TIFF header")
    data = bytearray(block)
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, start)
        for entry in range(start + 2, start + 2 + count * _ENTRY_BYTES, _ENTRY_BYTES):
            (tag,) = struct.unpack_from(order + "H", data, entry)
            if tag == ExifTags.Base.Orientation:
                struct.pack_into(order + "HIHH", data, entry + 2, 3, 1, 1, 0)  # one SHORT of value 1
        struct.pack_into(order + "I", data, start + 2 + count * _ENTRY_BYTES, 0)  # no further directory
    except struct.error as error:
        raise ValueError("cut off") from error
    return EXIF_PREFIX + bytes(data)


def gather(image: Image.Image) -> bytes | None:
    """The descriptive tags of a picture without an EXIF block of its own."""
    kept = Image.Exif()
    for tag, value in _describing(image.getexif()).items():
        kept[tag] = value
    return kept.tobytes() if len(kept) else None


def _describing(found: Image.Exif) -> dict[int, object]:
    kept = {tag: _writable(value) for tag, value in found.items() if tag not in STORAGE_TAGS}
    for ifd in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        fields = {tag: _writable(value) for tag, value in found.get_ifd(ifd).items()}
        if ifd == ExifTags.IFD.Exif and ExifTags.IFD.Interop in fields:
            fields[ExifTags.IFD.Interop] = found.get_ifd(ExifTags.IFD.Interop)
        if fields:
            kept[ifd] = fields
    return kept


def _writable(value: object) -> object:
    """Pillow reads text as Latin-1, which keeps every byte, but writes it as ASCII, which does not."""
    return value.encode("latin-1") if isinstance(value, str) and not value.isascii() else value
