"""The menu bar. Only what works is in it."""

from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu

from sketchsause_desktop.ui.actions import Actions
from sketchsause_desktop.ui.files import Files


class Menus:
    """Fills `window`'s menu bar; keeps the recent files up to date."""

    def __init__(self, window: QMainWindow, actions: Actions, files: Files) -> None:
        self._window, self._files = window, files
        self._recent = QMenu("Open &recent", window)
        self._make_file(actions)
        a = actions
        clips = (a.cut, a.copy, a.copy_merged, None, a.paste, a.paste_as_line_art, a.paste_as_new)
        self.edit = self._fill("&Edit", a.undo, a.redo, None, *clips, None, a.clear, a.fill_foreground)
        self.view = self._make_view(actions)
        tools = (*a.tool_actions.values(), None, a.smaller, a.larger)
        self.tools = self._fill("&Tools", *tools)
        self.ai = self._fill("&AI", a.live, a.colour_once)
        self.model = self.ai.addMenu("&Model")
        self.panels = self._fill("&Window", a.next_drawing, a.previous_drawing, a.next_panel, None)
        self._fill("&Help", a.welcome, a.device_report, None, a.about)
        files.recent_changed.connect(self._show_recent)
        self._show_recent()

    def _make_file(self, a: Actions) -> None:
        menu = self._fill("&File", a.new, a.open)
        menu.addMenu(self._recent)
        _add(menu, None, a.save, a.save_as, a.save_copy, None, a.export, a.export_again, None, a.close, a.quit)

    def _make_view(self, a: Actions) -> QMenu:
        menu = self._fill("&View", a.zoom_in, a.zoom_out, a.fit, a.actual_size, a.mirror, None, a.overlay, a.split)
        self.themes = menu.addMenu("&Theme")
        _add(self.themes, a.theme_system, a.theme_dark, a.theme_light)
        _add(menu, None, a.canvas_only, a.full_screen, a.reset_layout)
        return menu

    def _fill(self, title: str, *actions: QAction | None) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        menu.setToolTipsVisible(False)
        _add(menu, *actions)
        return menu

    def _show_recent(self) -> None:
        self._recent.clear()
        for number, path in enumerate(self._files.recent, 1):
            entry = self._recent.addAction(f"&{number % 10}  {_shortened(path)}")
            entry.triggered.connect(partial(self._open, path))
        self._recent.setEnabled(bool(self._files.recent))
        if self._files.recent:
            self._recent.addSeparator()
            self._recent.addAction("&Forget these", self._files.forget_recent)

    def _open(self, path: Path, _checked: bool = False) -> None:
        self._files.open_paths([path])


def _add(menu: QMenu, *actions: QAction | None) -> None:
    for action in actions:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)


def _shortened(path: Path) -> str:
    """Name and folder; long paths lose their middle."""
    text = str(path).replace("&", "&&")
    return text if len(text) <= 60 else f"{text[:20]}…{text[-39:]}"
