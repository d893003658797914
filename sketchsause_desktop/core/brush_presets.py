"""Brush presets: a brush, how its path is steadied, and the JSON that describes both.

A preset says nothing of the colour, which is the user's. Pictures are named in the JSON and lie beside it.
"""

import dataclasses
import json
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
from PIL import Image

from sketchsause_desktop.core.brush import MAX_TEXTURE_SIDE, Brush, Follows, Grain, Taper, Texture, Tip
from sketchsause_desktop.core.pointer_path import PulledString, Stabiliser, WeightedAverage
from sketchsause_desktop.core.pressure import PressureCurve

FORMAT = 1
LONGEST_NAME = 60
MAX_PICTURE_BYTES = 4_000_000

_PICTURE_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}\.png")
_CURVES = ("size_curve", "opacity_curve", "flow_curve")
_SHIPPED = ("pencil", "ink", "flat", "soft", "marker", "hints", "eraser")  # in the order in which they are shown

Pictures: TypeAlias = Callable[[str], bytes]  # from a picture's name to its file
_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class BrushPreset:
    name: str
    brush: Brush
    stabiliser: Stabiliser | None = None
    smooths: bool = True  # the path is curved between the events
    for_hints: bool = False  # paints on the hints layer

    def __post_init__(self) -> None:
        if not (self.name.strip() and len(self.name) <= LONGEST_NAME and self.name.isprintable()):
            raise ValueError(f"the name of a brush has 1 to {LONGEST_NAME} printable characters")

    def coloured(self, colour: tuple[int, int, int]) -> Brush:
        return dataclasses.replace(self.brush, colour=colour)


def shipped_folder() -> Path:
    return Path(__file__).resolve().parents[2] / "resources" / "brushes"


def shipped_presets() -> list[BrushPreset]:
    """Pencil, ink, flat brush, soft brush, marker, hint brush, eraser."""
    folder = shipped_folder()
    return [
        preset_from_json((folder / f"{name}.json").read_bytes(), lambda picture: (folder / picture).read_bytes())
        for name in _SHIPPED
    ]


def preset_from_json(data: bytes, pictures: Pictures) -> BrushPreset:
    """Raises ValueError with what is wrong, written to follow "the brush file cannot be used: "."""
    try:
        about = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("its description is damaged") from None
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise ValueError("it is no description of a brush")
    if about["format"] > FORMAT:
        raise ValueError("it was written by a newer version of this program")
    name = about.get("name")
    return _made(
        BrushPreset,
        {key: value for key, value in about.items() if key not in ("format", "name", "brush", "stabiliser")},
        name=name if isinstance(name, str) else "",
        brush=_brush(about.get("brush"), pictures),
        stabiliser=_stabiliser(about.get("stabiliser")),
    )


def preset_to_json(preset: BrushPreset) -> tuple[str, dict[str, bytes]]:
    """The description, and the files of the pictures it names."""
    pictures: dict[str, bytes] = {}
    brush = _fields(preset.brush, without=("colour", "tip", "grain", "taper", *_CURVES))
    brush |= {curve: getattr(preset.brush, curve).points for curve in _CURVES}
    brush["taper"] = _fields(preset.brush.taper)
    for key, textured in (("tip", preset.brush.tip), ("grain", preset.brush.grain)):
        if textured is not None:
            pictures[f"{key}.png"] = _to_png(textured.texture)
            brush[key] = {"picture": f"{key}.png", **_fields(textured, without=("texture", "follows"))}
    if preset.brush.tip is not None:
        brush["tip"]["follows"] = preset.brush.tip.follows.value
    about = {"format": FORMAT, **_fields(preset, without=("brush", "stabiliser")), "brush": brush}
    if preset.stabiliser is not None:
        kind = "string" if isinstance(preset.stabiliser, PulledString) else "average"
        about["stabiliser"] = {"kind": kind, **_fields(preset.stabiliser)}
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n", pictures


def texture_from_png(data: bytes) -> Texture:
    """The size is looked at before anything is decoded. Raises ValueError as `preset_from_json`."""
    if len(data) > MAX_PICTURE_BYTES or data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 24:
        raise ValueError("one of its pictures is no PNG, or too large")
    if max(struct.unpack(">II", data[16:24])) > MAX_TEXTURE_SIDE:
        raise ValueError(f"one of its pictures has more than {MAX_TEXTURE_SIDE} pixels on a side")
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as picture:
            return Texture.of(np.asarray(picture.convert("L")))
    except Exception as error:  # Pillow raises whatever damaged bytes lead to
        raise ValueError("one of its pictures is damaged") from error


def _to_png(texture: Texture) -> bytes:
    file = BytesIO()
    Image.fromarray(texture.array).save(file, "PNG")
    return file.getvalue()


def _brush(values: object, pictures: Pictures) -> Brush:
    if not isinstance(values, dict):
        raise ValueError("it describes no brush")
    parts: dict[str, Any] = {
        curve: PressureCurve(points=_points(values[curve])) for curve in _CURVES if curve in values
    }
    if "taper" in values:
        parts["taper"] = _made(Taper, values["taper"])
    if "grain" in values:
        parts["grain"] = _textured(Grain, values["grain"], pictures)
    if "tip" in values:
        parts["tip"] = _textured(Tip, values["tip"], pictures, follows=_follows(values["tip"]))
    return _made(Brush, values, **parts)


def _follows(tip: object) -> Follows:
    try:
        return Follows(tip.get("follows", "nothing") if isinstance(tip, dict) else "nothing")
    except ValueError:
        raise ValueError("its tip follows something that is not known") from None


def _textured(kind: type[_Value], values: object, pictures: Pictures, **parts: object) -> _Value:
    name = values.get("picture") if isinstance(values, dict) else None
    if not isinstance(name, str) or not _PICTURE_NAME.fullmatch(name):
        raise ValueError("it names a picture by no proper name")
    return _made(kind, values, texture=texture_from_png(pictures(name)), picture=None, **parts)


def _stabiliser(values: object) -> Stabiliser | None:
    if values is None:
        return None
    kind = values.get("kind") if isinstance(values, dict) else None
    if kind == "string":
        return _made(PulledString, values, kind=None)
    if kind == "average":
        return _made(WeightedAverage, values, kind=None)
    raise ValueError("it names a stabiliser that is not known")


def _points(values: object) -> tuple[tuple[float, float], ...]:
    try:
        return tuple((float(x), float(y)) for x, y in values)  # type: ignore[attr-defined]
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a pressure curve is no list of pairs of numbers") from None


def _made(kind: type[_Value], values: object, /, **parts: object) -> _Value:
    """The frozen value that JSON describes: numbers and yes or no by the names of the fields.

    `parts` are made already, or None where JSON says something that is no field.
    """
    if not isinstance(values, dict):
        raise ValueError(f"it lacks the description of a {kind.__name__.lower()}")
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    plain = {name: _plain(name, value, defaults.get(name)) for name, value in values.items() if name not in parts}
    return kind(**plain, **{name: part for name, part in parts.items() if name in defaults})


def _plain(name: str, value: object, default: object) -> float | bool:
    """`value` as what `default` is."""
    if isinstance(default, bool) and isinstance(value, bool):
        return value
    if isinstance(default, int | float) and not isinstance(default, bool):
        if type(value) is int and abs(value) < 1_000_000:
            return value if isinstance(default, int) else float(value)
        if isinstance(value, float) and isinstance(default, float):
            return value
    raise ValueError(f'its setting "{name[:40]}" is not known or not of the right kind')


def _fields(value: object, without: tuple[str, ...] = ()) -> dict[str, Any]:
    names = [field.name for field in dataclasses.fields(value)]  # type: ignore[arg-type]
    return {name: getattr(value, name) for name in names if name not in without}
