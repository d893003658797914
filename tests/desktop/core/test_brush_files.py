import dataclasses
import io
import json
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.errors import UserError
from sketchsause_desktop.core.brush import Brush, Follows, Grain, Taper, Texture, Tip
from sketchsause_desktop.core.brush_files import (
    MAX_FILE_BYTES,
    SUFFIX,
    import_brush,
    read_brush_file,
    read_brush_folder,
    save_preset,
)
from sketchsause_desktop.core.brush_presets import BrushPreset, preset_to_json, shipped_presets
from sketchsause_desktop.core.pointer_path import PulledString, WeightedAverage
from sketchsause_desktop.core.pressure import PressureCurve

NOISE = Texture.of(np.random.default_rng(0).integers(0, 256, (24, 31), np.uint8))
EVERYTHING = BrushPreset(
    name="Größe 7/½",
    brush=Brush(
        size=33.5,
        hardness=0.25,
        opacity=0.75,
        flow=0.5,
        spacing=0.125,
        size_by_pressure=0.1,
        opacity_by_pressure=0.2,
        flow_by_pressure=0.3,
        size_curve=PressureCurve(points=((0, 0.1), (0.4, 0.5), (1, 0.9))),
        size_by_tilt=1.5,
        opacity_by_tilt=0.5,
        scatter=0.3,
        tip=Tip(texture=NOISE, angle=-12, follows=Follows.TILT, random_turn=0.5),
        grain=Grain(texture=NOISE, strength=0.4),
        taper=Taper(start=5, end=9),
        multiplies=True,
    ),
    stabiliser=PulledString(length=12, catches_up=False),
    smooths=False,
    for_hints=True,
)


def _png(width: int = 8, height: int = 8, mode: str = "L") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


def _about(**changes: Any) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(preset_to_json(BrushPreset(name="Plain", brush=Brush()))[0])
    brush = about["brush"] | changes.pop("brush", {})
    return about | {"brush": brush} | changes


def _write(path: Path, about: object, pictures: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("brush.json", about if isinstance(about, str | bytes) else json.dumps(about))
        for name, data in (pictures or {}).items():
            file.writestr(name, data)
    return path


def _refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_brush_file(path)
    assert str(path) in caught.value.sentence
    return caught.value.sentence


@pytest.mark.parametrize("preset", [EVERYTHING, *shipped_presets()], ids=lambda preset: preset.name)
def test_a_preset_comes_back_as_it_was_saved(tmp_path: Path, preset: BrushPreset) -> None:
    path = tmp_path / f"one{SUFFIX}"
    save_preset(preset, path)
    assert read_brush_file(path) == preset
    average = dataclasses.replace(preset, stabiliser=WeightedAverage(samples=9))
    save_preset(average, path)
    assert read_brush_file(path) == average
    assert list(tmp_path.iterdir()) == [path]


def test_an_imported_brush_gets_a_name_of_its_own_inside_the_folder(tmp_path: Path) -> None:
    preset = dataclasses.replace(EVERYTHING, name="../../up: 1")
    source = tmp_path / f"any{SUFFIX}"
    save_preset(preset, source)
    folder = tmp_path / "new" / "brushes"
    targets = [import_brush(source, folder) for _ in range(2)]
    assert len(set(targets)) == 2
    assert sorted(folder.iterdir()) == sorted(targets)
    assert all(read_brush_file(target) == preset for target in targets)


@pytest.mark.parametrize(
    "about",
    [
        b"\xff\xfe",
        "[" * 50_000,
        "[]",
        "null",
        {},
        _about(format="1"),
        _about(format=2),
        _about(name=7),
        _about(name=""),
        _about(name="x" * 61),
        _about(name="a\nb"),
        _about(smooths=1),
        _about(stabiliser={"kind": "magic"}),
        _about(stabiliser={"kind": "average", "samples": 1.5}),
        _about(stabiliser={"kind": "average", "samples": 10**9}),
        _about(stabiliser=[]),
        _about(extra=1),
        {**_about(), "brush": 5},
        _about(brush={"size": 0}),
        _about(brush={"size": 10**400}),
        _about(brush={"size": True}),
        _about(brush={"size": "12"}),
        _about(brush={"colour": [1, 2, 3]}),
        _about(brush={"size_curve": [[0, 0], [1]]}),
        _about(brush={"size_curve": 3}),
        _about(brush={"taper": {"start": -1}}),
        _about(brush={"taper": None}),
        _about(brush={"tip": {"picture": "gone.png"}}),
        _about(brush={"tip": {"picture": "../brush.json"}}),
        _about(brush={"tip": {"picture": "/etc/passwd"}}),
        _about(brush={"tip": {"picture": "tip.png", "follows": "me"}}),
        _about(brush={"tip": {"picture": "tip.png", "follows": []}}),
        _about(brush={"grain": {"picture": "tip.png", "strength": 2}}),
        _about(brush={"grain": {"picture": ["tip.png"]}}),
        json.dumps(_about()).replace("12.0", "NaN", 1),
        json.dumps(_about()).replace("12.0", "1e999", 1),
        json.dumps(_about()).replace('"spacing": 0.0', '"spacing": NaN', 1),
    ],
)
def test_descriptions_that_cannot_be_are_refused_in_a_sentence(tmp_path: Path, about: object) -> None:
    sentence = _refused(_write(tmp_path / f"bad{SUFFIX}", about, {"tip.png": _png()}))
    assert sentence.count("\n") == 0
    assert len(sentence) < 300 + len(str(tmp_path))


@pytest.mark.parametrize(
    "picture",
    [b"", b"GIF89a" * 9, _png()[:40], _png(1025, 1), _png(60_000, 60_000, "1"), b"\x89PNG\r\n\x1a\n" + bytes(99)],
)
def test_pictures_that_cannot_be_are_refused(tmp_path: Path, picture: bytes) -> None:
    about = _about(brush={"tip": {"picture": "tip.png"}})
    assert "pictures" in _refused(_write(tmp_path / f"bad{SUFFIX}", about, {"tip.png": picture}))


def test_zip_bombs_are_not_unpacked(tmp_path: Path) -> None:
    about = _about(brush={"tip": {"picture": "tip.png"}})
    path = _write(tmp_path / f"bomb{SUFFIX}", about, {"tip.png": bytes(30_000_000)})
    assert path.stat().st_size < 1_000_000
    assert "too large" in _refused(path)
    path.write_bytes(bytes(MAX_FILE_BYTES + 1))
    assert "million bytes" in _refused(path)


def test_damaged_files_are_refused_or_read_but_never_raise(tmp_path: Path) -> None:
    path = tmp_path / f"one{SUFFIX}"
    save_preset(EVERYTHING, path)
    whole = path.read_bytes()
    chance = random.Random(0)
    for _ in range(150):
        cut = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.5 else whole)
        for _ in range(chance.randrange(4)):
            if cut:
                cut[chance.randrange(len(cut))] = chance.randrange(256)
        path.write_bytes(cut)
        try:
            read_brush_file(path)
        except UserError as error:
            assert str(path) in error.sentence  # noqa: PT017


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in _refused(tmp_path / f"gone{SUFFIX}")
    with pytest.raises(UserError, match="cannot be saved"):
        save_preset(EVERYTHING, tmp_path / "gone" / f"x{SUFFIX}")


def test_a_folder_gives_what_it_can(tmp_path: Path) -> None:
    for name in ("b", "a"):
        save_preset(dataclasses.replace(EVERYTHING, name=name), tmp_path / f"{name}{SUFFIX}")
    (tmp_path / f"c{SUFFIX}").write_bytes(b"no zip")
    (tmp_path / "readme.txt").write_text("not a brush")
    presets, faults = read_brush_folder(tmp_path)
    assert [(path.stem, preset.name) for path, preset in presets.items()] == [("a", "a"), ("b", "b")]
    assert [f"c{SUFFIX}" in fault.sentence for fault in faults] == [True]
    assert read_brush_folder(tmp_path / "gone") == ({}, [])


def _gbr(depth: int, pixels: bytes, width: int = 3, height: int = 2, version: int = 2, mark: bytes = b"GIMP") -> bytes:
    name = "Kohle ä".encode() + b"\0"
    return struct.pack(">IIIII4sI", 28 + len(name), version, width, height, depth, mark, 40) + name + pixels


def test_a_brush_of_gimp_becomes_a_tip(tmp_path: Path) -> None:
    path = tmp_path / "kohle.gbr"
    path.write_bytes(_gbr(1, bytes([0, 50, 100, 150, 200, 255])))
    grey = read_brush_file(path)
    assert (grey.name, grey.brush.size, grey.brush.spacing) == ("Kohle ä", 3.0, 0.4)
    assert grey.brush.tip is not None
    assert grey.brush.tip.texture.array.tolist() == [[0, 50, 100], [150, 200, 255]]
    path.write_bytes(_gbr(4, b"".join(bytes([9, 9, 9, alpha]) for alpha in (0, 50, 100, 150, 200, 255))))
    assert read_brush_file(path) == grey


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIMP",
        _gbr(1, b"12345"),
        _gbr(3, bytes(18)),
        _gbr(1, bytes(6), version=1),
        _gbr(1, bytes(6), mark=b"GIMQ"),
        _gbr(1, bytes(6), width=0),
        _gbr(1, bytes(6), width=2**31, height=2**31),
        b"\xff" * 60,
    ],
)
def test_foreign_brushes_that_cannot_be_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.gbr"
    path.write_bytes(data)
    _refused(path)
