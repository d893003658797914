"""When the start-up reached what the user waits for; a line each in the log, read by tests/benchmarks/startup.py."""

import logging
import sys
import time

_log = logging.getLogger(__name__)


class Milestones:
    """Each is told once. Times are of the monotonic clock, which other processes share."""

    def __init__(self) -> None:
        self._reached: set[str] = set()

    def reach(self, name: str) -> None:
        if name not in self._reached:
            self._reached.add(name)
            _log.info("milestone %s at %.4f, torch loaded: %s", name, time.monotonic(), "torch" in sys.modules)
