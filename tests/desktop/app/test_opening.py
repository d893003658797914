import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app import opening
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.opening import NOTICE, Opening
from sketchsause_desktop.core.document import Document
from sketchsause_desktop.core.geometry import Size
from sketchsause_desktop.core.opening import Opened

A, B, C = Path("a.ora"), Path("b.ora"), Path("c.ora")


class Desk:
    """Files that are read when the test says so; `told` is what came of them."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.may_read = threading.Event()
        self.may_read.set()
        self.faults: dict[Path, Exception] = {}
        self.read: list[tuple[Path, threading.Thread]] = []
        self.told: list[tuple[Path, bool]] = []
        self.notices = Notices()
        self.opening = Opening(self.notices)
        self.opening.opened.connect(lambda path, _opened, is_first: self.told.append((path, is_first)))
        patch.setattr(opening, "open_document", self._open)

    def _open(self, path: Path) -> Opened:
        self.read.append((path, threading.current_thread()))
        assert self.may_read.wait(20)
        if path in self.faults:
            raise self.faults[path]
        return Opened(document=Document.new(Size(9, 9)))

    @property
    def texts(self) -> list[str]:
        return [notice.text for notice in self.notices.shown]


@pytest.fixture
def desk(qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(monkeypatch)
    yield desk
    desk.may_read.set()
    desk.opening.finish()


def test_files_are_read_elsewhere_and_come_in_order(desk: Desk) -> None:
    desk.opening.open([A, B])
    desk.opening.open([C, A])  # the one that is being opened is not opened twice
    assert desk.told == []
    desk.opening.wait()
    assert desk.told == [(A, True), (B, False), (C, True)]
    assert [path for path, _ in desk.read] == [A, B, C]
    assert threading.main_thread() not in {thread for _, thread in desk.read}
    assert not desk.opening.is_busy


def test_one_that_cannot_be_read_is_a_notice_and_the_others_come(desk: Desk) -> None:
    desk.faults[A] = UserError("a.ora is damaged or cut off.", "Open a copy.")
    desk.opening.open([A, B, C])
    desk.opening.wait()
    assert desk.told == [(B, True), (C, False)]
    assert desk.texts == ["a.ora is damaged or cut off."]
    desk.faults.clear()
    desk.opening.open([A])
    assert desk.texts == []
    desk.opening.wait()
    assert desk.told[-1] == (A, True)


@pytest.mark.expects_warnings
def test_a_bug_in_a_reader_is_told_and_ends_the_waiting(desk: Desk, qtbot: QtBot) -> None:
    desk.faults[A] = ZeroDivisionError()
    with qtbot.waitSignal(desk.opening.ended):
        desk.opening.open([A])
    assert desk.texts == ["Something went wrong inside SketchSause."]


def test_what_takes_long_is_told_until_it_is_there(desk: Desk, qtbot: QtBot) -> None:
    desk.may_read.clear()
    desk.opening.open([A, B, C])
    qtbot.waitUntil(lambda: bool(desk.texts))
    assert desk.texts == ["Opening a.ora and 2 more…"]
    assert all(notice.lasts for notice in desk.notices.shown)
    desk.may_read.set()
    desk.opening.wait()
    assert (len(desk.told), desk.texts) == (3, [])


def test_closing_the_notice_leaves_the_rest_out(desk: Desk, qtbot: QtBot) -> None:
    desk.may_read.clear()
    desk.opening.open([A, B])
    qtbot.waitUntil(lambda: bool(desk.texts))
    with qtbot.waitSignal(desk.opening.ended):
        desk.notices.withdraw(NOTICE)
    desk.opening.open([B])  # on second thoughts
    desk.may_read.set()
    desk.opening.wait()
    assert desk.told == [(B, True)]
    assert [path for path, _ in desk.read] == [A, B]


def test_at_the_end_nothing_is_told_any_more(desk: Desk) -> None:
    desk.opening.open([A, B])
    desk.opening.finish()
    QCoreApplication.processEvents()
    assert desk.told == []
    assert len(desk.read) <= 1
