"""Pictures enter memory while there is room, in their order, and a large one is alone there."""

import threading

from sketchsause_desktop.batch.budget import PixelBudget


def never() -> bool:
    return False


def test_there_is_room_up_to_the_limit() -> None:
    budget = PixelBudget(100)
    assert budget.acquire(60, never)
    assert budget.acquire(40, never)
    assert not budget.acquire(1, lambda: True)
    budget.release(40)
    assert budget.acquire(40, lambda: True)


def test_a_picture_beyond_the_limit_waits_to_be_alone() -> None:
    budget = PixelBudget(100)
    assert budget.acquire(10, never)
    entered = threading.Event()

    def enter() -> None:
        budget.acquire(1000, never)
        entered.set()

    giant = threading.Thread(target=enter)
    giant.start()
    assert not entered.wait(0.2)
    budget.release(10)
    assert entered.wait(20)
    giant.join()
    assert not budget.acquire(1, lambda: True)
