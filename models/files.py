"""Whole files or none: what is written here is never half there."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; on leaving, flush it to disk and put it in `target`'s place.

    When the body raises, the temporary file is removed and `target` stays as it was. The temporary name keeps the
    suffix, since writers choose the format by it.
    """
    target = Path(target)
    handle, name = tempfile.mkstemp(prefix=f".{target.stem[:40]}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        _give_usual_permissions(temporary, target)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _read_umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


_UMASK = _read_umask()  # once, at import: asking for it changes it for a moment, in every thread


def _give_usual_permissions(temporary: Path, target: Path) -> None:
    """mkstemp makes files only the owner can read; give the target's mode, or what the umask allows."""
    if os.name == "nt":
        return
    temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_UMASK)
