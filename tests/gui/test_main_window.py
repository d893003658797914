from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QThread
from PySide6.QtGui import QAction, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QScrollBar,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.requests import InferenceRequest
from sketchsause_desktop.ui.canvas_view import ViewMode
from sketchsause_desktop.ui.main_window import MainWindow, Services
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.welcome import first_call_outs
from tests.desktop.app.fake_engine import FakeEngine, colour_of
from tests.gui.conftest import Open


def draw(opened: Open) -> None:
    opened.editor.begin_stroke(PenSample(50, 50))
    opened.editor.extend_stroke(PenSample(150, 60))
    opened.editor.end_stroke()


@pytest.fixture
def focused(opened: Open, qtbot: QtBot) -> Open:
    opened.window.activateWindow()
    opened.canvas.setFocus()
    qtbot.waitUntil(opened.canvas.hasFocus)
    return opened


def press(opened: Open, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(opened.window.focusWidget(), key, modifiers)


def test_keys_take_tools_and_change_the_brush(focused: Open) -> None:
    press(focused, Qt.Key.Key_E)
    assert focused.editor.tool.value == "eraser"
    assert focused.window.actions_.eraser.isChecked()
    press(focused, Qt.Key.Key_B)
    assert focused.editor.tool.value == "brush"
    before = focused.editor.brush.size
    press(focused, Qt.Key.Key_BracketRight)
    assert focused.editor.brush.size > before
    press(focused, Qt.Key.Key_BracketLeft)
    press(focused, Qt.Key.Key_BracketLeft)
    assert focused.editor.brush.size < before


def test_keys_of_the_view(focused: Open) -> None:
    press(focused, Qt.Key.Key_1)
    assert focused.canvas.view.zoom == 1
    press(focused, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert focused.canvas.view.zoom > 1
    press(focused, Qt.Key.Key_M)
    assert focused.canvas.view.mirrored
    press(focused, Qt.Key.Key_F7)
    assert focused.canvas.mode is ViewMode.SPLIT
    assert focused.services.settings.preferences.view_mode == "split"
    press(focused, Qt.Key.Key_2)
    assert focused.canvas.view.zoom <= 1


def test_undo_and_redo_by_key(focused: Open) -> None:
    draw(focused)
    press(focused, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not focused.editor.can_undo
    press(focused, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert focused.editor.can_undo


def test_keys_are_never_taken_from_a_text_field(focused: Open, qtbot: QtBot) -> None:
    field = focused.window.paint.colour_panel.hex
    field.setFocus()
    field.selectAll()
    qtbot.waitUntil(field.hasFocus)
    focused.editor.set_tool(Tool.HAND)
    for key in (Qt.Key.Key_B, Qt.Key.Key_E, Qt.Key.Key_1, Qt.Key.Key_2):
        QTest.keyClick(field, key)
    assert field.text().lower() == "be12"
    assert focused.editor.tool is Tool.HAND
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert focused.window.menuBar().isVisible()  # Tab walked on; only on the canvas it hides everything


def test_tab_on_the_canvas_leaves_the_drawing_alone_on_the_screen(focused: Open) -> None:
    window = focused.window
    parts = (window.menuBar(), window.statusBar(), window.options, window.tools, window.tabs)
    press(focused, Qt.Key.Key_Tab)
    assert not any(part.isVisible() for part in parts)
    press(focused, Qt.Key.Key_Tab)
    assert all(part.isVisible() for part in parts)


def test_f6_walks_through_the_parts_and_comes_back(focused: Open) -> None:
    seen = set()
    for _ in range(3 + len(focused.window.panels.docks)):  # the canvas and two bars
        press(focused, Qt.Key.Key_F6)
        widget = focused.window.focusWidget()
        assert widget is not None
        assert not widget.visibleRegion().isEmpty()  # nor is it behind another tab
        seen.add(widget)
    assert focused.canvas in seen
    assert len(seen) >= 4


def test_no_two_commands_share_a_key(opened: Open) -> None:
    keys: dict[str, str] = {}
    for action in opened.window.findChildren(QAction):
        for key in action.shortcuts():
            name = key.toString()
            assert name not in keys, f"{name}: {keys.get(name)} and {action.text()}"
            keys[name] = action.text()


def test_every_control_has_a_name_for_screen_readers(opened: Open) -> None:
    for kind in (QAbstractButton, QSpinBox, QAbstractSlider, QComboBox):
        for widget in opened.window.findChildren(kind):
            if isinstance(widget, QScrollBar):  # what they scroll has the name
                continue
            if widget.isVisibleTo(opened.window) and not widget.objectName().startswith("qt_"):
                text = widget.text() if isinstance(widget, QAbstractButton) else ""
                assert widget.accessibleName() or text or widget.toolTip(), widget


def test_fields_and_brush_follow_each_other(opened: Open) -> None:
    page = opened.window.options.brush_page
    opened.editor.set_brush(replace(opened.editor.brush, size=77.0, opacity=0.4))
    assert (page.size_field.value, page.opacity_field.value) == (77, 40)
    page.size_field.number.setValue(33)
    assert opened.editor.brush.size == 33
    page.opacity_field.slider.setValue(0)
    assert opened.editor.brush.opacity == 0.01
    opened.editor.set_tool(Tool.ERASER)
    assert page.size_field.value == round(opened.editor.brush.size)


def test_the_wheel_turns_a_number_only_while_it_has_the_focus(focused: Open) -> None:
    number = focused.window.options.brush_page.size_field.number

    def turn() -> None:
        middle = QPointF(number.rect().center())
        down = QPoint(0, -120)
        buttons, modifiers = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        phase = Qt.ScrollPhase.NoScrollPhase
        QApplication.sendEvent(number, QWheelEvent(middle, middle, QPoint(), down, buttons, modifiers, phase, False))

    before = number.value()
    turn()
    assert number.value() == before
    number.setFocus()
    turn()
    assert number.value() == before - 1


def test_enter_in_a_field_gives_the_keys_back_to_the_canvas(focused: Open, qtbot: QtBot) -> None:
    number = focused.window.options.brush_page.size_field.number
    number.setFocus()
    qtbot.waitUntil(number.hasFocus)
    number.selectAll()
    QTest.keyClicks(number, "45")
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert focused.editor.brush.size == 45
    assert focused.canvas.hasFocus()


def test_a_chosen_colour_is_the_ink_of_the_brush(opened: Open) -> None:
    opened.editor.set_tool(Tool.ERASER)
    opened.window.paint.colour_panel.chosen.emit((200, 30, 40))
    assert opened.editor.tool is Tool.BRUSH
    assert opened.editor.brush.colour == (200, 30, 40)


def test_live_shows_its_colours_under_the_lines(opened: Open, qtbot: QtBot) -> None:
    with qtbot.waitSignal(opened.canvas.result_painted, timeout=5000):
        draw(opened)
        opened.window.actions_.live.trigger()
    assert opened.services.live.enabled
    revision = opened.editor.document.revision
    assert opened.shown_colour(300, 200) == colour_of(revision)[:3]
    assert max(opened.shown_colour(100, 55)) < 60  # the line, over the colours
    assert "FAKE" in opened.window.statusBar().device_label.text()  # type: ignore[attr-defined]
    assert opened.services.settings.preferences.live


def test_strength_fades_the_colours_and_the_export(opened: Open, qtbot: QtBot) -> None:
    draw(opened)
    with qtbot.waitSignal(opened.canvas.result_painted, timeout=5000):
        opened.services.live.run_once()
    with qtbot.waitSignal(opened.canvas.result_painted, timeout=5000):
        opened.window.ai_panel.strength.number.setValue(0)
    assert opened.shown_colour(300, 200) == (255, 255, 255)
    assert opened.editor.export_pixels()[200, 300].tolist() == [255, 255, 255]


def test_a_failing_network_is_one_notice_and_drawing_goes_on(opened: Open, qtbot: QtBot) -> None:
    def fail(_request: InferenceRequest) -> None:
        raise UserError("The model file is damaged.", "Install it again.")

    opened.engine.script = fail
    draw(opened)
    opened.window.actions_.live.trigger()
    qtbot.waitUntil(lambda: opened.notices() != [], timeout=5000)
    draw(opened)
    assert opened.notices() == ["The model file is damaged."]
    assert opened.window.notice_bar.texts == ["Error: The model file is damaged. Install it again."]
    assert opened.editor.can_undo


def test_the_model_is_chosen_in_the_bar_and_kept(opened: Open) -> None:
    box = opened.window.options.model_box
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert opened.services.live.model_id == "two"
    assert opened.services.settings.preferences.model == "two"
    checked = [action.text() for action in opened.window.menus.model.actions() if action.isChecked()]
    assert checked == ["Model two – colours lines"]


def test_without_a_model_the_window_says_so_and_draws(
    qtbot: QtBot, editor: Editor, theme: Theme, settings: Settings
) -> None:
    notices = Notices()
    live = Live(editor, FakeEngine(), notices)
    services = Services(editor=editor, live=live, notices=notices, settings=settings, theme=theme, models=())
    window = MainWindow(services)
    qtbot.addWidget(window, before_close_func=lambda _window: editor.mark_saved())
    window.show()
    assert not window.actions_.live.isEnabled()
    assert not window.actions_.colour_once.isEnabled()
    assert "model" in window.statusBar().live_label.text().lower()  # type: ignore[attr-defined]
    editor.begin_stroke(PenSample(20, 20))
    editor.end_stroke()
    assert editor.can_undo
    live.shutdown()


def test_a_switched_theme_changes_palette_and_widgets(opened: Open, qapp: QApplication) -> None:
    def ground(widget: QWidget) -> int:
        image = widget.grab().toImage()
        return image.pixelColor(image.width() // 2, 2).lightness()

    assert qapp.palette().color(QPalette.ColorRole.Window).lightness() < 80
    assert ground(opened.window.menuBar()) < 80
    opened.window.actions_.theme_light.trigger()
    qapp.processEvents()
    assert qapp.palette().color(QPalette.ColorRole.Window).lightness() > 200
    assert ground(opened.window.menuBar()) > 200
    assert opened.services.settings.preferences.theme == "light"
    opened.window.actions_.theme_dark.trigger()
    qapp.processEvents()
    assert qapp.palette().color(QPalette.ColorRole.Window).lightness() < 80


def test_the_layout_is_kept_and_reset_brings_everything_back(opened: Open) -> None:
    window = opened.window
    for dock in window.panels.docks:
        dock.hide()
    window.close()
    assert not opened.services.settings.layout(window.panels.layout_name).isEmpty()
    again = MainWindow(opened.services)
    again.show()
    assert not any(dock.isVisible() for dock in again.panels.docks)
    again.actions_.reset_layout.trigger()
    away = {dock.objectName() for dock in again.panels.docks if not dock.isVisibleTo(again)}
    assert away <= {"results", "preview"}  # which a short screen has no room for
    again.close()


def test_a_panel_that_is_asked_for_comes_before_those_it_shares_its_place_with(opened: Open, qtbot: QtBot) -> None:
    docks = {dock.objectName(): dock for dock in opened.window.panels.docks}
    history = docks["history"]
    opened.window.actions_.reset_layout.trigger()
    qtbot.waitUntil(lambda: not docks["layers"].visibleRegion().isEmpty(), timeout=5000)
    assert history.visibleRegion().isEmpty()
    history.toggleViewAction().trigger()  # away
    history.toggleViewAction().trigger()
    qtbot.waitUntil(lambda: not history.visibleRegion().isEmpty(), timeout=5000)
    assert docks["layers"].visibleRegion().isEmpty()


def test_the_window_fits_small_screens(opened: Open, qtbot: QtBot) -> None:
    assert opened.window.minimumSizeHint().width() <= 683  # 1366 x 768 at scale 2
    assert opened.window.minimumSizeHint().height() <= 360
    opened.window.resize(683, 360)
    qtbot.wait(20)
    assert opened.window.width() == 683
    live = opened.window.options.live_button
    assert live.mapTo(opened.window, QPoint(live.width(), 0)).x() <= 683


def test_closing_leaves_no_thread(opened: Open, qtbot: QtBot) -> None:
    draw(opened)
    with qtbot.waitSignal(opened.services.live.pass_finished, timeout=5000):
        opened.services.live.run_once()
    workers = opened.services.live.findChildren(QThread)
    assert any(worker.isRunning() for worker in workers)
    opened.editor.mark_saved()
    opened.window.close()
    assert all(worker.isFinished() for worker in workers)


def test_the_call_outs_name_the_keys_that_are_in_use(opened: Open) -> None:
    settings = opened.services.settings
    settings.change(replace(settings.preferences, shortcuts={"brush": "P", "live": "Ctrl+Shift+L", "eraser": ""}))
    window = opened.window
    call_outs = first_call_outs(window, window.canvas, window.options.live_button, window.actions_)
    texts = [call_out.text for call_out in call_outs]
    assert "Take P for the brush, its button for the eraser." in texts[0]
    assert "Ctrl+Shift+L switches Live" in texts[1]


@pytest.mark.parametrize("how", ["a stroke", "a fill", "Escape"])
def test_the_welcome_goes_when_one_paints_or_presses_escape(focused: Open, how: str) -> None:
    focused.window.show_welcome()
    welcome = focused.window.findChild(QWidget, "welcome")
    assert welcome is not None
    assert welcome.isVisible()
    if how == "Escape":
        press(focused, Qt.Key.Key_Escape)
    elif how == "a fill":
        press(focused, Qt.Key.Key_G)
        QTest.mouseClick(focused.canvas, Qt.MouseButton.LeftButton, pos=focused.at(100, 100).toPoint())
    else:
        focused.editor.begin_stroke(PenSample(50, 50))
        focused.editor.extend_stroke(PenSample(150, 60))
        focused.editor.extend_stroke(PenSample(250, 60))
    assert not welcome.isVisible()
    assert focused.services.settings.preferences.welcomed


def test_where_colours_go_is_said_once(opened: Open) -> None:
    opened.editor.set_foreground((200, 30, 40))
    opened.window.actions_.fill_foreground.trigger()
    assert ["under the lines" in text for text in opened.notices()] == [True]
    opened.services.notices.withdraw("colours")
    opened.editor.undo()
    opened.window.actions_.fill_foreground.trigger()
    assert [layer.name for layer in opened.editor.document.layers] == ["AI colour", "Colours", "Line art"]
    assert opened.notices() == []


def test_what_is_in_hand_is_kept_when_the_window_closes(opened: Open) -> None:
    opened.editor.set_tool(Tool.ERASER)
    opened.editor.set_brush(replace(opened.editor.brush, size=44.0))
    opened.window.close()
    kept = opened.services.settings.preferences
    assert (kept.tool, kept.brushes["eraser"], kept.brush_sizes["eraser"]) == ("eraser", "Eraser", 44.0)
