"""What the program remembers: preferences in a TOML file, the window's layout in an INI file of Qt beside it."""

import dataclasses
import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

import platformdirs
from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from models.files import atomic_path
from sketchsause_desktop.app.tools import Tool

_log = logging.getLogger(__name__)
_CHOICES = {
    "theme": ("system", "dark", "light"),
    "view_mode": ("overlay", "split"),
    "colour_wheel": ("HSV", "OKLCH"),
    "colour_sliders": ("HSV", "RGB"),
    "tool": tuple(tool.value for tool in Tool),
}


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """Every key there is, with its default. Values that make no sense become the default when the file is read."""

    theme: str = "system"  # system | dark | light
    view_mode: str = "overlay"  # overlay | split
    result_follows: bool = True  # the window of the result shows the same part as the drawing's
    model: str = ""  # id of the model used last; "" = the first there is
    live: bool = True
    welcomed: bool = False  # the call-outs of the first start were shown
    recent_files: tuple[str, ...] = ()  # newest first
    pixel_grid: bool = True  # lines between the pixels where they are large
    shortcuts: Mapping[str, str] = field(default_factory=dict)  # command -> keys, where they are not the usual ones
    colour_wheel: str = "HSV"  # HSV | OKLCH
    colour_sliders: str = "HSV"  # HSV | RGB
    recent_colours: tuple[str, ...] = ()  # "#rrggbb", newest first
    hint_strength: int = 100  # per cent: how far the colours are pulled to the hints
    device: str = ""  # what colours how fast, in words; "" until it is measured
    palette: str = ""  # key of the palette that is shown; "" = the first there is
    tool: str = "brush"  # value of a Tool
    brushes: Mapping[str, str] = field(default_factory=dict)  # tool -> name of the preset in hand
    brush_sizes: Mapping[str, float] = field(default_factory=dict)  # tool -> px
    foreground: str = "#000000"
    background: str = "#ffffff"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                raise ValueError(f"{name} = {value!r} is none of {', '.join(choices)}")
        if not 0 <= self.hint_strength <= 100:
            raise ValueError(f"hint_strength = {self.hint_strength} is outside 0 to 100")


class Settings(QObject):
    """Preferences and layout, kept in `folder` (default: the user's configuration folder).

    A file that cannot be read or written is logged and the work goes on with what is in memory.
    """

    changed = Signal(object)  # Preferences, after a change

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder if folder is not None else platformdirs.user_config_path("sketchsause", appauthor=False)
        self._file = self._folder / "settings.toml"
        self._layout = QSettings(str(self._folder / "layout.ini"), QSettings.Format.IniFormat, self)
        self._preferences = self._read()

    @property
    def folder(self) -> Path:
        """Where the user's own things are kept; it may not be there yet."""
        return self._folder

    @property
    def preferences(self) -> Preferences:
        return self._preferences

    def change(self, preferences: Preferences) -> None:
        """Use and keep `preferences`; make them with `dataclasses.replace(settings.preferences, theme="dark")`."""
        if preferences == self._preferences:
            return
        self._preferences = preferences
        self._write()
        self.changed.emit(preferences)

    def layout(self, name: str) -> QByteArray:
        """The bytes stored under `name` ("geometry", "docks"), empty where there are none."""
        value = self._layout.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_layout(self, name: str, state: QByteArray) -> None:
        self._layout.setValue(name, state)

    def forget_layout(self) -> None:
        self._layout.clear()

    def _read(self) -> Preferences:
        try:
            values = tomllib.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Preferences()
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            _log.warning("Settings start anew, since %s could not be read: %s", self._file.name, error)
            return Preferences()
        return _preferences_from(values)

    def _write(self) -> None:
        import tomli_w

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_path(self._file) as temporary:
                temporary.write_text(tomli_w.dumps(dataclasses.asdict(self._preferences)), encoding="utf-8")
        except OSError as error:
            _log.warning("Settings could not be kept: %s", error)


def _preferences_from(values: dict[str, Any]) -> Preferences:
    """The values that a preference may have; the others are logged and left at their default."""
    result = Preferences()
    for name, value in values.items():
        try:
            checked: dict[str, Any] = {name: _typed(name, value)}
            result = dataclasses.replace(result, **checked)
        except (ValueError, TypeError) as error:
            _log.warning("The setting %s is ignored: %s", name, error)
    return result


def _typed(name: str, value: object) -> object:
    """A value out of the file as the preference of that name has it; TOML knows lists only."""
    default = getattr(Preferences(), name, None)
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(value, dict) and isinstance(default, dict):
        kind = get_args(get_type_hints(Preferences)[name])[1]
        kinds = (float, int) if kind is float else (kind,)
        if not all(type(item) in kinds for item in value.values()):
            raise ValueError(f"it holds something that is no {kind.__name__}")
    if type(value) is not type(default):
        raise ValueError(f"{value!r} is not what it must be")
    return value
