"""What nobody caught: in the log and one notice, from any thread, never on the screen as a traceback."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from pytestqt.qtbot import QtBot

from sketchsause_desktop.app.notices import Level, Notices
from sketchsause_desktop.ui.faults import MAX_LOG_BYTES, Faults, start_log

pytestmark = [pytest.mark.expects_warnings, pytest.mark.qt_no_exception_capture]


@pytest.fixture
def faults(tmp_path: Path) -> Iterator[Faults]:
    faults = Faults(tmp_path / "sketchsause.log")
    faults.install()
    yield faults
    faults.uninstall()


def fail() -> None:
    raise RuntimeError("a bug")


def test_a_bug_in_a_slot_is_one_notice(faults: Faults, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    notices = Notices()
    faults.tell(notices)
    for _ in range(3):
        try:
            fail()
        except RuntimeError:
            sys.excepthook(*sys.exc_info())
    qtbot.waitUntil(lambda: len(notices.shown) == 1)
    (notice,) = notices.shown
    assert notice.level is Level.ERROR
    assert "sketchsause.log" in notice.hint
    assert "RuntimeError" not in notice.text + notice.hint
    assert "a bug" in caplog.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_on_another_thread_reaches_the_user(faults: Faults, qtbot: QtBot) -> None:
    notices = Notices()
    faults.tell(notices)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(notices.shown) == 1)


def test_words_of_qt_go_to_the_log(faults: Faults, caplog: pytest.LogCaptureFixture) -> None:
    qWarning("something of Qt")
    assert [record.levelno for record in caplog.records if record.message == "something of Qt"] == [logging.WARNING]


def test_the_log_keeps_one_older_file(tmp_path: Path) -> None:
    folder = tmp_path / "ünïcode" / "log"
    folder.mkdir(parents=True)
    (folder / "sketchsause.log").write_text("x" * (MAX_LOG_BYTES + 1))
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        path = start_log(folder)
        assert path == folder / "sketchsause.log"
        assert path.stat().st_size == 0
        assert (folder / "sketchsause.old.log").stat().st_size > MAX_LOG_BYTES
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start_log(tmp_path / "file" / "log") is None
