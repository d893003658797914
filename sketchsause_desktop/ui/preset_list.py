"""Brush presets as a grid, each with a stroke that the real engine draws."""

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPalette, QPixmap, QShowEvent
from PySide6.QtWidgets import QFrame, QListView, QListWidget, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from sketchsause_desktop.app.brush_library import BrushLibrary
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.blend import straight
from sketchsause_desktop.core.brush import Brush
from sketchsause_desktop.core.brush_preview import stroke_preview
from sketchsause_desktop.ui.images import to_image

_NAME = Qt.ItemDataRole.UserRole


def brush_pixmap(brush: Brush, size: QSize, widget: QWidget) -> QPixmap:
    """A stroke in the colour of the widget's text; `size` in logical pixels."""
    ratio = widget.devicePixelRatioF()
    text = widget.palette().color(QPalette.ColorRole.WindowText)
    width, height = round(size.width() * ratio), round(size.height() * ratio)
    pixels = stroke_preview(brush, width, height, (text.red(), text.green(), text.blue()), ratio)
    pixmap = QPixmap.fromImage(to_image(straight(pixels)))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class PresetList(QListWidget):
    """Strokes are drawn when the list is first seen, and again after a change of theme."""

    chosen = Signal(str)  # the preset's name: a click or Enter

    def __init__(self, library: BrushLibrary, stroke: QSize) -> None:
        """`stroke` is the size of each preset's picture, logical pixels."""
        super().__init__()
        self._library = library
        self._is_stale = True
        self.setAccessibleName("Brush presets")
        self.verticalScrollBar().setAccessibleName("Scroll the presets")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(stroke)
        self.setGridSize(stroke + QSize(8, self.fontMetrics().height() + 8))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(lambda item: self.chosen.emit(item.data(_NAME)))
        library.changed.connect(self._on_changed)

    def show_name(self, name: str) -> None:
        """Mark the preset in hand."""
        row = next((row for row in range(self.count()) if self.item(row).data(_NAME) == name), -1)
        with QSignalBlocker(self):
            self.setCurrentRow(row)

    def height_of(self, rows: int) -> int:
        return rows * self.gridSize().height() + 6

    def width_of(self, columns: int) -> int:
        return columns * self.gridSize().width() + self.verticalScrollBar().sizeHint().width() + 8

    @property
    def names(self) -> list[str]:
        return [self.item(row).data(_NAME) for row in range(self.count())]

    def _on_changed(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        if not self._is_stale:
            return
        self._is_stale = False
        name = self.names[self.currentRow()] if self.currentRow() >= 0 else ""
        with QSignalBlocker(self):
            self.clear()
            for preset in self._library.presets.values():
                pixmap = brush_pixmap(preset.brush, self.iconSize(), self)
                item = QListWidgetItem(QIcon(pixmap), preset.name)
                item.setData(_NAME, preset.name)
                item.setToolTip(f"{preset.name}\n{preset.brush.size:g} px")
                self.addItem(item)
        self.show_name(name)

    def showEvent(self, event: QShowEvent) -> None:
        self.refresh()
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._on_changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if enters and self.currentRow() >= 0:
            self.chosen.emit(self.names[self.currentRow()])
        else:
            super().keyPressEvent(event)


class PresetButton(QToolButton):
    """The brush in hand, as a stroke; opens the presets."""

    chosen = Signal(str)

    def __init__(self, library: BrushLibrary, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._shown: object = None
        self.setIconSize(QSize(72, 22))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list = PresetList(library, QSize(96, 34))
        self.popup = QFrame(self, Qt.WindowType.Popup)
        self.popup.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self.popup)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.list)
        self.list.setFixedSize(self.list.width_of(3), self.list.height_of(3))
        self.clicked.connect(lambda _checked: self.open())
        self.list.chosen.connect(self._on_chosen)
        editor.brush_changed.connect(lambda _brush: self._show_brush())
        editor.options_changed.connect(self._show_brush)
        editor.tool_changed.connect(lambda _tool: self._show_brush())
        self._show_brush()

    def open(self) -> None:
        self.popup.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        self.popup.show()
        self.list.show_name(self._editor.preset.name)
        self.list.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_chosen(self, name: str) -> None:
        self.popup.hide()
        self.chosen.emit(name)

    def _show_brush(self) -> None:
        preset = self._editor.preset
        look = (preset.coloured((0, 0, 0)), self.palette().windowText().color().rgba(), self.devicePixelRatioF())
        if look == self._shown:
            return
        self._shown = look
        self.setIcon(QIcon(brush_pixmap(preset.brush, self.iconSize(), self)))
        self.setToolTip(f"Brush: {preset.name}\nChoose another")
        self.setAccessibleName(f"Brush preset {preset.name}")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._shown is not None:
            self._show_brush()
