"""The keys of the window's commands: those they come with, the user's own, and which command has which key."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.ui.actions import key_text, titled

Keys: TypeAlias = tuple[str, ...]  # such as ("Ctrl+Shift+Z", "Ctrl+Y"), whatever the language; () = no key
KeyMap: TypeAlias = Mapping[str, Keys]  # by the names of the commands

OTHER = "Other"
HELD: KeyMap = {  # what these keys do on the canvas cannot be given to others
    "moves the view while it is held": ("Space", "Shift+Space", "Ctrl+Space"),
    "shows your own paint while it is held": ("`",),
    "moves the view": ("Left", "Right", "Up", "Down"),
    "takes back what is being done": ("Esc",),
}
_MODIFIERS = re.compile(r"^(Ctrl|Shift|Alt|Meta)$")


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command that can be given other keys."""

    action: QAction
    name: str  # in the settings file
    room: str  # the menu in which it stands
    title: str
    usual: Keys


class Shortcuts(QObject):
    """Made when all commands of `window` are there."""

    def __init__(self, window: QMainWindow, settings: Settings) -> None:
        super().__init__(window)
        self._settings = settings
        self.commands = _commands_of(window)
        settings.changed.connect(self._apply)
        self._apply()

    @property
    def present(self) -> dict[str, Keys]:
        own = self._settings.preferences.shortcuts
        return {
            command.name: _parsed(own[command.name]) if command.name in own else command.usual
            for command in self.commands
        }

    def keep(self, keys: KeyMap) -> None:
        """Use `keys` from now on; only those that are not the usual ones are written down."""
        usual = {command.name: command.usual for command in self.commands}
        changed = {name: "; ".join(keys[name]) for name in usual if keys[name] != usual[name]}
        gone = {name: text for name, text in self._settings.preferences.shortcuts.items() if name not in usual}
        self._settings.change(replace(self._settings.preferences, shortcuts=gone | changed))

    def _apply(self) -> None:
        present = self.present
        for command in self.commands:
            wanted = present[command.name]
            if keys_of(command.action) != wanted:
                _give(command.action, wanted)


def owner_of(key: str, keys: KeyMap) -> str:
    """The name of the command that has `key`; "" when it is free."""
    return next((name for name, own in keys.items() if key in own), "")


def held_for(key: str) -> str:
    """What the canvas itself does with `key`, in words; "" when nothing."""
    return owner_of(key, HELD)


def is_key(key: str) -> bool:
    """Whether it can be pressed: "Ctrl" alone and the empty one cannot."""
    return bool(key) and not _MODIFIERS.match(key)


def native(keys: Iterable[str]) -> str:
    """The keys as they are called on this system."""
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)


def keys_of(action: QAction) -> Keys:
    return tuple(key.toString(QKeySequence.SequenceFormat.PortableText) for key in action.shortcuts())


def _parsed(text: str) -> Keys:
    """Out of the settings; what is no key is left out."""
    given = (QKeySequence.fromString(part, QKeySequence.SequenceFormat.PortableText) for part in text.split("; "))
    names = (key.toString(QKeySequence.SequenceFormat.PortableText) for key in given)
    return tuple(name for name in names if is_key(name))


def _give(action: QAction, keys: Keys) -> None:
    """Its tooltip tells of the new key."""
    title, *rest = action.toolTip().split("\n")
    before = key_text(action)
    bare = title.removesuffix(f" ({before})") if before else title
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.setToolTip("\n".join([titled(bare, action), *rest]))


def _commands_of(window: QMainWindow) -> list[Command]:
    """In the order of the menus; lists that change while the program runs have no names and stay out."""
    found: dict[str, Command] = {}
    for menu in window.menuBar().actions():
        for action in _entries(menu):
            _add(found, action, menu.text().replace("&", ""))
    for action in window.actions():
        _add(found, action, OTHER)
    return list(found.values())


def _entries(entry: QAction) -> Iterable[QAction]:
    menu = entry.menu()
    for action in menu.actions() if isinstance(menu, QMenu) else ():
        if action.menu() is not None:
            yield from _entries(action)
        else:
            yield action


def _add(found: dict[str, Command], action: QAction, room: str) -> None:
    name = action.objectName()
    if name and name not in found:
        title = action.text().replace("&", "").rstrip("…")
        found[name] = Command(action=action, name=name, room=room, title=title, usual=keys_of(action))
