"""How a row of the Layers panel looks: eye, small picture, name, what it is for, locks."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QIcon,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from sketchsause_desktop.core.layers import Group, Layer, Node, Role
from sketchsause_desktop.ui.icons import icon
from sketchsause_desktop.ui.layer_list import NODE, Column, manner, state_of
from sketchsause_desktop.ui.layer_pictures import LayerPictures

Index = QModelIndex | QPersistentModelIndex
_ICON = 16  # logical pixels
_PICTURE = QSize(30, 28)
_CELLS = {  # what is drawn where a state is on, and where it is off
    Column.VISIBLE: ("eye", "eye-off"),
    Column.ALPHA: ("alpha-lock", "alpha-lock"),
    Column.LOCKED: ("lock", "lock-open"),
}
_ROLES = {Role.LINE_ART: "brush", Role.HINTS: "hint-brush", Role.AI_COLOUR: "live", Role.SOURCE: "source"}
_FAINT = 0.3  # of what is off


class LayerRows(QStyledItemDelegate):
    def __init__(self, pictures: LayerPictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures, self._palette = pictures, parent.palette
        self._squares = _squares()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        node, column = index.data(NODE), Column(index.column())
        painter.save()
        self._paint_ground(painter, option, index)
        if not node.visible:
            painter.setOpacity(0.55)
        if column is Column.NAME:
            self._paint_name(painter, _marked(option, index), node)
        else:
            _paint_state(painter, option.rect, node, column)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The selection and the frame of the focus, without what Qt would write into it."""
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        ground.text, ground.icon = "", QIcon()
        ground.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, ground, painter, option.widget)

    def _paint_name(self, painter: QPainter, option: QStyleOptionViewItem, node: Node) -> None:
        box = _inside(option.rect)
        if isinstance(node, Group):
            icon("folder").paint(painter, QRect(box.left() + 2, box.center().y() - 11, 22, 22))
            box.setLeft(box.left() + 32)
        else:
            self._paint_picture(painter, QRect(box.topLeft(), _PICTURE), self._pictures.image(node.layer_id))
            box.setLeft(box.left() + _PICTURE.width() + 7)
        if isinstance(node, Layer) and node.role in _ROLES:
            icon(_ROLES[node.role]).paint(painter, _middle(QRect(box.right() - _ICON, box.top(), _ICON, box.height())))
            box.setRight(box.right() - _ICON - 4)
        _paint_words(painter, box, option, node.name, manner(node))

    def _paint_picture(self, painter: QPainter, box: QRect, image: QImage | None) -> None:
        if image is not None:
            size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(2, 2))
            shown = QRect(
                box.x() + (box.width() - size.width()) // 2,
                box.y() + (box.height() - size.height()) // 2,
                size.width(),
                size.height(),
            )
            painter.fillRect(shown, self._squares)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(shown, image)
            box = shown
        painter.setPen(QPen(self._palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRect(box.adjusted(0, 0, -1, -1))

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        box = _inside(option.rect)
        box.setLeft(box.left() + _PICTURE.width() + 3)
        height = editor.sizeHint().height()
        editor.setGeometry(box.left(), box.center().y() - height // 2, box.width(), height)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, _option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Space shows and hides the layer."""
        if not (isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space):
            return False
        return switch(model.index(index.row(), Column.VISIBLE, index.parent()))


class LayerTree(QTreeView):
    """A click on an eye or a lock switches it and chooses no layer."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        is_left = event.button() == Qt.MouseButton.LeftButton
        if not (is_left and switch(self.indexAt(event.position().toPoint()))):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.indexAt(event.position().toPoint()).column() == Column.NAME:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)


def switch(cell: QModelIndex) -> bool:
    """On what is off, and off what is on; False where there is nothing to switch."""
    state = state_of(cell.data(NODE), cell.column()) if cell.isValid() else None
    if state is None:
        return False
    wanted = Qt.CheckState.Unchecked if state else Qt.CheckState.Checked
    return cell.model().setData(cell, wanted, Qt.ItemDataRole.CheckStateRole)


def _paint_state(painter: QPainter, box: QRect, node: Node, column: Column) -> None:
    state = state_of(node, column)
    if state is None:
        return
    if not state and column is not Column.VISIBLE:
        painter.setOpacity(_FAINT)
    icon(_CELLS[column][0 if state else 1]).paint(painter, _middle(box))


def _paint_words(painter: QPainter, box: QRect, option: QStyleOptionViewItem, name: str, note: str) -> None:
    """The name, and below it how the layer lies on what is under it."""
    metrics = option.fontMetrics
    height = metrics.height()
    text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, box.width())
    painter.setPen(option.palette.color(QPalette.ColorRole.Text))
    painter.setFont(option.font)
    if not note:
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
        return
    top = box.center().y() - height + 2
    painter.drawText(QRect(box.left(), top, box.width(), height), Qt.AlignmentFlag.AlignVCenter, text)
    small = QFont(option.font)
    small.setPointSizeF(option.font.pointSizeF() * 0.85)
    painter.setFont(small)
    painter.setOpacity(painter.opacity() * 0.7)
    note = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(QRect(box.left(), top + height - 2, box.width(), height), Qt.AlignmentFlag.AlignVCenter, note)


def _marked(option: QStyleOptionViewItem, index: Index) -> QStyleOptionViewItem:
    """Where several layers are chosen the active one, which tools work on, has a bold name."""
    view = option.widget
    assert isinstance(view, QTreeView)
    chosen = view.selectionModel().selectedRows(Column.NAME)
    if len(chosen) < 2 or view.currentIndex().siblingAtColumn(Column.NAME) != index:
        return option
    marked, font = QStyleOptionViewItem(option), QFont(option.font)
    font.setBold(True)
    marked.font, marked.fontMetrics = font, QFontMetrics(font)
    return marked


def _inside(cell: QRect) -> QRect:
    return QRect(cell.left() + 2, cell.center().y() - _PICTURE.height() // 2, cell.width() - 6, _PICTURE.height())


def _middle(box: QRect) -> QRect:
    return QRect(box.center().x() - _ICON // 2 + 1, box.center().y() - _ICON // 2 + 1, _ICON, _ICON)


def _squares() -> QBrush:
    """What shows where a layer is transparent."""
    pixmap = QPixmap(8, 8)
    pixmap.fill(Qt.GlobalColor.white)
    painter = QPainter(pixmap)
    for x, y in ((0, 0), (4, 4)):
        painter.fillRect(x, y, 4, 4, QColor(214, 214, 214))
    painter.end()
    return QBrush(pixmap)
