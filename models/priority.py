"""A process that leaves the processor to the others: what trains in the background while one paints."""

import os
import sys

_NICENESS = 10
_BELOW_NORMAL = 0x4000  # BELOW_NORMAL_PRIORITY_CLASS


def step_back() -> None:
    """Give this process a lower priority, and so the threads and processes that it starts from now on."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICENESS)
