"""A network to order: it waits, fails and answers as the test says, and keeps a list of what it was asked."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sketchsause_desktop.core.requests import InferenceRequest, InferenceResult
from sketchsause_desktop.core.tiles import TileSnapshot

PassScript = Callable[[InferenceRequest], None]  # may sleep, wait or raise


def colour_of(revision: int) -> tuple[int, int, int, int]:
    """What the fake paints for a revision, so that a test can see which one is shown."""
    return (revision & 255, revision >> 8 & 255, 77, 255)


@dataclass
class FakeEngine:
    script: PassScript = lambda request: None
    asked: list[InferenceRequest] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    elapsed_ms: float = 5.0

    def run(self, request: InferenceRequest) -> InferenceResult:
        self.asked.append(request)
        self.threads.add(threading.current_thread().name)
        self.script(request)
        window = request.window
        pixels = np.full((window.height, window.width, 4), colour_of(request.revision), np.uint8)
        return InferenceResult(
            document_id=request.document_id,
            revision=request.revision,
            window=window,
            model_id=request.model_id,
            tiles=TileSnapshot.cut(window, pixels),
            elapsed_ms=self.elapsed_ms,
            device="FAKE",
        )


class Gate:
    """A script that holds each pass until the test lets it go."""

    def __init__(self) -> None:
        self._entered = threading.Semaphore(0)
        self._open = threading.Semaphore(0)

    def __call__(self, _request: InferenceRequest) -> None:
        self._entered.release()
        assert self._open.acquire(timeout=20)

    def wait_until_entered(self) -> None:
        assert self._entered.acquire(timeout=20)

    def let_go(self, passes: int = 1) -> None:
        self._open.release(passes)
