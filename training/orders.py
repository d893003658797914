"""What is asked of a training while it runs: a word a line, on standard input or in a file of the run's folder."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from training.run_files import ORDERS

WORDS = ("stop", "stop-epoch", "pause", "resume", "sample", "save")
_LOOK_S = 0.5  # how often the file is looked for


class Orders:
    """Filled by any thread, obeyed by the trainer between two steps."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: set[str] = set()

    def take(self, line: str) -> None:
        """Note an order; a word that is none is passed over, as is an order that is given twice."""
        word = line.strip()
        with self._changed:
            if word == "resume":
                self._wanted.discard("pause")
            elif word in WORDS:
                self._wanted.add(word)
            self._changed.notify_all()

    def holds(self, word: str) -> bool:
        """Whether the order stands: `stop`, `stop-epoch` and `pause` do until the end or `resume`."""
        return word in self._wanted

    def fetch(self, word: str) -> bool:
        """Whether the order was given since the last call."""
        with self._changed:
            was_given = word in self._wanted
            self._wanted.discard(word)
        return was_given

    def wait_for_resume(self) -> None:
        """Until `resume` or `stop`."""
        with self._changed:
            self._changed.wait_for(lambda: "pause" not in self._wanted or "stop" in self._wanted)


@contextlib.contextmanager
def heard(orders: Orders, folder: Path) -> Iterator[None]:
    """Take orders from standard input, where that is no terminal, and from the file in `folder`."""
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(orders, folder / ORDERS, done), daemon=True, name="orders-file")
    watcher.start()
    # A job in the background that reads its terminal would be stopped by the shell.
    if sys.stdin is not None and not sys.stdin.isatty():
        threading.Thread(target=_read, args=(orders, sys.stdin), daemon=True, name="orders-line").start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _read(orders: Orders, lines: IO[str]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in lines:
            orders.take(line)


def _watch(orders: Orders, path: Path, done: threading.Event) -> None:
    while not done.wait(_LOOK_S):
        with contextlib.suppress(OSError):
            lines = path.read_text(encoding="utf-8").splitlines()
            path.unlink()
            for line in lines:
                orders.take(line)
