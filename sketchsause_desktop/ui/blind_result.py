"""What a blind test came to, so far or at its end: a bar and a sentence for each question."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from sketchsause_desktop.app.blind_plan import QUESTIONS
from sketchsause_desktop.app.blind_test import BlindTest
from sketchsause_desktop.app.win_rate import Tally, rate_words
from sketchsause_desktop.ui.theme import Theme

_WIDTH = 760  # logical pixels of the text
_NOTE = (
    "The rates are of decided answers; the interval is Wilson's, 95 %. These are one person's answers about these "
    "pictures: others may see it otherwise."
)


class BlindResult(QWidget):
    going_on = Signal()
    closed = Signal()
    new_asked = Signal()
    file_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.title = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.title.setObjectName("heading")
        self.state = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.state.setObjectName("dim")
        self.bars: list[RateBar] = []
        self.words: list[QLabel] = []
        self.go_on = _button("Go on", self.going_on.emit)
        self.go_on.setDefault(True)
        self.new = _button("New test…", self.new_asked.emit)
        self.file = _button("Open the answers", self.file_asked.emit)
        self.file.setToolTip("Every answer as a line of a table (CSV)")
        self.back = _button("Back to the comparison", self.closed.emit)
        self._lay_out(theme)

    def _lay_out(self, theme: Theme) -> None:
        page = QWidget()
        page.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 20, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.state)
        for question in QUESTIONS:
            name = QLabel(question.key.capitalize())
            font = name.font()
            font.setBold(True)
            name.setFont(font)
            bar, words = RateBar(theme), QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
            self.bars.append(bar)
            self.words.append(words)
            column.addSpacing(10)
            column.addWidget(name)
            column.addWidget(bar)
            column.addWidget(words)
        note = QLabel(_NOTE, wordWrap=True)
        note.setObjectName("dim")
        column.addSpacing(10)
        column.addWidget(note)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.go_on, self.new, self.file, self.back):
            row.addWidget(button)
        row.addStretch(1)
        column.addSpacing(6)
        column.addLayout(row)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        scroll.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def show_test(self, test: BlindTest, *, may_go_on: bool) -> None:
        """`may_go_on`: its pictures are there."""
        plan = test.plan
        a, b = plan.a.title, plan.b.title
        self.title.setText(f"{a} against {b}")
        pictures = "one picture" if len(plan.turns) == 1 else f"{len(plan.turns)} pictures"
        end = "" if test.is_over else " It can be gone on with."
        self.state.setText(f"{test.done} of {plan.answers_in_all} answers about {pictures}, begun {plan.name}.{end}")
        for place, (bar, words) in enumerate(zip(self.bars, self.words, strict=True)):
            tally = test.tally(place)
            bar.show_tally(tally, a, b)
            words.setText(rate_words(tally, a, b))
        self.go_on.setVisible(not test.is_over)
        self.go_on.setText("Go on" if may_go_on else "Paint its pictures, to go on")
        self.file.setEnabled(test.done > 0)
        (self.back if test.is_over else self.go_on).setFocus(Qt.FocusReason.OtherFocusReason)


class RateBar(QWidget):
    """How many answers were for A, without a difference, for B: lengths, numbers and names, so not by colour alone."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tally, self._a, self._b = Tally(), "", ""
        self.setFixedHeight(self.fontMetrics().height() + 12)
        self.setMinimumWidth(300)

    def show_tally(self, tally: Tally, a: str, b: str) -> None:
        self._tally, self._a, self._b = tally, a, b
        self.setAccessibleName(f"{a} {tally.a}, no difference {tally.neither}, {b} {tally.b}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.backdrop())
        tally = self._tally
        middle = self._theme.backdrop()
        other = QColor(self._theme.dim())
        other.setAlphaF(0.4)
        first = self._theme.accent()
        left = 0.0
        parts = ((tally.a, self._a, first), (tally.neither, "no difference", middle), (tally.b, self._b, other))
        for count, name, colour in parts:
            width = self.width() * count / max(1, tally.total)
            part = QRectF(left, 0, width, self.height())
            painter.fillRect(part, colour)
            ink = self._ink_on_accent() if colour is first else self.palette().windowText().color()
            painter.setPen(ink)
            words = self.fontMetrics().elidedText(f"{name}  {count}", Qt.TextElideMode.ElideRight, round(width) - 16)
            if count:
                inside = QRect(round(left) + 8, 0, max(0, round(width) - 16), self.height())
                painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
            left += width
        painter.setPen(self.palette().mid().color())
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _ink_on_accent(self) -> QColor:
        return QColor("#1f1f23") if self._theme.shade == "dark" else QColor("#ffffff")


def _button(text: str, run: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(lambda _checked=False: run())
    return button
