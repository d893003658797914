"""Every usual kind of picture file becomes uint8 RGB, and every fault a sentence that names the file."""

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from training.pictures import PictureRef, is_picture_name, load_pair, load_picture, read_size


def _gradient(width: int, height: int) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([columns * 255 // width, rows * 255 // height, np.full_like(rows, 60)], axis=-1).astype(np.uint8)


def test_rgb_is_unchanged(tmp_path: Path) -> None:
    pixels = _gradient(20, 10)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    loaded = load_picture(PictureRef(tmp_path / "a.png"))
    assert loaded.dtype == np.uint8
    np.testing.assert_array_equal(loaded, pixels)


@pytest.mark.parametrize(("width", "expected"), [(20, 10), (21, 10)])
def test_halves_of_a_sheet(tmp_path: Path, width: int, expected: int) -> None:
    pixels = _gradient(width, 8)
    Image.fromarray(pixels).save(tmp_path / "sheet.png")
    left = load_picture(PictureRef(tmp_path / "sheet.png", "left"))
    right = load_picture(PictureRef(tmp_path / "sheet.png", "right"))
    np.testing.assert_array_equal(left, pixels[:, :expected])
    np.testing.assert_array_equal(right, pixels[:, -expected:])


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:, 2:] = (10, 20, 30, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    loaded = load_picture(PictureRef(tmp_path / "a.png"))
    assert (loaded[:, :2] == 255).all()
    assert (loaded[:, 2:] == (10, 20, 30)).all()


def test_palette_with_a_transparent_entry(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    image.putpixel((0, 0), 0)
    image.save(tmp_path / "a.png", transparency=0)
    loaded = load_picture(PictureRef(tmp_path / "a.png"))
    assert tuple(loaded[0, 0]) == (255, 255, 255)
    assert tuple(loaded[1, 1]) == (200, 100, 50)


def test_sixteen_bit_grey_keeps_its_tones(tmp_path: Path) -> None:
    values = np.array([[0, 257 * 100, 65535]], np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    loaded = load_picture(PictureRef(tmp_path / "a.png"))
    assert loaded[0, :, 0].tolist() == [0, 100, 255]


@pytest.mark.parametrize(
    ("values", "expected"), [([0.0, 0.5, 1.0], [0, 128, 255]), ([0.0, 100.0, 255.0], [0, 100, 255])]
)
def test_floating_point_grey(tmp_path: Path, values: list[float], expected: list[int]) -> None:
    Image.fromarray(np.array([values], np.float32)).save(tmp_path / "a.tiff")
    assert load_picture(PictureRef(tmp_path / "a.tiff"))[0, :, 1].tolist() == expected


def test_cmyk_and_one_bit_become_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    Image.new("1", (8, 8), 1).save(tmp_path / "b.png")
    red = load_picture(PictureRef(tmp_path / "a.jpg")).mean(axis=(0, 1))
    assert red[0] > 200
    assert red[1] < 60
    assert (load_picture(PictureRef(tmp_path / "b.png")) == 255).all()


def test_exif_orientation_is_obeyed(tmp_path: Path) -> None:
    image = Image.fromarray(_gradient(16, 8))
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert read_size(tmp_path / "a.jpg") == (8, 16)
    loaded = load_picture(PictureRef(tmp_path / "a.jpg"))
    assert loaded.shape == (16, 8, 3)
    assert loaded[15, 4, 0] > 200 > loaded[0, 4, 0]  # bright at the right end before, at the lower end after


def _png(size: tuple[int, int] = (64, 64)) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(_gradient(*size)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"not a picture", "not a picture"),
        (_png()[: len(_png()) * 2 // 3], "damaged"),
        (_png()[:20], ""),
    ],
    ids=["empty", "text", "truncated", "header only"],
)
def test_faults_name_the_file(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "bad ✎.png"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        load_picture(PictureRef(path))
    assert "bad ✎.png" in caught.value.sentence
    assert word in caught.value.sentence


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.png is not there"):
        read_size(tmp_path / "gone.png")


def test_damage_inside_chunks_is_a_user_error(tmp_path: Path) -> None:
    """Any byte may be wrong: what comes back is a picture or a UserError, never another exception."""
    content = _png((16, 16))
    path = tmp_path / "a.png"
    for position in range(8, len(content), 3):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        path.write_bytes(damaged)
        with contextlib.suppress(UserError):
            assert load_picture(PictureRef(path)).shape[2] == 3


def test_which_names_are_pictures() -> None:
    assert is_picture_name("Ünïcode.PNG")
    assert not is_picture_name(".hidden.png")
    assert not is_picture_name("notes.txt")


def test_both_halves_of_a_sheet_come_from_one_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sheet.png"
    Image.fromarray(_gradient(20, 10)).save(path)
    refs = PictureRef(path, "right"), PictureRef(path, "left")
    apart = [load_picture(ref) for ref in refs]
    opened: list[object] = []
    real = Image.open

    def watched(source: Any) -> Image.Image:
        opened.append(source)
        return real(source)

    monkeypatch.setattr(Image, "open", watched)
    together = load_pair(*refs)
    assert len(opened) == 1
    for one, other in zip(apart, together, strict=True):
        np.testing.assert_array_equal(one, other)
