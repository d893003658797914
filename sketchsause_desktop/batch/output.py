"""A result's way to its place: written beside it, opened again, synced, told, moved. A kill leaves no half of one."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from models.errors import UserError
from sketchsause_desktop.core.picture_writer import write_fault
from sketchsause_desktop.core.pictures import read_size


def temporary_of(target: Path) -> Path:
    """Where a result is written first. The name follows from the target's, so that nothing has to remember it."""
    name = hashlib.blake2b(target.name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return target.with_name(f".{name}.part{target.suffix}")


def store(
    target: Path,
    write: Callable[[Path], None],
    record: Callable[[int], None],
    check: Callable[[Path], None],
) -> None:
    """`write` makes the file, `check` raises when it cannot be used, `record` gets its size once it is on the disk.

    Raises UserError, and leaves `target` as it was, when any of that fails.
    """
    temporary = temporary_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder {target.parent} cannot be made: {error.strerror or error}.", "Choose another folder."
        ) from error
    try:
        write(temporary)
        check(temporary)
        _sync(temporary)
        if os.name != "nt" and target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        record(temporary.stat().st_size)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise write_fault(target, error) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_picture(path: Path, size: tuple[int, int]) -> None:
    """UserError when the file that was just written is no picture of that (width, height)."""
    try:
        found = read_size(path)
        with Image.open(path) as image:
            if image.format == "PNG":
                image.verify()  # by its checksums, which takes a tenth of the time of decoding it
            else:
                image.load()
    except Exception as error:  # whatever a damaged file leads to
        raise _unreadable() from error
    if found != size:
        raise _unreadable()


def _unreadable() -> UserError:
    return UserError("The result could not be read again after it was written.", "Check the disk, and try again.")


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
