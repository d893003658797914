import pytest

from sketchsause_desktop.core.live_schedule import COMPANY_PAUSE_S, LONGEST_WAIT_S, MERGE_S, PAUSE_S, LiveSchedule


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _slow(clock: Clock) -> LiveSchedule:
    schedule = LiveSchedule(clock)
    schedule.note_pass(3000)
    return schedule


def test_without_a_change_there_is_nothing_to_do(clock: Clock) -> None:
    assert LiveSchedule(clock).delay_s() is None


def test_a_fast_machine_runs_at_once(clock: Clock) -> None:
    schedule = LiveSchedule(clock)
    schedule.note_pass(40)
    schedule.note_change()
    assert schedule.delay_s() == 0


def test_so_does_one_that_was_not_measured_yet(clock: Clock) -> None:
    schedule = LiveSchedule(clock)
    schedule.note_change()
    assert schedule.delay_s() == 0


def test_changes_right_after_a_request_wait_for_one_another(clock: Clock) -> None:
    schedule = LiveSchedule(clock)
    schedule.note_change()
    schedule.note_request()
    assert schedule.delay_s() is None
    clock.now += 0.001
    schedule.note_change()
    assert schedule.delay_s() == pytest.approx(MERGE_S - 0.001)
    clock.now += MERGE_S
    assert schedule.delay_s() == 0


def test_a_slow_machine_waits_for_a_pause(clock: Clock) -> None:
    schedule = _slow(clock)
    schedule.note_change()
    assert schedule.delay_s() == pytest.approx(PAUSE_S)
    clock.now += 0.1
    schedule.note_change()
    assert schedule.delay_s() == pytest.approx(PAUSE_S)
    clock.now += PAUSE_S + 0.01
    assert schedule.delay_s() == 0


def test_beside_a_training_it_waits_for_a_longer_pause(clock: Clock) -> None:
    schedule = LiveSchedule(clock)
    schedule.note_pass(40)
    schedule.set_company(True)
    schedule.note_change()
    assert schedule.delay_s() == pytest.approx(COMPANY_PAUSE_S)
    assert schedule.rest_delay_s() == pytest.approx(COMPANY_PAUSE_S)
    schedule.set_company(False)
    assert schedule.delay_s() == 0


def test_a_slow_machine_does_not_wait_for_ever(clock: Clock) -> None:
    schedule = _slow(clock)
    began = clock.now
    schedule.note_change()
    while schedule.delay_s():
        clock.now += 0.1
        schedule.note_change()
    assert clock.now - began == pytest.approx(LONGEST_WAIT_S, abs=0.11)


def test_the_longest_wait_begins_anew_after_a_request(clock: Clock) -> None:
    schedule = _slow(clock)
    schedule.note_change()
    clock.now += LONGEST_WAIT_S
    schedule.note_request()
    clock.now += 0.1
    schedule.note_change()
    assert schedule.delay_s() == pytest.approx(PAUSE_S)


def test_one_slow_pass_among_quick_ones_does_not_make_a_machine_slow(clock: Clock) -> None:
    schedule = LiveSchedule(clock)
    for elapsed_ms in (40, 40, 900, 40):
        schedule.note_pass(elapsed_ms)
        assert not schedule.is_slow


def test_another_model_starts_unmeasured(clock: Clock) -> None:
    schedule = _slow(clock)
    assert schedule.is_slow
    schedule.forget_passes()
    assert not schedule.is_slow


def test_one_pass_that_was_held_up_does_not_make_a_machine_slow() -> None:
    schedule = LiveSchedule()
    schedule.note_pass(100.0)
    schedule.note_pass(55_000.0)
    assert not schedule.is_slow
    for _ in range(12):
        schedule.note_pass(900.0)
    assert schedule.is_slow
