"""This program started once more, in a process of its own: how it is called, and the lines that it says."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QProcess

STEP_BACK: tuple[str, ...] = ("--step-back",)  # the word for children that work beside painting
_ROOT = Path(__file__).resolve().parents[2]  # where `-m sketchsause_desktop` is found in a checkout

_log = logging.getLogger(__name__)


class EventLines:
    """JSON lines out of bytes as they come; the last line may be unfinished."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, received: bytes) -> Iterator[dict[str, Any]]:
        """The events of the whole lines, each with a str under `event`; what is none is logged."""
        *lines, self._rest = (self._rest + received).split(b"\n")
        for line in lines:
            try:
                event: dict[str, Any] = json.loads(line)
                kind = event["event"]
            except (ValueError, TypeError, LookupError):
                if line.strip():
                    _log.info("not an event: %s", line[:200])
                continue
            if isinstance(kind, str):
                yield event


class ChildControls:
    """What everyone who holds such a process in `_process` does with it."""

    _process: QProcess

    @property
    def process_id(self) -> int:
        """0 before the start and after the end."""
        return self._process.processId()

    def start(self) -> None:
        self._process.start()

    def order(self, word: str) -> None:
        """A word such as pause, resume or stop."""
        self._process.write(f"{word}\n".encode())

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout_ms: int) -> bool:
        """Whether it ended in that time."""
        return self._process.state() == QProcess.ProcessState.NotRunning or self._process.waitForFinished(timeout_ms)


def prepare(process: QProcess) -> None:
    process.setWorkingDirectory(str(_ROOT) if not getattr(sys, "frozen", False) else "")
    if sys.platform != "win32":
        parameters = QProcess.UnixProcessParameters()
        parameters.flags = QProcess.UnixProcessFlag.CreateNewSession  # Ctrl-C in our terminal is not for it
        process.setUnixProcessParameters(parameters)


def own_program() -> tuple[str, list[str]]:
    """(program, first words) by which this program starts itself; frozen, it cannot be asked for a module."""
    if getattr(sys, "frozen", False):
        return sys.executable, []
    return sys.executable, ["-m", "sketchsause_desktop"]
