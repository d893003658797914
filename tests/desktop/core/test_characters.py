"""Characters as values and in files."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from sketchsause_desktop.core.autosave import AutosaveStore
from sketchsause_desktop.core.character_files import (
    cast_of_json,
    json_of_cast,
    read_character,
    write_character,
)
from sketchsause_desktop.core.characters import (
    MAX_COLOURS,
    NO_CAST,
    Cast,
    Character,
    HintDab,
    NamedColour,
    character_of,
    one_line,
)
from sketchsause_desktop.core.documents_io import open_document, save_document
from sketchsause_desktop.core.ora_writer import CHARACTERS
from sketchsause_desktop.core.palettes import Palette, Swatch
from tests.desktop.core.drawings import sample

HAIR = NamedColour(colour=(122, 59, 29), name="hair", dabs=(HintDab(120.5, 80.0, 6.0), HintDab(10.0, 20.0, 1.5)))
EYES = NamedColour(colour=(20, 90, 200), name="Augen 目")
MIA = Character(name="Mia", colours=(HAIR, EYES))
CAST = Cast(characters=(MIA, Character(name="ليلى")), in_use=0)

named_colours = st.builds(
    NamedColour,
    colour=st.tuples(*[st.integers(0, 255)] * 3),
    name=st.text(min_size=1).map(one_line).filter(bool),
    dabs=st.lists(st.builds(HintDab, *[st.integers(1, 4000).map(lambda n: n / 4)] * 3), max_size=3).map(tuple),
)
characters = st.builds(
    Character,
    name=st.text(min_size=1).map(one_line).filter(bool),
    colours=st.lists(named_colours, max_size=4).map(tuple),
)


@given(st.lists(characters, min_size=1, max_size=4))
def test_what_is_written_is_read_again(those: list[Character]) -> None:
    cast = Cast(characters=tuple(those), in_use=len(those) - 1)
    assert cast_of_json(json_of_cast(cast)) == cast


@given(st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_else_is_in_the_file_is_a_sentence(data: bytes | str) -> None:
    with pytest.raises(UserError):
        cast_of_json(data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("in_use", 7),
        ("in_use", "Mia"),
        ("version", 2),
        ("format", "other"),
        ("characters", None),
        ("characters", [{"name": "Mia"}]),
        ("characters", [{"name": 3, "colours": []}]),
        ("characters", [{"name": "Mia", "colours": [{"name": "hair", "colour": "brown"}]}]),
        ("characters", [{"name": "Mia", "colours": [{"name": "hair", "colour": "#aabbcc", "dabs": [[1, 2]]}]}]),
        ("characters", [{"name": "Mia", "colours": [{"name": "hair", "colour": "#aabbcc", "dabs": [[1, 2, -3]]}]}]),
        ("characters", [{"name": "Mia", "colours": [{"name": "hair", "colour": "#aabbcc", "dabs": [[1, 2, 1e400]]}]}]),
        ("characters", [{"name": "Mia", "colours": [{"name": "hair", "colour": "#aabbcc"}] * (MAX_COLOURS + 1)}]),
    ],
)
def test_a_damaged_part_is_a_sentence_and_costs_the_drawing_nothing(name: str, value: object, tmp_path: Path) -> None:
    told = json.loads(json_of_cast(CAST))
    told[name] = value
    with pytest.raises(UserError):
        cast_of_json(json.dumps(told).encode())
    path = tmp_path / "d.ora"
    save_document(path, sample().snapshot())
    with ZipFile(path, "a") as archive:
        archive.writestr(CHARACTERS, json.dumps(told))
    opened = open_document(path)
    assert opened.document.cast == NO_CAST
    assert len(list(opened.document.leaves())) == len(list(sample().leaves()))
    assert len([notice for notice in opened.notices if "opened without them" in notice]) == 1


def test_characters_go_with_the_drawing_and_with_what_is_kept_for_a_crash(tmp_path: Path) -> None:
    document = sample()
    document.cast = CAST
    save_document(tmp_path / "d.ora", document.snapshot())
    assert open_document(tmp_path / "d.ora").document.cast == CAST
    store, later = AutosaveStore(tmp_path / "autosave"), AutosaveStore(tmp_path / "autosave")
    store.save(1, document.snapshot(), name="d")
    assert store._lock is not None
    store._lock.close()  # as when the program is killed
    assert later.adopt(later.recoverable()[0], 1).document.cast == CAST
    later.close()


def test_a_drawing_without_characters_has_no_file_of_them(tmp_path: Path) -> None:
    save_document(tmp_path / "d.ora", sample().snapshot())
    with ZipFile(tmp_path / "d.ora") as archive:
        assert CHARACTERS not in archive.namelist()


@pytest.mark.parametrize("suffix", [".json", ".gpl", ".aco", ".ase"])
def test_a_character_leaves_and_comes_back_without_its_places(suffix: str, tmp_path: Path) -> None:
    write_character(MIA, tmp_path / f"Mia{suffix}")
    assert read_character(tmp_path / f"Mia{suffix}") == MIA.without_dabs()


def test_files_that_are_no_characters_are_named(tmp_path: Path) -> None:
    large = "GIMP Palette\n" + "1 2 3 x\n" * 10_000
    files = {"cut.json": b'{"format": "sketch', "empty.json": b"", "text.gpl": b"hello", "large.gpl": large.encode()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError) as refused:
            read_character(tmp_path / name)
        assert name.split(".")[0] in str(refused.value)
    with pytest.raises(UserError, match="no colour yet"):
        write_character(Character(name="Nobody"), tmp_path / "n.json")
    with pytest.raises(UserError, match="cannot be written"):
        write_character(MIA, tmp_path / "nowhere" / "n.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)


def test_the_one_in_use_stays_in_use_when_others_go() -> None:
    cast = Cast().added(Character(name="Mia")).added(Character(name="Mia")).added(MIA)
    assert [each.name for each in cast.characters] == ["Mia", "Mia 2", "Mia 3"]
    used = Cast(characters=cast.characters, in_use=1)
    assert used.removed(0).in_use == 0
    assert used.removed(1).in_use is None
    assert used.removed(2).in_use == 1
    assert CAST.palette == ((122, 59, 29), (20, 90, 200))
    assert CAST.removed(0).palette == ()


def test_colours_change_places() -> None:
    one, two, three = (NamedColour(colour=(n, n, n), name=str(n)) for n in range(3))
    character = Character(name="c", colours=(one, two, three))
    assert character.moved(0, 2).colours == (two, three, one)
    assert character.moved(2, 0).colours == (three, one, two)
    assert character.put(1).colours == (one, three)


def test_swatches_without_a_name_are_called_by_their_colour() -> None:
    palette = Palette(name="\n", swatches=(Swatch(colour=(255, 0, 0)), Swatch(colour=(0, 0, 0), name="ink")))
    character = character_of(palette)
    assert (character.name, [each.name for each in character.colours]) == ("Character", ["#ff0000", "ink"])
