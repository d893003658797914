"""The brushes: presets to choose from and to keep, and the settings of the one in hand."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QInputDialog, QLabel, QMenu, QVBoxLayout, QWidget

from sketchsause_desktop.app.brush_library import BrushLibrary
from sketchsause_desktop.app.editor import Editor, Tool
from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.core.brush_files import SUFFIX
from sketchsause_desktop.core.brush_presets import BrushPreset
from sketchsause_desktop.ui.brush_settings import BrushSettings
from sketchsause_desktop.ui.fields import ReturnToCanvas, WheelGuard, icon_button, menu_button
from sketchsause_desktop.ui.preset_list import PresetList


def owner_of(preset: BrushPreset) -> Tool:
    """The tool that a preset is for."""
    if preset.brush.erases:
        return Tool.ERASER
    return Tool.HINT if preset.for_hints else Tool.BRUSH


def take_preset(editor: Editor, preset: BrushPreset) -> None:
    """Put the preset in hand, with the tool that it is for."""
    owner = owner_of(preset)
    editor.set_preset(preset, owner)
    editor.set_tool(owner)


class BrushPanel(QWidget):
    def __init__(
        self, *, library: BrushLibrary, editor: Editor, notices: Notices, guard: WheelGuard, returns: ReturnToCanvas
    ) -> None:
        super().__init__()
        self._library, self._editor, self._notices = library, editor, notices
        self.list = PresetList(library, QSize(82, 26))
        self.list.setFixedHeight(self.list.height_of(3))
        self.name = QLabel()
        self.save_button = icon_button("save", "Save the changes under this name", self.save)
        self.duplicate_button = icon_button("duplicate", "Duplicate: keep one more brush like it", self.duplicate)
        self.remove_button = icon_button("trash", "Delete this brush", self.remove)
        self.menu = QMenu("Brush", self)
        self.menu_button = menu_button(self.menu, "More: rename, back to saved, import, export")
        self.settings = BrushSettings(guard, returns)
        self._fill_menu()
        self._lay_out()
        self._connect()

    def _fill_menu(self) -> None:
        self._rename_action = self.menu.addAction("&Rename…", self._ask_name)
        self._revert_action = self.menu.addAction("Back to &saved", self.revert)
        self.menu.addSeparator()
        self.menu.addAction("&Import…", self._ask_import)
        self.menu.addAction("&Export…", self._ask_export)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(self.name, 1)
        for button in (self.save_button, self.duplicate_button, self.remove_button, self.menu_button):
            line.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 8)
        column.setSpacing(6)
        column.addWidget(self.list)
        column.addLayout(line)
        column.addWidget(self.settings)
        column.addStretch(1)

    def _connect(self) -> None:
        editor = self._editor
        self.list.chosen.connect(self.take)
        self.settings.changed.connect(editor.set_preset)
        self.settings.refused.connect(lambda text: self._notices.post("brushes", text, level=Level.ERROR))
        editor.brush_changed.connect(lambda _brush: self._show_preset())
        editor.options_changed.connect(self._show_preset)
        editor.tool_changed.connect(lambda _tool: self._show_preset())
        self._library.changed.connect(self._show_preset)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_preset()

    def _show_preset(self) -> None:
        if not self.isVisible():  # the brush changes with every step of a drag that resizes it
            return
        preset = self._editor.preset
        is_changed, is_own = self._library.is_changed(preset), self._library.is_own(preset.name)
        self.settings.show_preset(preset)
        self.list.show_name(preset.name)
        metrics = self.name.fontMetrics()
        self.name.setText(metrics.elidedText(preset.name, Qt.TextElideMode.ElideRight, 100) + " *" * is_changed)
        self.name.setToolTip(f"{preset.name}, changed since it was saved" if is_changed else preset.name)
        self.save_button.setEnabled(is_changed)
        self.remove_button.setEnabled(is_own)
        self._rename_action.setEnabled(is_own)
        self._revert_action.setEnabled(is_changed and preset.name in self._library.presets)

    # What the user does

    def take(self, name: str) -> None:
        take_preset(self._editor, self._library.presets[name])

    def save(self) -> None:
        self._library.save(self._editor.preset)

    def duplicate(self) -> None:
        name = self._library.add(self._editor.preset)
        if name:
            self.take(name)

    def remove(self) -> None:
        """What the brush was stays in hand, but for a changed one that came with the program: that is as it was."""
        name = self._editor.preset.name
        self._library.remove(name)
        if name in self._library.presets:
            self.take(name)

    def revert(self) -> None:
        self.take(self._editor.preset.name)

    def rename(self, wanted: str) -> None:
        before = self._editor.preset.name
        name = self._library.rename(before, wanted)
        if name != before:
            self.take(name)

    def import_file(self, path: Path) -> None:
        name = self._library.import_file(path)
        if name:
            self.take(name)

    def export(self, path: Path) -> None:
        self._library.export(self._editor.preset, path)

    # Questions

    def _ask_name(self) -> None:
        name, given = QInputDialog.getText(self, "Rename brush", "Name:", text=self._editor.preset.name)
        if given:
            self.rename(name)

    def _ask_import(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Import brushes", "", f"Brushes (*{SUFFIX} *.gbr)")
        for name in names:
            self.import_file(Path(name))

    def _ask_export(self) -> None:
        start = f"{self._editor.preset.name}{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(self, "Export brush", start, f"Brush (*{SUFFIX})")
        if name:
            self.export(Path(name))
