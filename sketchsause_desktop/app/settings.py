"""What the program remembers: preferences in a TOML file, the window's layout in QSettings; nothing in the registry."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, Signal


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """Every key there is, with its default. Values out of range become the default when the file is read."""

    theme: str = "system"  # system | dark | light
    view_mode: str = "overlay"  # overlay | split
    model: str = ""  # id of the model used last; "" = the first there is
    live: bool = True
    welcomed: bool = False  # the call-outs of the first start were shown
    recent_files: tuple[str, ...] = ()  # newest first, at most ten


class Settings(QObject):
    """Preferences and layout, kept in `folder` (default: the user's configuration folder). A damaged file is set aside."""

    changed = Signal(object)  # Preferences, after a change

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder

    @property
    def preferences(self) -> Preferences:
        raise NotImplementedError

    def change(self, preferences: Preferences) -> None:
        """Use and keep `preferences`; make them with `dataclasses.replace(settings.preferences, theme="dark")`."""
        raise NotImplementedError

    def layout(self, name: str) -> QByteArray:
        """The bytes stored under `name` ("geometry", "docks"), empty where there are none."""
        raise NotImplementedError

    def keep_layout(self, name: str, state: QByteArray) -> None:
        raise NotImplementedError

    def forget_layout(self) -> None:
        raise NotImplementedError
