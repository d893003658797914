"""Which pictures a batch converts and where each goes, decided before the first is read: the dry run of every batch.

Sources are never at risk: a target that is a source, its own or another's, is refused.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import UserError
from sketchsause_desktop.batch.job import BatchJob, Task
from sketchsause_desktop.core.picture_metadata import OutputFormat
from sketchsause_desktop.core.pictures import READABLE_SUFFIXES, format_of

_SUFFIXES: dict[OutputFormat, str] = {"png": ".png", "jpg": ".jpg", "webp": ".webp", "tiff": ".tif"}


@dataclass(frozen=True)
class Source:
    path: Path
    folder: Path = Path()  # where it lay inside the folder that was given; the output keeps this tree
    fault: str = ""


def plan(job: BatchJob) -> list[Task]:
    """The tasks in the order of the inputs, by name within a folder."""
    sources = list(_find_sources(job))
    names = _Names(job, {identity for source in sources if (identity := _identity(source.path))})
    return [names.assign(index, source) for index, source in enumerate(sources)]


def _find_sources(job: BatchJob) -> Iterator[Source]:
    """A file given twice is taken once; one that does not exist is kept, so that its task can fail by name."""
    seen: set[str] = set()
    for given in job.inputs:
        found = _walk(given, job) if given.is_dir() else iter((Source(given),))
        for source in found:
            key = _key(source.path)
            if key not in seen:
                seen.add(key)
                yield source


def _walk(root: Path, job: BatchJob) -> Iterator[Source]:
    """Pictures below `root`. Not hidden ones, and not those of an output folder inside it: they are results.

    Links to folders are not followed, so that a circle of them ends.
    """
    output = _identity(job.output_folder)
    faults: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=faults.append):
        here = Path(folder)
        if job.recursive:
            folders[:] = sorted(
                n for n in folders if not n.startswith(".") and (output is None or _identity(here / n) != output)
            )
        else:
            folders.clear()
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in READABLE_SUFFIXES:
                yield Source(here / name, here.relative_to(root))
    for fault in faults:
        sentence = f"{fault.filename} cannot be opened: {fault.strerror}. Check its permissions."
        yield Source(Path(fault.filename), fault=sentence)


@dataclass
class _Names:
    """Gives each source its target; two sources never get the same one."""

    job: BatchJob
    sources: set[tuple[int, int]]  # their identities
    _taken: set[str] = field(default_factory=set)

    def assign(self, index: int, source: Source) -> Task:
        wanted = self.job.output_folder / source.folder / (source.path.stem + self._suffix(source.path))
        target, number = wanted, 2
        while self._is_taken(target):
            target, number = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}"), number + 1
        self._taken.add(str(target).casefold())
        refusal, there = source.fault, _exists(target)
        if there and _identity(target) in self.sources:
            refusal = f"{source.path} would be written over {target}, which is an input. Choose another output folder."
        skip = there and not refusal and self.job.if_exists == "skip"
        return Task(index=index, source=source.path, target=target, skip=skip, refusal=refusal)

    def _is_taken(self, target: Path) -> bool:
        # Without regard to case, because that is how Windows and macOS compare names.
        return str(target).casefold() in self._taken or (self.job.if_exists == "rename" and _exists(target))

    def _suffix(self, source: Path) -> str:
        if self.job.file_format != "same":
            return _SUFFIXES[self.job.file_format]
        try:
            format_of(source)
        except UserError:
            return ".png"
        return source.suffix


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for the disk: said when it is written
        return False


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and file number, the same for every name the disk takes for the same file; None where there is none.

    Whether letters of both cases mean the same depends on the disk, so names are not compared.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _key(path: Path) -> str:
    """The same for every way of naming a file, links included."""
    return os.path.normcase(os.path.realpath(path))
