"""Stepping back, in a process of its own, since nobody may take it back."""

import subprocess
import sys
from pathlib import Path

import pytest

_AUTOGROUP = Path("/proc/self/autogroup")  # there too, but empty, where Linux was started without it
_STEP_BACK = (
    "from models.priority import step_back; import os; from pathlib import Path;"
    "before = os.getpriority(0, 0); step_back();"
    "group = Path('/proc/self/autogroup');"
    "print(os.getpriority(0, 0) - before, *(group.read_text().split()[-1:] if group.exists() else []))"
)


def stepped_back(*, own_session: bool) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _STEP_BACK], capture_output=True, text=True, check=True, start_new_session=own_session
    )
    return done.stdout.split()


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is of POSIX")
def test_the_process_gets_nicer() -> None:
    assert stepped_back(own_session=False)[0] == "10"


def test_a_session_of_its_own_steps_back_and_no_other() -> None:
    words = _AUTOGROUP.read_text(encoding="ascii").split() if _AUTOGROUP.exists() else []
    if not words:
        pytest.skip("this system does not weigh sessions against each other")
    before = words[-1]
    assert stepped_back(own_session=True)[1] == "10"
    assert stepped_back(own_session=False)[1] == before
    assert _AUTOGROUP.read_text(encoding="ascii").split()[-1] == before
