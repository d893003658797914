"""What every test is held to: no real display, no real user folders, no thread left over, no warning unannounced."""

import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # the tests' networks are tiny: threads wait for each other

settings.register_profile("sketchsause", derandomize=True, deadline=None)
settings.load_profile("sketchsause")

CACHE = Path(__file__).resolve().parents[1] / ".pytest_cache"
GRACE_SECONDS = 2.0


def pytest_configure(config: pytest.Config) -> None:
    """Settings, models, logs and caches of the tests and of the programs they start: a folder that goes with them."""
    home = tempfile.TemporaryDirectory(prefix="sketchsause-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(home.cleanup)
    names = {f"XDG_{kind}_HOME": kind.lower() for kind in ("CONFIG", "STATE", "CACHE", "DATA")}
    names |= {f"WIN_PD_OVERRIDE_{kind}": kind.lower() for kind in ("APPDATA", "LOCAL_APPDATA")}  # platformdirs
    for name, folder in names.items():
        os.environ[name] = str(Path(home.name) / folder)
    os.environ["MPLCONFIGDIR"] = str(CACHE / "matplotlib")  # its list of fonts takes seconds to make: kept
    os.environ.pop("TORCH_HOME", None)


@pytest.fixture(autouse=True)
def _children_do_not_step_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else those of the tests would wait for whatever else this machine does."""
    module = sys.modules.get("sketchsause_desktop.app.child_process")
    if module is not None:
        monkeypatch.setattr(module, "STEP_BACK", ())


@pytest.fixture(autouse=True)
def _no_thread_is_left_over() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + GRACE_SECONDS
    while (left := [thread for thread in threading.enumerate() if thread not in before and _runs(thread)]) and (
        time.monotonic() < until
    ):
        time.sleep(0.01)
    if left:
        pytest.fail(f"The test left threads running: {', '.join(thread.name for thread in left)}", pytrace=False)


def _runs(thread: threading.Thread) -> bool:
    """Threads that Python did not start (Qt's, say) stay listed after their end; Linux tells whether they run."""
    if isinstance(thread, threading._DummyThread):
        return Path(f"/proc/self/task/{thread.native_id}").exists()
    # tqdm keeps one thread for the whole process, which redraws bars that stand still.
    return type(thread).__name__ != "TMonitor"


@pytest.fixture(autouse=True)
def _no_warning_is_unannounced(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("expects_warnings"):
        return
    records = [record for when in ("setup", "call", "teardown") for record in _records(caplog, when)]
    loud = [f"{record.name}: {record.getMessage()}" for record in records if record.levelno >= logging.WARNING]
    if loud:
        pytest.fail("Logged, and the test is not marked expects_warnings:\n" + "\n".join(loud), pytrace=False)


def _records(caplog: pytest.LogCaptureFixture, when: str) -> list[logging.LogRecord]:
    try:
        return caplog.get_records(when)  # type: ignore[arg-type]
    except KeyError:  # that phase has not begun
        return []
