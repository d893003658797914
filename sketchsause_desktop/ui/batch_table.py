"""The queue of a batch as a table: state, time and message of each picture, smooth with very many of them."""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from sketchsause_desktop.app.batch_queue import Row, RowState
from sketchsause_desktop.app.batch_run import BatchRun
from sketchsause_desktop.ui.theme import Theme

_HEADS = ("Picture", "State", "Time", "Result")
PICTURE, STATE, TIME, RESULT = range(4)
_WIDTHS = {PICTURE: 260, STATE: 110, TIME: 66}
_ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class BatchModel(QAbstractTableModel):
    """Looks into the queue itself; nothing is copied."""

    def __init__(self, run: BatchRun, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run, self._theme = run, theme
        self._shown = len(run.queue.rows)
        run.rows_reset.connect(self._on_reset)
        run.rows_added.connect(self._on_added)
        run.rows_changed.connect(self._on_changed)
        theme.changed.connect(self._on_theme)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGN_RIGHT if section == TIME else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._run.queue.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (str(row.source), row.message)))
        if role == Qt.ItemDataRole.TextAlignmentRole and column == TIME:
            return _ALIGN_RIGHT
        if role == Qt.ItemDataRole.ForegroundRole and column in (STATE, RESULT):
            return self._colour(row, column)
        return None

    def _text(self, row: Row, column: int) -> str:
        if column == PICTURE:
            return row.name
        if column == STATE:
            return row.state_words
        if column == TIME:
            return f"{row.seconds:.1f} s" if row.seconds else ""
        if row.message and row.state is not RowState.DONE:
            return row.short_message
        job = self._run.job
        if job is not None and row.target.is_relative_to(job.output_folder.absolute()):
            return str(row.target.relative_to(job.output_folder.absolute()))
        return str(row.target)

    def _colour(self, row: Row, column: int) -> Any:
        """None = that of all text: a result that is there."""
        if row.state is RowState.FAILED:
            return self._theme.bad()
        if row.state is RowState.DONE:
            return self._theme.good() if column == STATE else None
        return self._theme.accent() if row.state is RowState.WORKING and column == STATE else self._theme.dim()

    def _on_reset(self) -> None:
        self.beginResetModel()
        self._shown = len(self._run.queue.rows)
        self.endResetModel()

    def _on_added(self, first: int, last: int) -> None:
        self.beginInsertRows(_ROOT, first, last)
        self._shown = last + 1
        self.endInsertRows()

    def _on_changed(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, STATE), self.index(last, RESULT))

    def _on_theme(self) -> None:
        if self._shown:
            self._on_changed(0, self._shown - 1)


class _Failed(QSortFilterProxyModel):
    """Only the pictures that failed, when that is wished."""

    def __init__(self, run: BatchRun, source: BatchModel) -> None:
        super().__init__(source)
        self._run = run
        self.is_on = False
        self.setSourceModel(source)

    def set_on(self, on: bool) -> None:
        self.is_on = on
        self.invalidate()

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        return not self.is_on or self._run.queue.rows[row].state is RowState.FAILED


class BatchTable(QTableView):
    chosen = Signal(int)  # the place of the row in the queue; -1 = none

    def __init__(self, run: BatchRun, theme: Theme) -> None:
        super().__init__()
        self._rows = BatchModel(run, theme, self)
        self._failed = _Failed(run, self._rows)
        self.setModel(self._failed)
        self.setObjectName("queue")
        self.setAccessibleName("Pictures of the batch")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        lines = self.verticalHeader()
        lines.hide()
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # else every row is measured
        lines.setDefaultSectionSize(self.fontMetrics().height() + 10)
        heads = self.horizontalHeader()
        heads.setStretchLastSection(True)
        heads.setHighlightSections(False)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self.selectionModel().currentRowChanged.connect(self._on_row)

    @property
    def shows_failed_only(self) -> bool:
        return self._failed.is_on

    def show_failed_only(self, on: bool) -> None:
        self._failed.set_on(on)

    @property
    def place(self) -> int:
        """Of the chosen row in the queue; -1 = none."""
        return self._failed.mapToSource(self.currentIndex()).row()

    def choose(self, place: int) -> None:
        index = self._failed.mapFromSource(self._rows.index(place, 0))
        if index.isValid():
            self.setCurrentIndex(index)

    def _on_row(self, *_indexes: object) -> None:
        self.chosen.emit(self.place)
