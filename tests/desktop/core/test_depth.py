"""16 bits in, 16 bits out: PNG and TIFF as other programs write them, large pages by rows."""

import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from models.errors import UserError
from sketchsause_desktop.core.depth import AnyPixels, deepened, shallow, upright
from sketchsause_desktop.core.picture_metadata import Metadata
from sketchsause_desktop.core.picture_writer import write_picture
from sketchsause_desktop.core.pictures import count_pages, read_picture
from sketchsause_desktop.core.tiff_reader import open_tiff, pages_in, size_of
from sketchsause_desktop.core.tiff_writer import TiffWriter, by_height

RNG = np.random.default_rng(5)


def noise(*shape: int, bits: int = 16) -> Any:
    return RNG.integers(0, 2**bits, shape).astype(f"u{bits // 8}")


def rgba_of(pixels: Any) -> Any:
    """As a picture is in memory: three or four channels."""
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    return (
        np.concatenate([np.repeat(pixels[..., :1], 3, axis=2), pixels[..., 1:]], axis=2)
        if (pixels.shape[2] < 3)
        else pixels
    )


def test_depth_goes_there_and_back() -> None:
    every = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    assert np.array_equal(shallow(deepened(every)), every)
    assert deepened(every).max() == 65535
    deep = noise(9, 9, 3)
    assert np.abs(shallow(deep).astype(float) * 257 - deep).max() <= 128.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_is_that_of_pillow(orientation: int, tmp_path: Path) -> None:
    pixels = noise(5, 7, 3, bits=8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(upright(pixels, orientation), read_picture(tmp_path / "a.png").pixels)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("then", ["png", "tiff"])
def test_a_deep_png_keeps_every_bit(channels: int, then: str, tmp_path: Path) -> None:
    pixels = noise(13, 21, channels) if channels > 1 else noise(13, 21)
    (tmp_path / "in.png").write_bytes(imagecodecs.png_encode(pixels))
    picture = read_picture(tmp_path / "in.png", deep=True)
    assert picture.deep is not None
    assert np.array_equal(picture.deep, rgba_of(pixels))
    assert picture.pixels.shape == picture.deep.shape
    assert np.abs(picture.pixels.astype(int) - shallow(picture.deep)).max() <= 1  # Pillow cuts off
    write_picture(tmp_path / f"out.{then}", picture.deep)
    again = read_picture(tmp_path / f"out.{then}", deep=True).deep
    assert again is not None
    assert np.array_equal(again, picture.deep)
    assert read_picture(tmp_path / "in.png").deep is None


def test_a_shallow_picture_has_no_depth(tmp_path: Path) -> None:
    for name in ("a.png", "a.tif", "a.jpg"):
        Image.new("RGB", (5, 4)).save(tmp_path / name)
        assert read_picture(tmp_path / name, deep=True).deep is None


@pytest.mark.parametrize("orientation", [1, 6, 8])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_deep_picture_is_turned_once(orientation: int, suffix: str, tmp_path: Path) -> None:
    pixels = noise(5, 8, 3)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / f"in.{suffix}"
    if suffix == "tif":
        tags = [(274, 3, 1, orientation, True)]
        tifffile.imwrite(path, pixels, photometric="rgb", extratags=tags, resolution=(300, 150), resolutionunit=2)
    else:
        write_picture(path, pixels, Metadata(exif=exif.tobytes(), dpi=(300, 150)))
    picture = read_picture(path, deep=True)
    assert picture.deep is not None
    assert np.array_equal(picture.deep, upright(pixels, orientation))
    assert picture.metadata.dpi == pytest.approx((300, 150) if orientation == 1 else (150, 300), abs=0.1)
    write_picture(tmp_path / "out.tif", picture.deep, picture.metadata)
    again = read_picture(tmp_path / "out.tif", deep=True).deep
    assert again is not None
    assert np.array_equal(again, picture.deep)


TIFFS: dict[str, dict[str, Any]] = {
    "plain": {},
    "strips": {"rowsperstrip": 5},
    "tiles": {"tile": (16, 32)},
    "lzw": {"compression": "lzw", "predictor": True},
    "zstd tiles": {"compression": "zstd", "tile": (32, 16)},
    "planes": {"planarconfig": "separate"},
    "planes in tiles": {"planarconfig": "separate", "tile": (16, 16), "compression": "adobe_deflate"},
    "big, other byte order": {"bigtiff": True, "byteorder": ">", "rowsperstrip": 7},
}


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("how", TIFFS)
def test_rows_of_a_tiff_are_those_that_were_written(how: str, channels: int, bits: int, tmp_path: Path) -> None:
    pixels = noise(41, 53, channels, bits=bits)
    options = dict(TIFFS[how])
    data = pixels.transpose(2, 0, 1) if options.get("planarconfig") == "separate" else pixels
    if channels == 4:
        options["extrasamples"] = ["unassalpha"]
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb", **options)
    with open_tiff(tmp_path / "a.tif") as page:
        assert page.shape == (41, 53, channels)
        for top, bottom in ((0, 9), (3, 12), (12, 41), (40, 41), (0, 41)):
            assert np.array_equal(page.rows(top, bottom), pixels[top:bottom])


def test_kinds_of_grey_and_alpha(tmp_path: Path) -> None:
    grey = noise(10, 12)
    for kind, wanted in (("minisblack", grey), ("miniswhite", 65535 - grey)):
        tifffile.imwrite(tmp_path / "a.tif", grey, photometric=kind)
        with open_tiff(tmp_path / "a.tif") as page:
            assert np.array_equal(page.rows(0, 10), rgba_of(wanted))
    bilevel = grey > 30000
    Image.fromarray(bilevel).save(tmp_path / "fax.tif", compression="group4")
    with open_tiff(tmp_path / "fax.tif") as page:
        assert np.array_equal(page.rows(2, 10)[..., 0] > 0, bilevel[2:])
        assert page.dtype == np.uint8
    premultiplied = np.array([[[100, 50, 0, 128], [9, 9, 9, 0]]], np.uint8)
    tifffile.imwrite(tmp_path / "b.tif", premultiplied, photometric="rgb", extrasamples=["assocalpha"])
    with open_tiff(tmp_path / "b.tif") as page:
        assert page.rows(0, 1)[0, 0].tolist() == [199, 100, 0, 128]


def test_what_cannot_be_read_by_rows_is_said(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "cmyk.tif", noise(8, 8, 4, bits=8), photometric="separated")
    tifffile.imwrite(tmp_path / "float.tif", np.zeros((8, 8), np.float32), photometric="minisblack")
    (tmp_path / "cut.tif").write_bytes(b"II*\0\x08\0\0\0\xff")
    for name, words in (("cmyk", "as CMYK"), ("float", "32 bits"), ("cut", "damaged or cut off")):
        with pytest.raises(UserError, match=words), open_tiff(tmp_path / f"{name}.tif"):
            pass
    whole = tmp_path / "whole.tif"
    tifffile.imwrite(whole, noise(64, 64, 3, bits=8), photometric="rgb", compression="zlib", rowsperstrip=16)
    whole.write_bytes(whole.read_bytes()[:6000] + bytes(6000))
    with pytest.raises(UserError, match="damaged"), open_tiff(whole) as page:
        page.rows(0, 64)


@pytest.mark.parametrize("kind", ["RGB", "RGBA"])
@pytest.mark.parametrize("heights", [[300], [1] * 300, [256, 44], [100, 199, 1]])
def test_bands_of_any_height_become_a_page(kind: str, heights: list[int], tmp_path: Path) -> None:
    pixels = noise(300, 270, len(kind), bits=8)
    edges = np.cumsum([0, *heights])
    bands: list[AnyPixels] = [pixels[top:bottom] for top, bottom in itertools.pairwise(edges)]
    with TiffWriter(tmp_path / "a.tif", raw_bytes=0) as file:
        file.add_bands(bands, pixels.shape, pixels.dtype)
    assert np.array_equal(read_picture(tmp_path / "a.tif").pixels, pixels)
    assert [len(each) for each in by_height(bands, 128)] == [128, 128, 44]


# ------------------------------------------------------------------------------------------------------ EXIF in a TIFF


def exif_block(order: str = ">", maker_note: bytes = b"") -> bytes:
    exif = Image.Exif()
    exif.endian = order
    exif[ExifTags.Base.Artist] = "線画 Åsa".encode()
    exif[ExifTags.Base.Make] = "Pen & Co"
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.ExposureTime: IFDRational(1, 250),
        ExifTags.Base.LensModel: "50 mm",
        ExifTags.Base.ISOSpeedRatings: 200,
    }
    if maker_note:
        exif[ExifTags.IFD.Exif][ExifTags.Base.MakerNote] = maker_note
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSMapDatum: "WGS-84", ExifTags.GPS.GPSLatitude: (52.0, 31.0, 12.5)}
    return exif.tobytes()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("is_big", [False, True])
def test_exif_goes_into_each_page_of_a_tiff(order: str, is_big: bool, tmp_path: Path) -> None:
    blocks = [exif_block(order, bytes(range(200))), None, exif_block(order, bytes(range(200)))]
    pages = [noise(20, 30 + n, 3) for n in range(3)]
    with TiffWriter(tmp_path / "a.tif", raw_bytes=2**33 if is_big else 0) as file:
        for pixels, block in zip(pages, blocks, strict=True):
            file.add(pixels, Metadata(exif=block, dpi=(300, 150)))
    assert count_pages(tmp_path / "a.tif") == pages_in(tmp_path / "a.tif") == 3
    for number, (pixels, block) in enumerate(zip(pages, blocks, strict=True)):
        picture = read_picture(tmp_path / "a.tif", page=number, deep=True)
        assert picture.deep is not None
        assert np.array_equal(picture.deep, pixels)
        assert picture.metadata.dpi == pytest.approx((300, 150))
        if block is None:
            assert picture.metadata.exif is None
            continue
        assert picture.metadata.exif is not None
        found = Image.Exif()
        found.load(picture.metadata.exif)
        assert str(found[ExifTags.Base.Artist]).encode("latin-1").decode() == "線画 Åsa"
        fields = found.get_ifd(ExifTags.IFD.Exif)
        assert fields[ExifTags.Base.ExposureTime] == pytest.approx(1 / 250)
        assert fields[ExifTags.Base.MakerNote] == bytes(range(200))
        assert found.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (52.0, 31.0, 12.5)
    assert size_of(tmp_path / "a.tif", 1) == (31, 20, 16)


def test_a_damaged_block_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.tif", noise(8, 8, 3), Metadata(exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x99" * 40))
    assert read_picture(tmp_path / "a.tif").metadata.exif is None


# ----------------------------------------------------------------------------------------------------------- exiftool

STORED = {"File", "ExifTool", "System", "Composite", "PNG", "PNG-pHYs", "JFIF"}
LEFT_BEHIND = {  # how pixels are stored, which is the new file's own affair
    *("ImageWidth", "ImageHeight", "BitsPerSample", "Compression", "PhotometricInterpretation", "StripOffsets"),
    *("SamplesPerPixel", "RowsPerStrip", "StripByteCounts", "PlanarConfiguration", "Predictor", "ExtraSamples"),
    *("TileWidth", "TileLength", "TileOffsets", "TileByteCounts", "Orientation", "SampleFormat", "SubfileType"),
    *("ExifByteOrder", "XResolution", "YResolution", "ResolutionUnit", "Padding"),
}


def told_by_exiftool(path: Path) -> dict[str, Any]:
    command = ["exiftool", "-j", "-G1", "-a", "-n", str(path)]
    (found,) = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    return {
        key: value
        for key, value in found.items()
        if ":" in key and key.split(":")[0] not in STORED and key.split(":")[1] not in LEFT_BEHIND
    }


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@pytest.mark.parametrize("first", ["jpg", "png", "tif", "deep.tif", "deep.png"])
@pytest.mark.parametrize("then", ["png", "tif"])
def test_exiftool_finds_the_same_before_and_after(first: str, then: str, tmp_path: Path) -> None:
    from PIL import ImageCms

    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    xmp += b"<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:source>scan 7</dc:source>"
    xmp += b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    pixels = noise(40, 60, 3, bits=16 if first.startswith("deep") else 8)
    source, target = tmp_path / f"in.{first}", tmp_path / f"out.{then}"
    write_picture(source, pixels, Metadata(icc=icc, exif=exif_block(), xmp=xmp, dpi=(300, 300)))
    options = ["-IPTCDigest=", "-ExifIFD:FNumber=2.8", "-IFD0:Software=Pen 3", "-ExifIFD:UserComment=für alle"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *options, str(source)], check=True, timeout=60)
    picture = read_picture(source, deep=True)
    write_picture(target, picture.pixels if picture.deep is None else picture.deep, picture.metadata)
    before, after = told_by_exiftool(source), told_by_exiftool(target)
    assert before == after
    assert len(before) > 20
    with Image.open(target) as written:
        assert written.info["dpi"] == pytest.approx((300, 300), abs=0.1)
