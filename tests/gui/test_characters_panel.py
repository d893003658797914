"""The Characters panel in the window, for pointer and keyboard."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QFrame, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.characters import Characters
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.tools import Tool
from sketchsause_desktop.core.characters import Character, NamedColour
from sketchsause_desktop.core.layers import Role
from sketchsause_desktop.ui.characters_dock import CharactersPanel
from sketchsause_desktop.ui.fields import WheelGuard
from sketchsause_desktop.ui.images import to_image
from sketchsause_desktop.ui.reference_dialog import ReferenceDialog
from tests.gui.conftest import Open

BROWN, PINK, BLUE = (122, 59, 29), (240, 200, 180), (20, 90, 200)
MIA = Character(
    name="Mia",
    colours=tuple(NamedColour(colour=c, name=n) for c, n in ((BROWN, "hair"), (PINK, "skin"), (BLUE, "eyes"))),
)


@pytest.fixture
def panel(opened: Open) -> CharactersPanel:
    """In front."""
    panel = opened.window.characters_room.panel
    dock = next(dock for dock in opened.window.panels.docks if dock.objectName() == "palette")
    dock.show()
    dock.raise_()
    opened.window.paint.palette_pages.show_page(panel)
    QApplication.processEvents()
    return panel


@pytest.fixture
def characters(opened: Open) -> Characters:
    return opened.window.characters_room.characters


def names(panel: CharactersPanel) -> list[str]:
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def settle() -> None:
    QApplication.processEvents()
    QApplication.processEvents()


def place(panel: CharactersPanel, row: int) -> QPoint:
    return panel.list.visualItemRect(panel.list.item(row)).center()


def test_the_first_colour_is_added_and_named_in_place(opened: Open, panel: CharactersPanel) -> None:
    opened.editor.set_foreground(BLUE)
    assert "add the first one" in panel.empty.text()
    assert not panel.use.isEnabled()
    panel.add_button.click()
    field = panel.list.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "eyes")
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle()
    assert names(panel) == ["eyes"]
    assert panel.empty.isHidden()
    opened.editor.undo()
    opened.editor.undo()
    assert names(panel) == []
    assert panel.list.isHidden()


def test_a_click_takes_the_colour_in_hand(opened: Open, panel: CharactersPanel, characters: Characters) -> None:
    characters.add(MIA)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place(panel, 1))
    assert opened.editor.colours.foreground == PINK
    assert characters.chosen == 1


def test_everything_can_be_done_with_the_keyboard(opened: Open, panel: CharactersPanel, characters: Characters) -> None:
    characters.add(MIA)
    keys = panel.list
    keys.setFocus()
    QTest.keyClick(keys, Qt.Key.Key_Down)
    QTest.keyClick(keys, Qt.Key.Key_Down)
    QTest.keyClick(keys, Qt.Key.Key_Return)
    assert opened.editor.colours.foreground == BLUE
    QTest.keyClick(keys, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    settle()
    assert names(panel) == ["hair", "eyes", "skin"]
    assert keys.currentRow() == 1
    QTest.keyClick(keys, Qt.Key.Key_Delete)
    settle()
    assert names(panel) == ["hair", "skin"]
    QTest.keyClick(keys, Qt.Key.Key_F2)
    field = keys.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("Haut 肌")  # QTest types Latin letters only
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle()
    assert names(panel) == ["hair", "Haut 肌"]


def entries(panel: CharactersPanel, row: int) -> dict[str, QAction]:
    """Of a colour's menu, by their words."""
    return {action.text().replace("&", "").split("\t")[0]: action for action in panel.colour_menu(row).actions()}


def test_a_colours_menu_moves_it(panel: CharactersPanel, characters: Characters) -> None:
    assert not panel.remove_button.isEnabled()
    characters.add(MIA)
    first = entries(panel, 0)
    assert (first["Move up"].isEnabled(), first["Move down"].isEnabled()) == (False, True)
    first["Move down"].trigger()
    assert names(panel) == ["skin", "hair", "eyes"]
    assert panel.list.currentRow() == 1
    panel.remove_button.click()
    assert names(panel) == ["skin", "eyes"]
    assert not entries(panel, 1)["Move down"].isEnabled()


def test_use_says_what_the_model_makes_of_it(opened: Open, panel: CharactersPanel, characters: Characters) -> None:
    characters.add(MIA)
    assert panel.told.text() == "The model chooses freely."
    panel.use.click()
    assert opened.services.live.palette == MIA.palette
    assert "takes no palette" in panel.told.text()
    panel.use.click()
    assert opened.services.live.palette == ()


def test_a_model_that_takes_a_palette_is_named_by_its_colours(
    opened: Open, characters: Characters, qtbot: QtBot
) -> None:
    choices = [ModelChoice(model_id="one", title="One", takes_palette=True), ModelChoice(model_id="two", title="Two")]
    panel = CharactersPanel(
        editor=opened.editor,
        characters=characters,
        live=opened.services.live,
        models=choices,
        lock=opened.window.actions_.lock_region,
        ask_reference=lambda source: None,
        guard=WheelGuard(opened.window),
    )
    qtbot.addWidget(panel)
    characters.add(MIA, in_use=True)
    assert panel.told.text() == "Colouring in the colours of “Mia”."
    for number in range(9):
        characters.add_colour((number, number, number))
    assert panel.told.text() == "Colouring with the 8 colours that stand for “Mia” best."
    opened.services.live.set_model("two")
    assert "takes no palette" in panel.told.text()


def test_the_lock_tool_puts_hints_where_the_canvas_is_clicked(
    opened: Open, panel: CharactersPanel, characters: Characters
) -> None:
    characters.add(MIA)
    panel.lock_button.click()
    assert opened.editor.tool is Tool.LOCK
    spot = opened.at(50, 50).toPoint()
    QTest.mouseClick(opened.canvas, Qt.MouseButton.LeftButton, pos=spot)
    assert opened.editor.undo_text == "Lock region"
    hints = opened.editor.document.topmost(Role.HINTS)
    assert hints is not None
    assert tuple(hints.tiles.read(opened.editor.document.rect)[150, 200]) == (*BROWN, 255)
    assert "locked: 1 region" in panel.list.item(0).toolTip()


def test_picking_takes_the_next_click(opened: Open, panel: CharactersPanel, characters: Characters) -> None:
    characters.add(MIA)
    panel.pick_button.click()
    assert panel.pick_button.isChecked()
    QTest.mouseClick(opened.canvas, Qt.MouseButton.LeftButton, pos=opened.at(50, 50).toPoint())
    assert names(panel) == ["hair", "skin", "eyes", "#ffffff"]
    assert not panel.pick_button.isChecked()
    assert opened.editor.tool is Tool.BRUSH


def test_a_colours_menu_changes_and_unlocks_it(opened: Open, panel: CharactersPanel, characters: Characters) -> None:
    characters.add(MIA)
    characters.lock((50, 50))
    opened.editor.set_foreground((1, 200, 3))
    acts = entries(panel, 0)
    acts["Take the foreground colour"].trigger()
    assert characters.cast.characters[0].colours[0].colour == (1, 200, 3)
    locks = [len(characters.cast.characters[0].colours[0].dabs)]
    acts["Unlock its regions"].trigger()
    locks.append(len(characters.cast.characters[0].colours[0].dabs))
    assert locks == [1, 0]
    assert not entries(panel, 0)["Unlock its regions"].isEnabled()


@pytest.mark.parametrize("sure", [True, False])
def test_deleting_a_character_asks(
    panel: CharactersPanel, characters: Characters, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        box.buttons()[0 if box.buttons()[0].text() == ("Delete" if sure else "Cancel") else 1].click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    characters.add(MIA)
    panel.menu.refresh()
    panel.menu.delete.trigger()
    assert asked == ["Delete “Mia” from the drawing?"]
    assert panel.box.count() == (0 if sure else 1)


def test_the_library_is_offered_in_the_menu(panel: CharactersPanel, characters: Characters) -> None:
    assert not panel.menu.from_library.isEnabled()
    characters.add(MIA)
    panel.menu.refresh()
    panel.menu.keep.trigger()
    characters.remove()
    panel.menu.refresh()
    assert not panel.menu.keep.isEnabled()
    (entry,) = panel.menu.from_library.actions()
    entry.trigger()
    assert names(panel) == ["hair", "skin", "eyes"]


def test_every_control_has_a_name(panel: CharactersPanel) -> None:
    controls = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QComboBox | QFrame)  # the inside of a list
    ]
    assert len(controls) >= 8
    for widget in controls:
        text = getattr(widget, "text", lambda: "")()
        assert widget.accessibleName() or text, widget


# ------------------------------------------------------------------------------------------------- reference pictures


def reference(path: Path) -> Path:
    picture = np.full((60, 80, 3), 255, np.uint8)
    picture[:, :40], picture[:20, 40:60], picture[20:30, 40:60] = BROWN, PINK, BLUE
    Image.fromarray(picture).save(path)
    return path


@pytest.fixture
def dialog(opened: Open, qtbot: QtBot) -> ReferenceDialog:
    dialog = ReferenceDialog(opened.window, opened.window.characters_room._read)
    qtbot.addWidget(dialog)
    return dialog


def test_a_pictures_colours_are_shown_to_choose_from(dialog: ReferenceDialog, tmp_path: Path) -> None:
    assert not dialog.use.isEnabled()
    dialog.open_path(reference(tmp_path / "Sunset 夕.png"))
    assert set(dialog.colours) == {BROWN, PINK, BLUE}
    dialog.swatches.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.character.name == "Sunset 夕"
    assert len(dialog.character.colours) == 2
    dialog.name.setText("  ")
    assert not dialog.use.isEnabled()
    dialog.name.setText("Dusk")
    for row in range(dialog.swatches.count()):
        dialog.swatches.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert not dialog.use.isEnabled()
    assert dialog.told.text() == "Tick a colour."


def test_a_copied_picture_is_a_reference_too(dialog: ReferenceDialog) -> None:
    QApplication.clipboard().setText("no picture")
    dialog.paste()
    assert "no picture in the clipboard" in dialog.told.text()
    QApplication.clipboard().setImage(to_image(np.full((20, 20, 3), BLUE, np.uint8)))
    dialog.paste()
    assert dialog.colours == (BLUE,)
    QApplication.clipboard().clear()


def test_a_file_that_is_no_picture_is_said(opened: Open, dialog: ReferenceDialog, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG")
    dialog.open_path(tmp_path / "bad.png")
    assert "bad.png cannot be read" in dialog.told.text()
    assert any("bad.png" in notice for notice in opened.notices())
    assert not dialog.use.isEnabled()


def test_a_dropped_picture_becomes_the_palette_in_use(
    opened: Open, panel: CharactersPanel, characters: Characters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReferenceDialog, "exec", lambda dialog: QDialog.DialogCode.Accepted)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(reference(tmp_path / "ref.png")))])
    panel.take(mime)
    assert panel.box.currentText() == "ref"
    assert set(opened.services.live.palette) == {BROWN, PINK, BLUE}
    assert panel.use.isChecked()


def test_dropped_palettes_are_imported(panel: CharactersPanel, characters: Characters, tmp_path: Path) -> None:
    (tmp_path / "warm.gpl").write_text("GIMP Palette\nName: Warm\n200 40 30 rust\n")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "warm.gpl"))])
    panel.take(mime)
    assert (panel.box.currentText(), names(panel)) == ("Warm", ["rust"])


def test_the_palette_that_is_shown_is_used_for_colouring(opened: Open, panel: CharactersPanel) -> None:
    palettes = opened.window.paint.palette_panel
    next(action for action in palettes.menu.actions() if "colouring" in action.text()).trigger()
    assert panel.box.currentText() == palettes.palette_shown.name
    assert len(opened.services.live.palette) == len({each.colour for each in palettes.palette_shown.swatches})
