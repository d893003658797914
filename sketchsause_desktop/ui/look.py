"""Palette and style sheet of a shade out of qdarktheme, remembered in a file: importing it costs 0.2 s at every start.

What is remembered is dropped when the package, our colours or the arrows it drew into the home folder have changed.
"""

import hashlib
import importlib.util
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QColor, QPalette

_log = logging.getLogger(__name__)
_GROUPS = (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive, QPalette.ColorGroup.Disabled)
_ROLES = tuple(role for role in QPalette.ColorRole if role is not QPalette.ColorRole.NColorRoles)
_FILES = re.compile(r"url\(([^)]+)\)")


@dataclass(frozen=True)
class Look:
    palette: QPalette
    sheet: str


def look_of(shade: str, colours: Mapping[str, str], cache: Path | None) -> Look:
    """From `cache` (a folder) where it is remembered there, else from qdarktheme."""
    path = cache / f"look-{shade}-{_key(colours)}.json" if cache is not None else None
    look = _recall(path) if path is not None else None
    if look is None:
        look = _make(shade, colours)
        if path is not None:
            _remember(look, path)
    return look


def _key(colours: Mapping[str, str]) -> str:
    spec = importlib.util.find_spec("qdarktheme")
    origin = spec.origin if spec is not None and spec.origin else ""
    changed = Path(origin).stat().st_mtime_ns if origin else 0
    return hashlib.sha256(repr((origin, changed, sorted(colours.items()))).encode()).hexdigest()[:16]


def _make(shade: str, colours: Mapping[str, str]) -> Look:
    import qdarktheme

    palette: QPalette = qdarktheme.load_palette(shade, custom_colors=dict(colours))
    # The package writes on buttons in the accent colour; ours are quiet.
    palette.setColor(QPalette.ColorRole.ButtonText, palette.color(QPalette.ColorRole.WindowText))
    try:
        sheet: str = qdarktheme.load_stylesheet(shade, custom_colors=dict(colours))
    except OSError as error:
        # It keeps its arrows as files in the home folder; without one, Fusion in our palette will do.
        _log.warning("No style sheet, since the home folder cannot be written: %s", error)
        sheet = ""
    return Look(palette, sheet)


def _recall(path: Path) -> Look | None:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        sheet = str(stored["sheet"])
        colours = [int(value) for value in stored["palette"]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.info("The remembered look is made anew: %s", error)
        return None
    slots = [(group, role) for group in _GROUPS for role in _ROLES]
    if len(colours) != len(slots) or not all(Path(name).exists() for name in set(_FILES.findall(sheet))):
        return None
    palette = QPalette()
    for (group, role), value in zip(slots, colours, strict=True):
        palette.setColor(group, role, QColor.fromRgba(value))
    return Look(palette, sheet)


def _remember(look: Look, path: Path) -> None:
    colours = [look.palette.color(group, role).rgba() for group in _GROUPS for role in _ROLES]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")  # two programs may start at once
        temporary.write_text(json.dumps({"sheet": look.sheet, "palette": colours}), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        _log.info("The look could not be remembered: %s", error)
