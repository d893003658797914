"""A guard against calls from the wrong thread."""

from PySide6.QtCore import QObject, QThread


def require_own_thread(owner: QObject) -> None:
    """Raise unless the caller runs on the thread that `owner` lives on."""
    if QThread.currentThread() != owner.thread():
        raise RuntimeError(f"{type(owner).__name__} was called from another thread")
