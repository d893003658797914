"""A batch that another program watches: JSON lines on standard output, orders a word a line on standard input.

    {"event": "loaded", "device": "CPU, ONNX Runtime"}
    {"event": "began", "source": "/drawings/a.png", "page": null}
    {"event": "share", "source": "/drawings/a.png", "page": null, "done": 0.37}    of a large one, again and again
    {"event": "picture", "source": "/drawings/a.png", "page": null, "status": "done", "target": "/out/a.png",
     "seconds": 0.41, "message": ""}
    {"event": "finished", "converted": 1, "skipped": 0, "failed": 0, "seconds": 2.1, "stopped": false, "reason": ""}
    {"event": "refused", "sentence": "…", "hint": "…"}    in the place of `finished`, where nothing could be done

Orders: `pause` (what is begun is finished), `resume`, `stop`. Whoever gives orders and goes away stops the batch.
"""

import contextlib
import json
import os
import sys
import threading
from types import TracebackType

from models.errors import UserError
from sketchsause_desktop.batch.job import Outcome, Summary, Task

_READ_BYTES = 4096


class JsonProgress:
    """The listeners of a batch that is watched; `with` says how it ended."""

    def __init__(self, *, takes_orders: bool) -> None:
        self.stop = threading.Event()
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._takes_orders = takes_orders
        self._writing = threading.Lock()

    def __enter__(self) -> "JsonProgress":
        if self._takes_orders and sys.stdin is not None:
            # A daemon, since nothing ends a read; by the descriptor, since a buffer's lock would hold up the exit.
            threading.Thread(target=self._obey, args=(sys.stdin.fileno(),), daemon=True, name="orders").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, UserError):
            self._tell("refused", sentence=error.sentence, hint=error.hint)

    def loaded(self, device: str) -> None:
        self._tell("loaded", device=device)

    def gate(self, task: Task) -> None:
        """Before a picture is read, on whatever thread reads it: waits while the batch is paused."""
        if not (task.skip or task.refusal):
            self._may_go_on.wait()
            self._tell("began", **_named(task))

    def come_on(self, task: Task, share: float) -> None:
        """A task that is painted piece by piece; `share` is what is done of it, 0 to 1."""
        self._tell("share", **_named(task), done=round(share, 3))

    def report(self, outcome: Outcome) -> None:
        self._tell(
            "picture",
            **_named(outcome.task),
            status=outcome.status,
            target=str(outcome.task.target.absolute()),
            seconds=round(outcome.seconds, 3),
            message=outcome.message,
        )

    def finished(self, summary: Summary) -> None:
        self._tell(
            "finished",
            converted=summary.count("done"),
            skipped=summary.count("skipped"),
            failed=summary.count("failed"),
            seconds=round(summary.seconds, 3),
            stopped=summary.stopped,
            reason=summary.reason,
        )

    def take(self, order: str) -> None:
        """A word that is no order is passed over."""
        if order == "pause":
            self._may_go_on.clear()
        elif order == "resume":
            self._may_go_on.set()
        elif order == "stop":
            self.stop.set()
            self._may_go_on.set()

    def _obey(self, descriptor: int) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while received := os.read(descriptor, _READ_BYTES):
                *lines, rest = (rest + received).split(b"\n")
                for line in lines:
                    self.take(line.decode("ascii", "replace").strip())
        self.take("stop")

    def _tell(self, event: str, **fields: object) -> None:
        with self._writing:
            print(json.dumps({"event": event, **fields}), flush=True)  # noqa: T201 - this is how it speaks


def _named(task: Task) -> dict[str, object]:
    return {"source": str(task.source.absolute()), "page": task.page}
