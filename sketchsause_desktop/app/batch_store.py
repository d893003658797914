"""Batches that have not come to their end, kept on this machine so that the next start can offer them."""

import argparse
import contextlib
import hashlib
import json
import logging
import os
from pathlib import Path

import platformdirs

from models.errors import UserError
from models.files import atomic_path
from sketchsause_desktop.batch.command import arguments_of
from sketchsause_desktop.batch.job import BatchJob
from sketchsause_desktop.batch.lock import locked

_VERSION = 1
_LONGEST_LINE = 20_000  # characters of inputs on a command line: Windows takes 32,000 in all

_log = logging.getLogger(__name__)


def default_folder() -> Path:
    return platformdirs.user_data_path("sketchsause", appauthor=False) / "batches"


class BatchStore:
    """A file for each output folder. What cannot be kept is logged; the batch runs nevertheless."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder if folder is not None else default_folder()

    def keep(self, job: BatchJob) -> None:
        fields = {"version": _VERSION, "arguments": arguments_of(job)}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_path(self._path(job, ".json")) as temporary:
                temporary.write_text(json.dumps(fields, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            _log.warning("The batch could not be kept for the next start: %s", error)

    def forget(self, job: BatchJob) -> None:
        for suffix in (".json", ".inputs"):
            with contextlib.suppress(OSError):
                self._path(job, suffix).unlink(missing_ok=True)

    def unfinished(self) -> BatchJob | None:
        """The newest one that nobody works on now and whose pictures and results are still there."""
        with contextlib.suppress(OSError):
            paths = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in paths:
                job = _read(path)
                if job is not None and job.output_folder.is_dir() and any(each.exists() for each in job.inputs):
                    if _is_free(job):
                        return job
                elif job is not None:
                    self.forget(job)
        return None

    def words_for_child(self, job: BatchJob) -> list[str]:
        """`arguments_of`, but with very many inputs in a file. UserError when that cannot be written."""
        words = arguments_of(job)
        if sum(len(str(each)) + 3 for each in job.inputs) < _LONGEST_LINE:
            return words
        on_a_line = [each for each in job.inputs if not {"\n", "\r"} & set(str(each))]
        others = [str(each) for each in job.inputs if {"\n", "\r"} & set(str(each))]
        path = self._path(job, ".inputs")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as temporary:
                temporary.write_bytes(b"".join(os.fsencode(f"{each}\n") for each in on_a_line))
        except OSError as error:
            raise UserError(f"{path} cannot be written: {error.strerror}.", "Free some room on the disk.") from error
        return [*others, "--inputs-from", str(path), *words[len(job.inputs) :]]

    def _path(self, job: BatchJob, suffix: str) -> Path:
        name = hashlib.blake2b(os.fsencode(job.output_folder.absolute()), digest_size=8).hexdigest()
        return self._folder / f"{name}{suffix}"


def _read(path: Path) -> BatchJob | None:
    """None where the file is damaged, or of another version."""
    from sketchsause_desktop.batch.cli import add_arguments, job_from  # with all of the engine: only where there is one

    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields["version"] != _VERSION:
            return None
        return job_from(parser.parse_args(fields["arguments"]))
    except (OSError, ValueError, LookupError, TypeError, UserError, argparse.ArgumentError, SystemExit):
        return None


def _is_free(job: BatchJob) -> bool:
    try:
        with locked(job.output_folder, job.shard):
            return True
    except UserError:
        return False
