"""How much of a batch is in memory at once."""

import threading
from collections.abc import Callable


class PixelBudget:
    """Lets pictures into memory while they have fewer pixels together than `limit`; a larger one goes in alone.

    First come, first served, so that a large picture is not kept waiting by small ones for ever.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._changed = threading.Condition()
        self._turnstile = threading.Lock()

    def acquire(self, pixels: int, given_up: Callable[[], bool]) -> bool:
        """Wait for room; False when `given_up` became true meanwhile."""
        with self._turnstile, self._changed:
            while self._used and self._used + pixels > self._limit:
                if given_up():
                    return False
                self._changed.wait(timeout=0.1)
            self._used += pixels
            return True

    def release(self, pixels: int) -> None:
        with self._changed:
            self._used -= pixels
            self._changed.notify_all()
