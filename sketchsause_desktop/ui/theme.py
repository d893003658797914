"""Dark, light and system theme: Fusion, qdarktheme's style sheet in our colours, and the palette to match.

qdarktheme is never asked for "auto": that leaves a watching process behind. The system's wish is read from Qt.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from sketchsause_desktop.ui.look import look_of

Choice = Literal["system", "dark", "light"]
Shade = Literal["dark", "light"]
CHOICES: tuple[Choice, ...] = ("system", "dark", "light")

# Neutral greys, so that the chrome does not colour the eye, and the sauce of the program's icon as the one accent.
_COLOURS: dict[Shade, dict[str, str]] = {
    "dark": {
        "background": "#26262a",
        "border": "#3b3b41",
        "foreground": "#e5e4e7",
        "input.background": "#36363c",
        "primary": "#ff9a66",
        "statusBar.background": "#1f1f23",
        "toolbar.background": "#26262a",
    },
    "light": {
        "background": "#f4f3f1",
        "border": "#d8d5d0",
        "foreground": "#3a3937",
        "input.background": "#ffffff",
        "primary": "#c2490f",
        "statusBar.background": "#e9e7e3",
        "toolbar.background": "#f4f3f1",
    },
}
_BACKDROP: dict[Shade, str] = {"dark": "#1a1a1c", "light": "#cfccc7"}
_GOOD: dict[Shade, str] = {"dark": "#5fd38d", "light": "#1d8a4b"}
_BAD: dict[Shade, str] = {"dark": "#ff7b72", "light": "#c62f2f"}

# What qdarktheme leaves to Qt's taste: room around buttons, quiet dock titles, slim separators.
_FINISH = """
QMainWindow::separator {{ width: 1px; height: 1px; background: {border}; }}
QToolBar {{ border: none; padding: 3px 4px; margin: 0; spacing: 3px; }}
QToolBar#options {{ border-bottom: 1px solid {border}; }}
QToolBar#tools {{ border-right: 1px solid {border}; }}
QToolBar::separator:vertical {{ height: 1px; margin: 5px 4px; }}
QToolBar::separator:horizontal {{ width: 1px; margin: 4px 5px; }}
QToolBar > QToolButton, QToolButton {{ padding: 5px; border-radius: 6px; }}
QToolBar > QToolButton:checked:enabled, QToolButton:checked:enabled {{ background: {accent_wash}; }}
QToolButton:focus, QPushButton:focus, QSlider:focus {{ border: 1px solid {accent}; }}
QToolButton {{ border: 1px solid transparent; }}
QDockWidget {{ font-weight: 600; }}
QDockWidget::title {{ background: {background}; padding: 7px 8px 5px 10px; }}
QDockWidget > QWidget {{ font-weight: normal; }}
QScrollArea {{ border: none; background: transparent; }}
QMenu::item {{ padding: 5px 22px; }}
QMenuBar::item {{ padding: 8px 8px 7px 8px; }}
QStatusBar {{ border-top: 1px solid {border}; }}
QStatusBar QLabel {{ padding: 2px 7px; }}
QStatusBar QLabel:hover {{ background: transparent; }}
QTabBar::tab {{ padding: 5px 8px; min-width: 20px; }}
QToolTip {{ border: 1px solid {border}; padding: 4px 6px; }}
QSpinBox#plain {{ padding: 3px 4px; }}
QSpinBox#plain::up-button, QSpinBox#plain::down-button {{ width: 0; height: 0; border: none; }}
QSpinBox#plain::up-arrow, QSpinBox#plain::down-arrow {{ image: none; width: 0; height: 0; }}
QToolButton#more::menu-indicator {{ image: none; width: 0; }}
QToolButton#swatch {{ padding: 0; min-width: 14px; border: 1px solid {border}; border-radius: 4px; }}
QToolButton#swatch:hover, QToolButton#swatch:focus {{ border: 2px solid {accent}; }}
QLabel#heading {{ font-size: 15pt; font-weight: 600; }}
QTabBar#workspaces::tab {{ padding: 5px 14px; font-weight: 600; }}
QLabel#dim {{ color: {dim}; }}
#notice {{ background: {raised}; border: 1px solid {border}; border-radius: 8px; }}
QTableView#queue::item, QTableView#settings::item {{ padding: 0 8px; }}
QTableView#queue QHeaderView::section, QTableView#settings QHeaderView::section {{ padding: 4px 8px; }}
QTableView#settings {{ background: {background}; }}
#drop-zone {{ border: 2px dashed {border}; border-radius: 12px; }}
#drop-zone[lit="true"] {{ border-color: {accent}; background: {accent_wash}; }}
#callout {{ background: {accent}; border-radius: 8px; }}
#callout QLabel {{ color: {on_accent}; background: transparent; }}
"""


class Theme(QObject):
    """Keeps the application in the theme that was chosen, and follows the system where that was the choice."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: Choice = "system", cache: Path | None = None) -> None:
        """`cache` is a folder that keeps the look from start to start."""
        super().__init__()
        self._app = app
        self._cache = cache
        self._choice = choice
        self._shade: Shade | None = None
        self._system = app.styleHints().colorScheme()
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._apply)
        self._apply()

    @property
    def choice(self) -> Choice:
        return self._choice

    @property
    def shade(self) -> Shade:
        return self._shade or "dark"

    def choose(self, choice: Choice) -> None:
        """The window changes in the next turn of the event loop."""
        self._choice = choice
        self._soon.start()

    def backdrop(self) -> QColor:
        """What lies around the picture on the canvas."""
        return QColor(_BACKDROP[self.shade])

    def accent(self) -> QColor:
        return QColor(_COLOURS[self.shade]["primary"])

    def good(self) -> QColor:
        return QColor(_GOOD[self.shade])

    def bad(self) -> QColor:
        return QColor(_BAD[self.shade])

    def dim(self) -> QColor:
        """Text and marks that step back."""
        return _dim(self.shade)

    def _on_system_changed(self, scheme: Qt.ColorScheme) -> None:
        self._system = scheme
        if self._choice == "system":
            self._soon.start()

    def _wanted(self) -> Shade:
        if self._choice != "system":
            return self._choice
        return "light" if self._system == Qt.ColorScheme.Light else "dark"

    def _apply(self) -> None:
        shade = self._wanted()
        if shade == self._shade:
            return
        self._shade = shade
        look = look_of(shade, _COLOURS[shade], self._cache)
        with _widgets_kept():
            if self._app.style().objectName() != "fusion":
                self._app.setStyle("Fusion")
            self._app.setPalette(look.palette)
            sheet = look.sheet + _finish(shade)
            if sheet != self._app.styleSheet():  # Qt would polish every widget anew
                self._app.setStyleSheet(sheet)
        self.changed.emit()


@contextmanager
def _widgets_kept() -> Iterator[None]:
    """No widget ends in here: Qt walks a list of all of them, and one that Python collects meanwhile crashes it."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _finish(shade: Shade) -> str:
    colours = _COLOURS[shade]
    accent, background = QColor(colours["primary"]), QColor(colours["background"])
    wash = QColor(accent)
    wash.setAlphaF(0.18)
    raised = background.lighter(128) if shade == "dark" else QColor("#ffffff")
    return _FINISH.format(
        background=colours["background"],
        border=colours["border"],
        accent=colours["primary"],
        accent_wash=_rgba(wash),
        dim=_rgba(_dim(shade)),
        raised=raised.name(),
        on_accent="#1f1f23" if shade == "dark" else "#ffffff",
    )


def _dim(shade: Shade) -> QColor:
    colour = QColor(_COLOURS[shade]["foreground"])
    colour.setAlphaF(0.68)
    return colour


def _rgba(colour: QColor) -> str:
    return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alpha()})"
