"""The bar shows the options of the tool in hand and nothing else; controls and options follow each other."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Tool
from sketchsause_desktop.app.tool_options import GradientShape, SelectMode, Source
from sketchsause_desktop.core.pointer_path import PulledString
from sketchsause_desktop.ui.tool_pages import FillPage, GradientPage, PickerPage, SelectPage
from tests.gui.conftest import Open


def test_each_tool_shows_its_own_page_and_the_bar_keeps_its_height(opened: Open) -> None:
    bar = opened.window.options
    heights = set()
    for tool in Tool:
        opened.editor.set_tool(tool)
        assert [page for page in set(bar.pages.values()) if page.isVisible()] == [bar.pages[tool]]
        heights.add(bar.height())
    assert len(heights) == 1


def test_at_the_smallest_usual_screen_nothing_is_cut_off(opened: Open) -> None:
    opened.window.resize(1366, 700)
    bar = opened.window.options
    for tool in Tool:
        opened.editor.set_tool(tool)
        QApplication.processEvents()
        page = bar.pages[tool]
        assert page.width() >= page.minimumSizeHint().width()
        right = bar.live_button.mapTo(opened.window, bar.live_button.rect().topRight()).x()
        assert right <= opened.window.width()


def test_fill_options(opened: Open) -> None:
    editor, page = opened.editor, opened.window.options.pages[Tool.FILL]
    assert isinstance(page, FillPage)
    source, gap, tolerance = page.choices[0], page.fields[0], page.fields[1]
    editor.set_options(replace(editor.options, fill=replace(editor.options.fill, gap=11, source=Source.PICTURE)))
    assert (gap.value, source.currentText()) == (11, "Picture")
    tolerance.number.setValue(99)
    page.expand.number.setValue(7)
    source.activated.emit(source.findData(Source.LAYER))
    fill = editor.options.fill
    assert (fill.gap, fill.tolerance, fill.expand, fill.source) == (11, 99, 7, Source.LAYER)


def test_selection_options_are_shared_and_the_wands_are_its_own(opened: Open) -> None:
    editor, pages = opened.editor, opened.window.options.pages
    shapes, wand = pages[Tool.LASSO], pages[Tool.WAND]
    assert isinstance(shapes, SelectPage)
    assert isinstance(wand, SelectPage)
    shapes.mode.activated.emit(shapes.mode.findData(SelectMode.ADD))
    wand.feather.number.setValue(12)
    assert (editor.options.select.mode, editor.options.select.feather) == (SelectMode.ADD, 12.0)
    assert (wand.mode.currentText(), shapes.feather.value) == ("Add", 12)
    before = editor.options.fill
    wand.fields[0].number.setValue(9)
    wand.everywhere.click()
    assert (editor.options.wand.gap, editor.options.wand.everywhere) == (9, True)
    assert editor.options.fill == before


def test_gradient_and_picker_options(opened: Open) -> None:
    editor, pages = opened.editor, opened.window.options.pages
    gradient, picker = pages[Tool.GRADIENT], pages[Tool.PICKER]
    assert isinstance(gradient, GradientPage)
    assert isinstance(picker, PickerPage)
    gradient.shape.activated.emit(1)
    gradient.fades.click()
    gradient.reverse.click()
    chosen = editor.options.gradient
    assert (chosen.shape, chosen.to_transparent, chosen.reverse) == (GradientShape.RADIAL, True, True)
    picker.side.activated.emit(picker.side.findData(5))
    assert editor.options.picker.side == 5
    editor.set_options(replace(editor.options, picker=replace(editor.options.picker, side=3)))
    assert picker.side.currentData() == 3


def test_the_stabiliser_in_the_bar_is_that_of_the_brush_in_hand(opened: Open) -> None:
    editor, page = opened.editor, opened.window.options.brush_page
    page.stabiliser.box.activated.emit(2)
    assert editor.preset.stabiliser == PulledString()
    editor.set_tool(Tool.ERASER)
    assert page.stabiliser.box.currentText() == "Off"
    editor.set_tool(Tool.BRUSH)
    assert page.stabiliser.box.currentText() == "String"


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_presets_open_from_the_bar_and_are_taken_by_key(opened: Open, qtbot: QtBot) -> None:
    button = opened.window.options.brush_page.presets
    before = button.icon().cacheKey()
    button.click()
    qtbot.waitUntil(button.popup.isVisible)
    assert button.list.currentItem().text() == "Ink"
    button.list.setCurrentRow(button.list.names.index("Pencil"))
    QTest.keyClick(button.list, Qt.Key.Key_Return)
    assert not button.popup.isVisible()
    assert opened.editor.preset.name == "Pencil"
    assert button.icon().cacheKey() != before


def test_the_first_hint_makes_its_layer_while_all_panels_look_on(opened: Open) -> None:
    QTest.keyClick(opened.canvas, Qt.Key.Key_H)
    start, end = opened.at(50, 50).toPoint(), opened.at(120, 90).toPoint()
    QTest.mousePress(opened.canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(opened.canvas, end)
    QTest.mouseRelease(opened.canvas, Qt.MouseButton.LeftButton, pos=end)
    assert [layer.name for layer in opened.editor.document.layers] == ["AI colour", "Line art", "Hints"]
    assert opened.editor.undo_text == "Hint"
    opened.editor.undo()
    assert len(opened.editor.document.layers) == 2
