"""A monkey at the window: whatever is pressed, nothing breaks, and all of it can be undone."""

import random
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QMessageBox

from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.ui import dialogs
from tests.gui.conftest import Open

BUTTONS = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)
MODIFIERS = (
    *(4 * [Qt.KeyboardModifier.NoModifier]),
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier,
)
KEYS = (*"BBBEEHHGGIRLWTXDM12222456[]`", Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Delete)
# A full screen, leaving and other drawings; names that end in dots open dialogs.
LEFT_OUT = {"quit", "close", "full-screen", "new-drawing", "about-sketchsause", "paste-as-new-image", "reset-layout"}


class Monkey:
    """Sends events to the canvas as a hand would, only without sense."""

    def __init__(self, opened: Open, seed: int) -> None:
        self.opened, self.random = opened, random.Random(seed)
        self._held = Qt.MouseButton.NoButton
        self._acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self.press, 6),
            (self.move, 12),
            (self.release, 6),
            (self.wheel, 1),
            (self.key, 4),
            (self.trigger, 2),
            (self.colour, 1),
        )

    def act(self) -> None:
        acts, weights = zip(*self._acts, strict=True)
        self.random.choices(acts, weights)[0]()

    def press(self) -> None:
        self._held = self.random.choice(BUTTONS)
        self._mouse(QEvent.Type.MouseButtonPress, self._held)

    def move(self) -> None:
        self._mouse(QEvent.Type.MouseMove, Qt.MouseButton.NoButton)

    def release(self) -> None:
        button, self._held = self._held, Qt.MouseButton.NoButton
        self._mouse(QEvent.Type.MouseButtonRelease, button)

    def _mouse(self, kind: QEvent.Type, button: Qt.MouseButton) -> None:
        place = self._place()
        globally = QPointF(self.opened.canvas.mapToGlobal(place))
        event = QMouseEvent(kind, place, globally, button, self._held, self.random.choice(MODIFIERS))
        QApplication.sendEvent(self.opened.canvas, event)

    def _place(self) -> QPointF:
        """Mostly on the drawing, wherever it lies in the view."""
        canvas, size = self.opened.canvas, self.opened.editor.document.size
        if self.random.random() < 0.7:
            return self.opened.at(self.random.uniform(0, size.width), self.random.uniform(0, size.height))
        return QPointF(self.random.uniform(-20, canvas.width() + 20), self.random.uniform(-20, canvas.height() + 20))

    def wheel(self) -> None:
        place, turn = self._place(), QPoint(0, self.random.choice((-120, 120, 240, -35)))
        globally, phase = QPointF(self.opened.canvas.mapToGlobal(place)), Qt.ScrollPhase.NoScrollPhase
        modifiers = self.random.choice(MODIFIERS)
        event = QWheelEvent(place, globally, QPoint(), turn, Qt.MouseButton.NoButton, modifiers, phase, False)
        QApplication.sendEvent(self.opened.canvas, event)

    def key(self) -> None:
        key = self.random.choice(KEYS)
        send = self.random.choice((QTest.keyClick, QTest.keyClick, QTest.keyPress, QTest.keyRelease))
        send(self.opened.canvas, key, self.random.choice(MODIFIERS[:5]))

    def trigger(self) -> None:
        action = self.random.choice([each for each in self.opened.window.findChildren(QAction) if _is_safe(each)])
        action.trigger()

    def colour(self) -> None:
        red, green, blue = (self.random.randrange(256) for _ in range(3))
        self.opened.editor.set_foreground((red, green, blue))


def _is_safe(action: QAction) -> bool:
    opens_dialog = action.text().endswith("…") or action.menu() is not None
    named = action.objectName() not in LEFT_OUT and bool(action.objectName())
    return action.isEnabled() and named and not opens_dialog


@pytest.fixture
def no_dialogs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that open nevertheless are left at once."""
    for kind in (QDialog, QMessageBox, QFileDialog, QInputDialog):
        monkeypatch.setattr(kind, "exec", lambda *_: QDialog.DialogCode.Rejected)
    for name in ("ask_save", "ask_export", "ask_new"):
        monkeypatch.setattr(dialogs, name, lambda *_: None)
    monkeypatch.setattr(dialogs, "ask_open", lambda *_: [])


def sound(opened: Open) -> bool:
    """Premultiplied: no tile's colour exceeds its alpha."""
    tiles = [tile for layer in opened.editor.document.leaves() for tile in layer.tiles.snapshot().arrays()]
    return all((tile[..., :3] <= tile[..., 3:]).all() for tile in tiles)


def let_loose(opened: Open, events: int, seed: int) -> None:
    editor, monkey = opened.editor, Monkey(opened, seed)
    start = [layer.tiles.snapshot() for layer in editor.document.leaves()]
    names = [layer.name for layer in editor.document.layers]
    opened.services.live.set_enabled(True)
    for number in range(events):
        monkey.act()
        if number % 10 == 0:
            QApplication.processEvents()
    monkey.release()
    opened.services.live.set_enabled(False)
    editor.end_stroke()
    assert sound(opened)
    editor.go_to(len(editor.current.history.entries))
    assert len(editor.current.history) >= 5
    assert sound(opened)
    while editor.can_undo:
        editor.undo()
    editor.clear_result()
    assert [layer.name for layer in editor.document.layers] == names
    assert editor.document.size == Size(400, 300)
    for layer, before in zip(editor.document.leaves(), start, strict=True):
        assert np.array_equal(layer.tiles.read(editor.document.rect), before.read(editor.document.rect)), layer.name


@pytest.mark.usefixtures("no_dialogs")
def test_500_random_events_break_nothing(opened: Open) -> None:
    let_loose(opened, 500, seed=1)


@pytest.mark.slow
@pytest.mark.usefixtures("no_dialogs")
def test_5000_random_events_break_nothing(opened: Open) -> None:
    let_loose(opened, 5000, seed=2)
