"""Named colours below each other: renamed and put into another order in place, for pointer and keyboard."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QDropEvent, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from sketchsause_desktop.core.characters import NamedColour
from sketchsause_desktop.core.colours import hex_of_colour
from sketchsause_desktop.ui.fields import claims
from sketchsause_desktop.ui.icons import icon

NOBODY = -1
_NAMED = Qt.ItemDataRole.UserRole
_SWATCH = QSize(28, 18)  # logical pixels
_ROW = 28
_MARGIN = 5
_LOCK = 14
_LOWEST = 3 * _ROW + 4

Index = QModelIndex | QPersistentModelIndex


class ColourList(QListWidget):
    """Shows what it is given; what the user wants changed it only tells."""

    current_changed = Signal(int)  # NOBODY when there is none
    chosen = Signal(int)  # a click or Enter
    renamed = Signal(int, str)
    moved = Signal(int, int)  # from, to; counted without the one that moves
    remove_wanted = Signal(int)
    menu_wanted = Signal(int, QPoint)  # NOBODY beside the colours; where on the screen

    def __init__(self, name: str) -> None:
        super().__init__()
        self._shown: tuple[NamedColour, ...] | None = None  # None when the rows may say something else
        self.setAccessibleName(name)
        self.setItemDelegate(_Rows(self))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(_LOWEST)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))
        self.currentRowChanged.connect(self.current_changed)
        self.itemChanged.connect(self._on_item_changed)

    def show_colours(self, colours: Sequence[NamedColour], current: int) -> None:
        """`current` is the place of the chosen one."""
        with QSignalBlocker(self):
            if self._shown != tuple(colours):
                self._shown = tuple(colours)
                self.clear()
                for named in colours:
                    self.addItem(_item(named))
            self.setCurrentRow(current if colours else NOBODY)

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        self._shown = None
        self.renamed.emit(self.row(item), item.text())

    def sizeHint(self) -> QSize:
        return QSize(200, _LOWEST)  # it takes what room there is, and scrolls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, key = self.currentRow(), event.key()
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if self.state() is QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # what the field leaves of Enter
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and key in steps:
            self._step(row, steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and row != NOBODY:
            self.chosen.emit(row)
        elif key == Qt.Key.Key_Delete and row != NOBODY:
            self.remove_wanted.emit(row)
        else:
            super().keyPressEvent(event)

    def _step(self, row: int, by: int) -> None:
        if row != NOBODY and 0 <= row + by < self.count():
            self.moved.emit(row, row + by)

    def event(self, event: QEvent) -> bool:
        return claims(event, Qt.Key.Key_Delete, Qt.Key.Key_F2) or super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            row = self.currentRow()
            place = self.visualItemRect(self.currentItem()).bottomLeft() if row != NOBODY else QPoint()
        else:
            row, place = self.indexAt(event.pos()).row(), event.pos()
        self.menu_wanted.emit(row, self.viewport().mapToGlobal(place))

    def dropEvent(self, event: QDropEvent) -> None:
        """Only told: the list is shown anew when the drawing has changed."""
        below = self.indexAt(event.position().toPoint()).row()
        row, to = self.currentRow(), self.count() if below == NOBODY else below
        if below != NOBODY and event.position().y() > self.visualItemRect(self.item(below)).center().y():
            to += 1
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if row != NOBODY:
            self.moved.emit(row, to - 1 if to > row else to)


def _item(named: NamedColour) -> QListWidgetItem:
    item = QListWidgetItem(named.name)
    item.setData(_NAMED, named)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    item.setSizeHint(QSize(0, _ROW))
    count = len(named.dabs)
    locks = f"\nlocked: {count} region{'s' if count > 1 else ''}" if count else ""
    number = hex_of_colour(named.colour)
    words = number if named.name == number else f"{named.name}\n{number}"
    item.setToolTip(f"{words}{locks}")
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}{locks}".replace("\n", ", "))
    return item


class _Rows(QStyledItemDelegate):
    """Swatch, name, and with a lock how many regions have the colour."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        named: NamedColour = index.data(_NAMED)
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        ground.text = ""
        painter.save()
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, ground, painter, option.widget)
        _paint_swatch(painter, _swatch_box(option.rect), named, option.palette)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        painter.setPen(option.palette.color(role))
        box = _words_box(option.rect)
        if named.dabs:
            box = _paint_count(painter, box, len(named.dabs))
        words = option.fontMetrics.elidedText(named.name, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        box = _words_box(option.rect)
        height = min(editor.sizeHint().height(), option.rect.height())
        editor.setGeometry(box.left() - 4, box.center().y() - height // 2 + 1, box.width() + 4, height)


def _swatch_box(row: QRect) -> QRect:
    return QRect(row.left() + _MARGIN, row.center().y() - _SWATCH.height() // 2 + 1, _SWATCH.width(), _SWATCH.height())


def _words_box(row: QRect) -> QRect:
    return row.adjusted(_MARGIN + _SWATCH.width() + 8, 0, -_MARGIN - 2, 0)


def _paint_swatch(painter: QPainter, box: QRect, named: NamedColour, palette: QPalette) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
    painter.setBrush(QColor(*named.colour))
    painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


def _paint_count(painter: QPainter, box: QRect, count: int) -> QRect:
    """How many locks, at the right; returns what is left of the row."""
    words = str(count)
    width = painter.fontMetrics().horizontalAdvance(words)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
    lock = QRect(box.right() - width - _LOCK - 3, box.center().y() - _LOCK // 2, _LOCK, _LOCK)
    icon("lock").paint(painter, lock)
    return box.adjusted(0, 0, -width - _LOCK - 10, 0)
