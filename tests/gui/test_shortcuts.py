"""Keys that the user gives to commands."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.ui.main_window import MainWindow
from sketchsause_desktop.ui.shortcuts import Shortcuts, owner_of
from sketchsause_desktop.ui.shortcuts_dialog import ShortcutsDialog
from tests.gui.conftest import Open


@pytest.fixture
def dialog(opened: Open, qtbot: QtBot) -> ShortcutsDialog:
    dialog = ShortcutsDialog(opened.window.shortcuts, opened.window)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def give(dialog: ShortcutsDialog, name: str, keys: str) -> None:
    dialog.choose(name)
    dialog.edit.setKeySequence(QKeySequence(keys))


def test_every_command_with_a_key_can_get_another(opened: Open) -> None:
    remappable = {command.action for command in opened.window.shortcuts.commands}
    for action in opened.window.findChildren(QAction):
        if action.shortcuts():
            assert action in remappable, action.text()
    names = [command.name for command in opened.window.shortcuts.commands]
    assert len(names) == len(set(names))


def test_a_new_key_works_at_once_and_is_kept(opened: Open, dialog: ShortcutsDialog, qtbot: QtBot) -> None:
    a = opened.window.actions_
    give(dialog, "mirror-view", "Ctrl+Alt+M")
    assert a.mirror.shortcut().toString() == "M"  # only with OK
    dialog.accept()
    assert a.mirror.shortcut().toString() == "Ctrl+Alt+M"
    assert a.mirror.toolTip().startswith("Mirror view (Ctrl+Alt+M)\n")
    opened.window.activateWindow()
    opened.canvas.setFocus()
    qtbot.waitUntil(opened.canvas.hasFocus)
    QTest.keyClick(opened.canvas, Qt.Key.Key_M)
    before = opened.canvas.view
    QTest.keyClick(opened.canvas, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert (before.mirrored, opened.canvas.view.mirrored) == (False, True)
    assert opened.services.settings.preferences.shortcuts == {"mirror-view": "Ctrl+Alt+M"}
    again = MainWindow(opened.services)
    assert again.actions_.mirror.shortcut().toString() == "Ctrl+Alt+M"
    again.deleteLater()


def test_cancel_changes_nothing(opened: Open, dialog: ShortcutsDialog) -> None:
    give(dialog, "mirror-view", "Ctrl+Alt+M")
    dialog.reject()
    assert opened.window.actions_.mirror.shortcut().toString() == "M"
    assert opened.services.settings.preferences.shortcuts == {}


def test_a_key_of_another_command_is_named_and_can_be_taken(opened: Open, dialog: ShortcutsDialog) -> None:
    give(dialog, "mirror-view", "B")
    assert dialog.note.text() == "B is a key of Brush."
    dialog.accept()
    assert opened.window.actions_.mirror.shortcut().toString() == "M"  # not given yet
    dialog.choose("mirror-view")
    dialog.edit.setKeySequence(QKeySequence("B"))
    dialog.take.click()
    dialog.accept()
    assert opened.window.actions_.mirror.shortcut().toString() == "B"
    assert opened.window.actions_.brush.shortcuts() == []
    assert opened.window.actions_.brush.toolTip().startswith("Brush\n")


def test_reset_takes_its_key_back(opened: Open, dialog: ShortcutsDialog) -> None:
    give(dialog, "mirror-view", "B")
    dialog.take.click()
    dialog.choose("brush")
    dialog.reset.click()
    assert dialog.note.text() == "B was taken back from Mirror view."
    dialog.accept()
    assert opened.window.actions_.brush.shortcut().toString() == "B"
    assert opened.window.actions_.mirror.shortcuts() == []


def test_reset_all_brings_every_key_back(opened: Open, dialog: ShortcutsDialog) -> None:
    usual = dict(opened.window.shortcuts.present)
    give(dialog, "mirror-view", "Ctrl+Alt+M")
    dialog.choose("redo")
    dialog.remove.click()
    dialog.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults).click()
    dialog.accept()
    assert opened.window.shortcuts.present == usual
    assert opened.services.settings.preferences.shortcuts == {}


@pytest.mark.parametrize("key", ["Space", "`", "Left", "Esc"])
def test_what_the_canvas_needs_is_not_given_away(opened: Open, dialog: ShortcutsDialog, key: str) -> None:
    give(dialog, "brush", key)
    assert "cannot be given away" in dialog.note.text()
    dialog.accept()
    assert opened.window.actions_.brush.shortcut().toString() == "B"


def test_the_search_finds_commands_and_keys(dialog: ShortcutsDialog) -> None:
    def shown() -> set[str]:
        items = dialog.list.findItems("*", Qt.MatchFlag.MatchWildcard | Qt.MatchFlag.MatchRecursive)
        return {item.text(0) for item in items if item.parent() is not None and not item.isHidden()}

    everything = shown()
    dialog.search.setText("rotat")
    assert shown() >= {"Rotate left", "Rotate right", "Reset rotation"}
    assert all("rotat" in title.lower() for title in shown())
    dialog.search.setText("f11")
    assert shown() == {"Full screen"}
    dialog.search.clear()
    assert shown() == everything


def test_settings_that_make_no_sense_leave_the_keys_alone(opened: Open, settings: Settings) -> None:
    opened.window.shortcuts.keep(opened.window.shortcuts.present | {"brush": ("F3",)})
    assert settings.preferences.shortcuts == {"brush": "F3"}
    file = next(iter(settings._folder.glob("settings.toml")))
    file.write_text(file.read_text().replace('"F3"', '"no such key; F4"\nvanished = "F5"'), encoding="utf-8")
    shortcuts = Shortcuts(opened.window, Settings(settings._folder))
    assert shortcuts.present["brush"] == ("F4",)
    shortcuts.keep(shortcuts.present)
    assert Settings(settings._folder).preferences.shortcuts["vanished"] == "F5"  # of a panel that is away for now


def test_owner_of_nothing() -> None:
    assert owner_of("F1", {"help": ("F1", "Ctrl+H"), "other": ()}) == "help"
    assert owner_of("F2", {"help": ("F1",), "other": ()}) == ""
