"""Autosave waits for the hand to rest, and never falls a minute behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchsause_desktop.core.autosave_schedule import LIMIT_SECONDS, RETRY_SECONDS, SPACING_SECONDS, AutosaveSchedule


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def schedule(clock: Clock) -> AutosaveSchedule:
    return AutosaveSchedule(clock)


def save(schedule: AutosaveSchedule, clock: Clock, *, takes: float = 0.0, saved: bool = True) -> None:
    schedule.started()
    clock.now += takes
    schedule.finished(saved=saved)


def test_nothing_is_due_before_a_change_and_a_rest(schedule: AutosaveSchedule, clock: Clock) -> None:
    clock.now += 1000
    assert not schedule.is_due()
    schedule.changed()
    clock.now += 1.9
    assert not schedule.is_due()
    clock.now += 0.2
    assert schedule.is_due()
    assert not schedule.is_due(busy=True)
    save(schedule, clock)
    assert not schedule.is_due()
    assert not schedule.is_behind


def test_rests_are_not_used_too_often(schedule: AutosaveSchedule, clock: Clock) -> None:
    schedule.changed()
    save(schedule, clock)
    schedule.changed()
    clock.now += SPACING_SECONDS - 0.1
    assert not schedule.is_due()
    clock.now += 0.2
    assert schedule.is_due()


def test_a_long_save_is_followed_by_a_longer_pause(schedule: AutosaveSchedule, clock: Clock) -> None:
    schedule.changed()
    save(schedule, clock, takes=3)
    schedule.changed()
    clock.now += 29
    assert not schedule.is_due()
    clock.now += 2
    assert schedule.is_due()


def test_a_hand_that_never_rests_is_interrupted_in_time(schedule: AutosaveSchedule, clock: Clock) -> None:
    schedule.changed()
    while not schedule.is_due(busy=True):
        clock.now += 0.5
        schedule.changed()
    assert clock.now - 1000 <= LIMIT_SECONDS - 5


def test_what_changes_during_a_save_is_not_forgotten(schedule: AutosaveSchedule, clock: Clock) -> None:
    schedule.changed()
    schedule.started()
    schedule.changed()
    assert not schedule.is_due()
    schedule.finished(saved=True)
    assert schedule.is_behind


def test_a_failed_save_is_tried_again_but_not_at_once(schedule: AutosaveSchedule, clock: Clock) -> None:
    schedule.changed()
    clock.now += 100
    save(schedule, clock, saved=False)
    assert schedule.is_behind
    assert not schedule.is_due()
    clock.now += RETRY_SECONDS
    assert schedule.is_due(busy=True)


def test_the_users_own_save_counts_even_while_one_runs(schedule: AutosaveSchedule) -> None:
    schedule.changed()
    schedule.started()
    schedule.changed()
    schedule.forget()
    schedule.finished(saved=True)
    assert not schedule.is_behind


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 4)), max_size=400),
    st.floats(0, 5),
)
def test_a_finished_save_is_never_a_minute_behind(steps: list[tuple[bool, bool, float]], takes: float) -> None:
    """Whatever the hand does, with saves of up to five seconds and a scheduler that is asked twice a second."""
    clock = Clock()
    schedule = AutosaveSchedule(clock)
    unsaved: list[float] = []
    for changes, busy, pause in steps:
        for _ in range(int(pause / 0.5) + 1):
            clock.now += 0.5
            if schedule.is_due(busy=busy):
                save(schedule, clock, takes=takes)
                unsaved.clear()
        if changes:
            schedule.changed()
            unsaved.append(clock.now)
        assert not unsaved or clock.now - unsaved[0] <= LIMIT_SECONDS
