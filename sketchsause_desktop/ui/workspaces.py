"""The tabs at the top left: what the window is for just now. Painting's bars and panels step aside meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QTabBar, QToolBar, QWidget

from sketchsause_desktop.ui.actions import new_command, titled
from sketchsause_desktop.ui.panels import Panels


@dataclass
class _Workspace:
    action: QAction
    make: Callable[[], QWidget]
    page: QWidget | None = None


class Workspaces(QObject):
    """`stack` goes into the middle of the window. A workspace's page is made when it is shown for the first time."""

    changed = Signal(int)  # its place among those that there are; 0 = Paint

    def __init__(self, window: QMainWindow, paint: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._panels: Panels | None = None
        self._all: list[_Workspace] = []
        self.stack = QStackedWidget()
        self.bar = QTabBar()
        self.bar.setObjectName("workspaces")
        self.bar.setAccessibleName("Workspaces")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.currentChanged.connect(self.show)
        self.add("&Paint", "Ctrl+1", lambda: paint, "Draw, and see it coloured")
        self.show(0)

    def add(self, text: str, keys: str, make: Callable[[], QWidget], tip: str) -> int:
        """Returns its place."""
        place = len(self._all)
        action = new_command(self._window, text, lambda: self.show(place), keys, tip=tip)
        action.setCheckable(True)
        self._all.append(_Workspace(action, make))
        with QSignalBlocker(self.bar):
            self.bar.addTab(text.replace("&", ""))
        self.bar.setTabToolTip(place, f"{titled(text.replace('&', ''), action)}\n{tip}")
        return place

    def install(self, menu: QMenu, panels: Panels) -> None:
        """The tabs into the menu bar's corner, where it has one, the commands to the end of `menu`."""
        self._panels = panels
        if len(self._all) < 2:
            return
        if self._window.menuBar().isNativeMenuBar():
            bar = QToolBar("Workspaces")
            bar.setObjectName("workspace-bar")
            bar.setMovable(False)
            bar.addWidget(self.bar)
            self._window.insertToolBar(panels.bars[0], bar)
        else:
            self._window.menuBar().setCornerWidget(self.bar, Qt.Corner.TopLeftCorner)
        first = menu.actions()[0]
        menu.insertActions(first, [each.action for each in self._all])
        menu.insertSeparator(first)

    @property
    def current(self) -> int:
        return self.bar.currentIndex()

    def page(self, place: int) -> QWidget:
        """Made if need be."""
        workspace = self._all[place]
        if workspace.page is None:
            workspace.page = workspace.make()
            self.stack.addWidget(workspace.page)
        return workspace.page

    def show(self, place: int) -> None:
        page = self.page(place)
        if self.stack.currentWidget() is not page and self._panels is not None:
            self._panels.step_aside(place != 0)
        self.stack.setCurrentWidget(page)
        with QSignalBlocker(self.bar):
            self.bar.setCurrentIndex(place)
        for number, each in enumerate(self._all):
            each.action.setChecked(number == place)
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit(place)
