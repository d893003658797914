import threading

from sketchsause_desktop.core.mailbox import Mailbox


def test_the_newest_letter_replaces_the_one_that_waits() -> None:
    box: Mailbox[str] = Mailbox()
    assert box.put("old") is None
    assert box.put("new") == "old"
    assert box.take() == "new"
    assert box.clear() is None


def test_a_letter_can_be_thrown_away() -> None:
    box: Mailbox[str] = Mailbox()
    box.put("letter")
    assert box.clear() == "letter"
    assert box.put("next") is None


def test_closing_wakes_who_waits_and_drops_what_waits() -> None:
    box: Mailbox[str] = Mailbox()
    taken: list[str | None] = []
    thread = threading.Thread(target=lambda: taken.append(box.take()))
    thread.start()
    box.close()
    thread.join(10)
    assert taken == [None]
    box.put("late")
    assert box.take() is None


def test_a_letter_reaches_the_other_thread() -> None:
    box: Mailbox[str] = Mailbox()
    taken: list[str | None] = []
    thread = threading.Thread(target=lambda: taken.append(box.take()))
    thread.start()
    box.put("letter")
    thread.join(10)
    assert taken == ["letter"]
