"""The panels round the canvas: where they go at first, hiding them all, walking through them with the keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QTabBar, QTabWidget, QToolBar, QWidget
from shiboken6 import isValid

LOW_SCREEN = 640  # logical pixels of height; below it the docks share one place as tabs
SHORT_SCREEN = 900  # below it some docks stand behind others that they have a place beside elsewhere
NARROWEST, LOWEST = 212, 32  # what does not fit is scrolled
USUAL_WIDTH = 240


@dataclass(frozen=True, kw_only=True)
class _Place:
    dock: QDockWidget
    height: int
    tab_of: str
    short_tab_of: str
    is_spare: bool


class Panels:
    """Bars and docks of `window`, in the order in which the keyboard visits them."""

    def __init__(self, window: QMainWindow, canvas: QWidget, bars: Sequence[QToolBar]) -> None:
        self._window, self._canvas = window, canvas
        self.bars = tuple(bars)
        self._places: list[_Place] = []
        self._before = self._before_aside = QByteArray()
        self._is_aside = False
        window.setDockNestingEnabled(True)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    @property
    def docks(self) -> list[QDockWidget]:
        return [place.dock for place in self._places]

    def add_dock(
        self,
        title: str,
        name: str,
        panel: QWidget,
        *,
        height: int = 240,
        tab_of: str = "",
        short_tab_of: str = "",
        is_spare: bool = False,
    ) -> QDockWidget:
        """`height` in logical pixels is where it starts; `tab_of` names the dock that it shares its place with.

        `short_tab_of` does so for short screens; a spare one waits there in the Window menu.
        """
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(panel)
        scroll.setMinimumSize(NARROWEST, LOWEST)
        scroll.verticalScrollBar().setAccessibleName(f"Scroll {title}")
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setWidget(scroll)
        dock.toggleViewAction().setObjectName(f"panel-{name}")
        dock.visibilityChanged.connect(self._spell_out_tabs)
        dock.toggleViewAction().triggered.connect(lambda is_shown: _raise(dock, is_shown))
        self._places.append(
            _Place(dock=dock, height=height, tab_of=tab_of, short_tab_of=short_tab_of, is_spare=is_spare)
        )
        return dock

    def _spell_out_tabs(self) -> None:
        """Tabs that do not fit are scrolled to, rather than all of them cut to a letter or two."""
        if not isValid(self._window):  # its docks go after it, and tell that they do
            return
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(True)

    def toggles(self) -> list[QAction]:
        """What shows and hides each of them."""
        return [*(bar.toggleViewAction() for bar in self.bars), *(dock.toggleViewAction() for dock in self.docks)]

    @property
    def layout_name(self) -> str:
        """Low and short screens have layouts of their own."""
        if self._screen_height() < LOW_SCREEN:
            return "docks-low"
        return "docks-short" if self._screen_height() < SHORT_SCREEN else "docks"

    def _screen_height(self) -> int:
        return self._window.screen().availableGeometry().height()

    def arrange(self) -> None:
        """Everything back to its first place; on a low screen those that share one wait in the Window menu."""
        for dock in self.docks:
            dock.setFloating(False)
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        for part in (*self.bars, *self.docks):  # not before they are the window's, or each would be a window itself
            part.show()
        stacks = self._stacks()
        uppermost = [stack[0].dock for stack in stacks]
        for upper, lower in pairwise(uppermost):
            self._window.splitDockWidget(upper, lower, Qt.Orientation.Vertical)
        for stack in stacks:
            for place in stack[1:]:
                self._window.tabifyDockWidget(stack[0].dock, place.dock)
            stack[0].dock.raise_()
        for place in self._places:  # so many tabs would have no room for their names
            is_low, is_short = self._screen_height() < LOW_SCREEN, self._screen_height() < SHORT_SCREEN
            place.dock.setVisible(not (is_low and place.tab_of) and not (is_short and place.is_spare))
        heights = [stack[0].height for stack in stacks]
        self._window.resizeDocks(uppermost, heights, Qt.Orientation.Vertical)
        self._window.resizeDocks(self.docks, [USUAL_WIDTH] * len(self.docks), Qt.Orientation.Horizontal)

    def _stacks(self) -> list[list[_Place]]:
        """The docks that share one place each; on a low screen all of them."""
        if self._screen_height() < LOW_SCREEN:
            return [self._places]
        is_short = self._screen_height() < SHORT_SCREEN
        stacks: list[list[_Place]] = []
        holding: dict[str, list[_Place]] = {}  # by the name of a dock, the stack it is in
        for place in self._places:
            stack = holding.get(place.short_tab_of if is_short and place.short_tab_of else place.tab_of)
            if stack is None:
                stacks.append(stack := [])
            stack.append(place)
            holding[place.dock.objectName()] = stack
        return stacks

    def set_canvas_only(self, on: bool) -> None:
        """Hide everything but the canvas; switched off, each panel is as it was."""
        if on:
            self._before = self._window.saveState()
        for part in (self._window.menuBar(), self._window.statusBar(), *self.bars, *self.docks):
            part.setVisible(not on)
        if not on:
            self._window.restoreState(self._before)
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def step_aside(self, on: bool) -> None:
        """Hide bars and docks, which are for painting; switched off, each is as it was."""
        if on == self._is_aside:
            return
        self._is_aside = on
        if on:
            self._before_aside = self._window.saveState()
        for part in (*self.bars, *self.docks):
            part.setVisible(not on)
        if not on:
            self._window.restoreState(self._before_aside)

    def focus_next(self) -> None:
        """The keyboard goes round: canvas, bars, docks."""
        parts = [part for part in (self._canvas, *self.bars, *self.docks) if part.isVisible()]
        focused = self._window.focusWidget()
        here = next((i for i, part in enumerate(parts) if _holds(part, focused)), -1)
        for step in range(1, len(parts) + 1):
            part = parts[(here + step) % len(parts)]
            if _take_focus(part):
                part.raise_()  # from behind another tab
                return


def _raise(dock: QDockWidget, is_shown: bool) -> None:
    """Who asks for a panel sees it, also where it shares its place with others."""
    if is_shown:
        dock.raise_()


def _holds(part: QWidget, focused: QWidget | None) -> bool:
    return focused is not None and (part is focused or part.isAncestorOf(focused))


def _take_focus(part: QWidget) -> bool:
    """Give the keyboard to `part` or to the first control in it."""
    for widget in (part, *part.findChildren(QWidget)):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return True
    return False
