"""The Check page: what is wrong with the pairs, and what can be done about it here."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.training_data import CheckFinding, DataLook, TrainingData
from sketchsause_desktop.app.training_draft import Draft
from sketchsause_desktop.ui.wizard_page import Seen, WizardPage

_INTRO = "Every file is looked into. What is left out here stays where it is; the folder itself is never changed."
_MARKS = {"error": "✕", "warn": "⚠", "info": "•"}
_TITLES = {
    "unreadable": "Damaged files",
    "unmatched": "Without a partner",
    "ambiguous": "Of the same name",
    "outside": "Outside the folders",
    "no-pairs": "No pairs",
    "too-small": "Too small",
    "odd-width": "Of odd width",
    "size-mismatch": "Different sizes",
    "aspect-mismatch": "Different shapes",
    "mixed-sizes": "Several sizes",
    "empty-split": "Too few for all parts",
    "blank": "Of one colour",
    "direction": "The wrong way round",
    "direction-unknown": "Which side is given?",
    "duplicate": "Repeated pairs",
    "same-input": "Same drawing twice",
    "leak": "Nearly the same twice",
}
_ADVICE = {
    "direction": "A repaired copy turns them round; or leave them out.",
    "duplicate": "Leave them out, or write a repaired copy.",
    "leak": "Leave them out, or write a repaired copy.",
    "blank": "Leave them out, or write a repaired copy.",
    "too-small": "Leave them out, or write a repaired copy.",
    "aspect-mismatch": "Leave them out, or mend them with another program.",
    "unmatched": "They are left out anyway.",
    "ambiguous": "They are left out anyway.",
    "outside": "They are left out anyway.",
}
_ANYWAY = ("unreadable", "unmatched", "ambiguous", "outside")
_MOST_FILES = 2000
_NAME = Qt.ItemDataRole.UserRole


class CheckPage(WizardPage):
    def __init__(self, draft: Draft, data: TrainingData, seen: Seen) -> None:
        super().__init__("Check", "What is wrong with them?", _INTRO, draft, data)
        self._seen = seen
        self._findings: list[CheckFinding] = []
        self._checked: tuple[object, ...] = ()  # what was checked last
        self._is_repairing = False
        self._told = ""
        self.found = QWidget()
        self.list = QListWidget()
        self.list.setAccessibleName("What was found")
        self.list.setFixedWidth(230)
        self.sentence = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.files = QListWidget()
        self.files.setAccessibleName("The files; a tick leaves a pair out")
        self.leave_out = QPushButton("Leave all of them out")
        self.take_back = QPushButton("Take all of them back")
        self.state = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.progress.setAccessibleName("Progress of the check")
        self.again = QPushButton("Check again")
        self.repair = QPushButton("Write a repaired copy…")
        self.repair.setToolTip("A new folder without what spoils a training; this one stays as it is")
        self._lay_out()
        self.list.currentRowChanged.connect(self._show_finding)
        self.files.itemChanged.connect(self._on_ticked)
        self.leave_out.clicked.connect(lambda: self._on_all(out=True))
        self.take_back.clicked.connect(lambda: self._on_all(out=False))
        self.again.clicked.connect(self._check)
        self.repair.clicked.connect(self._on_repair)
        data.progressed.connect(self._on_progress)
        data.checked.connect(self._on_checked)
        data.repaired.connect(self._on_repaired)
        data.failed.connect(self._on_failed)
        data.looked.connect(self._on_looked)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.addWidget(self.sentence)
        right.addWidget(self.files, 1)
        row = QHBoxLayout()
        row.addWidget(self.leave_out)
        row.addWidget(self.take_back)
        row.addStretch(1)
        right.addLayout(row)
        middle = QHBoxLayout(self.found)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(12)
        middle.addWidget(self.list)
        middle.addLayout(right, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addWidget(self.repair)
        buttons.addStretch(1)
        self.body.addWidget(self.progress)
        self.body.addWidget(self.found, 1)
        self.body.addWidget(self.state)
        self.body.addLayout(buttons)
        self.body.addStretch(0)  # takes the room where nothing was found

    def fault(self) -> str:
        if self._is_busy:
            return "A copy is being written." if self._is_repairing else "The pictures are being looked at."
        look = self._seen.look
        if not look.to_learn_from:
            return look.fault or "No pair is left to learn from: take some back."
        return ""

    @property
    def _is_busy(self) -> bool:
        return not self.progress.isHidden()

    def is_waiting(self) -> bool:
        return self._is_busy

    def initializePage(self) -> None:
        if self.draft.is_unpaired:
            self._findings = []
            self.progress.hide()
            self._told = "Unmatched pictures are looked into when they are learned from; damaged ones are left out."
            self._show()
        elif self._checked != self._key():
            self._check()
        else:
            self._show()

    def _key(self) -> tuple[object, ...]:
        draft = self.draft
        return (draft.preset, draft.data, draft.direction, draft.input_half, draft.cut)

    def _check(self) -> None:
        self._checked, self._findings, self._told, self._is_repairing = self._key(), [], "", False
        self._begin()
        whole = Draft(
            preset=self.draft.preset, data=self.draft.data, direction=self.draft.direction,
            input_half=self.draft.input_half, cut=self.draft.cut, seed=self.draft.seed,
        )  # fmt: skip
        self.data.check(whole)  # with what is left out, so that it can be taken back

    def _begin(self) -> None:
        self.progress.setRange(0, 0)
        self.progress.show()
        self._show()

    def _on_progress(self, done: int, total: int) -> None:
        if self.isVisible():
            self.progress.setRange(0, total)
            self.progress.setValue(done)

    def _on_checked(self, findings: list[CheckFinding]) -> None:
        self.progress.hide()
        self._findings = findings
        self._set_out(tuple(name for each in findings if each.kind == "unreadable" for name in each.names), out=True)
        self._show()

    def _on_failed(self, sentence: str) -> None:
        if self._is_busy:
            self.progress.hide()
            self._checked = ()
            self._told = f"⚠ {sentence}"
            self._show()

    def _on_looked(self, _look: DataLook) -> None:
        if self.isVisible():
            self._show_state()

    # Leaving out

    def _on_ticked(self, item: QListWidgetItem) -> None:
        self._set_out(item.data(_NAME), out=item.checkState() == Qt.CheckState.Checked)

    def _on_all(self, *, out: bool) -> None:
        finding = self._findings[self.list.currentRow()]
        names = finding.names
        if out and finding.kind == "duplicate" and len(names) == self._seen.look.count:
            names = names[1:]
        self._set_out(names, out=out)
        self._show_finding(self.list.currentRow())

    def _set_out(self, names: tuple[str, ...], *, out: bool) -> None:
        if not names:
            return
        before = dict.fromkeys(self.draft.exclude)
        changed = {**before, **dict.fromkeys(names)} if out else {n: None for n in before if n not in names}
        self.draft.exclude = tuple(changed)
        self.data.look(self.draft)

    # A repaired copy

    def _on_repair(self) -> None:
        assert self.draft.data is not None
        beside = str(self.draft.data.with_name(f"{self.draft.data.name}-repaired"))
        name, _ = QFileDialog.getSaveFileName(self, "A new folder for the copy", beside)
        if name:
            self.write_copy(Path(name))

    def write_copy(self, out: Path) -> None:
        self._is_repairing = True
        self._begin()
        self.data.repair(self.draft, out)

    def _on_repaired(self, out: Path, sentence: str) -> None:
        """Go on with the copy."""
        draft = self.draft
        draft.data, draft.direction, draft.input_half, draft.cut, draft.exclude = out, "auto", "auto", 0.5, ()
        draft.pace = None
        self.data.look(draft)
        self._check()
        self._told = f"{sentence} The training uses the copy in {out}."
        self._show()

    # What is shown

    def _show(self) -> None:
        with QSignalBlocker(self.list):
            self.list.clear()
            for finding in self._findings:
                title = _TITLES.get(finding.kind, finding.kind)
                count = f" – {len(finding.files)}" if finding.files else ""
                self.list.addItem(f"{_MARKS[finding.level]}  {title}{count}")
            self.list.setCurrentRow(0 if self._findings else -1)
        self.found.setVisible(bool(self._findings))
        self._show_finding(self.list.currentRow())
        self._show_state()

    def _show_state(self) -> None:
        look, out = self._seen.look, len(self.draft.exclude)
        parts = [self._told] if self._told else []
        if not self._is_busy and not self._findings and not self._told:
            parts.append("Nothing to complain of.")
        used = f"{look.count} pairs are used" + (f", {out} left out." if out else ".")
        self.state.setText(" ".join([*parts, used] if look.count and not look.is_unpaired else parts))
        self.again.setEnabled(not self._is_busy and not self.draft.is_unpaired)
        self.repair.setEnabled(not self._is_busy and bool(self._findings))
        self.refresh()

    def _show_finding(self, row: int) -> None:
        finding = self._findings[row] if 0 <= row < len(self._findings) else None
        can_leave_out = finding is not None and bool(finding.names) and finding.kind not in _ANYWAY
        with QSignalBlocker(self.files):
            self.files.clear()
            for path in finding.files[:_MOST_FILES] if finding else ():
                self._add_file(path, can_leave_out=can_leave_out)
        advice = _ADVICE.get(finding.kind, "") if finding and finding.files else ""
        self.sentence.setText(f"{finding.sentence} {advice}".strip() if finding else "")
        self.files.setVisible(bool(finding and finding.files))
        self.leave_out.setVisible(can_leave_out)
        self.take_back.setVisible(can_leave_out)

    def _add_file(self, path: Path, *, can_leave_out: bool) -> None:
        folder = self.draft.data
        shown = path.relative_to(folder) if folder and path.is_relative_to(folder) else path
        item = QListWidgetItem(str(shown))
        names = self.data.names_at_check(path)
        item.setData(_NAME, names)
        if can_leave_out and names:
            is_out = set(names) <= set(self.draft.exclude)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if is_out else Qt.CheckState.Unchecked)
            item.setToolTip("A tick leaves the pair out")
        self.files.addItem(item)
