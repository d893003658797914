from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.layer_commands import LayerCommands
from sketchsause_desktop.core.geometry import Rect
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard
from sketchsause_desktop.ui.layer_list import Column
from sketchsause_desktop.ui.layer_menu import LayerMenu
from sketchsause_desktop.ui.layers_dock import LayersPanel

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@dataclass
class Shown:
    panel: LayersPanel
    editor: Editor
    commands: LayerCommands
    menu: LayerMenu

    def rows(self, parent: QModelIndex | None = None) -> list[object]:
        """Names as the tree shows them, those in a group as a list behind it."""
        model, parent = self.panel.model, parent or QModelIndex()
        result: list[object] = []
        for row in range(model.rowCount(parent)):
            result.append(model.index(row, Column.NAME, parent).data())
            inside = self.rows(model.index(row, Column.VISIBLE, parent))
            result.extend([inside] if inside else [])
        return result

    def index(self, node: Node, column: Column = Column.NAME) -> QModelIndex:
        return self.panel.model.index_of(node.layer_id, column)

    def click(self, node: Node, column: Column) -> None:
        tree = self.panel.tree
        QTest.mouseClick(tree.viewport(), LEFT, NO_KEY, tree.visualRect(self.index(node, column)).center())

    def dropped(self, node: Node, row: int, group: Group | None = None) -> None:
        model = self.panel.model
        mime = model.mimeData([self.index(node)])
        parent = self.index(group, Column.VISIBLE) if group else QModelIndex()
        move = Qt.DropAction.MoveAction
        if model.canDropMimeData(mime, move, row, 0, parent):
            model.dropMimeData(mime, move, row, 0, parent)


@pytest.fixture
def shown(qtbot: QtBot, editor: Editor) -> Shown:
    window = QWidget()
    qtbot.addWidget(window)
    commands = LayerCommands(editor)
    menu = LayerMenu(window, editor, commands)
    panel = LayersPanel(editor, commands, menu, WheelGuard(window), ReturnToCanvas(window))
    panel.setParent(window)
    QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    window.resize(260, 420)
    panel.resize(260, 420)
    window.show()
    qtbot.waitExposed(window)
    return Shown(panel, editor, commands, menu)


def test_the_tree_follows_the_drawing(shown: Shown) -> None:
    assert shown.rows() == ["Line art", "AI colour"]
    shown.commands.add_layer()
    shown.commands.group()
    shown.commands.add_layer()
    assert shown.rows() == ["Group", ["Layer 2", "Layer"], "Line art", "AI colour"]
    assert shown.panel.tree.isExpanded(shown.index(shown.editor.document.layers[-1], Column.VISIBLE))
    shown.editor.undo()
    assert shown.rows() == ["Group", ["Layer"], "Line art", "AI colour"]
    shown.editor.new(shown.editor.document.size)
    assert shown.rows() == ["Line art", "AI colour"]


def test_the_row_that_is_chosen_is_the_active_layer_both_ways(shown: Shown) -> None:
    ai, lines = shown.editor.document.layers
    assert shown.panel.tree.currentIndex() == shown.index(lines)
    shown.click(ai, Column.NAME)
    assert shown.editor.active_layer is ai
    shown.editor.set_active_layer(lines.layer_id)
    assert shown.panel.tree.currentIndex() == shown.index(lines)
    shown.menu.below.trigger()
    assert shown.editor.active_layer is ai


def test_clicks_on_eye_and_locks_switch_them_and_choose_no_layer(shown: Shown) -> None:
    ai, lines = shown.editor.document.ai_colour, shown.editor.document.line_art
    shown.editor.set_active_layer(ai.layer_id)
    for column in (Column.VISIBLE, Column.ALPHA, Column.LOCKED):
        shown.click(lines, column)
    assert (lines.visible, lines.alpha_locked, lines.locked) == (False, True, True)
    shown.click(lines, Column.VISIBLE)
    assert lines.visible
    assert shown.editor.current.history.entries == ("Hide layer", "Lock alpha", "Lock layer", "Show layer")
    assert shown.editor.active_layer is ai
    tree = shown.panel.tree
    QTest.mouseDClick(tree.viewport(), LEFT, NO_KEY, tree.visualRect(shown.index(ai, Column.VISIBLE)).center())
    assert not ai.visible
    assert tree.viewport().findChild(QLineEdit) is None


def test_space_hides_and_shows_the_chosen_layer(shown: Shown) -> None:
    lines = shown.editor.document.line_art
    shown.panel.tree.setFocus()
    QTest.keyClick(shown.panel.tree, Qt.Key.Key_Space)
    assert not lines.visible
    QTest.keyClick(shown.panel.tree, Qt.Key.Key_Space)
    assert lines.visible


def test_what_a_row_shows_is_said_to_screen_readers(shown: Shown) -> None:
    lines = shown.editor.document.line_art
    said = Qt.ItemDataRole.AccessibleTextRole
    assert shown.index(lines).data(said) == "Line art, Line art layer, Multiply"
    shown.commands.set_opacity(lines.layer_id, 0.8)
    shown.commands.set_visible(lines.layer_id, visible=False)
    shown.commands.set_locked(lines.layer_id, locked=True)
    assert shown.index(lines).data(said) == "Line art, Line art layer, Multiply, 80 %, hidden, locked"
    assert shown.index(lines, Column.VISIBLE).data(said) == "Hidden"


def test_a_name_is_changed_in_its_row(shown: Shown, qtbot: QtBot) -> None:
    shown.menu.rename.trigger()
    field = shown.panel.tree.viewport().findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, "Ink  lines ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.editor.document.line_art.name == "Ink lines")
    assert shown.rows()[0] == "Ink lines"


def test_the_page_keys_of_a_number_choose_no_layer(shown: Shown) -> None:
    lines, number = shown.editor.active_layer, shown.panel.opacity.number
    number.setFocus()
    QTest.keyClick(number, Qt.Key.Key_PageDown)
    assert number.value() == 90
    assert shown.editor.active_layer is lines
    QTest.keyClick(number, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert shown.rows() == ["AI colour", "Line art"]


def test_a_click_on_a_row_leaves_the_keyboard_where_it_is(shown: Shown) -> None:
    shown.panel.blend.setFocus()
    shown.click(shown.editor.document.ai_colour, Column.NAME)
    assert shown.panel.blend.hasFocus()


def test_blend_and_opacity_follow_the_active_layer_both_ways(shown: Shown) -> None:
    panel, lines = shown.panel, shown.editor.document.line_art
    assert (panel.blend.currentText(), panel.opacity.value) == ("Multiply", 100)
    panel.blend.setCurrentText("Screen")
    panel.blend.activated.emit(panel.blend.currentIndex())
    assert lines.blend is Blend.SCREEN
    shown.editor.undo()
    assert panel.blend.currentText() == "Multiply"
    shown.commands.group()
    shown.commands.choose_neighbour(up=True)
    panel.blend.setCurrentText("Pass through")
    panel.blend.activated.emit(panel.blend.currentIndex())
    group = shown.editor.active_layer
    assert isinstance(group, Group)
    assert group.pass_through


def test_one_drag_of_the_slider_is_one_step_and_the_next_another(shown: Shown) -> None:
    slider, lines = shown.panel.opacity.slider, shown.editor.document.line_art
    for positions in ((900, 700, 500), (300, 200)):
        slider.setSliderDown(True)
        for position in positions:
            slider.setSliderPosition(position)
        slider.setSliderDown(False)
    assert lines.opacity == pytest.approx(0.2)
    shown.editor.undo()
    assert lines.opacity == pytest.approx(0.5)
    assert shown.panel.opacity.value == 50
    shown.editor.undo()
    assert lines.opacity == 1
    assert not shown.editor.can_undo


def test_layers_are_dragged_between_rows_and_into_groups(shown: Shown) -> None:
    for _ in range(3):
        shown.commands.add_layer()
    shown.commands.add_group()
    group, third, second, first = reversed(shown.editor.document.layers[2:])
    assert isinstance(group, Group)
    assert shown.rows() == ["Group", "Layer 3", "Layer 2", "Layer", "Line art", "AI colour"]
    shown.dropped(first, 1)  # above the second row
    assert shown.rows() == ["Group", "Layer", "Layer 3", "Layer 2", "Line art", "AI colour"]
    shown.dropped(first, 4)  # downwards: above the fifth row
    assert shown.rows() == ["Group", "Layer 3", "Layer 2", "Layer", "Line art", "AI colour"]
    shown.dropped(second, -1, group)
    shown.dropped(third, -1, group)
    assert shown.rows() == ["Group", ["Layer 3", "Layer 2"], "Layer", "Line art", "AI colour"]
    shown.dropped(third, 2, group)  # below all in the group
    assert shown.rows() == ["Group", ["Layer 2", "Layer 3"], "Layer", "Line art", "AI colour"]
    shown.dropped(second, -1)  # on the free place below all rows
    assert shown.rows() == ["Group", ["Layer 3"], "Layer", "Line art", "AI colour", "Layer 2"]
    shown.dropped(group, -1, group)
    assert shown.rows() == ["Group", ["Layer 3"], "Layer", "Line art", "AI colour", "Layer 2"]


def test_a_folded_group_stays_folded_when_other_layers_come(shown: Shown) -> None:
    shown.commands.group()
    group = shown.editor.document.layers[-1]
    shown.panel.tree.collapse(shown.index(group, Column.VISIBLE))
    shown.editor.set_active_layer(shown.editor.document.ai_colour.layer_id)
    shown.commands.add_layer()
    assert not shown.panel.tree.isExpanded(shown.index(group, Column.VISIBLE))


def test_small_pictures_are_made_in_quiet_moments(shown: Shown, qtbot: QtBot) -> None:
    shown.commands.add_layer()
    layer = shown.editor.active_layer
    assert isinstance(layer, Layer)
    layer.tiles.write(Rect(0, 0, 200, 300), np.full((300, 200, 4), (255, 0, 0, 255), np.uint8))
    shown.editor.region_changed.emit(Rect(0, 0, 200, 300))

    def colour_at(x: int) -> QColor:
        image = shown.panel.pictures.image(layer.layer_id)
        return QColor() if image is None else image.pixelColor(x, 40)

    qtbot.waitUntil(lambda: colour_at(2) == colour_at(45) == QColor(255, 0, 0))
    assert colour_at(55).alpha() == 0
    where = shown.panel.tree.visualRect(shown.index(layer))
    drawn = shown.panel.tree.viewport().grab(where).toImage()
    reds = [drawn.pixelColor(x, drawn.height() // 2) == QColor(255, 0, 0) for x in range(drawn.width())]
    assert 5 < sum(reds) < 25


def test_only_what_is_possible_can_be_chosen(shown: Shown) -> None:
    menu = shown.menu
    assert menu.merge.isEnabled()
    assert not menu.ungroup.isEnabled()
    shown.menu.below.trigger()
    assert not menu.merge.isEnabled()  # nothing lies below
    shown.menu.add_group.trigger()
    assert menu.ungroup.isEnabled()
    assert menu.flatten.isEnabled()
    assert not menu.alpha.isEnabled()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_context_menu_opens_with_the_commands(shown: Shown) -> None:
    shown.panel.tree.customContextMenuRequested.emit(QPoint(5, 5))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert shown.menu.duplicate in menu.actions()
    menu.close()


def pick(shown: Shown, node: Node, key: Qt.KeyboardModifier = NO_KEY) -> None:
    tree = shown.panel.tree
    QTest.mouseClick(tree.viewport(), LEFT, key, tree.visualRect(shown.index(node)).center())


def chosen_rows(shown: Shown) -> set[object]:
    return {index.data() for index in shown.panel.tree.selectionModel().selectedRows(Column.NAME)}


def test_control_and_shift_choose_several_layers(shown: Shown) -> None:
    shown.commands.add_layer()
    shown.commands.add_layer()
    ai, lines, lower, upper = shown.editor.document.layers
    pick(shown, lines)
    pick(shown, upper, Qt.KeyboardModifier.ShiftModifier)
    assert shown.editor.chosen_layers == [lines, lower, upper]
    assert shown.editor.active_layer is upper
    pick(shown, lower, Qt.KeyboardModifier.ControlModifier)
    assert shown.editor.chosen_layers == [lines, upper]
    pick(shown, ai, Qt.KeyboardModifier.ControlModifier)
    assert (shown.editor.active_layer, len(shown.editor.chosen_layers)) == (ai, 3)
    pick(shown, ai, Qt.KeyboardModifier.ControlModifier)
    assert shown.editor.active_layer is upper
    assert chosen_rows(shown) == {lines.name, upper.name}
    pick(shown, lower)
    assert (shown.editor.chosen_layers, chosen_rows(shown)) == ([lower], {lower.name})
    pick(shown, lower, Qt.KeyboardModifier.ControlModifier)  # one is always chosen
    assert (shown.editor.chosen_layers, chosen_rows(shown)) == ([lower], {lower.name})


def test_the_eye_of_a_chosen_layer_is_for_all_that_are_chosen(shown: Shown) -> None:
    shown.commands.add_layer()
    ai, lines, paint = shown.editor.document.layers
    pick(shown, paint)
    pick(shown, lines, Qt.KeyboardModifier.ControlModifier)
    shown.click(paint, Column.VISIBLE)
    assert [node.visible for node in (ai, lines, paint)] == [True, False, False]
    shown.click(ai, Column.VISIBLE)
    assert [node.visible for node in (ai, lines, paint)] == [False, False, False]
    assert shown.editor.chosen_layers == [lines, paint]
    shown.editor.undo()
    shown.editor.undo()
    assert all(node.visible for node in (ai, lines, paint))


def test_chosen_layers_are_dragged_together_and_stay_chosen(shown: Shown) -> None:
    for _ in range(3):
        shown.commands.add_layer()
    ai, lines, one, two, three = shown.editor.document.layers
    pick(shown, three)
    pick(shown, one, Qt.KeyboardModifier.ControlModifier)
    shown.dropped(one, 4)
    assert shown.editor.document.layers == [ai, one, three, lines, two]
    assert chosen_rows(shown) == {one.name, three.name}
    pick(shown, two)
    pick(shown, lines, Qt.KeyboardModifier.ControlModifier)
    shown.menu.group.trigger()
    group = shown.editor.document.layers[-1]
    assert isinstance(group, Group)
    assert group.layers == [lines, two]
    assert chosen_rows(shown) == {lines.name, two.name}
    assert shown.menu.merge.isEnabled()
