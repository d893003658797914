"""Locks of the operating system's: held by one process, and freed by the system however that process ends."""

import sys
from typing import IO, Any


def take_lock(file: IO[Any]) -> bool:
    """Hold the open file for this process until it is closed; False when another process holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
