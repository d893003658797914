"""Notices, welcome, colour panel, icons: each by itself."""

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QMainWindow,
    QPushButton,
    QToolButton,
    QWidget,
    QWizard,
    QWizardPage,
)
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.ui.assets import resource_path
from sketchsause_desktop.ui.fields import ReturnToCanvas, ValueField, WheelGuard
from sketchsause_desktop.ui.icons import icon
from sketchsause_desktop.ui.look import look_of
from sketchsause_desktop.ui.notice_bar import NoticeBar
from sketchsause_desktop.ui.panels import Panels
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.welcome import CallOut, Welcome


@pytest.fixture
def ground(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    return widget


def test_equal_notices_update_in_place_and_can_be_closed(ground: QWidget) -> None:
    notices = Notices()
    bar = NoticeBar(notices, ground)
    assert not bar.isVisible()
    for count in range(100):
        notices.post("disk", f"The disk is full, {count} bytes are left.", level=Level.ERROR)
    assert bar.texts == ["Error: The disk is full, 99 bytes are left."]
    assert ground.rect().contains(bar.geometry())
    close = bar.findChild(QToolButton)
    assert close is not None
    close.click()
    assert notices.shown == ()
    assert not bar.isVisible()


def test_the_button_of_a_notice_does_what_it_says_once(ground: QWidget) -> None:
    notices = Notices()
    acted: list[str] = []
    bar = NoticeBar(notices, ground)
    notices.acted.connect(acted.append)
    notices.post("plain", "Nothing to press.", lasts=True)
    assert [button.text() for button in bar.findChildren(QPushButton) if not button.isHidden()] == []
    notices.post("source", "There is no source.", action="Use it", lasts=True)
    (button,) = (button for button in bar.findChildren(QPushButton) if not button.isHidden())
    assert button.text() == "Use it"
    button.click()
    assert acted == ["source"]
    assert [notice.key for notice in notices.shown] == ["plain"]


def test_a_long_notice_is_shown_whole(ground: QWidget) -> None:
    notices = Notices()
    bar = NoticeBar(notices, ground)
    notices.post("short", "Short.", level=Level.WARNING)
    low = bar.height()
    notices.post("short", "A sentence with many words. " * 12, level=Level.WARNING)
    assert bar.height() > low + 20
    assert ground.rect().contains(bar.geometry())


def test_a_notice_that_stands_there_costs_nothing(ground: QWidget, qtbot: QtBot) -> None:
    bar = NoticeBar(notices := Notices(), ground)
    notices.post("short", "A sentence with many words. " * 12, level=Level.WARNING, lasts=True)
    qtbot.wait(50)
    laid_out: list[QEvent.Type] = []

    class Count(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            laid_out.append(event.type())
            return False

    count = Count()
    bar.installEventFilter(count)
    qtbot.wait(100)
    assert laid_out.count(QEvent.Type.LayoutRequest) < 5  # laying out once used to ask for laying out again


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # of a test without a screen
def test_a_choice_out_of_the_list_of_a_box_hands_the_keyboard_back(ground: QWidget, qtbot: QtBot) -> None:
    canvas, box = QWidget(ground), QComboBox(ground)
    canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.addItems(["Normal", "Burn", "Screen"])
    for widget in (canvas, box):
        widget.show()
    ground.activateWindow()
    ReturnToCanvas(canvas).watch(box)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(box.view().isVisible)
    QTest.keyClick(box.view(), Qt.Key.Key_Down)
    QTest.keyClick(box.view(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ground.focusWidget() is canvas)
    assert box.currentText() == "Burn"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)  # without the list one goes on choosing
    assert (ground.focusWidget(), box.currentText()) == (box, "Screen")


def test_the_welcome_leads_through_its_call_outs(ground: QWidget, qtbot: QtBot) -> None:
    call_outs = [
        CallOut(title=f"Number {n}", text="Words.", at=lambda: QRect(200, 100, 50, 20), below=bool(n)) for n in range(3)
    ]
    welcome = Welcome(ground, call_outs, ground.rect)
    follow = next(button for button in welcome.findChildren(QPushButton) if button.text() == "Next")
    assert ground.rect().contains(welcome.geometry())
    follow.click()
    follow.click()
    assert welcome.step == 2
    with qtbot.waitSignal(welcome.ended):
        follow.click()


def test_the_welcome_can_be_skipped_by_key(ground: QWidget, qtbot: QtBot) -> None:
    call_out = CallOut(title="One", text="Words.", at=lambda: QRect(0, 0, 10, 10), below=True)
    welcome = Welcome(ground, [call_out, call_out], ground.rect)
    with qtbot.waitSignal(welcome.ended):
        QTest.keyClick(welcome, Qt.Key.Key_Escape)


@pytest.mark.parametrize("bend", [1.0, 2.2])
def test_slider_and_number_go_together(qtbot: QtBot, bend: float) -> None:
    field = ValueField("Size", 1, 300, suffix=" px", guard=WheelGuard(), bend=bend)
    qtbot.addWidget(field)
    for value in (1, 2, 10, 150, 299, 300):
        field.set_value(value)
        assert field.value == value
        position = field.slider.value()
        field.slider.setValue(0 if position else 1000)
        field.slider.setValue(position)
        assert abs(field.value - value) <= max(1, value * 0.02)


def test_icons_take_the_colours_of_the_theme(theme: Theme, qapp: QApplication) -> None:
    def tint(mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> QColor:
        image = icon("brush").pixmap(QSize(24, 24), 2.0, mode, state).toImage()
        assert (image.width(), image.height()) == (48, 48)
        solid = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
        return max(solid, key=lambda colour: colour.alpha())

    assert tint().lightness() > 180
    assert tint(state=QIcon.State.On).hue() == pytest.approx(20, abs=10)
    assert tint(QIcon.Mode.Disabled).alpha() < 140
    assert not icon("brush").pixmap(QSize(0, 0), 1.0).isNull()  # asked for by buttons without room, and no warning
    theme.choose("light")
    qapp.processEvents()
    assert tint().lightness() < 100
    theme.choose("dark")
    qapp.processEvents()


def test_the_system_theme_follows_the_system(theme: Theme, qapp: QApplication) -> None:
    def ground() -> int:
        qapp.processEvents()
        return qapp.palette().color(QPalette.ColorRole.Window).lightness()

    system = qapp.styleHints().colorSchemeChanged
    theme.choose("system")
    system.emit(Qt.ColorScheme.Light)
    assert ground() > 200
    assert theme.shade == "light"
    system.emit(Qt.ColorScheme.Dark)
    assert ground() < 80
    theme.choose("light")
    system.emit(Qt.ColorScheme.Dark)
    assert ground() > 200  # chosen by the user, whatever the system says
    assert theme.shade == "light"
    theme.choose("dark")
    qapp.processEvents()


def test_a_theme_comes_when_the_turn_is_over_and_what_was_closed_in_it_is_gone(
    theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    told: list[str] = []
    wizard = QWizard()
    wizard.addPage(QWizardPage())
    wizard.destroyed.connect(lambda: told.append("gone"))
    theme.changed.connect(lambda: told.append(theme.shade))
    wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    wizard.open()
    qtbot.waitExposed(wizard)
    wizard.close()
    for choice in "light", "dark", "light":  # in one turn
        theme.choose(choice)
    assert theme.shade == "dark"
    qapp.processEvents()
    assert told == ["gone", "light"]
    theme.choose("dark")
    qapp.processEvents()


def test_every_icon_that_is_asked_for_is_there() -> None:
    names = set()
    for path in (Path(__file__).parents[2] / "sketchsause_desktop" / "ui").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        names |= {name for name in ("brush", "eraser", "hand", "close", "live") if f'"{name}"' in text}
    assert names
    assert all(resource_path("icons", f"{name}.svg").exists() for name in names)


def test_a_remembered_look_is_the_same_look(qapp: QApplication, tmp_path: Path) -> None:
    colours = {"primary": "#ff0000"}
    first = look_of("dark", colours, tmp_path)
    files = list(tmp_path.iterdir())
    assert len(files) == 1
    second = look_of("dark", colours, tmp_path)
    assert (second.palette, second.sheet) == (first.palette, first.sheet)
    files[0].write_text("{damaged", encoding="utf-8")
    assert look_of("dark", colours, tmp_path).sheet == first.sheet
    look_of("dark", {"primary": "#00ff00"}, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_notices_that_come_together_have_room_for_their_words(ground: QWidget) -> None:
    notices = Notices()
    bar = NoticeBar(notices, ground)
    words = "A sentence that is long enough to need more than one line in a window as small as this one is. " * 2
    for number in range(3):
        notices.post(f"notice-{number}", words, "And what to do about it.", lasts=True)
    QApplication.processEvents()
    rows = bar.findChildren(QFrame, "notice")
    assert len(rows) == 3
    assert all(row.height() >= row.heightForWidth(row.width()) for row in rows)
    assert not any(one.geometry().intersects(other.geometry()) for one, other in pairwise(rows))


def test_panels_that_go_after_their_window_say_nothing(qapp: QApplication) -> None:
    window = QMainWindow()
    panels = Panels(window, QWidget(window), ())
    for title, tab_of in (("First", ""), ("Second", "first")):
        panels.add_dock(title, title.lower(), QWidget(), tab_of=tab_of)
    panels.arrange()
    window.show()
    delete(window)  # as at the end of the program; what a slot raises then fails the test
    assert not isValid(window)
