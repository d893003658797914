"""One batch a folder: a file lock of the system's, which ends with its process, however that ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from models.errors import UserError
from sketchsause_desktop.batch.job import Shard
from sketchsause_desktop.core.picture_writer import write_fault

_NAME = ".sketchsause-batch"


def state_path(folder: Path, shard: Shard | None, suffix: str) -> Path:
    """A file of the batch that works in `folder`; each shard has its own."""
    part = f"-{shard.number}-of-{shard.count}" if shard else ""
    return folder / f"{_NAME}{part}{suffix}"


class TakenError(UserError):
    """Another batch is at work in the folder."""


@contextmanager
def locked(folder: Path, shard: Shard | None) -> Iterator[None]:
    """Holds `folder` for this batch, beside other shards of it. TakenError when another batch is at work there."""
    with _open(state_path(folder, None, ".lock")) as common, _open(state_path(folder, shard, ".lock")) as own:
        try:
            _lock(common, shared=shard is not None)
            if shard:
                _lock(own, shared=False)
        except OSError as error:
            raise TakenError(
                f"Another batch is writing into {folder}.", "Wait for its end or choose another folder."
            ) from error
        yield


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("ab")
    except OSError as error:
        raise write_fault(path, error) from error


if os.name == "nt":
    import msvcrt

    def _lock(file: IO[bytes], *, shared: bool) -> None:
        if not shared:  # Windows has no shared lock here: a shard's own is what counts
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

else:
    import fcntl

    def _lock(file: IO[bytes], *, shared: bool) -> None:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
