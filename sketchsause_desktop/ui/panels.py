"""The panels round the canvas: where they go at first, hiding them all, walking through them with the keyboard."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QTabWidget, QToolBar, QWidget

LOW_SCREEN = 640  # logical pixels of height; below it the docks share one place as tabs
NARROWEST = 212
USUAL_WIDTH = 240
USUAL_HEIGHT = 200


class Panels:
    """Bars and docks of `window`, in the order in which the keyboard visits them."""

    def __init__(self, window: QMainWindow, canvas: QWidget, bars: Sequence[QToolBar]) -> None:
        self._window, self._canvas = window, canvas
        self.bars = tuple(bars)
        self.docks: list[QDockWidget] = []
        self._places: dict[str, list[QDockWidget]] = {}  # from the top; the docks of one are tabs
        self._before = QByteArray()
        window.setDockNestingEnabled(True)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    def add_dock(self, title: str, name: str, panel: QWidget, place: str = "") -> QDockWidget:
        """Docks of one place share it as tabs, the first in front; a dock without one has a place to itself."""
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.verticalScrollBar().setAccessibleName(f"Scroll {title}")
        scroll.setWidget(panel)
        scroll.setMinimumWidth(NARROWEST)
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setWidget(scroll)
        self.docks.append(dock)
        self._places.setdefault(place or name, []).append(dock)
        return dock

    def toggles(self) -> list[QAction]:
        """What shows and hides each of them."""
        return [*(bar.toggleViewAction() for bar in self.bars), *(dock.toggleViewAction() for dock in self.docks)]

    @property
    def layout_name(self) -> str:
        """Low screens have a layout of their own."""
        return "docks-low" if self._screen_is_low() else "docks"

    def _screen_is_low(self) -> bool:
        return self._window.screen().availableGeometry().height() < LOW_SCREEN

    def arrange(self, heights: Mapping[str, int]) -> None:
        """Everything back to its first place; `heights` of the places in logical pixels."""
        for part in (*self.bars, *self.docks):
            part.show()
        for dock in self.docks:
            dock.setFloating(False)
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        places = [self.docks] if self._screen_is_low() else list(self._places.values())
        for upper, lower in pairwise(places):
            self._window.splitDockWidget(upper[0], lower[0], Qt.Orientation.Vertical)
        for front, *behind in places:
            for before, dock in pairwise((front, *behind)):
                self._window.tabifyDockWidget(before, dock)
            front.raise_()
        if len(places) > 1:
            fronts = [docks[0] for docks in places]
            wanted = [heights.get(name, USUAL_HEIGHT) for name in self._places]
            self._window.resizeDocks(fronts, wanted, Qt.Orientation.Vertical)
        self._window.resizeDocks(self.docks, [USUAL_WIDTH] * len(self.docks), Qt.Orientation.Horizontal)

    def set_canvas_only(self, on: bool) -> None:
        """Hide everything but the canvas; switched off, each panel is as it was."""
        if on:
            self._before = self._window.saveState()
        for part in (self._window.menuBar(), self._window.statusBar(), *self.bars, *self.docks):
            part.setVisible(not on)
        if not on:
            self._window.restoreState(self._before)
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_next(self) -> None:
        """The keyboard goes round: canvas, bars, docks."""
        parts = [part for part in (self._canvas, *self.bars, *self.docks) if part.isVisible()]
        focused = self._window.focusWidget()
        here = next((i for i, part in enumerate(parts) if _holds(part, focused)), -1)
        for step in range(1, len(parts) + 1):
            if _take_focus(parts[(here + step) % len(parts)]):
                return


def _holds(part: QWidget, focused: QWidget | None) -> bool:
    return focused is not None and (part is focused or part.isAncestorOf(focused))


def _take_focus(part: QWidget) -> bool:
    """Give the keyboard to `part` or to the first control in it."""
    for widget in (part, *part.findChildren(QWidget)):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False
