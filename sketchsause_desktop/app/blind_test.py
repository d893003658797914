"""A blind test as it is answered: question after question, each answer kept before the next is asked."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sketchsause_desktop.app.blind_plan import QUESTIONS, BlindPlan, Question, Turn
from sketchsause_desktop.app.win_rate import Tally

Choice = Literal["left", "right", "none"]
TAKEN_BACK = "taken back"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`turn` and `question` are places in the plan and in QUESTIONS."""

    turn: int
    question: int
    choice: Choice


class BlindTest:
    """`keep` writes an answer, or TAKEN_BACK, for good; what it raises leaves the test as it was."""

    def __init__(self, plan: BlindPlan, keep: Callable[[Answer, bool], None], answers: tuple[Answer, ...] = ()) -> None:
        """`keep` is called with whether the answer is taken back. `answers` are those of an earlier sitting."""
        self.plan = plan
        self._keep = keep
        given = {(each.turn, each.question): each for each in answers}
        self._answers: list[Answer] = []
        for place in range(plan.answers_in_all):  # up to the first that is missing
            answer = given.get(divmod(place, len(QUESTIONS)))
            if answer is None:
                break
            self._answers.append(answer)

    @property
    def done(self) -> int:
        return len(self._answers)

    @property
    def is_over(self) -> bool:
        return self.done == self.plan.answers_in_all

    @property
    def place(self) -> tuple[int, int]:
        """(turn, question) that is asked now; past the last turn when all is answered."""
        return divmod(self.done, len(QUESTIONS))

    @property
    def turn(self) -> Turn:
        return self.plan.turns[self.place[0]]

    @property
    def question(self) -> Question:
        return QUESTIONS[self.place[1]]

    def answer(self, choice: Choice) -> None:
        """Keep it, and go on to the next question. Nothing happens when all is answered."""
        if self.is_over:
            return
        turn, question = self.place
        answer = Answer(turn=turn, question=question, choice=choice)
        self._keep(answer, False)
        self._answers.append(answer)

    def take_back(self) -> None:
        """Ask the last question again."""
        if self._answers:
            self._keep(self._answers[-1], True)
            self._answers.pop()

    def tally(self, question: int) -> Tally:
        """Of the answers so far."""
        votes = Counter(self.preferred(each) for each in self._answers if each.question == question)
        return Tally(a=votes["a"], b=votes["b"], neither=votes[""])

    def preferred(self, answer: Answer) -> Literal["a", "b", ""]:
        if answer.choice == "none":
            return ""
        return "a" if answer.choice == self.plan.turns[answer.turn].a_side else "b"
