"""Palettes: choose one, take colours out of it, change it, bring it in and out."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.palette_library import PaletteLibrary
from sketchsause_desktop.app.settings import Settings
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.colours import Colour, hex_of_colour
from sketchsause_desktop.core.palette_files import PALETTE_SUFFIXES
from sketchsause_desktop.core.palettes import Palette, Swatch, palette_of_picture
from sketchsause_desktop.ui.fields import WheelGuard, icon_button, menu_button
from sketchsause_desktop.ui.swatch_grid import NOBODY, SwatchGrid

PICTURE_COLOURS = 24  # in a palette out of the picture
_FILES = "Palettes (" + " ".join(f"*{suffix}" for suffix in PALETTE_SUFFIXES) + ")"


class PalettePanel(QWidget):
    """`chosen` is a colour that the user took out of the palette."""

    chosen = Signal(tuple)  # Colour
    use_wanted = Signal(object)  # Palette: the drawing is to be coloured in it

    def __init__(
        self, *, library: PaletteLibrary, settings: Settings, picture: Callable[[], Pixels], guard: WheelGuard
    ) -> None:
        """`picture` gives what "from the picture" looks at: premultiplied (height, width, 4)."""
        super().__init__()
        self._library, self._settings, self._picture = library, settings, picture
        self._colour: Colour = (0, 0, 0)
        self.box = QComboBox()
        self.box.setToolTip("Palette")
        self.box.setAccessibleName("Palette")
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.setMinimumContentsLength(8)
        guard.watch(self.box)
        self.grid = SwatchGrid("Colours of the palette", cell=22)
        self.add_button = icon_button("plus", "Add the foreground colour", self.add_colour)
        self.remove_button = icon_button("trash", "Remove the marked colour (Del)", self.remove_colour)
        self.menu = QMenu("Palette", self)
        self.menu_button = menu_button(self.menu, "More: new, import, export, from the picture")
        self._fill_menu()
        self._lay_out()
        self.box.activated.connect(lambda _row: self.show_palette(self.box.currentData()))
        self.grid.chosen.connect(lambda index: self.chosen.emit(self.grid.swatches[index].colour))
        self.grid.remove_wanted.connect(self.remove_colour)
        self.grid.menu_wanted.connect(self._on_menu_wanted)
        self.grid.current_changed.connect(lambda index: self.remove_button.setEnabled(index != NOBODY))
        library.changed.connect(self._on_changed)
        self._show_list()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(self.box, 1)
        line.addSpacing(4)
        for button in (self.add_button, self.remove_button, self.menu_button):
            line.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 8)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.grid)
        column.addStretch(1)

    def _fill_menu(self) -> None:
        menu = self.menu
        menu.addAction("&New…", self._ask_new)
        menu.addAction("From the &picture", self.add_from_picture)
        menu.addAction("&Use for colouring", lambda: self.use_wanted.emit(self.palette_shown))
        menu.addSeparator()
        menu.addAction("&Import…", self._ask_import)
        menu.addAction("&Export…", self._ask_export)
        menu.addSeparator()
        menu.addAction("&Rename…", self._ask_name)
        self._remove_action = menu.addAction("&Delete palette", lambda: self._library.remove(self.key))
        menu.aboutToShow.connect(self._show_remove)

    # What is shown

    @property
    def key(self) -> str:
        return str(self.box.currentData() or "")

    @property
    def palette_shown(self) -> Palette:
        return self._library.palettes[self.key]

    def show_palette(self, key: str) -> None:
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(max(self.box.findData(key), 0))
        self._show_swatches()
        self.remove_button.setEnabled(self.grid.current != NOBODY)
        self._settings.change(replace(self._settings.preferences, palette=self.key))

    def _show_swatches(self) -> None:
        self.grid.show_swatches(self.palette_shown.swatches, self.palette_shown.columns)

    def show_colour(self, colour: Colour) -> None:
        self._colour = colour
        self.grid.mark(colour)

    def _show_list(self) -> None:
        wanted = self.key or self._settings.preferences.palette
        with QSignalBlocker(self.box):
            self.box.clear()
            for key, palette in self._library.palettes.items():
                self.box.addItem(palette.name, key)
        self.show_palette(wanted)

    def _show_remove(self) -> None:
        self._remove_action.setEnabled(self._library.is_own(self.key))

    def _on_changed(self, key: str) -> None:
        if not key:
            self._show_list()
        elif key == self.key:
            self._show_swatches()

    # What the user does

    def add_colour(self) -> None:
        self._library.add_swatch(self.key, Swatch(colour=self._colour))

    def remove_colour(self) -> None:
        if self.grid.current != NOBODY:
            self._library.put_swatch(self.key, self.grid.current, None)

    def add_from_picture(self) -> None:
        palette = palette_of_picture("From the picture", self._picture(), PICTURE_COLOURS)
        if palette.swatches:
            self._show_new(self._library.add(palette))

    def import_file(self, path: Path) -> None:
        self._show_new(self._library.import_file(path))

    def export(self, path: Path) -> None:
        if path.suffix.lower() not in PALETTE_SUFFIXES:
            path = path.with_name(path.name + PALETTE_SUFFIXES[0])
        self._library.export(self.key, path)

    def _show_new(self, key: str) -> None:
        if key:
            self.show_palette(key)

    def _on_menu_wanted(self, index: int) -> None:
        if index == NOBODY:
            self.menu.popup(self.cursor().pos())
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("&Name…", partial(self._ask_swatch_name, index))
        menu.addAction("&Take the foreground colour", partial(self._take, index))
        menu.addSeparator()
        menu.addAction("&Remove", self.remove_colour)
        menu.popup(self.grid.mapToGlobal(self.grid.cell(index).bottomLeft() + QPoint(0, 2)))

    def _take(self, index: int) -> None:
        self._library.put_swatch(self.key, index, replace(self.grid.swatches[index], colour=self._colour))

    # Questions

    def _ask_swatch_name(self, index: int) -> None:
        swatch = self.grid.swatches[index]
        title = f"Name of {hex_of_colour(swatch.colour)}:"
        name, given = QInputDialog.getText(self, "Name the colour", title, text=swatch.name)
        if given:
            self._library.put_swatch(self.key, index, replace(swatch, name=" ".join(name.split())))

    def _ask_new(self) -> None:
        name, given = QInputDialog.getText(self, "New palette", "Name:")
        if given and name.strip():
            first = Swatch(colour=self._colour)
            self._show_new(self._library.add(Palette(name=" ".join(name.split()), swatches=(first,))))

    def _ask_name(self) -> None:
        name, given = QInputDialog.getText(self, "Rename palette", "Name:", text=self.palette_shown.name)
        if given and name.strip():
            self._library.rename(self.key, name)

    def _ask_import(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Import palettes", "", _FILES)
        for name in names:
            self.import_file(Path(name))

    def _ask_export(self) -> None:
        filters = ";;".join(f"{suffix[1:].upper()} (*{suffix})" for suffix in PALETTE_SUFFIXES)
        start = f"{self.palette_shown.name}{PALETTE_SUFFIXES[0]}"
        name, chosen = QFileDialog.getSaveFileName(self, "Export palette", start, filters)
        if name:
            path = Path(name)
            self.export(path if path.suffix else path.with_suffix(chosen.split("*")[-1].rstrip(")")))
