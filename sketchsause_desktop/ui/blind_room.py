"""The blind test in the window: its beginning, its questions, what it came to."""

import secrets
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sketchsause_desktop.app.blind_plan import QUESTIONS
from sketchsause_desktop.app.blind_store import BlindStore
from sketchsause_desktop.app.blind_test import BlindTest, Choice
from sketchsause_desktop.app.compare_job import CompareJob, job_of
from sketchsause_desktop.app.comparison import Compared, Comparison
from sketchsause_desktop.app.notices import why_not
from sketchsause_desktop.ui.blind_question import BlindQuestion
from sketchsause_desktop.ui.blind_result import BlindResult
from sketchsause_desktop.ui.theme import Theme

_SEED_BITS = 32
_WIDTH = 640
_TEST = Qt.ItemDataRole.UserRole
_HOW = (
    "Two answers stand side by side, and nothing tells which model painted which: sides and order are drawn by lot. "
    "Three questions are asked about each picture."
)
_KEYS = (
    "1 is the left one, 2 the right one, 0 says that there is no difference. Backspace takes the last answer back. "
    "The wheel zooms, both at once. Every answer is kept at once; leave with Esc and go on whenever you like."
)


class BlindRoom(QWidget):
    closed = Signal()  # back to the comparison
    job_asked = Signal(object)  # CompareJob: what a test that is gone on with needs

    def __init__(self, comparison: Comparison, store: BlindStore, theme: Theme) -> None:
        super().__init__()
        self._comparison, self._store = comparison, store
        self.test: BlindTest | None = None
        self.start = _Start()
        self.question = BlindQuestion(theme)
        self.result = BlindResult(theme)
        self._pages = QStackedWidget()
        for page in (self.start, self.question, self.result):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.start.begin.clicked.connect(self._on_begin)
        self.start.back.clicked.connect(self.closed)
        self.start.earlier.itemActivated.connect(self._on_earlier)
        self.question.answered.connect(self._on_answered)
        self.question.taken_back.connect(self._on_taken_back)
        self.question.left.connect(self._show_result)
        self.result.going_on.connect(self._on_going_on)
        self.result.closed.connect(self.closed)
        self.result.new_asked.connect(self.show_start)
        self.result.file_asked.connect(self._on_file)

    def open(self) -> None:
        """The page before the first question; a test of the very same that was left is offered."""
        left = next((test for test in self._store.tests() if not test.is_over and self._fits(test)), None)
        if left is not None and left.done:
            self.test = left
            self._show_result()
            return
        self.show_start()

    def show_start(self) -> None:
        comparison = self._comparison
        self.start.show_tests(self._store.tests(), 0 if comparison.is_active else len(comparison.pictures))
        self._pages.setCurrentWidget(self.start)
        self.start.begin.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_focus(self) -> None:
        if self.is_asking:
            self.question.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def is_asking(self) -> bool:
        return self._pages.currentWidget() is self.question

    def close_down(self) -> None:
        self.question.close_down()

    # A test

    def _pictures(self) -> Mapping[str, Compared]:
        return {picture.name: picture for picture in self._comparison.pictures}

    def _fits(self, test: BlindTest) -> bool:
        comparison = self._comparison
        if comparison.contenders is None or comparison.job is None:
            return False
        return test.plan.fits(*comparison.contenders, list(self._pictures()), comparison.job.as_json())

    def _on_begin(self) -> None:
        comparison = self._comparison
        if comparison.contenders is None or comparison.job is None or not comparison.pictures:
            return
        job, (a, b) = comparison.job.as_json(), comparison.contenders

        def begin() -> None:
            self.test = self._store.begin(a, b, list(self._pictures()), job, seed=secrets.randbits(_SEED_BITS))

        fault = why_not(begin)
        self.start.say(fault)
        if not fault:
            self._ask()

    def _ask(self) -> None:
        assert self.test is not None
        if self.test.is_over:
            self._show_result()
            return
        self._pages.setCurrentWidget(self.question)
        self.question.ask(self.test, self._pictures())

    def _on_answered(self, choice: Choice) -> None:
        self._attempt(lambda test: test.answer(choice))

    def _on_taken_back(self) -> None:
        self._attempt(lambda test: test.take_back())

    def _attempt(self, act: Callable[[BlindTest], None]) -> None:
        """What cannot be kept is not counted, and said."""
        test = self.test
        assert test is not None
        fault = why_not(lambda: act(test))
        if fault:
            self.question.say(fault)
        else:
            self._ask()

    def _show_result(self) -> None:
        assert self.test is not None
        self._pages.setCurrentWidget(self.result)
        self.result.show_test(self.test, may_go_on=self._fits(self.test))

    def _on_going_on(self) -> None:
        assert self.test is not None
        if self._fits(self.test):
            self._ask()
            return
        job = job_of(self.test.plan.job)
        if isinstance(job, CompareJob):
            self.job_asked.emit(job)

    def _on_earlier(self, item: QListWidgetItem) -> None:
        self.test = item.data(_TEST)
        self._show_result()

    def _on_file(self) -> None:
        if self.test is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._store.file_of(self.test.plan))))


class _Start(QWidget):
    """Before the first question: how it goes, and the tests that there were."""

    def __init__(self) -> None:
        super().__init__()
        title = QLabel("Blind test")
        title.setObjectName("heading")
        self.count = QLabel(wordWrap=True)
        self.fault = QLabel(wordWrap=True)
        self.fault.hide()
        self.begin = QPushButton("Begin")
        self.begin.setDefault(True)
        self.back = QPushButton("Back to the comparison")
        self._heading = QLabel("Earlier tests")
        self.earlier = QListWidget()
        self.earlier.setAccessibleName("Earlier tests")
        self.earlier.setToolTip("A double click or Enter shows what it came to")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.begin)
        row.addWidget(self.back)
        row.addStretch(1)
        page = QWidget()
        page.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 20, 16, 16)
        column.setSpacing(10)
        column.addWidget(title)
        column.addWidget(QLabel(_HOW, wordWrap=True))
        column.addLayout(_questions())
        for part in (QLabel(_KEYS, wordWrap=True), self.count, self.fault):
            column.addWidget(part)
        column.addLayout(row)
        column.addSpacing(10)
        column.addWidget(self._heading)
        column.addWidget(self.earlier)
        column.addStretch(1)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(page, 8)
        outer.addStretch(1)

    def show_tests(self, tests: list[BlindTest], pictures: int) -> None:
        self.say("")
        of = "one picture" if pictures == 1 else f"{pictures} pictures"
        self.count.setText(
            f"This one is about {of}: {len(QUESTIONS) * pictures} answers." if pictures else "Compare first."
        )
        self.begin.setEnabled(pictures > 0)
        self.earlier.clear()
        for test in tests:
            plan = test.plan
            words = (
                f"{plan.name}   {plan.a.title} against {plan.b.title}   {test.done} of {plan.answers_in_all} answers"
            )
            item = QListWidgetItem(words)
            item.setData(_TEST, test)
            self.earlier.addItem(item)
        for part in (self._heading, self.earlier):
            part.setVisible(bool(tests))

    def say(self, words: str) -> None:
        self.fault.setText(words)
        self.fault.setVisible(bool(words))


def _questions() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(16, 0, 0, 0)
    grid.setHorizontalSpacing(18)
    grid.setColumnStretch(1, 1)
    for row, question in enumerate(QUESTIONS):
        name = QLabel(question.key.capitalize())
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        grid.addWidget(name, row, 0)
        grid.addWidget(QLabel(question.words), row, 1)
    return grid
