import logging

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app.notices import Level, Notice, Notices


@pytest.fixture
def notices(qapp: QCoreApplication) -> Notices:
    return Notices()


def test_equal_keys_update_in_place(notices: Notices) -> None:
    posted: list[Notice] = []
    notices.posted.connect(posted.append)
    notices.post("live", "first")
    notices.post("file", "other")
    notices.post("live", "second", "Do this.", Level.ERROR)
    notices.post("live", "second", "Do this.", Level.ERROR)
    assert [notice.text for notice in posted] == ["first", "other", "second"]
    assert [notice.text for notice in notices.shown] == ["second", "other"]


def test_withdrawing_tells_once(notices: Notices, qtbot: QtBot) -> None:
    notices.post("live", "text")
    with qtbot.waitSignal(notices.withdrawn) as told:
        notices.withdraw("live")
    assert told.args == ["live"]
    with qtbot.assertNotEmitted(notices.withdrawn):
        notices.withdraw("live")
    assert notices.shown == ()


def test_what_the_user_can_mend_is_told_in_its_own_words(notices: Notices) -> None:
    notices.report("open", UserError("a.png is empty.", "Choose another."))
    assert notices.shown == (Notice(key="open", text="a.png is empty.", hint="Choose another.", level=Level.ERROR),)


@pytest.mark.expects_warnings
def test_a_bug_is_logged_with_its_traceback_and_not_shown(notices: Notices, caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise KeyError("inner secret")
    except KeyError as error:
        notices.report("open", error)
    (notice,) = notices.shown
    assert "secret" not in notice.text + notice.hint
    record = next(record for record in caplog.records if record.levelno == logging.ERROR)
    assert record.exc_info is not None
