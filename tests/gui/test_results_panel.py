"""The Results panel, and Enter on the canvas."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app import results as results_module
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.results import Results
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.document import SHOWN
from sketchsause_desktop.core.geometry import Rect, Size
from sketchsause_desktop.core.result_actions import seen_inside_selection
from sketchsause_desktop.core.selection import Selection
from sketchsause_desktop.core.tiles import TileSnapshot
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.results_room import ResultsPanel
from tests.desktop.app.fake_engine import FakeEngine
from tests.gui.conftest import Open


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    editor = Editor()
    editor.new(Size(120, 90))
    return editor


@pytest.fixture
def live(editor: Editor) -> Iterator[Live]:
    live = Live(editor, FakeEngine(), Notices())
    yield live
    live.shutdown()


@pytest.fixture
def panel(editor: Editor, live: Live, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> ResultsPanel:
    monkeypatch.setattr(results_module, "REST_MS", 0)
    results = Results(editor, lambda: "Line art")
    panel = ResultsPanel(results, live)
    panel.resize(240, 200)
    qtbot.addWidget(panel)
    panel.show()
    for count, level in enumerate((60, 200), 1):
        lay(editor, level)
        qtbot.waitUntil(partial(holds, panel, count))
    return panel


def holds(panel: ResultsPanel, count: int) -> bool:
    return panel.list.count() == count


def lay(editor: Editor, level: int) -> None:
    pixels = np.full((editor.document.rect.height, editor.document.rect.width, 4), (level, level, level, 255), np.uint8)
    editor.show_colours(TileSnapshot.cut(editor.document.rect, pixels))


def shown(editor: Editor) -> int:
    return int(editor.document.ai_colour.tiles.read(Rect(5, 5, 1, 1))[0, 0, 0])


def draw(editor: Editor) -> None:
    editor.begin_stroke(PenSample(20, 20))
    editor.extend_stroke(PenSample(60, 50))
    editor.end_stroke()


def choose(panel: ResultsPanel, row: int) -> None:
    place: QPoint = panel.list.visualItemRect(panel.list.item(row)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_shows_a_result_again(panel: ResultsPanel, editor: Editor) -> None:
    assert shown(editor) == 200
    choose(panel, 1)
    assert shown(editor) == 60
    assert panel.facts.text().endswith("Line art")


def test_live_leaves_an_earlier_result_until_it_is_to_go_on(
    panel: ResultsPanel, editor: Editor, live: Live, qtbot: QtBot
) -> None:
    live.set_model("fake")
    draw(editor)
    live.set_enabled(True)
    qtbot.waitUntil(lambda: shown(editor) not in (60, 200) and not live.is_late)
    choose(panel, panel.list.count() - 1)
    assert shown(editor) == 60
    panel.go_on.show()
    assert "earlier result" in live.reason
    QTest.mouseClick(panel.go_on, Qt.MouseButton.LeftButton)
    assert not panel.go_on.isVisible()
    qtbot.waitUntil(lambda: shown(editor) != 60)


def test_keep_and_discard_are_for_the_chosen_one(panel: ResultsPanel) -> None:
    assert not panel.kept.isEnabled()
    choose(panel, 1)
    QTest.mouseClick(panel.kept, Qt.MouseButton.LeftButton)
    assert panel.kept.isChecked()
    assert "kept" in panel.list.item(1).toolTip()
    choose(panel, 0)
    assert not panel.kept.isChecked()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert panel.list.count() == 1
    assert "kept" in panel.list.item(0).toolTip()


def test_without_results_it_says_what_will_be_here(editor: Editor, live: Live, qtbot: QtBot) -> None:
    panel = ResultsPanel(Results(editor, lambda: ""), live)
    qtbot.addWidget(panel)
    panel.show()
    assert not panel.list.isVisible()
    assert not panel.gone.isEnabled()


def test_enter_applies_on_the_canvas_and_presses_buttons_elsewhere(opened: Open) -> None:
    window, editor = opened.window, opened.services.editor
    lay(editor, 90)
    window.options.live_button.setFocus()
    QTest.keyClick(window.options.live_button, Qt.Key.Key_Return)
    assert not editor.can_undo
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    assert editor.undo_text == "Apply colours"
    QTest.keyClick(window.canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert editor.undo_text == "Apply as new layer"


def test_colours_show_only_inside_the_selection_when_asked(opened: Open, qtbot: QtBot) -> None:
    window, editor = opened.window, opened.editor
    lay(editor, 90)
    editor.set_selection(Selection.of_rect(Rect(10, 10, 30, 30)))
    qtbot.waitUntil(lambda: opened.shown_colour(100, 70) == (90, 90, 90))
    window.results_room.only_selected.trigger()
    qtbot.waitUntil(lambda: opened.shown_colour(100, 70) == (255, 255, 255))
    assert opened.shown_colour(25, 25) == (90, 90, 90)
    editor.set_selection(Selection.of_rect(Rect(85, 60, 30, 25)))
    qtbot.waitUntil(lambda: opened.shown_colour(100, 70) == (90, 90, 90))
    assert opened.shown_colour(25, 25) == (255, 255, 255)
    editor.set_selection(None)
    qtbot.waitUntil(lambda: opened.shown_colour(25, 25) == (90, 90, 90))


def test_an_export_has_the_colours_outside_the_selection(editor: Editor) -> None:
    lay(editor, 90)
    editor.set_selection(Selection.of_rect(Rect(0, 0, 10, 10)))
    seen = seen_inside_selection(editor.document, editor.document.rect, SHOWN)
    assert seen[5, 5].tolist() == [90, 90, 90, 255]
    assert seen[50, 50].tolist() == [255, 255, 255, 255]
    assert editor.document.snapshot().merged()[50, 50].tolist() == [90, 90, 90]


def test_one_peeks_with_a_key_or_from_the_menu(opened: Open, qtbot: QtBot) -> None:
    canvas, peek = opened.canvas, opened.window.results_room.peek
    lay(opened.editor, 90)
    QTest.keyPress(canvas, Qt.Key.Key_QuoteLeft)
    assert peek.isChecked()
    assert opened.shown_colour(25, 25) == (255, 255, 255)
    QTest.keyRelease(canvas, Qt.Key.Key_QuoteLeft)
    assert not peek.isChecked()
    peek.trigger()
    assert opened.shown_colour(25, 25) == (255, 255, 255)
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.PopupFocusReason))
    assert peek.isChecked()  # the menu with the command opens
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    assert not peek.isChecked()
    qtbot.waitUntil(lambda: opened.shown_colour(25, 25) == (90, 90, 90))


def test_colours_that_come_during_a_peek_show_when_it_ends(opened: Open, qtbot: QtBot) -> None:
    lay(opened.editor, 90)
    qtbot.waitUntil(lambda: opened.shown_colour(25, 25) == (90, 90, 90))
    opened.canvas.set_peek(True)
    lay(opened.editor, 200)
    qtbot.wait(100)
    opened.canvas.set_peek(False)
    qtbot.waitUntil(lambda: opened.shown_colour(25, 25) == (200, 200, 200))


def test_the_divider_moves_by_mouse_and_by_keys(opened: Open) -> None:
    window, canvas = opened.window, opened.canvas
    assert not window.view_room.divider_left.isEnabled()
    window.actions_.split.trigger()
    before = divider_at(canvas)
    QTest.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert divider_at(canvas) == pytest.approx(before - canvas.width() / 20, abs=1)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert divider_at(canvas) == pytest.approx(before, abs=1)
    middle, height = round(before), canvas.height() // 2
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(middle, height))
    QTest.mouseMove(canvas, QPoint(middle + 100, height))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(middle + 100, height))
    assert divider_at(canvas) == pytest.approx(before + 100, abs=1)
    assert not opened.editor.can_undo  # nothing was drawn


def divider_at(canvas: CanvasView) -> float:
    divider = canvas.divider()
    assert divider is not None
    return divider.center().x()


def test_a_panel_that_has_room_for_a_picture_and_the_buttons_is_not_scrolled_itself(panel: ResultsPanel) -> None:
    choose(panel, 1)
    panel.go_on.show()
    assert panel.heightForWidth(212) <= 240


def test_the_colours_of_the_chosen_result_are_its_own(panel: ResultsPanel) -> None:
    icon, size = panel.list.item(0).icon(), panel.list.iconSize()
    chosen, other = (icon.pixmap(size, mode).toImage() for mode in (QIcon.Mode.Selected, QIcon.Mode.Normal))
    assert chosen.pixelColor(5, 5) == other.pixelColor(5, 5)
