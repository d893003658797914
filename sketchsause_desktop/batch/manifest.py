"""What a batch has done so far, in a file beside its results: JSON lines, each on the disk before its result is moved.

    {"sketchsause_batch": 1, "settings": "..."}
    {"source": "/drawings/a.png", "page": null, "status": "done", "target": "a.png", "size": 12, "stamp": [56, 17]}
    {"source": "/drawings/b.png", "page": null, "status": "failed", "message": "..."}
    {"finished": true}

docs/decisions/0006-batch.md says what a start after a kill finds.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sketchsause_desktop.batch.job import BatchJob, Shard, Task, task_key
from sketchsause_desktop.batch.lock import state_path
from sketchsause_desktop.batch.output import temporary_of
from sketchsause_desktop.batch.reading import own_hints
from sketchsause_desktop.core.picture_writer import write_fault

_VERSION = 1
_CLOSED = b'{"finished": true}\n'


def settings_of(job: BatchJob, model_path: Path) -> str:
    """A fingerprint of all that decides what a result looks like and where it goes."""
    files = [path for path in (model_path, job.hints, job.palette) if path]
    told = (
        [(str(path.absolute()), _stamp(path)) for path in files],
        (job.template, job.if_exists, job.file_format, job.quality, job.pull, job.sheet_half),
        (job.working_size, job.tile, job.overlap, job.skip_coloured, job.self_ensemble),
        (job.bands, job.stretch, job.tile_rows, job.tile_store, job.scale, job.metres_per_pixel),
    )
    return hashlib.blake2b(repr(told).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def done_before(job: BatchJob, model_path: Path) -> dict[str, Path]:
    """What an unfinished earlier run of `job` has made: targets by `Task.key`. Nothing is touched."""
    lines = _unfinished(state_path(job.output_folder, job.shard, ".jsonl"), settings_of(job, model_path)) or []
    done = (line for line in lines if line.get("status") == "done")
    return {
        task_key(line["source"], line["page"]): job.output_folder / str(line["target"])
        for line in done
        if _page_stamp(Path(line["source"])) == line["stamp"]
    }


class Manifest:
    """Any thread may record. `done` is what an earlier run of the same batch finished: the targets by `Task.key`."""

    def __init__(self, job: BatchJob, model_path: Path, settings: str = "") -> None:
        """Take up an unfinished batch of the same settings, or begin a new one. UserError where neither can be.

        `settings` takes the place of what `settings_of` finds.
        """
        self._folder = job.output_folder
        self.path = state_path(job.output_folder, job.shard, ".jsonl")
        self._lock = threading.Lock()
        self.settings = settings = settings or settings_of(job, model_path)
        lines = _unfinished(self.path, settings)
        goes_on = lines is not None
        self.done: dict[str, Path] = dict(self._recovered(lines or []))
        try:
            # Without a buffer, in which a line that a full disk cut short would wait for the next one.
            self._file = self.path.open("r+b" if goes_on else "wb", buffering=0)
            if goes_on:
                self._file.seek(self._cut_torn_line())
            else:
                self._write({"sketchsause_batch": _VERSION, "settings": settings})
        except OSError as error:
            raise write_fault(self.path, error) from error

    def record_done(self, task: Task, size: int) -> None:
        """The result is whole in its temporary file. Returns when that is on the disk; raises OSError."""
        target = os.path.relpath(task.target, self._folder)
        self._write(
            _named(task) | {"status": "done", "target": target, "size": size, "stamp": _page_stamp(task.source)}
        )

    def record_failed(self, task: Task, message: str) -> None:
        with suppress(OSError):  # a full disk, which stops the batch by itself
            self._write(_named(task) | {"status": "failed", "message": message})

    def close(self, *, finished: bool) -> None:
        """`finished`: all was done, so that the same command is a new batch."""
        with suppress(OSError):
            if finished:
                self._write(json.loads(_CLOSED))
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        """A line that cannot be on the disk as a whole is taken back. Raises OSError."""
        data = memoryview(json.dumps(line).encode() + b"\n")
        with self._lock:
            start = self._file.tell()
            try:
                while data:
                    data = data[self._file.write(data) :]
                os.fsync(self._file.fileno())
            except OSError:
                with suppress(OSError):
                    self._file.seek(start)
                    self._file.truncate()
                raise

    def _recovered(self, lines: list[dict[str, Any]]) -> Iterator[tuple[str, Path]]:
        """Finish the moves that a kill cut off; what has changed since, or is gone, is to be done again."""
        for line in lines:
            if line.get("status") != "done":
                continue
            target = self._folder / str(line["target"])
            temporary = temporary_of(target)
            with suppress(OSError):
                if temporary.stat().st_size == line["size"]:
                    temporary.replace(target)
            if _size(target) == line["size"] and _page_stamp(Path(line["source"])) == line["stamp"]:
                yield task_key(line["source"], line["page"]), target

    def _cut_torn_line(self) -> int:
        """Drop what a kill left of the last line; the place where the next one goes."""
        whole = self.path.read_bytes().rfind(b"\n") + 1
        self._file.truncate(whole)
        return whole


def close_parts(folder: Path, count: int) -> None:
    """All parts of a batch are done, so that the same command is a new one."""
    for number in range(1, count + 1):
        with suppress(OSError), state_path(folder, Shard(number=number, count=count), ".jsonl").open("ab") as file:
            file.write(_CLOSED)


def _unfinished(path: Path, settings: str) -> list[dict[str, Any]] | None:
    """The lines of a batch with these settings that has not come to its end; None where there is none."""
    lines = list(_lines(path))
    is_ours = lines[:1] == [{"sketchsause_batch": _VERSION, "settings": settings}]
    return lines[1:] if is_ours and not any("finished" in line for line in lines) else None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines that are whole; nothing where there is no manifest."""
    try:
        data = path.read_bytes()
    except OSError:
        return
    for text in data.split(b"\n")[:-1]:
        with suppress(ValueError):
            line = json.loads(text)
            if isinstance(line, dict):
                yield line


def _named(task: Task) -> dict[str, Any]:
    return {"source": str(task.source.absolute()), "page": task.page}


def _page_stamp(source: Path) -> list[int]:
    """Of a page and of the hints beside it."""
    beside = own_hints(source)
    return _stamp(source) + (_stamp(beside) if beside else [])


def _stamp(path: Path) -> list[int]:
    """Size in bytes and time of the last change in nanoseconds, which tell whether a file is still the same."""
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
