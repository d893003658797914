"""Ctrl+C in the terminal and a polite kill close the window as its button does."""

import contextlib
import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QSocketNotifier

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class UnixSignals:
    """Python runs its handlers between two of its own instructions; a byte in a socket wakes Qt's loop up for that."""

    def __init__(self, close: Callable[[], object]) -> None:
        self._close = close
        self._old = {}
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._on_byte)
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is not None:
                self._old[number] = signal.signal(number, lambda *_: self._close())

    def _on_byte(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._read.recv(64)

    def restore(self) -> None:
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()
