"""A mailbox with one slot: the newest letter takes the place of the one that waits."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Handed between two threads: one puts, the other takes."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._letter: T | None = None
        self._closed = False

    def put(self, letter: T) -> T | None:
        """Never waits; returns the letter that was thrown away for this one."""
        with self._ready:
            replaced, self._letter = self._letter, letter
            self._ready.notify()
            return replaced

    def take(self) -> T | None:
        """Waits for a letter; None once the mailbox is closed."""
        with self._ready:
            while self._letter is None and not self._closed:
                self._ready.wait()
            letter, self._letter = self._letter, None
            return None if self._closed else letter

    @property
    def is_empty(self) -> bool:
        with self._ready:
            return self._letter is None

    def clear(self) -> T | None:
        """Throw the waiting letter away and return it."""
        with self._ready:
            letter, self._letter = self._letter, None
            return letter

    def close(self) -> None:
        """Wake the taker for good."""
        with self._ready:
            self._closed = True
            self._letter = None
            self._ready.notify_all()
