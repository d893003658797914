"""A window with a network to order behind it, its settings in a temporary folder."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.model_choices import ModelChoice
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.geometry import Point, Size
from sketchsause_desktop.ui.canvas_view import CanvasView
from sketchsause_desktop.ui.main_window import MainWindow, Services
from sketchsause_desktop.ui.theme import Theme
from sketchsause_desktop.ui.view_geometry import Placement
from tests.desktop.app.fake_engine import FakeEngine

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Qt's platform without a screen says with every window that it has no window manager to speak to."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


MODELS = (ModelChoice(model_id="one", title="Model one"), ModelChoice(model_id="two", title="Model two"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "settings")
    settings.change(replace(settings.preferences, theme="dark", welcomed=True))
    return settings


@pytest.fixture(scope="session")
def look_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("look")


@pytest.fixture
def theme(qapp: QApplication, look_cache: Path) -> Theme:
    return Theme(qapp, "dark", look_cache)


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    editor = Editor()
    editor.new(Size(400, 300))
    return editor


@dataclass
class Open:
    """An open window and all it works with."""

    window: MainWindow
    services: Services
    engine: FakeEngine

    @property
    def canvas(self) -> CanvasView:
        return self.window.canvas

    @property
    def editor(self) -> Editor:
        return self.services.editor

    def notices(self) -> list[str]:
        return [notice.text for notice in self.services.notices.shown]

    def at(self, x: float, y: float) -> QPointF:
        """Where the document point lies in the canvas (first half), logical pixels."""
        return view_point(self.canvas, x, y)

    def shown_colour(self, x: float, y: float) -> tuple[int, int, int]:
        """What the screen shows there."""
        QApplication.processEvents()
        ratio = self.canvas.devicePixelRatioF()
        position = self.at(x, y)
        image = self.canvas.grab().toImage()
        colour = image.pixelColor(int(position.x() * ratio), int(position.y() * ratio))
        return colour.red(), colour.green(), colour.blue()


def view_point(canvas: CanvasView, x: float, y: float) -> QPointF:
    placement = Placement(canvas.view, canvas.panes()[0].box)
    point = placement.to_device(Point(x, y))
    ratio = canvas.devicePixelRatioF()
    return QPointF(point.x / ratio, point.y / ratio)


@contextlib.contextmanager
def shown_window(qtbot: QtBot, services: Services, width: int = 1000, height: int = 700) -> Iterator[MainWindow]:
    """A window that goes without a question."""
    window = MainWindow(services)
    window.resize(width, height)
    window.show()
    qtbot.waitExposed(window)
    yield window
    services.live.shutdown()
    for drawing in services.editor.drawings:
        drawing.mark_saved()
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the style sheet of the next need not reach it


@pytest.fixture
def opened(qtbot: QtBot, editor: Editor, theme: Theme, settings: Settings) -> Iterator[Open]:
    engine = FakeEngine()
    notices = Notices()
    live = Live(editor, engine, notices)
    live.set_model("one")
    services = Services(editor=editor, live=live, notices=notices, settings=settings, theme=theme, models=MODELS)
    window = MainWindow(services)
    window.resize(1000, 700)
    window.show()
    qtbot.waitExposed(window)
    yield Open(window, services, engine)
    live.shutdown()
    editor.end_stroke()  # a test that failed in the middle of one leaves it
    for drawing in editor.drawings:  # no question on leaving
        drawing.mark_saved()
    window.close()
    QApplication.clipboard().clear()  # of what Python made, which Qt would let go after Python has
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the style sheet of the next need not reach it


def picture(width: int, height: int, colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)
