import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from models.errors import UserError
from sketchsause_desktop.app.autosaving import Autosaving
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.core.autosave import AutosaveStore
from sketchsause_desktop.core.brush import PenSample
from sketchsause_desktop.core.geometry import Size

ROOT = Path(__file__).resolve().parents[3]


class Studio:
    """An editor whose autosaves are due when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.folder, self.notices, self.editor = folder, Notices(), Editor()
        self.editor.new(Size(200, 100))
        self.store = AutosaveStore(folder)
        self.keeper = Autosaving(self.editor, self.notices, self.store, clock=lambda: self.now)

    def draw(self, x: float = 50) -> None:
        self.editor.begin_stroke(PenSample(x, 50))
        self.editor.end_stroke()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.keeper._save_what_is_due()
        self.keeper._background.wait()

    def left(self) -> list[str]:
        """What another copy would find if this one were gone; its lock is free in the same process."""
        return sorted(path.name for path in self.folder.rglob("*.ora"))


@pytest.fixture
def studio(qapp: QCoreApplication, tmp_path: Path) -> Iterator[Studio]:
    studio = Studio(tmp_path / "autosave")
    yield studio
    studio.keeper.close()


def test_a_drawing_never_saved_is_kept_when_the_hand_rests(studio: Studio, qtbot: QtBot) -> None:
    studio.pass_time(20)
    assert studio.left() == []
    studio.draw()
    studio.pass_time(0.5)
    assert studio.left() == []
    with qtbot.waitSignal(studio.keeper.saved):
        studio.pass_time(3)
    assert len(studio.left()) == 1
    studio.keeper.close()
    assert studio.left() == []


def test_who_never_rests_is_never_more_than_a_minute_behind(studio: Studio) -> None:
    studio.pass_time(20)
    seconds_without = 0.0
    for _ in range(200):
        studio.draw()
        studio.pass_time(1)
        written = list(studio.folder.rglob("*.ora"))
        seconds_without = 0.0 if written else seconds_without + 1
        for path in written:
            path.unlink()
        assert seconds_without < 60


def test_saving_undoing_and_closing_forget_what_was_kept(studio: Studio, tmp_path: Path) -> None:
    def kept() -> bool:
        studio.draw()
        studio.pass_time(100)
        return len(studio.left()) == 1

    assert kept()
    studio.editor.current.mark_saved()
    assert studio.left() == []
    assert kept()
    studio.editor.undo()
    assert studio.left() == []
    assert kept()
    studio.editor.close_drawing(studio.editor.current)
    assert studio.left() == []
    assert not list(tmp_path.rglob("*.json"))


def test_each_of_several_drawings_is_kept(studio: Studio) -> None:
    studio.draw()
    studio.editor.open_pixels(np.full((100, 30), 255, np.uint8), "two")
    studio.draw(5)
    studio.editor.new(Size(50, 50))  # untouched
    studio.pass_time(100)
    assert len(studio.left()) == 2


def test_a_failure_is_one_notice_and_goes_with_the_next_success(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise UserError("The disk is full.", "Make room.")

    studio.draw()
    with monkeypatch.context() as patch:
        patch.setattr(studio.store, "save", fail)
        studio.pass_time(100)
        studio.pass_time(100)
    assert [notice.text for notice in studio.notices.shown] == ["The disk is full."]
    studio.pass_time(100)
    assert studio.notices.shown == ()
    assert len(studio.left()) == 1


def test_when_something_goes_wrong_all_is_kept_at_once(studio: Studio) -> None:
    studio.keeper.start()
    studio.draw()
    studio.keeper.keep_now()
    studio.keeper._background.wait()
    assert len(studio.left()) == 1


def crash(folder: Path, seconds: float) -> int:
    """Let a copy draw and kill it some time after its first autosave; how many dots it kept for sure."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.desktop.app.autosaving_child", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.stdout.close()
    child.wait()
    return int((first + rest).split()[-1])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("seconds", [0.05, 0.4, 0.93])
def test_a_killed_copy_loses_no_more_than_since_its_last_autosave(studio: Studio, seconds: float) -> None:
    dots = crash(studio.folder, seconds)
    (left,) = studio.keeper.recoverable()
    assert (left.name, left.is_damaged, left.original) == ("Untitled", False, None)
    assert left.thumbnail
    studio.keeper.recover(left)
    studio.keeper.wait()
    places = np.arange(300) // 10
    is_dark = studio.editor.export_pixels()[..., 0] < 128
    found = len(set((places[:, None] * 30 + places[None, :])[is_dark].tolist()))
    assert found >= max(dots, 1)
    assert studio.editor.current.is_modified
    assert studio.keeper.recoverable() == []  # it is ours now
    assert len(studio.left()) == 1
    studio.keeper.close()
    assert studio.left() == []


def test_what_another_window_took_is_said(studio: Studio) -> None:
    studio.draw()
    studio.pass_time(100)
    studio.keeper.stop()
    studio.store._lock.close()  # type: ignore[union-attr] # as if that copy had crashed
    later = Studio(studio.folder)
    (left,) = later.keeper.recoverable()
    left.path.unlink()
    later.keeper.recover(left)
    later.keeper.wait()
    assert "another window" in later.notices.shown[0].text
    later.keeper.close()


def test_who_leaves_while_a_drawing_is_recovered_finds_it_at_the_next_start(studio: Studio) -> None:
    studio.draw()
    studio.pass_time(100)
    studio.keeper.stop()
    studio.store._lock.close()  # type: ignore[union-attr] # as if that copy had crashed
    hasty = Studio(studio.folder)
    (left,) = hasty.keeper.recoverable()
    hasty.keeper.recover(left)
    hasty.keeper.close()  # before the event loop could tell of it
    if hasty.store._lock is not None:
        hasty.store._lock.close()  # the process ends
    later = Studio(studio.folder)
    assert [each.name for each in later.keeper.recoverable()] == ["Untitled"]
    later.keeper.close()
