"""A process that leaves the processor to the others: what trains in the background while one paints."""

import contextlib
import os
import sys
from pathlib import Path

_NICENESS = 10
_BELOW_NORMAL = 0x4000  # BELOW_NORMAL_PRIORITY_CLASS


def step_back() -> None:
    """Give this process a lower priority, and so the threads and processes that it starts from now on."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICENESS)
        _step_back_as_session()


def _step_back_as_session() -> None:
    """On Linux a process is nice only within its session, where sessions are weighed against each other: sched(7),
    autogroup. A session that is this process's own steps back with it."""
    if sys.platform == "linux" and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # this Linux does not weigh sessions
            Path("/proc/self/autogroup").write_text(str(_NICENESS), encoding="ascii")
