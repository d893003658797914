import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import UserError
from sketchsause_desktop.core.colours import Colour, lab_of_srgb, values_of
from sketchsause_desktop.core.palette_files import PALETTE_SUFFIXES, read_palette, write_palette
from sketchsause_desktop.core.palettes import Palette, Swatch

SAMPLE = Palette(
    name="Skin & hair",
    swatches=(
        Swatch(colour=(255, 224, 196), name="Haut – hell"),
        Swatch(colour=(0, 0, 0), name="черный"),
        Swatch(colour=(1, 128, 254), name="空色 🎨"),
        Swatch(colour=(17, 34, 51)),
    ),
    columns=4,
)

names = st.text(max_size=20).map(lambda text: " ".join("".join(c for c in text if c.isprintable()).split()))
swatches = st.builds(
    lambda colour, name: Swatch(colour=colour, name="" if name == "Untitled" else name),
    st.tuples(*[st.integers(0, 255)] * 3),
    names,
)


def written(folder: Path, suffix: str, data: bytes) -> Path:
    path = folder / f"palette{suffix}"
    path.write_bytes(data)
    return path


def colours_in(folder: Path, data: bytes) -> list[Colour]:
    return [swatch.colour for swatch in read_palette(written(folder, ".any", data)).swatches]


@pytest.mark.parametrize("suffix", PALETTE_SUFFIXES)
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"Skin & hair{suffix.upper()}"
    write_palette(SAMPLE, path)
    palette = read_palette(path)
    assert palette.name == SAMPLE.name
    assert palette.swatches == SAMPLE.swatches
    assert palette.columns == (4 if suffix == ".gpl" else 0)
    first = path.read_bytes()
    write_palette(palette, path)
    assert read_palette(path) == palette
    if suffix != ".gpl":
        assert path.read_bytes() == first


@pytest.mark.parametrize("suffix", PALETTE_SUFFIXES)
@settings(max_examples=15)
@given(swatches=st.lists(swatches, min_size=1, max_size=8))
def test_any_names_and_colours_come_back(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, swatches: list[Swatch]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    write_palette(Palette(name="any", swatches=tuple(swatches)), path)
    assert read_palette(path).swatches == tuple(swatches)


def test_a_gpl_file_as_gimp_writes_it(tmp_path: Path) -> None:
    text = "GIMP Palette\r\nName: Bears\r\nColumns: 0\r\n#\r\n  8   8   8\tgrey3\r\n # no comment\r\n"
    with pytest.raises(UserError, match="damaged"):
        read_palette(written(tmp_path, ".gpl", text.encode()))
    text = "GIMP Palette\r\nName: Bears\r\nColumns: x\r\n# Note\r\n\r\n  8   8   8\tgrey3: dark\r\n300 -5 0\r\n"
    palette = read_palette(written(tmp_path, ".gpl", b"\xef\xbb\xbf" + text.encode()))
    assert palette.name == "Bears"
    assert palette.swatches == (Swatch(colour=(8, 8, 8), name="grey3: dark"), Swatch(colour=(255, 0, 0)))
    old = "GIMP Palette\n1 2 3 Grün\n".encode("latin-1")
    assert read_palette(written(tmp_path, ".gpl", old)).swatches[0].name == "Grün"


def aco(version: int, *colours: tuple[int, ...], tail: bytes = b"") -> bytes:
    return struct.pack(">2H", version, len(colours)) + b"".join(struct.pack(">5H", *c) + tail for c in colours)


def test_aco_colours_of_every_space(tmp_path: Path) -> None:
    lightness, a, b = lab_of_srgb(values_of((200, 90, 60)))
    colours = aco(
        1,
        (0, 65535, 32896, 0, 0),  # RGB
        (1, 21845, 65535, 65535, 0),  # HSB: 120 degrees
        (2, 0, 65535, 65535, 65535),  # CMYK: 0 is all of the ink, so this is cyan
        (2, 65535, 65535, 65535, 0),  # black
        (3, 1, 2, 3, 4),  # a printer's book of inks: left out
        (7, round(lightness * 100), round(a * 100) & 0xFFFF, round(b * 100) & 0xFFFF, 0),  # Lab
        (8, 10000, 0, 0, 0),  # grey: white
        (8, 5020, 0, 0, 0),
        (9, 0, 10000, 0, 0),  # CMYK in hundredths of per cent: magenta
    )
    expected = [
        (255, 128, 0),
        (0, 255, 0),
        (0, 255, 255),
        (0, 0, 0),
        (200, 90, 60),
        (255,) * 3,
        (128,) * 3,
        (255, 0, 255),
    ]
    assert colours_in(tmp_path, colours) == expected


def test_aco_versions(tmp_path: Path) -> None:
    plain = aco(1, (0, 65535, 0, 0, 0))
    named = aco(2, (0, 0, 65535, 0, 0), tail=struct.pack(">I", 4) + "Gré\0".encode("utf-16-be"))
    assert colours_in(tmp_path, plain) == [(255, 0, 0)]
    for data in (named, plain + named):
        palette = read_palette(written(tmp_path, ".aco", data))
        assert palette.swatches == (Swatch(colour=(0, 255, 0), name="Gré"),)
    assert colours_in(tmp_path, plain + b"8BIM something else") == [(255, 0, 0)]


def ase(*blocks: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack(">HI", kind, len(data)) + data for kind, data in blocks)
    return b"ASEF" + struct.pack(">2HI", 1, 0, len(blocks)) + body


def ase_colour(model: bytes, *values: float) -> tuple[int, bytes]:
    return 1, struct.pack(">H", 2) + "A\0".encode("utf-16-be") + model + struct.pack(f">{len(values)}fH", *values, 0)


def test_ase_colours_of_every_space(tmp_path: Path) -> None:
    lightness, a, b = lab_of_srgb(values_of((200, 90, 60))).tolist()
    data = ase(
        ase_colour(b"RGB ", 1, 0.5, 0),
        ase_colour(b"CMYK", 0, 1, 0, 0.5),
        ase_colour(b"LAB ", lightness / 100, a, b),
        ase_colour(b"Gray", 1),
        (0x1234, b"unknown"),
    )
    assert colours_in(tmp_path, data) == [(255, 128, 0), (128, 0, 128), (200, 90, 60), (255, 255, 255)]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
def test_ase_colours_that_are_none(tmp_path: Path, value: float) -> None:
    with pytest.raises(UserError, match="damaged"):
        read_palette(written(tmp_path, ".ase", ase(ase_colour(b"RGB ", value, 0, 0))))


@pytest.mark.parametrize("suffix", PALETTE_SUFFIXES)
def test_a_file_cut_anywhere_is_read_in_part_or_refused_in_a_sentence(tmp_path: Path, suffix: str) -> None:
    whole = tmp_path / f"whole{suffix}"
    write_palette(SAMPLE, whole)
    data = whole.read_bytes()
    refused = []
    for length in range(len(data)):
        try:
            palette = read_palette(written(tmp_path, suffix, data[:length]))
        except UserError as error:
            refused.append(error.sentence)
        else:
            assert len(palette.swatches) <= len(SAMPLE.swatches)
    assert len(refused) > 12
    assert all(sentence.endswith(".") for sentence in refused)


@pytest.mark.parametrize("suffix", PALETTE_SUFFIXES)
def test_damaged_files_never_raise_anything_else(tmp_path: Path, suffix: str) -> None:
    write_palette(SAMPLE, tmp_path / f"whole{suffix}")
    data = (tmp_path / f"whole{suffix}").read_bytes()
    random = np.random.default_rng(7)
    for _ in range(200):
        damaged = bytearray(data)
        for place in random.integers(0, len(data), 3):
            damaged[place] = random.integers(0, 256)
        try:
            palette = read_palette(written(tmp_path, suffix, bytes(damaged)))
        except UserError:
            continue
        assert all(0 <= channel <= 255 for swatch in palette.swatches for channel in swatch.colour)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not a palette"),
        (b"\x89PNG\r\n", "is not a palette"),
        (b"GIMP Palette\n", "holds no colour"),
        (b"\0\1\0\0", "holds no colour"),
        (b"ASEF\0\1\0\0\xff\xff\xff\xff", "damaged"),
        (b"ASEF\0\1\0\0\0\0\0\1\0\1\xff\xff\xff\xff", "damaged"),
        (b"GIMP Palette\n" + b"1 2 3\n" * 10_001, "more than 10000"),
        (b"GIMP Palette\n" + b"#" * 9_000_000, "too large"),
    ],
)
def test_hostile_files(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        read_palette(written(tmp_path, ".gpl", data))


def test_places_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_palette(tmp_path / "none.gpl")
    with pytest.raises(UserError, match="cannot be read"):
        read_palette(tmp_path)
    with pytest.raises(UserError, match="cannot be written"):
        write_palette(SAMPLE, tmp_path / "none" / "palette.gpl")
    with pytest.raises(UserError, match="no suffix of a palette"):
        write_palette(SAMPLE, tmp_path / "palette.txt")
