"""Pictures of every kind are read as what they show, faults are sentences, and what came in goes out."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from models import memory
from models.errors import UserError
from sketchsause_desktop.core import picture_writer, pictures
from sketchsause_desktop.core.picture_metadata import NO_METADATA, Metadata
from sketchsause_desktop.core.picture_writer import write_picture
from sketchsause_desktop.core.pictures import Picture, read_picture, read_size

ORIENTATION, ARTIST, LENS_MODEL, GPS_DATUM = 0x0112, 0x013B, 0xA434, 0x12
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def scene(width: int = 24, height: int = 16, channels: int = 3) -> np.ndarray:
    """Red top left, green top right, blue below: no turn or flip of it looks the same."""
    pixels = np.zeros((height, width, channels), np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0, 255)[:channels]
    pixels[: height // 2, width // 2 :] = (0, 255, 0, 255)[:channels]
    pixels[height // 2 :] = (0, 0, 255, 128)[:channels]
    return pixels


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]
    return path


def exif_bytes(orientation: int = 1, artist: str = "Ann") -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[ARTIST] = artist.encode()
    exif[ExifTags.IFD.Exif] = {LENS_MODEL: "50 mm"}
    exif[ExifTags.IFD.GPSInfo] = {GPS_DATUM: "WGS-84"}
    return exif.tobytes()


def artist_of(image: Image.Image) -> str:
    """As other programs read it: UTF-8."""
    return str(image.getexif()[ARTIST]).encode("latin-1").decode()


def png_header_only(path: Path, width: int, height: int) -> Path:
    """A PNG of any stated size that holds hardly any bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")))
    return path


# ------------------------------------------------------------------------------------------------------------- faults


def write_bytes(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def truncated_png(path: Path) -> Path:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = save(path, noise).read_bytes()
    return write_bytes(path, data[: len(data) // 2])


def make_folder(path: Path) -> Path:
    path.mkdir()
    return path


FAULTS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "text": (lambda p: write_bytes(p, b"Dear reader, this is a letter."), "not a picture"),
    "empty": (lambda p: write_bytes(p, b""), "is empty"),
    "truncated": (truncated_png, "damaged or cut off"),
    "cut in the header": (lambda p: write_bytes(p, b"\x89PNG\r\n\x1a\n\0\0\0\rIH"), "damaged or cut off"),
    "a JPEG of nothing": (lambda p: write_bytes(p, b"\xff\xd8\xff\xe0" + bytes(40)), "damaged or cut off"),
    "missing": (lambda p: p, "does not exist"),
    "folder": (make_folder, "is a folder"),
    "bomb": (lambda p: png_header_only(p, 60_000, 60_000), "more than 80 million pixels"),
    "beyond ours, below Pillow's": (lambda p: png_header_only(p, 9_000, 9_000), "more than 80 million pixels"),
    "between Pillow's warning and error": (lambda p: png_header_only(p, 12_000, 12_000), "more than 80 million pixels"),
}


@pytest.mark.parametrize(("make", "words"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_one_sentence_that_names_the_file(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    path = make(tmp_path / "mein Bild ö 線.png")
    with pytest.raises(UserError) as caught:
        read_picture(path)
    assert words in caught.value.sentence
    assert str(path) in caught.value.sentence
    assert "\n" not in str(caught.value)


def test_too_large_pictures_are_refused_without_being_decoded(tmp_path: Path) -> None:
    path = png_header_only(tmp_path / "bomb.png", 60_000, 60_000)
    with pytest.raises(UserError, match="cut it into parts"):
        read_size(path)


def test_what_is_beyond_the_memory_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "large.png", np.zeros((1000, 1000, 3), np.uint8))
    read_picture(path)
    monkeypatch.setattr(memory, "physical_memory", lambda: 15_000_000)
    with pytest.raises(UserError, match=r"large\.png would take 0\.0 GB of memory"):
        read_picture(path)


def test_the_memory_of_this_machine_is_known() -> None:
    assert 2**28 < memory.physical_memory() < 2**50


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(UserError, match="not an ordinary file"):
        read_picture(tmp_path / "pipe.png")


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "secret.png", scene())

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root reads everything, so permission bits prove nothing
    with pytest.raises(UserError, match=r"secret\.png may not be read"):
        read_picture(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kind=st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"]), cut=st.floats(0, 1), data=st.data())
def test_damaged_bytes_are_a_user_error_or_a_picture(
    tmp_path: Path, kind: str, cut: float, data: st.DataObject
) -> None:
    path = tmp_path / "damaged"
    Image.fromarray(scene()).save(path, format=kind)
    raw = bytearray(path.read_bytes())
    for _ in range(4):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: int(len(raw) * cut)])
    try:
        picture = read_picture(path)
    except UserError:
        return
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.shape[2] in (3, 4)


# ------------------------------------------------------------------------------------------------------ kinds of pixels


def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    for name in ("ramp.png", "ramp.tif"):
        picture = read_picture(save(tmp_path / name, ramp))
        assert np.array_equal(picture.pixels[0], np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1))
        assert not picture.had_alpha


def test_float_and_long_grey_keep_their_range(tmp_path: Path) -> None:
    unit = np.linspace(0, 1, 5, dtype=np.float32)[None]
    assert read_picture(save(tmp_path / "f.tif", unit)).pixels[0, :, 0].tolist() == [0, 64, 128, 191, 255]
    long = np.array([[0, 1_000_000, 2_000_000]], np.int32)
    assert read_picture(save(tmp_path / "i.tif", long)).pixels[0, :, 0].tolist() == [0, 128, 255]


def test_palette_with_transparency_becomes_alpha(tmp_path: Path) -> None:
    indexed = Image.new("P", (4, 2), 1)
    indexed.putpalette([255, 0, 0, 10, 200, 30])
    indexed.putpixel((0, 0), 0)
    indexed.save(tmp_path / "p.png", transparency=b"\x00\x80")
    picture = read_picture(tmp_path / "p.png")
    assert picture.pixels[0, 0].tolist() == [255, 0, 0, 0]
    assert picture.pixels[1, 1].tolist() == [10, 200, 30, 128]
    assert picture.had_alpha


@pytest.mark.parametrize(
    ("mode", "transparency", "expected"),
    [("L", 255, [255, 255, 255, 0]), ("RGB", (255, 255, 255), [255, 255, 255, 0])],
)
def test_a_transparent_colour_becomes_alpha(
    tmp_path: Path, mode: str, transparency: object, expected: list[int]
) -> None:
    image = Image.new(mode, (3, 2), "white")
    image.putpixel((1, 1), 0 if mode == "L" else (0, 0, 0))
    image.save(tmp_path / "t.png", transparency=transparency)
    picture = read_picture(tmp_path / "t.png")
    assert picture.pixels[0, 0].tolist() == expected
    assert picture.pixels[1, 1].tolist() == [0, 0, 0, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"])
def test_white_is_white_in_every_mode(tmp_path: Path, mode: str) -> None:
    white = {"CMYK": (0, 0, 0, 0), "LAB": (255, 128, 128), "YCbCr": (255, 128, 128)}.get(mode)
    image = Image.new(mode, (8, 8), white) if white else Image.new("RGB", (8, 8), "white").convert(mode)
    image.save(tmp_path / "white.tif")
    picture = read_picture(tmp_path / "white.tif")
    assert picture.pixels[..., :3].min() >= 254
    assert picture.had_alpha == (mode in ("LA", "RGBA"))


def test_cmyk_jpeg_has_the_colours_it_shows(tmp_path: Path) -> None:
    Image.new("CMYK", (16, 16), (255, 0, 0, 0)).save(tmp_path / "cyan.jpg", quality=100)
    red, green, blue = read_picture(tmp_path / "cyan.jpg").pixels[8, 8].tolist()
    assert red < 10
    assert green > 245
    assert blue > 245


def cmyk_profile(cyan_lab: tuple[int, int, int]) -> bytes:
    """A tiny press profile: paper is white, full cyan is `cyan_lab` (8-bit Lab), everything else black."""
    grid = bytearray()
    for corner in range(16):  # cyan is the first, slowest channel
        lab = {0: (255, 128, 128), 8: cyan_lab}.get(corner, (0, 128, 128))
        grid += bytes(lab)
    ramp = bytes(range(256))
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4 + bytes(grid) + ramp * 3
    lut += bytes(-len(lut) % 4)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags = {b"wtpt": white, b"A2B0": lut}
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    header = bytearray(128)
    header[0:4] = struct.pack(">I", offset + len(body))
    header[8:12] = b"\x02\x40\0\0"
    header[12:24] = b"prtrCMYKLab "
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(header) + struct.pack(">I", len(tags)) + table + body


def test_cmyk_goes_through_its_own_profile_which_is_not_passed_on(tmp_path: Path) -> None:
    image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    image.paste((0, 0, 0, 0), (0, 0, 8, 16))
    image.save(tmp_path / "press.jpg", quality=100, icc_profile=cmyk_profile((160, 200, 180)))  # a light red ink
    picture = read_picture(tmp_path / "press.jpg")
    assert picture.pixels[8, 2].min() > 240
    red, green, blue = picture.pixels[8, 13].tolist()
    assert red > 180
    assert red - green > 60
    assert red - blue > 60
    assert picture.metadata.icc is None


def test_a_grey_profile_is_not_attached_to_coloured_pixels(tmp_path: Path) -> None:
    grey = SRGB[:16] + b"GRAY" + SRGB[20:]  # unusable as well: the pixels stay as they are
    picture = read_picture(save(tmp_path / "g.png", np.full((4, 4), 200, np.uint8), icc_profile=grey))
    assert picture.metadata.icc is None
    assert picture.pixels[0, 0].tolist() == [200, 200, 200]


# ------------------------------------------------------------------------------------------- what came in goes out


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_orientation_is_applied_once(tmp_path: Path, orientation: int, suffix: str) -> None:
    upright = scene()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's Transpose that stores `upright` turned
    stored = Image.fromarray(upright)
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    options = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {"lossless": True} if suffix == "webp" else {}
    path = tmp_path / f"turned.{suffix}"
    stored.save(path, exif=exif_bytes(orientation), **options)

    picture = read_picture(path)
    assert picture.pixels.shape == upright.shape
    assert np.abs(picture.pixels.astype(int) - upright).mean() < 4

    write_picture(tmp_path / "again.png", picture.pixels, picture.metadata)
    again = read_picture(tmp_path / "again.png")
    assert np.array_equal(again.pixels, picture.pixels)
    with Image.open(tmp_path / "again.png") as written:
        assert written.getexif().get(ORIENTATION, 1) == 1
        assert written.getexif()[ARTIST] == "Ann"


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff"])
def test_profile_exif_resolution_and_alpha_travel(tmp_path: Path, suffix: str) -> None:
    pixels = scene(channels=4)
    source = save(tmp_path / "in.png", pixels, icc_profile=SRGB, exif=exif_bytes(artist="線画 Åsa"), dpi=(300, 150))
    picture = read_picture(source)
    assert picture.had_alpha
    target = tmp_path / f"out ü.{suffix}"
    write_picture(target, picture.pixels, picture.metadata)

    with Image.open(target) as written:
        assert written.info["icc_profile"] == SRGB
        assert artist_of(written) == "線画 Åsa"
        assert written.getexif().get_ifd(ExifTags.IFD.Exif)[LENS_MODEL] == "50 mm"
        assert written.getexif().get_ifd(ExifTags.IFD.GPSInfo)[GPS_DATUM] == "WGS-84"
        assert written.size == (24, 16)
    back = read_picture(target)
    assert back.had_alpha == (suffix != "jpg")
    if suffix != "webp":  # holds no resolution
        assert back.metadata.dpi == pytest.approx((300, 150), abs=0.1)
    if suffix in ("png", "tiff"):
        assert np.array_equal(back.pixels, pixels)


XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><artist>線画 Åsa</artist></x:xmpmeta>'.encode()


@pytest.mark.parametrize("first", ["png", "jpg", "webp", "tiff"])
@pytest.mark.parametrize("then", ["png", "jpg", "webp", "tiff"])
def test_xmp_goes_from_each_format_to_each(tmp_path: Path, first: str, then: str) -> None:
    metadata = Metadata(xmp=XMP)
    for suffix in (first, then):
        write_picture(tmp_path / f"a.{suffix}", scene(), metadata)
        metadata = read_picture(tmp_path / f"a.{suffix}").metadata
    assert metadata.xmp == XMP


def test_xmp_too_long_for_a_jpeg_is_left_out(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.jpg", scene(), Metadata(xmp=XMP.ljust(70_000)))
    assert read_picture(tmp_path / "a.jpg").metadata == NO_METADATA


def test_a_tiff_does_not_pass_on_how_it_was_stored(tmp_path: Path) -> None:
    source = save(tmp_path / "in.tif", scene(), compression="tiff_lzw", tiffinfo={ARTIST: "Ann"}, dpi=(72, 72))
    picture = read_picture(source)
    write_picture(tmp_path / "out.png", picture.pixels, picture.metadata)
    with Image.open(tmp_path / "out.png") as written:
        tags = set(written.getexif())
    assert ARTIST in tags
    assert not tags & {256, 257, 258, 259, 273, 277, 278, 279}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_cost_the_picture(tmp_path: Path) -> None:
    path = save(tmp_path / "odd.jpg", scene(), exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x99" * 40)
    picture = read_picture(path)
    assert picture.pixels.shape == (16, 24, 3)
    assert picture.metadata.exif is None
    assert picture.notes == ("Its EXIF data is damaged and was left out.",)


def test_the_old_thumbnail_is_left_behind(tmp_path: Path) -> None:
    exif = exif_bytes()
    (entries,) = struct.unpack_from(">H", exif, 6 + 8)
    next_directory = 6 + 10 + 12 * entries
    thumbnail_at = len(exif) - 6 + 2 + 2 * 12 + 4
    directory = struct.pack(">HHHIIHHIII", 2, 0x0201, 4, 1, thumbnail_at, 0x0202, 4, 1, 9, 0)
    block = exif[:next_directory] + struct.pack(">I", len(exif) - 6) + exif[next_directory + 4 :] + directory
    path = save(tmp_path / "thumb.jpg", scene(), exif=block + b"thumbnail")
    with Image.open(path) as source:
        assert source.getexif().get_ifd(ExifTags.IFD.IFD1)

    write_picture(tmp_path / "out.jpg", scene(), read_picture(path).metadata)
    with Image.open(tmp_path / "out.jpg") as written:
        assert artist_of(written) == "Ann"
        assert not written.getexif().get_ifd(ExifTags.IFD.IFD1)


def test_animations_and_books_say_that_one_page_was_read(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    pages[0].save(tmp_path / "book.tif", save_all=True, append_images=pages[1:])
    picture = read_picture(tmp_path / "book.tif")
    assert picture.pixels[0, 0].tolist() == [255, 0, 0]
    assert picture.notes == ("Only the first of its 3 pages was read.",)


# -------------------------------------------------------------------------------------------------------------- writing


def test_jpeg_lays_transparency_on_white(tmp_path: Path) -> None:
    clear = np.zeros((16, 16, 4), np.uint8)
    write_picture(tmp_path / "a.jpg", clear)
    assert read_picture(tmp_path / "a.jpg").pixels.min() > 250


def test_quality_is_obeyed(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for quality in (20, 90):
        write_picture(tmp_path / f"{quality}.jpg", noise, quality=quality)
    assert (tmp_path / "20.jpg").stat().st_size < (tmp_path / "90.jpg").stat().st_size / 2
    write_picture(tmp_path / "exact.webp", noise, quality=100)
    assert np.array_equal(read_picture(tmp_path / "exact.webp").pixels, noise)


def test_noise_of_the_best_quality_fits_into_a_jpeg(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    write_picture(tmp_path / "a.jpg", noise, quality=100)
    assert np.abs(read_picture(tmp_path / "a.jpg").pixels.astype(int) - noise).mean() < 3


def test_a_format_that_cannot_hold_the_size_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="WEBP ends at 16383"):
        write_picture(tmp_path / "wide.webp", np.zeros((1, 17_000, 3), np.uint8))


def test_an_unknown_ending_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ends in no format"):
        write_picture(tmp_path / "drawing.psd", scene())


def test_writing_into_a_missing_folder_or_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for folder in ("nowhere", "file"):
        with pytest.raises(UserError, match="no such folder"):
            write_picture(tmp_path / folder / "a.png", scene())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied"), "does not allow it"),
        (OSError(28, "No space left on device"), "disk is full"),
        (OSError(36, "File name too long"), "name is too long" if os.name != "nt" else "cannot be written"),
    ],
)
def test_a_failed_write_is_named_and_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    target = save(tmp_path / "a.png", scene())
    before = target.read_bytes()

    def fail(file: IO[bytes], *rest: object, **options: object) -> None:
        file.write(b"half a picture")
        raise error

    monkeypatch.setattr(picture_writer, "write_png", fail)
    with pytest.raises(UserError, match=words):
        write_picture(target, scene())
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_pictures_refuses_what_pillow_only_warns_of() -> None:
    assert (Image.MAX_IMAGE_PIXELS or 0) >= pictures.MAX_PIXELS
    assert Picture(scene()).width == 24
