"""The machine's speed in words, once."""

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from sketchsause_desktop.app.device_test import DeviceTest, told
from sketchsause_desktop.app.editor import Editor
from sketchsause_desktop.app.live import Live
from sketchsause_desktop.app.notices import Notices
from sketchsause_desktop.app.settings import Settings
from tests.desktop.app.fake_engine import FakeEngine


@pytest.mark.parametrize(
    ("pass_ms", "words"),
    [(41.2, "CPU: 41 ms, good for live"), (300, "CPU: 300 ms, colours follow a little later")],
)
def test_the_speed_in_words(pass_ms: float, words: str) -> None:
    assert told("CPU", pass_ms) == words
    assert "slow" in told("CPU", 900)


def test_it_is_measured_once_for_each_device_and_kept(qapp: QCoreApplication, tmp_path: Path) -> None:
    notices, settings = Notices(), Settings(tmp_path)
    live = Live(Editor(), FakeEngine(), notices)
    test = DeviceTest(live, settings, notices)
    for elapsed_ms in (2000.0, 40.0, 44.0):  # the first one loads the model
        live.quick_pass_finished.emit("CPU", elapsed_ms)
    assert settings.preferences.device == ""
    live.quick_pass_finished.emit("CPU", 900.0)
    assert settings.preferences.device == "CPU: 44 ms, good for live"
    assert [notice.text for notice in notices.shown] == ["Colouring runs on the CPU: 44 ms, good for live."]
    for _ in range(6):
        live.quick_pass_finished.emit("CPU", 500.0)
    assert Settings(tmp_path).preferences.device == "CPU: 44 ms, good for live"
    for elapsed_ms in (900.0, 9.0, 8.0, 7.0):
        live.quick_pass_finished.emit("CUDA", elapsed_ms)
    assert settings.preferences.device == "CUDA: 8 ms, good for live"
    live.shutdown()
    test.deleteLater()
