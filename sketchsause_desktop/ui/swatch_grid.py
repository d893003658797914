"""Colours in rows, for pointer and keyboard: a palette, or the recent colours."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QToolTip, QWidget

from sketchsause_desktop.core.colours import hex_of_colour
from sketchsause_desktop.core.palettes import Swatch
from sketchsause_desktop.ui.fields import claims

NOBODY = -1
SMALLEST_CELL = 12


class SwatchGrid(QWidget):
    """One widget for however many swatches; as wide as there is room, as high as they need."""

    chosen = Signal(int)  # a click or Enter
    menu_wanted = Signal(int)  # a right click; NOBODY beside the swatches
    remove_wanted = Signal()  # Delete, of the current one
    current_changed = Signal(int)

    def __init__(self, name: str, *, cell: int = 22, gap: int = 2, rows: int = 0) -> None:
        """`rows` other than 0: that many and no more are shown."""
        super().__init__()
        self._usual_cell, self._gap, self._rows = cell, gap, rows
        self._wanted_columns = 0
        self._swatches: tuple[Swatch, ...] = ()
        self._current = NOBODY
        self._marked: tuple[int, int, int] | None = None
        self._fitted_width = 0  # what the height is for
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fit()

    @property
    def swatches(self) -> tuple[Swatch, ...]:
        return self._swatches

    @property
    def current(self) -> int:
        return self._current

    def show_swatches(self, swatches: Sequence[Swatch], columns: int = 0) -> None:
        """`columns` other than 0 is kept, with smaller cells, as far as that goes."""
        self._swatches, self._wanted_columns = tuple(swatches), columns
        self._set_current(min(self._current, len(self._swatches) - 1))
        self._fit()
        self.update()

    def mark(self, colour: tuple[int, int, int]) -> None:
        """Show which swatches are the colour in hand."""
        if colour != self._marked:
            self._marked = colour
            self.update()

    # Places

    @property
    def _cell(self) -> int:
        if not self._wanted_columns:
            return self._usual_cell
        fitting = (self.width() + self._gap) // self._wanted_columns - self._gap
        return min(fitting, self._usual_cell) if fitting >= SMALLEST_CELL else self._usual_cell

    @property
    def columns(self) -> int:
        room = max(1, (self.width() + self._gap) // (self._cell + self._gap))
        return min(room, self._wanted_columns) if self._wanted_columns else room

    def _fit(self) -> None:
        """As high as all rows."""
        self._fitted_width = self.width()
        rows = self._rows or max(1, -(-len(self._swatches) // self.columns))
        self.setFixedHeight(rows * (self._cell + self._gap) - self._gap)

    def cell(self, index: int) -> QRect:
        row, column = divmod(index, self.columns)
        pitch = self._cell + self._gap
        return QRect(column * pitch, row * pitch, self._cell, self._cell)

    def _at(self, x: float, y: float) -> int:
        pitch = self._cell + self._gap
        column, row = int(x // pitch), int(y // pitch)
        index = row * self.columns + column
        return index if 0 <= column < self.columns and 0 <= index < self._shown else NOBODY

    @property
    def _shown(self) -> int:
        return min(len(self._swatches), self._rows * self.columns) if self._rows else len(self._swatches)

    def sizeHint(self) -> QSize:
        return QSize(8 * (self._usual_cell + self._gap), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._usual_cell, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A little more room keeps the height: else a scroll bar that goes would come back at once, without end."""
        super().resizeEvent(event)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        if not self._fitted_width < self.width() <= self._fitted_width + 2 * bar:
            self._fit()

    # Pointer and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position().x(), event.position().y())
        self._set_current(index)
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_wanted.emit(index)
        elif index != NOBODY and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_Down: self.columns,
        }
        key = Qt.Key(event.key())
        if key in steps and self._shown:
            wanted = max(self._current, 0) + (steps[key] if self._current != NOBODY else 0)
            if 0 <= wanted < self._shown:
                self._set_current(wanted)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current != NOBODY:
            self.chosen.emit(self._current)
        elif key == Qt.Key.Key_Delete and self._current != NOBODY:
            self.remove_wanted.emit()
        elif key == Qt.Key.Key_Menu:
            self.menu_wanted.emit(self._current)
        else:
            super().keyPressEvent(event)

    def _set_current(self, index: int) -> None:
        if index != self._current:
            self._current = index
            if index != NOBODY:
                swatch = self._swatches[index]
                self.setAccessibleDescription(f"{swatch.title} {hex_of_colour(swatch.colour)}")
            self.current_changed.emit(index)
            self.update()

    def event(self, event: QEvent) -> bool:
        if claims(event, Qt.Key.Key_Delete):
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self._at(event.pos().x(), event.pos().y())
            if index != NOBODY:
                swatch = self._swatches[index]
                name = f"{swatch.name}\n" if swatch.name else ""
                text = f"{name}{hex_of_colour(swatch.colour)}"
                QToolTip.showText(event.globalPos(), text, self, self.cell(index))
                return True
        return super().event(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rim, accent = self.palette().mid().color(), self.palette().highlight().color()
        for index in range(self._shown):
            cell = self.cell(index)
            if not cell.intersects(event.rect()):
                continue
            colour = self._swatches[index].colour
            painter.setPen(QPen(rim, 1))
            painter.setBrush(QColor(*colour))
            painter.drawRoundedRect(cell.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            if index == self._current and self.hasFocus():
                self._ring(painter, cell, accent)
            elif colour == self._marked:
                self._ring(painter, cell, self.palette().windowText().color())
        painter.end()

    def _ring(self, painter: QPainter, cell: QRect, colour: QColor) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2))
        painter.drawRoundedRect(cell.toRectF().adjusted(1, 1, -1, -1), 3, 3)
