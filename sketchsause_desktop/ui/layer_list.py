"""The layers of the current drawing as a tree for views: the uppermost first, groups with what they hold."""

import enum
from collections.abc import Collection

from PySide6.QtCore import (
    QAbstractItemModel,
    QByteArray,
    QCoreApplication,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.layer_commands import LayerCommands
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.layer_actions import Place
from sketchsause_desktop.core.layers import Blend, Group, Layer, Node, Role

Index = QModelIndex | QPersistentModelIndex
NODE = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 36  # logical pixels
BLEND_NAMES = {
    Blend.NORMAL: "Normal",
    Blend.MULTIPLY: "Multiply",
    Blend.SCREEN: "Screen",
    Blend.OVERLAY: "Overlay",
    Blend.ADD: "Add",
    Blend.DARKEN: "Darken",
    Blend.LIGHTEN: "Lighten",
    Blend.COLOUR: "Colour",
}
PASS_THROUGH = "Pass through"
ROLE_NAMES = {
    Role.LINE_ART: "Line art",
    Role.HINTS: "Hints",
    Role.AI_COLOUR: "AI colour",
    Role.SOURCE: "Source",
    Role.PAINT: "Ordinary",
}
_MIME = "application/x-sketchsause-layer"
_ROOT = QModelIndex()


class Column(enum.IntEnum):
    VISIBLE = 0
    NAME = 1
    ALPHA = 2
    LOCKED = 3


class LayerList(QAbstractItemModel):
    """Shows what the editor has; what the user changes goes through `commands`."""

    rebuilt = Signal()  # layers came, went or moved: views have to unfold and choose anew

    def __init__(self, editor: Editor, commands: LayerCommands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor, self._commands = editor, commands
        self._rows: dict[int, tuple[int, int]] = {}  # layer_id -> that of its group (0 = none) and its row there
        self._inside: dict[int, list[Node]] = {}  # layer_id of a group (0 = the drawing) -> what it holds, as rows
        self._read()
        editor.layers_changed.connect(self._on_layers_changed)
        editor.document_replaced.connect(self._on_layers_changed)

    @property
    def _document(self) -> Document:
        return self._editor.document

    def _read(self) -> None:
        self._inside = _rows_of(self._document)
        self._rows = {
            node.layer_id: (group_id, row) for group_id, nodes in self._inside.items() for row, node in enumerate(nodes)
        }

    def _on_layers_changed(self) -> None:
        if _rows_of(self._document) == self._inside:
            self.refresh()
            return
        self.beginResetModel()
        self._read()
        self.endResetModel()
        self.rebuilt.emit()

    def refresh(self) -> None:
        """Every row may look different."""
        for nodes in self._inside.values():
            first, last = self.index_of(nodes[0].layer_id), self.index_of(nodes[-1].layer_id, Column.LOCKED)
            self.dataChanged.emit(first, last)

    def index_of(self, layer_id: int, column: int = Column.VISIBLE) -> QModelIndex:
        place = self._rows.get(layer_id)
        return QModelIndex() if place is None else self.createIndex(place[1], column, layer_id)

    def node(self, index: Index) -> Node:
        return self._document.node(index.internalId())

    # The tree

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        nodes = self._inside.get(_id(parent), [])
        if not (0 <= row < len(nodes) and 0 <= column <= Column.LOCKED):
            return QModelIndex()
        return self.createIndex(row, column, nodes[row].layer_id)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override] # QObject has a method of the same name
        group_id, _ = self._rows.get(_id(index), (0, 0))
        return self.index_of(group_id) if group_id else QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return len(self._inside.get(_id(parent), [])) if parent.column() <= 0 else 0

    def columnCount(self, _parent: Index = _ROOT) -> int:
        return Column.LOCKED + 1

    # What the cells say

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        node = self.node(index)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        if index.column() == Column.NAME:
            flags |= Qt.ItemFlag.ItemIsEditable
        elif index.column() != Column.ALPHA or isinstance(node, Layer):
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsDropEnabled if isinstance(node, Group) else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        node, column = self.node(index), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return node.name if column == Column.NAME else None
            case Qt.ItemDataRole.CheckStateRole:
                state = state_of(node, column)
                return None if state is None else Qt.CheckState.Checked if state else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(node, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(node) if column == Column.NAME else _tip(node, column)
            case Qt.ItemDataRole.SizeHintRole:
                return QSize(0, ROW_HEIGHT)
            case _:
                return node if role == NODE else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer_id = index.internalId()
        if role == Qt.ItemDataRole.EditRole and index.column() == Column.NAME:
            self._commands.rename(layer_id, str(value))
            return True
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        is_on = Qt.CheckState(value) == Qt.CheckState.Checked
        match index.column():
            case Column.VISIBLE:
                self._commands.set_visible(layer_id, is_on)
            case Column.ALPHA:
                self._commands.set_alpha_locked(layer_id, is_on)
            case Column.LOCKED:
                self._commands.set_locked(layer_id, is_on)
        return True

    # Drag and drop

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_MIME]

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:  # type: ignore[override] # Qt's type is a sequence
        mime = QMimeData()
        ids = self._commands.chosen_with(indexes[0].internalId())
        mime.setData(_MIME, QByteArray(" ".join(map(str, (_here(), *ids))).encode()))
        return mime

    def canDropMimeData(self, data: QMimeData, _action: Qt.DropAction, _row: int, _column: int, parent: Index) -> bool:
        """Not into themselves, and only layers of this drawing."""
        layer_ids = _dragged(data)
        if not layer_ids or any(layer_id not in self._rows for layer_id in layer_ids):
            return False
        group_id = _id(parent)
        while group_id and group_id not in layer_ids:
            group_id = self._rows[group_id][0]
        return not group_id

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        if not self.canDropMimeData(data, action, row, column, parent):
            return False
        layer_ids = _dragged(data)
        self._commands.move(layer_ids, self._place(layer_ids, row, _id(parent)))
        return False  # it has moved already: a view that heard True would take the old row away

    def _place(self, layer_ids: Collection[int], row: int, group_id: int) -> Place:
        """Where layers go that are dropped above `row`; -1 = on a group, which puts them on top, or below all rows."""
        nodes = self._inside.get(group_id, [])
        if row < 0:
            row = 0 if group_id else len(nodes)
        below = [node for node in nodes[row:] if node.layer_id not in layer_ids]
        return Place(group_id=group_id or None, index=len(below))


def state_of(node: Node, column: int) -> bool | None:
    """Whether the cell is on; None for one that cannot be."""
    match column:
        case Column.VISIBLE:
            return node.visible
        case Column.ALPHA:
            return node.alpha_locked if isinstance(node, Layer) else None
        case Column.LOCKED:
            return node.locked
        case _:
            return None


def spoken(node: Node) -> str:
    """All that a row shows, in words."""
    kind = "Group" if isinstance(node, Group) else f"{ROLE_NAMES[node.role]} layer"
    states = [
        "" if node.visible else "hidden",
        "locked" if node.locked else "",
        "alpha locked" if isinstance(node, Layer) and node.alpha_locked else "",
    ]
    return ", ".join([node.name, kind, *filter(None, [manner(node), *states])])


def manner(node: Node) -> str:
    """How a layer lies on what is below it, where that is not the plain way: "Multiply, 80 %"."""
    if isinstance(node, Group) and node.pass_through:
        mode = PASS_THROUGH
    else:
        mode = "" if node.blend is Blend.NORMAL else BLEND_NAMES[node.blend]
    return ", ".join(filter(None, [mode, "" if node.opacity == 1 else f"{node.opacity * 100:.0f} %"]))


def _tip(node: Node, column: int) -> str:
    match column:
        case Column.VISIBLE:
            return "Visible" if node.visible else "Hidden"
        case Column.ALPHA:
            return "Alpha locked: paint stays where paint is" if state_of(node, column) else "Alpha not locked"
        case Column.LOCKED:
            return "Locked" if node.locked else "Not locked"
        case _:
            return spoken(node)


def _rows_of(document: Document) -> dict[int, list[Node]]:
    groups = [node for node in document.nodes() if isinstance(node, Group)]
    held = {0: document.layers} | {group.layer_id: group.layers for group in groups}
    return {group_id: list(reversed(nodes)) for group_id, nodes in held.items() if nodes}


def _id(index: Index) -> int:
    return index.internalId() if index.isValid() else 0


def _dragged(data: QMimeData) -> list[int]:
    """The layer_ids; none when something else is dragged."""
    program, *layer_ids = bytes(data.data(_MIME).data()).decode().split(" ")
    return [int(layer_id) for layer_id in layer_ids] if program == _here() else []


def _here() -> str:
    """Layers of another running copy have the same numbers."""
    return str(QCoreApplication.applicationPid())
