from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.layer_commands import LayerCommands
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.ui.history_dock import HistoryPanel


def rows(panel: HistoryPanel) -> list[str]:
    spoken = Qt.ItemDataRole.AccessibleTextRole
    return [str(panel.model.index(row).data(spoken)) for row in range(panel.model.rowCount())]


def made(qtbot: QtBot, editor: Editor) -> HistoryPanel:
    panel = HistoryPanel(editor)
    qtbot.addWidget(panel)
    QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    panel.resize(240, 200)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_all_steps_are_listed_and_the_present_one_is_chosen(qtbot: QtBot, editor: Editor) -> None:
    panel = made(qtbot, editor)
    assert rows(panel) == ["Start, now"]
    commands = LayerCommands(editor)
    commands.add_layer()
    commands.duplicate()
    editor.undo()
    assert rows(panel) == ["Start, done", "Add layer, now", "Duplicate layer, taken back"]
    assert panel.list.currentIndex().row() == 1
    commands.add_group()
    assert rows(panel) == ["Start, done", "Add layer, done", "Add layer, now"]
    editor.new(Size(50, 50))
    assert rows(panel) == ["Start, now"]


def test_a_click_goes_to_that_step_and_back_again(qtbot: QtBot, editor: Editor) -> None:
    panel = made(qtbot, editor)
    commands = LayerCommands(editor)
    counts = [len(editor.document.layers)]
    for _ in range(4):
        commands.add_layer()
        counts.append(len(editor.document.layers))
    for row in (1, 3, 0, 4):
        where = panel.list.visualRect(panel.model.index(row)).center()
        QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)
        assert len(editor.document.layers) == counts[row]
        assert panel.list.currentIndex().row() == row
    QTest.keyClick(panel.list, Qt.Key.Key_Up)
    assert len(editor.document.layers) == counts[3]
