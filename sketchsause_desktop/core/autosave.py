"""Drawings kept for after a crash: each running copy writes into a folder of its own and holds a lock beside it.

    autosave/3f0c….lock      locked while the copy runs; the system frees it however the copy ends
    autosave/3f0c…/1.ora     one drawing
    autosave/3f0c…/1.json    its name, the time and a thumbnail

A folder whose lock is free was left by a copy that crashed. The lock is there before the folder and goes after it, so
that a folder of a running copy is never found without one.
"""

import base64
import errno
import io
import json
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import platformdirs
from PIL import Image

from models.errors import UserError
from models.files import atomic_path
from models.locks import take_lock
from sketchsause_desktop.core.blend import Pixels
from sketchsause_desktop.core.document import DocumentSnapshot
from sketchsause_desktop.core.opening import Opened
from sketchsause_desktop.core.ora_reader import is_whole, read_ora
from sketchsause_desktop.core.ora_writer import Progress, write_ora

_VERSION = 1
_UNTITLED = "Untitled"


@dataclass(frozen=True, kw_only=True)
class Recoverable:
    """A drawing that a crashed copy left. `thumbnail` is a PNG; `original` the file it was opened from or saved to."""

    path: Path
    name: str
    saved_at: datetime
    original: Path | None = None
    thumbnail: bytes | None = None
    process_id: int | None = None
    is_damaged: bool = False


class AutosaveStore:
    """What this running copy keeps. Nothing is written before the first save, and nothing is left after `close`."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or platformdirs.user_state_path("sketchsause", appauthor=False) / "autosave"
        self._folder = self._root / uuid.uuid4().hex
        self._lock: IO[bytes] | None = None
        self._beginning = threading.Lock()

    def save(
        self,
        key: int,
        snapshot: DocumentSnapshot,
        *,
        name: str,
        original: Path | None = None,
        progress: Progress = lambda _: None,
    ) -> None:
        """Write one drawing; `key` tells the open drawings apart. Any thread may call it, one at a time for each key.

        Raises UserError when it cannot be written; what was kept before is then still there.
        """
        at = datetime.now(UTC)
        try:
            self._begin()
            thumbnail = write_ora(self._folder / f"{key}.ora", snapshot, progress)
            with atomic_path(self._folder / f"{key}.json") as temporary:
                temporary.write_text(json.dumps(_description(name, at, original, thumbnail)), encoding="utf-8")
        except OSError as error:
            raise UserError(
                f"The drawing cannot be kept for a crash: {error.strerror}.", "Save it yourself."
            ) from error

    def forget(self, key: int) -> None:
        """The drawing was saved or closed by its user."""
        _remove(self._folder / f"{key}.ora")

    def close(self) -> None:
        """The copy ends as it should."""
        if self._lock is not None:
            _clear(self._folder)
            self._lock.close()
            self._lock = None
            _lock_path(self._folder).unlink(missing_ok=True)

    def recoverable(self) -> list[Recoverable]:
        """What copies that no longer run have left, the newest first."""
        found: list[Recoverable] = []
        for folder in self._left_folders():
            with _locked(folder) as is_ours:
                if is_ours and not (paths := _drawings(folder)):
                    _clear(folder)  # killed before its first save was complete
                elif is_ours:
                    found.extend(_described(path) for path in paths)
        return sorted(found, key=lambda each: each.saved_at, reverse=True)

    def adopt(self, left: Recoverable, key: int) -> Opened:
        """Open the drawing and keep it as this copy's own, under `key`.

        A damaged one is opened as far as it can be, and stays where it is until it is discarded. Raises UserError when
        another copy was faster, or nothing can be read.
        """
        with self._taken(left):
            opened = read_ora(left.path)
            if not left.is_damaged:
                self._begin()
                for suffix in (".json", ".ora"):
                    with suppress(FileNotFoundError):
                        left.path.with_suffix(suffix).replace(self._folder / f"{key}{suffix}")
        return opened

    def discard(self, left: Recoverable) -> None:
        """Delete what was left. Raises UserError when another copy was faster."""
        with self._taken(left):
            _remove(left.path)

    @contextmanager
    def _taken(self, left: Recoverable) -> Iterator[None]:
        folder = left.path.parent
        with _locked(folder) as is_ours:
            if not is_ours or not left.path.exists():
                raise UserError(f"“{left.name}” has been taken by another window.")
            yield
            if not _drawings(folder):
                _clear(folder)

    def _left_folders(self) -> list[Path]:
        try:
            return sorted(path for path in self._root.iterdir() if path.is_dir() and path != self._folder)
        except OSError:  # nothing was ever kept
            return []

    def _begin(self) -> None:
        """The lock first, then the folder."""
        with self._beginning:
            if self._lock is None:
                self._root.mkdir(parents=True, exist_ok=True)
                lock = _lock_path(self._folder).open("wb")
                if not take_lock(lock):  # the name is new: only a file system without locks refuses it
                    lock.close()
                    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
                self._lock = lock
            self._folder.mkdir(exist_ok=True)


def _drawings(folder: Path) -> list[Path]:
    """Without those that were being written when their copy ended."""
    return sorted(path for path in folder.glob("*.ora") if not path.name.startswith("."))


def _lock_path(folder: Path) -> Path:
    return folder.with_suffix(".lock")


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Whether the folder's lock could be taken, held inside the block; a lock whose folder is gone is removed."""
    path = _lock_path(folder)
    with path.open("ab") as file:
        is_ours = take_lock(file)
        yield is_ours
    if is_ours and not folder.exists():
        path.unlink(missing_ok=True)


def _description(name: str, at: datetime, original: Path | None, thumbnail: Pixels) -> dict[str, Any]:
    picture = io.BytesIO()
    Image.fromarray(thumbnail).save(picture, "PNG")
    return {
        "version": _VERSION,
        "name": name,
        "saved_at": at.isoformat(),
        "original": str(original) if original else None,
        "process_id": os.getpid(),
        "thumbnail": base64.b64encode(picture.getvalue()).decode(),
    }


def _described(path: Path) -> Recoverable:
    """By the file beside it; where that is missing or damaged, by what the system knows."""
    plain = Recoverable(
        path=path,
        name=_UNTITLED,
        saved_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        is_damaged=not is_whole(path),
    )
    try:
        told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return Recoverable(
            path=path,
            name=str(told["name"]) or _UNTITLED,
            saved_at=datetime.fromisoformat(told["saved_at"]),
            original=Path(told["original"]) if told["original"] else None,
            thumbnail=base64.b64decode(told["thumbnail"]),
            process_id=int(told["process_id"]),
            is_damaged=plain.is_damaged,
        )
    except (OSError, ValueError, LookupError, TypeError):
        return plain


def _remove(path: Path) -> None:
    for suffix in (".ora", ".json"):
        path.with_suffix(suffix).unlink(missing_ok=True)


def _clear(folder: Path) -> None:
    """Delete a folder and the files in it, unfinished ones too; it never holds folders."""
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        folder.rmdir()
