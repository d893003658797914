"""The measures of a comparison as a table: A, B and the trivial answers, of the picture that is shown and of all."""

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from sketchsause_desktop.app.compare_measures import Measures, is_better

_HEADS = ("", "SSIM here", "PSNR here", "Mean SSIM", "Mean PSNR", "Mean ΔE", "Nearer in")
_TIPS = (
    "",
    "Structural similarity to the truth on the picture that is shown; 1 is the same, higher is better",
    "Peak signal-to-noise ratio in dB on the picture that is shown; higher is better",
    "Mean of all pictures; higher is better",
    "Mean of all pictures in dB; higher is better",
    "Mean colour difference, CIEDE2000; 1 can just be seen, lower is better",
    "On how many pictures its SSIM is higher than the other model's",
)
_COLUMNS = ((1, "ssim", True), (2, "psnr", True), (3, "ssim", False), (4, "psnr", False), (5, "delta_e", False))
_FORMATS = {"ssim": "{:.4f}", "psnr": "{:.2f} dB", "delta_e": "{:.2f}"}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_BETTER = "▲ "


class CompareTable(QTableWidget):
    def __init__(self) -> None:
        super().__init__(0, len(_HEADS))
        self.setObjectName("queue")
        self.setAccessibleName("Measures")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        for column, (words, tip) in enumerate(zip(_HEADS, _TIPS, strict=True)):
            head = QTableWidgetItem(words)
            head.setToolTip(tip)
            head.setTextAlignment(_LEFT if column == 0 else _RIGHT)
            self.setHorizontalHeaderItem(column, head)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        heads.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def show_measures(self, measures: Measures, place: int) -> None:
        """`place` is that of the picture that is shown; -1 = none."""
        self.setRowCount(len(measures.rows) if measures.count else 0)
        if not measures.count:
            return
        wins = dict(zip("ab", measures.wins("ssim"), strict=True))
        for row, facts in enumerate(measures.rows):
            title = facts.title if facts.kind == "trivial" else f"{facts.kind.upper()}   {facts.title}"
            self._set(row, 0, title, is_bold=facts.kind != "trivial")
            for column, measure, is_here in _COLUMNS:
                value = _value(measures, row, measure, place if is_here else None)
                self._set(row, column, _words(value, measure))
            won = f"{wins[facts.kind]} of {measures.count}" if facts.kind in wins else ""
            self._set(row, len(_HEADS) - 1, won)
        self._mark_better(measures, place)

    def _mark_better(self, measures: Measures, place: int) -> None:
        """Of A and B in each column."""
        rows = [number for number, facts in enumerate(measures.rows) if facts.kind != "trivial"]
        if len(rows) != 2:
            return
        for column, measure, is_here in _COLUMNS:
            one, other = (_value(measures, row, measure, place if is_here else None) for row in rows)
            if one is None or other is None or one == other:
                continue
            better = rows[0] if is_better(measure, one, other) else rows[1]
            item = self.item(better, column) or QTableWidgetItem()
            item.setText(_BETTER + item.text())
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, better")
            _set_bold(item, True)

    def _set(self, row: int, column: int, text: str, *, is_bold: bool = False) -> None:
        item = QTableWidgetItem(text)
        item.setTextAlignment(_LEFT if column == 0 else _RIGHT)
        _set_bold(item, is_bold)
        self.setItem(row, column, item)


def _set_bold(item: QTableWidgetItem, on: bool) -> None:
    font = QFont(item.font())
    font.setBold(on)
    item.setFont(font)


def _value(measures: Measures, row: int, measure: str, place: int | None) -> float | None:
    """The mean where `place` is None."""
    if place is None:
        return measures.mean(row, measure)
    return measures.pictures[place][1][row][measure] if 0 <= place < measures.count else None


def _words(value: float | None, measure: str) -> str:
    if value is None:
        return ""
    return "∞" if math.isinf(value) else _FORMATS[measure].format(value)
