"""A guard against calls from the wrong thread; work that leaves the processor to painting."""

import os
import sys
import threading

from PySide6.QtCore import QObject, QThread

_NICENESS = 5  # Linux: behind the thread that paints, before work that was told to wait
_NICENESS_IN_COMPANY = 15


def require_own_thread(owner: QObject) -> None:
    """Raise unless the caller runs on the thread that `owner` lives on."""
    if QThread.currentThread() != owner.thread():
        raise RuntimeError(f"{type(owner).__name__} was called from another thread")


def step_back(*, in_company: bool = False) -> None:
    """Give this thread a lower priority, and so those that the runtime starts from it: painting comes first.

    A still lower one `in_company` of other work. Linux lets nobody take that back: a new thread begins anew.

    Linux ignores the priorities that Qt sets for ordinary threads, but has a niceness for each.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS_IN_COMPANY if in_company else _NICENESS)
    else:
        lower = QThread.Priority.LowestPriority if in_company else QThread.Priority.LowPriority
        QThread.currentThread().setPriority(lower)
