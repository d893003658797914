"""A blind test before its first answer: which pictures in which order, and which model stands on which side."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Side = Literal["left", "right"]


@dataclass(frozen=True)
class Question:
    key: str
    words: str
    more: str


QUESTIONS = (
    Question("realism", "Which one looks more real?", "As if somebody who knows the trade had made it."),
    Question(
        "fidelity",
        "Which one keeps closer to what was given?",
        "Nothing lost, nothing added, nothing beside the lines.",
    ),
    Question("aesthetics", "Which one do you like better?", "For whatever reason."),
)


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One of the two models."""

    title: str
    file: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One picture of the test. The sides stay for all of its questions."""

    picture: str
    a_side: Side


@dataclass(frozen=True, kw_only=True)
class BlindPlan:
    """`seed` is what the turns were drawn by; `job` is the comparison that paints the pictures, as JSON has it."""

    name: str
    a: Contender
    b: Contender
    seed: int
    turns: tuple[Turn, ...]
    job: Mapping[str, Any]

    @property
    def answers_in_all(self) -> int:
        return len(self.turns) * len(QUESTIONS)

    def fits(self, a: Contender, b: Contender, pictures: Sequence[str], job: Mapping[str, Any]) -> bool:
        """Whether it is a test of these very models, and all of its pictures are among these."""
        is_same = (self.a.sha256, self.b.sha256, self.job) == (a.sha256, b.sha256, job)
        return is_same and {turn.picture for turn in self.turns} <= set(pictures)


def draw_turns(pictures: Sequence[str], seed: int) -> tuple[Turn, ...]:
    """The pictures in another order, A on the left in half of them; in one more or less where their number is odd."""
    chance = random.Random(seed)
    order = list(pictures)
    chance.shuffle(order)
    lefts = (len(order) + chance.randrange(2)) // 2
    sides: list[Side] = ["left" if place < lefts else "right" for place in range(len(order))]
    chance.shuffle(sides)
    return tuple(Turn(picture=picture, a_side=side) for picture, side in zip(order, sides, strict=True))
