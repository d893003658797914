"""One question of a blind test: two answers without their names, what was given between them, and three keys."""

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from sketchsause_desktop.app.blind_plan import QUESTIONS
from sketchsause_desktop.app.blind_test import BlindTest, Choice
from sketchsause_desktop.app.compare_images import CompareImages, Shown
from sketchsause_desktop.app.comparison import Compared
from sketchsause_desktop.ui.compare_view import CompareView, Pane
from sketchsause_desktop.ui.theme import Theme

_PANES = (Pane("left", "1   Left"), Pane("given", "Given"), Pane("right", "2   Right"))
_KEYS: dict[Qt.Key, Choice] = {Qt.Key.Key_1: "left", Qt.Key.Key_2: "right", Qt.Key.Key_0: "none"}


class BlindQuestion(QWidget):
    """Nothing here tells which model is which: no names of models or files, in no tooltip either."""

    answered = Signal(str)  # Choice
    taken_back = Signal()
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._test: BlindTest | None = None
        self._pictures: Mapping[str, Compared] = {}
        self._is_shown = False  # the pictures of the question are there
        self.images = CompareImages(self)
        self.images.loaded.connect(self._on_loaded)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.question = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.question.setObjectName("heading")
        self.more = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.more.setObjectName("dim")
        self.where = QLabel()
        self.where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.progress.setAccessibleName("Answered questions")
        self.view = CompareView(theme)
        self.view.setAccessibleName("Left, what was given, right")
        self.view.set_panes(_PANES)
        self.fault = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.fault.hide()
        self._lay_out()

    def _lay_out(self) -> None:
        self.buttons = {
            "left": _button("1   Left", lambda: self._answer("left")),
            "none": _button("0   No difference", lambda: self._answer("none")),
            "right": _button("2   Right", lambda: self._answer("right")),
        }
        self.back = _button("Take back  (Backspace)", self.taken_back.emit)
        self.leave = _button("Leave  (Esc)", self.left.emit)
        top = QHBoxLayout()
        top.addWidget(self.question, 1)
        top.addWidget(self.where)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.back)
        row.addStretch(1)
        for button in self.buttons.values():
            button.setMinimumWidth(150)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.more)
        column.addWidget(self.progress)
        column.addWidget(self.view, 1)
        column.addWidget(self.fault)
        column.addLayout(row)

    def ask(self, test: BlindTest, pictures: Mapping[str, Compared]) -> None:
        """What `test` asks now. `pictures` are those of the comparison, by name."""
        is_other = test is not self._test or self._name != test.turn.picture
        self._test, self._pictures = test, pictures
        turn, question = test.place
        self.question.setText(test.question.words)
        self.more.setText(test.question.more)
        self.where.setText(f"Picture {turn + 1} of {len(test.plan.turns)}, question {question + 1} of {len(QUESTIONS)}")
        self.progress.setRange(0, test.plan.answers_in_all)
        self.progress.setValue(test.done)
        self.back.setEnabled(test.done > 0)
        self.say("")
        if is_other or not self._is_shown:
            self._is_shown = False
            self._name = test.turn.picture
            self.images.load(pictures[self._name])
        self._show_buttons()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    _name = ""

    def say(self, words: str) -> None:
        """What went wrong; "" = nothing."""
        self.fault.setText(words)
        self.fault.setVisible(bool(words))

    def close_down(self) -> None:
        self.images.close_down()

    def _on_loaded(self, shown: Shown) -> None:
        test = self._test
        if test is None:
            return
        if shown.fault:
            self.view.show_words(shown.fault)
        else:
            self.view.show_images(self._placed(test, shown.images))
            self._is_shown = True
        self._show_buttons()
        following = test.place[0] + 1
        if following < len(test.plan.turns):
            self.images.prepare(self._pictures[test.plan.turns[following].picture])

    def _placed(self, test: BlindTest, images: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        left, right = ("a", "b") if test.turn.a_side == "left" else ("b", "a")
        return {"left": images[left], "given": images["input"], "right": images[right]}

    def _show_buttons(self) -> None:
        for button in self.buttons.values():
            button.setEnabled(self._is_shown)

    def _answer(self, choice: Choice) -> None:
        """Only of what is seen."""
        if self._is_shown:
            self.answered.emit(choice)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if event.isAutoRepeat() and (key in _KEYS or key == Qt.Key.Key_Backspace):
            return  # a key that is held down answers once
        if key in _KEYS:
            self._answer(_KEYS[key])
        elif key == Qt.Key.Key_Backspace:
            self.taken_back.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _button(text: str, run: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(lambda _checked=False: run())
    return button
