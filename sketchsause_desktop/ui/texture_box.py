"""Chooses a picture for a tip or a grain: none, one that comes with the program, or a PNG of one's own."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFileDialog

from sketchsause_desktop.core.brush import Texture
from sketchsause_desktop.core.brush_presets import shipped_folder, texture_from_png
from sketchsause_desktop.ui.fields import WheelGuard

_OWN = "Own picture"


@cache
def shipped_texture(name: str) -> Texture:
    return texture_from_png((shipped_folder() / f"{name}.png").read_bytes())


class TextureBox(QComboBox):
    chosen = Signal(object)  # Texture or None, by the user
    refused = Signal(str)  # why a picture cannot be used

    def __init__(self, name: str, without: str, shipped: Sequence[str], guard: WheelGuard) -> None:
        """`without` is what it is called to have none; `shipped` names files in the folder of the brushes."""
        super().__init__()
        self._shipped = tuple(shipped)
        self._shown: Texture | None = None
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.addItem(without)
        self.addItems([title.capitalize() for title in shipped])
        self.addItem("Picture…")
        guard.watch(self)
        self.activated.connect(self._on_activated)

    @property
    def _picture_row(self) -> int:
        return len(self._shipped) + 1

    def show_texture(self, texture: Texture | None) -> None:
        self._shown = texture
        known = [None, *map(shipped_texture, self._shipped)]
        row = known.index(texture) if texture in known else self._picture_row
        self.setItemText(self._picture_row, _OWN if row == self._picture_row else "Picture…")
        self.setCurrentIndex(row)

    def take_picture(self, path: Path) -> None:
        try:
            texture = texture_from_png(path.read_bytes())
        except (OSError, ValueError) as error:
            self.refused.emit(f"{path.name} cannot be used for a brush: {error}.")
        else:
            self.chosen.emit(texture)

    def _on_activated(self, row: int) -> None:
        if row == self._picture_row:
            name, _ = QFileDialog.getOpenFileName(self, "Picture for the brush", "", "PNG (*.png)")
            if name:
                self.take_picture(Path(name))
            self.show_texture(self._shown)  # as it is, chosen or not
        else:
            self.chosen.emit(shipped_texture(self._shipped[row - 1]) if row else None)
