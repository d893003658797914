"""The blind test without a window: sides and order, answers taken back, kept, gone on with after a kill."""

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from sketchsause_desktop.app.blind_plan import QUESTIONS, BlindPlan, Contender, draw_turns
from sketchsause_desktop.app.blind_store import FIELDS, BlindStore, read_answers
from sketchsause_desktop.app.blind_test import Answer, BlindTest

A = Contender(title="New", file="new.safetensors", sha256="aa")
B = Contender(title="Old", file="old.safetensors", sha256="bb")
NAMES = ["one.png", "two.png", "three, “four”.png", "fünf.png"]
JOB = {"hints": 0}


@pytest.fixture
def store(tmp_path: Path) -> BlindStore:
    return BlindStore(tmp_path / "blind")


def begun(store: BlindStore, seed: int = 7) -> BlindTest:
    return store.begin(A, B, NAMES, JOB, seed=seed)


def rows(store: BlindStore, plan: BlindPlan) -> list[dict[str, str]]:
    with store.file_of(plan).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@given(st.integers(0, 60), st.integers(0, 2**64))
def test_sides_are_balanced_and_the_seed_tells_all(count: int, seed: int) -> None:
    names = [f"{number}.png" for number in range(count)]
    turns = draw_turns(names, seed)
    assert turns == draw_turns(names, seed)
    assert sorted(turn.picture for turn in turns) == sorted(names)
    sides = Counter(turn.a_side for turn in turns)
    assert abs(sides["left"] - sides["right"]) <= 1


def test_neither_order_nor_sides_follow_the_pictures() -> None:
    names = [str(number) for number in range(20)]
    draws = [draw_turns(names, seed) for seed in range(200)]
    assert all([turn.picture for turn in turns] != names for turns in draws)
    first = Counter(next(turn.a_side for turn in turns if turn.picture == "0") for turns in draws)
    assert 70 < first["left"] < 130
    odd = Counter(sum(turn.a_side == "left" for turn in draw_turns(names[:5], seed)) for seed in range(200))
    assert odd.keys() == {2, 3}
    assert 70 < odd[2] < 130


def test_three_questions_for_each_picture_one_after_another(store: BlindStore) -> None:
    test = begun(store)
    asked = []
    while not test.is_over:
        asked.append((test.turn.picture, test.question.key, test.turn.a_side))
        test.answer("left")
    assert [key for _, key, _ in asked] == ["realism", "fidelity", "aesthetics"] * len(NAMES)
    assert len({(picture, side) for picture, _, side in asked}) == len(NAMES)  # the sides stay
    test.answer("right")
    assert test.done == len(asked)


def test_sides_are_turned_back_into_models(store: BlindStore) -> None:
    test = begun(store)
    while not test.is_over:  # A always for realism, never for fidelity, no difference in the last
        other = "right" if test.turn.a_side == "left" else "left"
        test.answer({"realism": test.turn.a_side, "fidelity": other, "aesthetics": "none"}[test.question.key])  # type: ignore[arg-type]
    tallies = [test.tally(place) for place in range(len(QUESTIONS))]
    assert [(each.a, each.b, each.neither) for each in tallies] == [(4, 0, 0), (0, 4, 0), (0, 0, 4)]
    told = rows(store, test.plan)
    assert tuple(told[0]) == FIELDS
    assert [row["preferred"] for row in told] == ["New", "Old", ""] * 4
    assert {(row["model_a"], row["sha256_a"], row["model_b"], row["sha256_b"]) for row in told} == {
        ("New", "aa", "Old", "bb")
    }
    assert [row["picture"] for row in told[::3]] == [turn.picture for turn in test.plan.turns]
    for row in told:
        assert {row["left"], row["right"]} == {"New", "Old"}
        assert row["answer"] == "none" or row[row["answer"]] == row["preferred"]


def test_an_answer_taken_back_is_asked_again_and_nothing_is_rewritten(store: BlindStore) -> None:
    test = begun(store)
    test.take_back()  # there is none yet
    test.answer("left")
    test.answer("left")
    before = store.file_of(test.plan).read_bytes()
    test.take_back()
    assert test.place == (0, 1)
    assert store.file_of(test.plan).read_bytes().startswith(before)
    test.answer("none")
    assert [row["answer"] for row in rows(store, test.plan)] == ["left", "left", "taken back", "none"]
    (again,) = store.tests()
    assert again.place == test.place == (0, 2)
    assert [again.tally(place).total for place in range(3)] == [1, 1, 0]
    assert again.tally(1).neither == 1


def test_a_test_goes_on_with_the_same_order_and_sides(store: BlindStore) -> None:
    test = begun(store)
    for choice in ("left", "right", "none", "left"):
        test.answer(choice)
    (again,) = BlindStore(store.folder).tests()
    assert again.plan == test.plan
    assert again.place == test.place
    assert again.plan.fits(A, B, list(reversed(NAMES)), JOB)
    assert again.plan.fits(A, B, [*NAMES, "more.png"], JOB)
    assert not again.plan.fits(A, B, NAMES[1:], JOB)
    assert not again.plan.fits(B, A, NAMES, JOB)
    assert not again.plan.fits(A, B, NAMES, {"hints": 16})


@given(cut=st.integers(1, 400))
def test_a_line_that_was_cut_off_costs_itself_alone(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    store = BlindStore(tmp_path_factory.mktemp("cut"))
    test = begun(store)
    for _ in range(5):
        test.answer("left")
    path = store.file_of(test.plan)
    whole = path.read_bytes()
    kept = whole[: max(len(whole) - cut, whole.index(b"\n") + 1)]
    path.write_bytes(kept)
    (again,) = store.tests()
    lines = kept.decode(errors="replace").splitlines()[1:]
    assert len(lines) - 1 <= again.done <= len(lines)
    done = again.done
    again.answer("right")
    (third,) = store.tests()
    assert third.done == done + 1
    assert third.place == again.place


def test_an_answer_is_there_although_the_program_is_killed(store: BlindStore) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from tests.desktop.app.test_blind_test import begun
from sketchsause_desktop.app.blind_store import BlindStore
test = begun(BlindStore(Path(sys.argv[1])))
test.answer("left"); test.answer("none")
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code, str(store.folder)], cwd=root, check=False, timeout=60)
    assert done.returncode != 0
    (again,) = store.tests()
    assert again.done == 2


def test_damaged_plans_are_passed_over(store: BlindStore) -> None:
    test = begun(store)
    (store.folder / "2000-01-01.json").write_text("{", encoding="utf-8")
    (store.folder / "2000-01-02.json").write_text(json.dumps({"version": 99}), encoding="utf-8")
    assert [each.plan.name for each in store.tests()] == [test.plan.name]
    assert read_answers(store.folder / "none.csv") == ()
    assert BlindStore(store.folder / "none").tests() == []


def test_an_answer_that_cannot_be_kept_is_not_given(tmp_path: Path) -> None:
    def full(answer: Answer, is_taken_back: bool) -> None:
        raise UserError("The disk is full.", "Free some room.")

    plan = BlindPlan(name="x", a=A, b=B, seed=1, turns=draw_turns(NAMES, 1), job=JOB)
    test = BlindTest(plan, full)
    with pytest.raises(UserError, match="disk is full"):
        test.answer("left")
    assert test.done == 0
    store = BlindStore(tmp_path / "file" / "below")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be written"):
        begun(store)


def test_answers_that_cannot_be_written_any_more_are_said(store: BlindStore) -> None:
    test = begun(store)
    test.answer("left")
    store.file_of(test.plan).unlink()
    store.file_of(test.plan).mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        test.answer("left")
    assert test.done == 1
