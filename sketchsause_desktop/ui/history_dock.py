"""The History panel: all steps, those taken back too; choosing one goes there."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.core.history import History

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
START = "Start"


class HistoryList(QAbstractListModel):
    """A row for each state of the drawing: row 0 before the first step, row 1 after it."""

    def __init__(self, editor: Editor, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._names: tuple[str, ...] = ()
        self.refresh()

    @property
    def _history(self) -> History:
        return self._editor.current.history

    @property
    def present(self) -> int:
        return len(self._history)

    def refresh(self) -> None:
        names = (START, *self._history.entries)
        if names != self._names:
            self.beginResetModel()
            self._names = names
            self.endResetModel()
        else:
            self.dataChanged.emit(self.index(0), self.index(len(names) - 1))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = index.row()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._names[row]
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                state = "taken back" if row > self.present else "now" if row == self.present else "done"
                return f"{self._names[row]}, {state}"
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setBold(row == self.present)
                font.setItalic(row > self.present)
                return font
            case _:
                return None


class HistoryPanel(QWidget):
    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.model = HistoryList(editor, self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName("History")
        self.list.setToolTip("Choose a step to go back or forward to it")
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard to the canvas
        self.list.setMinimumHeight(76)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.addWidget(self.list)
        for signal in (editor.history_changed, editor.document_replaced):
            signal.connect(self._show)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self._show()

    def _show(self) -> None:
        present = self.model.present
        with QSignalBlocker(self.list.selectionModel()):
            self.model.refresh()
            self.list.setCurrentIndex(self.model.index(present))
        self.list.scrollTo(self.model.index(present))
        self.list.viewport().update()

    def _on_current(self, current: QModelIndex) -> None:
        if current.isValid() and current.row() != self.model.present:
            self._editor.go_to(current.row())
